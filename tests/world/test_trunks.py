"""Trunks with logins, registrations and limits."""

import asyncio
from dataclasses import replace

import pytest
from tests.world.trunk_scene import FRIEND, calls_out, only_sbc1, steps, with_sbc

from callwright.domains.pstn.model import TrunkLogin, TrunkRegistration
from callwright.kernel.addresses import HostPort
from callwright.kernel.ids import SbcId
from callwright.kernel.reason import Reason
from callwright.routing.snapshot import Snapshot
from callwright.testing.agent import Answer, Decline
from callwright.testing.carriers import SimulatedCarrier
from callwright.testing.world import World, play

LOGIN = TrunkLogin("trunk-4711", "s3cret")
ON_SBC1 = TrunkRegistration("trunk-4711", "+14255550100", HostPort("198.51.100.1", 5080))


@pytest.mark.parametrize("status", [401, 407])
def test_a_carrier_that_challenges_takes_the_call(status: int) -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        gate = carrier.challenges(LOGIN.username, LOGIN.password, status=status)
        assert await calls_out(world) == 200
        assert await calls_out(world) == 200
        assert gate.challenges <= 2, "one for the OPTIONS, one for the first call"
        assert len(carrier.invites) == 2

    play(scene, organisation=with_sbc("sbc1", credentials=LOGIN))


def test_a_wrong_login_is_a_refusal_of_the_carrier_and_never_a_challenge_to_the_phone() -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1").challenges(LOGIN.username, "other")
        assert await calls_out(world) == 503
        record = await world.record()
        assert record.reason is Reason.GATEWAY_REFUSED
        assert "s3cret" not in steps(world)

    play(scene, organisation=with_sbc("sbc1", credentials=LOGIN))


def test_a_carrier_has_to_prove_itself_even_from_its_address() -> None:
    async def scene(world: World) -> None:
        carrier, bob = world.carrier("sbc1"), await world.phone("bob")
        bob.reaction = Answer()
        refused = carrier.call("4255550102", calling="2065550123")
        assert await refused.ended() == 401
        carrier.logs_in("carrier", "opensesame")
        call = carrier.call("4255550102", calling="2065550123")
        await call.answered()
        call.hang_up()
        assert (await world.record()).gateway == "sbc1"
        carrier.logs_in("carrier", "guess")
        assert await carrier.call("4255550102", calling="2065550123").ended() == 403

    proof = TrunkLogin("carrier", "opensesame")
    play(scene, organisation=with_sbc("sbc1", authenticate=proof))


def test_a_carrier_known_by_its_login_may_call_from_anywhere() -> None:
    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        bob.reaction = Answer()
        elsewhere = world.carrier("sbc1", ip="203.0.113.77")
        assert await elsewhere.call("4255550102", calling="2065550123").ended() == 401
        elsewhere.logs_in("carrier", "opensesame")
        call = elsewhere.call("4255550102", calling="2065550123")
        await call.answered()
        call.hang_up()
        record = await world.record()
        assert (record.gateway, record.caller) == ("sbc1", "+12065550123")
        plain = world.carrier("sbc1").call("4255550102", calling="2065550123")
        assert await plain.ended() == 401, "its address alone proves nothing"

    proof = TrunkLogin("carrier", "opensesame")
    play(scene, organisation=with_sbc("sbc1", authenticate=proof, match_credentials=True))


def registered(**fields: object) -> Snapshot:
    return with_sbc("sbc1", credentials=LOGIN, registration=replace(ON_SBC1, **fields))  # type: ignore[arg-type]


def test_we_register_refresh_and_leave() -> None:
    async def scene(world: World) -> SimulatedCarrier:
        carrier = world.carrier("sbc1")
        gate = carrier.challenges(LOGIN.username, LOGIN.password)
        await asyncio.sleep(2)
        assert gate.registrations == 1
        assert str(gate.contact) == "sip:+14255550100@192.0.2.1:5060"
        assert world.node.trunks.unregistered_count == 0
        await asyncio.sleep(3_300)
        assert gate.registrations == 2, "refreshed at nine tenths of an hour"
        return carrier

    carrier = play(scene, organisation=registered())
    assert carrier.gate is not None
    assert carrier.gate.contact is None, "given back when the node stopped"


