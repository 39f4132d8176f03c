"""Calls from and to the public network through SBCs (SPEC 2)."""

import asyncio
from dataclasses import replace

import pytest

from callwright.calls.record import CallResult, Direction
from callwright.kernel.ids import SbcId
from callwright.kernel.reason import Reason
from callwright.routing.snapshot import Snapshot
from callwright.testing.agent import Answer, Decline, Ignore, Ring
from callwright.testing.builders import contoso_snapshot, translation
from callwright.testing.phone_call import PhoneCall
from callwright.testing.world import World, play

FRIEND = "+12065550199"


def with_sbc(sbc: str, **fields: object) -> Snapshot:
    demo = contoso_snapshot()
    known = demo.sbcs[SbcId(sbc)]
    return replace(demo, sbcs={**demo.sbcs, known.id: replace(known, **fields)})  # type: ignore[arg-type]


async def call_out(world: World, number: str = FRIEND) -> PhoneCall:
    alice = await world.phone("alice")
    return await alice.dial(number)


def test_a_direct_number_rings_its_user_with_the_callers_number() -> None:
    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        call = world.carrier("sbc1").call("4255550102", calling="2065550123", name="Jane Doe")
        rung = await bob.rings()
        assert rung.shown == ("Jane Doe", "+12065550123")
        rung.answer()
        await call.until_hears("bob")
        await rung.until_hears("2065550123")
        call.hang_up()
        record = await world.record()
        assert record.direction is Direction.INBOUND
        assert (record.caller, record.callee_user) == ("+12065550123", "bob")
        assert record.gateway == "sbc1"

    play(scene)


@pytest.mark.row(101)
def test_ten_digits_from_a_trunk_become_a_number() -> None:
    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        world.carrier("sbc1").call("4255550102", calling="2065550123")
        assert (await bob.rings()).shown[1] == "+12065550123"

    play(scene)


@pytest.mark.row(59)
def test_a_number_that_nobody_has_is_refused() -> None:
    async def scene(world: World) -> None:
        call = world.carrier("sbc1").call("+14255550118", calling="2065550123")
        assert await call.ended() == 404
        assert (await world.record()).reason is Reason.NUMBER_UNKNOWN
        assert Reason.NUMBER_UNKNOWN.sub_code == 511404

    play(scene)


def test_a_user_calls_out_with_the_number_of_his_own() -> None:
    async def scene(world: World) -> None:
        call = await call_out(world, "2065550199")
        await call.answered()
        await call.until_hears(FRIEND)
        [invite] = world.carrier("sbc1").invites
        assert invite.parsed_uri.user == FRIEND
        assert invite.from_.uri.user == "+14255550101"
        call.hang_up()
        record = await world.record()
        assert (record.direction, record.gateway) == (Direction.OUTBOUND, "sbc1")

    async def with_carrier(world: World) -> None:
        world.carrier("sbc1")
        await scene(world)

    play(with_carrier)


@pytest.mark.row(102)
def test_outbound_numbers_are_written_as_the_trunk_wants_them() -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        call = await call_out(world)
        await call.answered()
        [invite] = carrier.invites
        assert invite.parsed_uri.user == "2065550199"
        assert invite.to.uri.user == "2065550199"
        assert invite.from_.uri.user == "4255550101"

    strip = (translation(r"^\+1(\d{10})$", "$1"),)
    play(scene, organisation=with_sbc("sbc1", outbound_called=strip, outbound_calling=strip))


def test_early_media_of_the_carrier_is_heard_before_the_answer() -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        carrier.reaction = Ignore()
        call = await call_out(world)
        there = await carrier.rings()
        there.answer_early()
        await call.until_hears(FRIEND)
        assert not call.is_answered
        there.answer()
        await call.answered()
        await call.until_hears(FRIEND)

    play(scene)


def test_a_busy_number_is_busy_and_no_other_sbc_is_tried() -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1").reaction = Decline(486)
        second = world.carrier("sbc2")
        call = await call_out(world)
        assert await call.ended() == 486
        assert second.calls == []

    play(scene)


@pytest.mark.row(88)
@pytest.mark.parametrize(("status", "goes_on"), [(408, True), (503, True), (404, False)])
def test_some_refusals_lead_to_the_next_sbc(status: int, goes_on: bool) -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1").reaction = Decline(status)
        second = world.carrier("sbc2")
        call = await call_out(world)
        if goes_on:
            await call.answered()
            await call.until_hears(FRIEND)
            assert len(second.calls) == 1
        else:
            assert await call.ended() == status
            assert second.calls == []

    play(scene)


@pytest.mark.row(90)
def test_the_list_of_refusals_is_the_trunks() -> None:
    async def scene(world: World) -> None:
        first, second = world.carrier("sbc1"), world.carrier("sbc2")
        first.reaction = Decline(503)
        call = await call_out(world)
        assert await call.ended() == 503
        assert second.calls == []
        first.reaction = Decline(486)
        again = await world.phones[0].dial(FRIEND)
        await again.answered()

    play(scene, organisation=with_sbc("sbc1", failover_codes=(486,)))


