"""Phones that hide behind NAT, have several flows, or are dialled one by one."""

import asyncio
import re

import pytest

from callwright.testing.agent import Answer
from callwright.testing.nat import SYMMETRIC, NatBehaviour
from callwright.testing.phones import SimulatedPhone
from callwright.testing.world import World, play

FORGETFUL = NatBehaviour(binding_timeout_s=30.0)
FORGETFUL_SYMMETRIC = NatBehaviour(mapping=SYMMETRIC.mapping, binding_timeout_s=30.0)
DESK = "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
MOBILE = "urn:uuid:00000000-0000-1000-8000-aabbccddeeff"


def gruu(phone: SimulatedPhone, kind: str) -> str:
    assert phone.registered is not None
    mine = [text for name, text in phone.registered.headers if name == "Contact"]
    found = re.search(rf'{kind}="([^"]+)"', mine[-1])
    assert found, mine
    return found[1]


@pytest.mark.parametrize(
    "behaviour", [FORGETFUL, FORGETFUL_SYMMETRIC], ids=["port-restricted", "symmetric"]
)
@pytest.mark.parametrize("keeps_alive", [True, False])
def test_a_nat_that_forgets_after_30_seconds_does_not_hide_a_phone(
    behaviour: NatBehaviour, keeps_alive: bool
) -> None:
    """Five minutes of silence, a call to the phone, audio both ways, a hang-up from
    outside after another five minutes."""

    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        bob = await world.phone("bob", nat=world.nat(behaviour), keeps_alive=keeps_alive)
        await asyncio.sleep(300)
        call = await alice.dial("102")
        rung = await bob.rings(within_s=1)
        rung.answer()
        await call.answered()
        await call.until_hears("bob")
        await rung.until_hears("alice")
        await asyncio.sleep(300)
        call.hang_up()
        await rung.ended(within_s=1)

    play(scene)


def test_a_phone_that_keeps_its_path_open_itself_is_not_pinged() -> None:
    async def scene(world: World) -> None:
        await world.phone("bob", nat=world.nat(FORGETFUL))
        await world.phone("alice")
        await asyncio.sleep(600)
        assert world.node.keep_alive.sent <= 1
        quiet = await world.phone("dave", nat=world.nat(FORGETFUL), keeps_alive=False)
        await asyncio.sleep(280)
        assert 9 <= world.node.keep_alive.sent <= 12
        assert world.node.keep_alive.answered == world.node.keep_alive.sent
        await quiet.unregister()
        sent = world.node.keep_alive.sent
        await asyncio.sleep(280)
        assert world.node.keep_alive.sent == sent

    play(scene)


def test_a_nat_box_that_restarts_hides_a_phone_for_ten_minutes_at_most() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        box = world.nat(FORGETFUL)
        bob = await world.phone("bob", nat=box, keeps_alive=False)
        bob.reaction = Answer()
        box.restart()
        await asyncio.sleep(600)
        call = await alice.dial("102")
        await call.answered()
        assert len(bob.calls) == 1, "it rang once: its former address rings no ghost"

    play(scene)


def test_the_newest_flow_of_a_phone_rings_and_the_phone_rings_once() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        first = await world.phone("bob", name="flow 1", device=DESK, reg_id=1, transport="tcp")
        second = await world.phone("bob", name="flow 2", device=DESK, reg_id=2, transport="tcp")
        assert second.registered is not None
        assert second.registered.header("Require") == "outbound"
        assert second.registered.header("Flow-Timer") == "120"
        call = await alice.dial("102")
        (await second.rings()).answer()
        await call.answered()
        assert not first.calls

    play(scene)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_a_phone_rings_over_its_other_flow_when_the_first_is_dead(transport: str) -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        other = await world.phone("bob", name="other", device=DESK, reg_id=1, transport=transport)
        dead = await world.phone("bob", name="dead", device=DESK, reg_id=2, transport=transport)
        dead.vanish()
        call = await alice.dial("102")
        (await other.rings(within_s=5)).answer()
        await call.answered()
        await call.until_hears("other")

    play(scene)