def test_a_registrar_that_wants_longer_or_grants_less_has_its_way() -> None:
    async def scene(world: World) -> None:
        gate = world.carrier("sbc1").challenges(
            LOGIN.username, LOGIN.password, min_expires_s=600, grants_s=100
        )
        await asyncio.sleep(2)
        assert gate.registrations == 1
        await asyncio.sleep(70)
        assert gate.registrations == 2, "with time for another try before 100 s are over"

    play(scene, organisation=registered(expires_s=60))


def test_a_carrier_calls_our_contact_and_names_the_number_in_to() -> None:
    async def scene(world: World) -> None:
        carrier, bob = world.carrier("sbc1"), await world.phone("bob")
        carrier.challenges(LOGIN.username, LOGIN.password)
        await asyncio.sleep(2)
        carrier.to = "<sip:+14255550102@carrier.test>"
        call = carrier.call("+14255550100", calling="+12065550123")
        (await bob.rings()).answer()
        await call.answered()
        call.hang_up()

    play(scene, organisation=registered())


def test_a_refused_registration_is_tried_slowly_and_calls_go_elsewhere() -> None:
    async def scene(world: World) -> None:
        first, second = world.carrier("sbc1"), world.carrier("sbc2")
        gate = first.challenges(LOGIN.username, LOGIN.password, register_status=403)
        await asyncio.sleep(600)
        asked = [r for r in first.requests if r.method == "REGISTER"]
        assert len(asked) == 2, "one without a proof, one with, then a long pause"
        assert world.node.trunks.unregistered_count == 1
        assert await calls_out(world) == 200
        assert (len(first.invites), len(second.invites)) == (0, 1)
        gate.register_status = 200
        await asyncio.sleep(1_900)
        assert gate.registrations >= 1
        assert world.node.trunks.unregistered_count == 0

    demo = registered()
    routes = tuple(replace(r, sbcs=(SbcId("sbc1"), SbcId("sbc2"))) for r in demo.routes)
    play(scene, organisation=replace(demo, routes=routes))


def test_a_silent_registrar_is_asked_again_after_half_a_minute_and_more() -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        carrier.challenges(LOGIN.username, LOGIN.password)
        carrier.is_silent = True
        await asyncio.sleep(40)
        carrier.is_silent = False
        await asyncio.sleep(60)
        assert carrier.gate is not None
        assert carrier.gate.registrations == 1

    play(scene, organisation=registered())


def test_another_login_means_another_registration() -> None:
    async def scene(world: World) -> None:
        gate = world.carrier("sbc1").challenges(LOGIN.username, LOGIN.password)
        await asyncio.sleep(2)
        await world.use(with_sbc("sbc1", world.snapshot, registration=None))
        await asyncio.sleep(2)
        assert gate.contact is None
        assert world.node.trunks.unregistered_count == 0

    play(scene, organisation=registered())


def test_a_trunk_that_is_full_passes_calls_on_and_refuses_new_ones() -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        alice, bob = await world.phone("alice"), await world.phone("bob")
        first = await alice.dial(FRIEND)
        await first.answered()
        second = await bob.dial(FRIEND)
        assert await second.ended() == 503
        record = await world.record()
        assert record.reason is Reason.TRUNK_FULL
        assert "it has 1 calls, and max_calls is 1" in steps(world)
        inbound = carrier.call("4255550102", calling="2065550123")
        assert await inbound.ended() == 503
        first.hang_up()
        await world.record(2)
        call = carrier.call("4255550102", calling="2065550123")
        (await bob.rings()).answer()
        await call.answered()
        call.hang_up()

    play(scene, organisation=only_sbc1(max_calls=1))


def test_an_emergency_call_knows_no_limit() -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1")
        world.carrier("sbc2")
        alice, bob = await world.phone("alice"), await world.phone("bob")
        first = await alice.dial(FRIEND)
        await first.answered()
        help_ = await bob.dial("911")
        await help_.answered()
        for call in (help_, first):
            call.hang_up()

    full = with_sbc("sbc1", max_calls=1, max_calls_per_s=0.1)
    play(scene, organisation=with_sbc("sbc2", full, max_calls=1))


def test_too_many_calls_in_a_second_wait_for_the_next() -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        bob = await world.phone("bob")
        bob.reaction = Decline(486)
        calls = [carrier.call("4255550102", calling="2065550123") for _ in range(3)]
        assert [await call.ended() for call in calls] == [486, 486, 503]
        await asyncio.sleep(1)
        assert await carrier.call("4255550102", calling="2065550123").ended() == 486

    play(scene, organisation=with_sbc("sbc1", max_calls_per_s=2))