@pytest.mark.row(89)
@pytest.mark.parametrize("after_s", [3, 10])
def test_a_silent_sbc_is_passed_over_in_its_time(after_s: int) -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1").is_silent = True
        second = world.carrier("sbc2")
        second.reaction = Ring()
        alice = await world.phone("alice")
        began_s = world.clock.monotonic()
        call = await alice.dial(FRIEND)
        await second.rings()
        assert world.clock.monotonic() - began_s == pytest.approx(after_s, abs=0.1)
        call.hang_up()

    play(scene, organisation=with_sbc("sbc1", failover_after_s=after_s))


def test_an_sbc_that_takes_the_call_may_ring_longer_than_that() -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1").reaction = Answer(after_s=60)
        second = world.carrier("sbc2")
        call = await call_out(world)
        await call.answered(within_s=61)
        assert second.calls == []

    play(scene)


def test_an_answer_that_crosses_the_failover_is_hung_up() -> None:
    """The first SBC wakes up when the second was asked: one call, no leg is left there."""

    async def scene(world: World) -> None:
        first, second = world.carrier("sbc1"), world.carrier("sbc2")
        world.network.block(first.host, world.host)
        call = await call_out(world)
        await second.rings()
        world.network.unblock(first.host, world.host)
        await call.answered()
        await asyncio.sleep(40)
        assert first.live_calls == []
        await call.until_hears(FRIEND)

    play(scene)


def test_when_no_sbc_answers_the_call_times_out() -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1").is_silent = True
        world.carrier("sbc2").is_silent = True
        call = await call_out(world)
        assert await call.ended() == 408
        record = await world.record()
        assert (record.result, record.reason) == (CallResult.FAILED, Reason.GATEWAY_TIMEOUT)

    play(scene)


@pytest.mark.row(91)
def test_an_sbc_that_is_silent_to_options_is_tried_last_but_tried() -> None:
    async def scene(world: World) -> None:
        first, second = world.carrier("sbc1"), world.carrier("sbc2")
        await asyncio.sleep(30)
        assert [request.method for request in first.requests] == ["OPTIONS"]
        first.is_silent = True
        await asyncio.sleep(300)
        call = await call_out(world)
        await call.answered()
        assert (len(first.calls), len(second.calls)) == (0, 1)
        first.is_silent = False
        second.reaction = Decline(503)
        again = await world.phones[0].dial(FRIEND)
        await again.answered()
        assert (len(first.calls), len(second.calls)) == (1, 2)
        await asyncio.sleep(100)  # it answers OPTIONS again
        last = await world.phones[0].dial(FRIEND)
        await last.answered()
        assert (len(first.calls), len(second.calls)) == (2, 2)

    play(scene)


@pytest.mark.row(92)
def test_a_drained_sbc_keeps_its_calls_and_gets_no_new_ones() -> None:
    async def scene(world: World) -> None:
        first, second = world.carrier("sbc1"), world.carrier("sbc2")
        running = await call_out(world)
        await running.answered()
        await world.use(with_sbc("sbc1", enabled=False))
        later = await world.phones[0].dial(FRIEND)
        await later.answered()
        assert (len(first.calls), len(second.calls)) == (1, 1)
        await running.until_hears(FRIEND)

    play(scene)


@pytest.mark.row(84)
def test_the_second_route_is_used_when_the_first_is_down() -> None:
    async def scene(world: World) -> None:
        first, second = world.carrier("sbc1"), world.carrier("sbc2")
        first.host.is_up = False
        call = await call_out(world)
        await call.answered()
        assert len(second.calls) == 1

    play(scene)


def test_a_user_without_a_licence_reaches_colleagues_only() -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        dave, bob = await world.phone("dave"), await world.phone("bob")
        refused = await dave.dial(FRIEND)
        assert await refused.ended() == 403
        assert (await world.record()).reason is Reason.NO_PHONE_LICENCE
        await dave.dial("102")
        await bob.rings()
        assert carrier.calls == []

    play(scene)


def test_a_transfer_to_the_outside_rings_there() -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1")
        alice, bob = await world.phone("alice"), await world.phone("bob")
        made = await bob.dial("101")
        taken = await alice.rings()
        taken.answer()
        await made.answered()
        assert await taken.transfer(FRIEND) == 200
        await made.until_hears(FRIEND)
        await taken.ended()

    play(scene)


def test_a_trunk_over_tcp_carries_calls_both_ways() -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        bob = await world.phone("bob")
        call = await call_out(world)
        await call.answered()
        await call.until_hears(FRIEND)
        carrier.call("4255550102", calling="2065550123")
        assert (await bob.rings()).shown[1] == "+12065550123"

    play(scene, organisation=with_sbc("sbc1", transport="tcp", match_any_port=True))
