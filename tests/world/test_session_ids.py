"""One name for a conversation on both of its legs (RFC 7989)."""

import re

import pytest

from callwright.sip.identity.session_id import NIL
from callwright.sip.message import Message
from callwright.testing.agent import Answer
from callwright.testing.world import World, play

CALLER = "ab30317f1a784dc48ff824d0d3715d86"
"""The example of RFC 7989 §5."""
CALLED = "47755a9de7794ba387653f2099600ef2"
FRIEND = "+12065550199"


def halves(message: Message | None) -> tuple[str, str]:
    assert message is not None
    found = re.fullmatch(
        r"([0-9a-f]{32});remote=([0-9a-f]{32})", message.header("Session-ID") or ""
    )
    assert found is not None, message.headers
    return found[1], found[2]


@pytest.mark.parametrize("caller_has", [True, False])
@pytest.mark.parametrize("called_has", [True, False])
def test_each_party_hears_the_name_of_the_other(caller_has: bool, called_has: bool) -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        alice = await world.phone("alice")
        brought = (("Session-ID", f"{CALLER};remote={NIL}"),) if caller_has else ()
        call = await alice.dial(FRIEND, headers=brought)
        there = await carrier.rings()
        named, nothing = halves(there.session.request)
        assert nothing == NIL
        if caller_has:
            assert named == CALLER
        body = there.audio.answer(there.session.request.body) or b""
        brought = (("Session-ID", f"{CALLED};remote={named}"),) if called_has else ()
        there.session.answer(body, headers=brought)
        await call.answered()
        seen, own = halves(call.final)
        assert own == named
        if called_has:
            assert seen == CALLED
        call.hang_up()
        await world.record()
        assert halves(there.end) == (named, seen)

    play(scene)


def test_a_cancel_carries_the_name_too() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = await alice.dial("102", headers=(("Session-ID", f"{CALLER};remote={NIL}"),))
        rung = await bob.rings()
        await call.ringing()
        call.hang_up()
        await rung.ended()
        assert halves(rung.end)[0] == CALLER

    play(scene)


@pytest.mark.parametrize("value", ["", NIL, "not a name", "AB30;remote=x", f"{CALLER}0"])
def test_a_name_that_cannot_be_read_is_replaced(value: str) -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        bob.reaction = Answer(after_s=1)
        call = await alice.dial("102", headers=(("Session-ID", value),))
        await call.answered()
        [rung] = bob.calls
        assert halves(call.final)[1] == halves(rung.session.request)[0] != NIL
        call.hang_up()

    play(scene)