@pytest.mark.parametrize(
    ("transport", "others"), [("tls", "udp"), ("udp", "tls"), ("tls", "tls"), ("wss", "udp")]
)
def test_keys_of_audio_go_over_secured_flows_only(transport: str, others: str) -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        other = await world.phone("bob", name="other", device=DESK, reg_id=1, transport=others)
        dead = await world.phone("bob", name="dead", device=DESK, reg_id=2, transport=transport)
        dead.vanish()
        call = await alice.dial("102")
        rung = await other.rings(within_s=5)
        assert (b"a=crypto" in rung.session.request.body) is (others == "tls")
        rung.answer()
        await call.answered()
        await call.until_hears("other")

    play(scene)


def test_a_flow_that_only_was_slow_is_called_off() -> None:
    """Nothing of it is left when it wakes up and the call is over."""

    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        other = await world.phone("bob", name="other", device=DESK, reg_id=1)
        slow = await world.phone("bob", name="slow", device=DESK, reg_id=2)
        slow.wire.is_deaf = True
        call = await alice.dial("102")
        rung = await other.rings(within_s=5)
        slow.wire.is_deaf = False
        await asyncio.sleep(10)
        assert not slow.live_calls
        rung.answer()
        await call.answered()

    play(scene)


def test_a_device_that_registers_from_another_place_leaves_no_ghost() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        before = await world.phone("bob", name="at the desk", device=DESK)
        after = await world.phone("bob", name="in the hall", device=DESK)
        call = await alice.dial("102")
        (await after.rings()).answer()
        await call.answered()
        assert not before.calls

    play(scene)


@pytest.mark.parametrize("kind", ["pub-gruu", "temp-gruu"])
def test_a_gruu_rings_one_phone_of_its_user(kind: str) -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        desk = await world.phone("bob", name="desk", device=DESK)
        mobile = await world.phone("bob", name="mobile", device=MOBILE)
        for phone, other in ((mobile, desk), (desk, mobile)):
            await phone.register()
            heard = len(other.calls)
            call = await alice.dial(gruu(phone, kind))
            (await phone.rings()).answer()
            await call.answered()
            assert len(other.calls) == heard
            call.hang_up()
            await call.ended()
        both = await alice.dial("102")
        await desk.rings()
        (await mobile.rings()).answer()
        await both.answered()

    play(scene)


def test_a_temporary_gruu_tells_nobody_whose_it_is_and_ends_with_the_phones_life() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        bob = await world.phone("bob", device=DESK)
        one = gruu(bob, "temp-gruu")
        await bob.register()
        other = gruu(bob, "temp-gruu")
        assert one != other
        assert "bob" not in one
        assert DESK not in one
        call = await alice.dial(one)
        (await bob.rings()).answer()
        await call.answered()
        call.hang_up()
        await call.ended()
        bob.restart()
        await bob.register()
        bob.reaction = Answer()
        heard = len(bob.calls)
        call = await alice.dial(one)
        await call.answered()  # by voicemail
        assert len(bob.calls) == heard

    play(scene)


def test_a_thousand_phones_that_start_at_once_are_all_let_in() -> None:
    """The restart of a site, in its worst second: everybody is challenged and answers."""

    async def scene(world: World) -> None:
        users = [user for user in world.snapshot.users.values() if user.sip_password]
        count = 1_000
        phones = [
            await world.phone(users[n % len(users)].id, name=f"phone {n}", register=False)
            for n in range(count)
        ]
        answers = await asyncio.gather(*(phone.try_register() for phone in phones))
        assert {answer.status for answer in answers} == {200}
        assert world.node.endpoint.counters.get("overloaded", 0) == 0
        await asyncio.sleep(40)
        assert world.node.endpoint.transaction_count == 0

    play(scene)
