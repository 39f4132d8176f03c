"""Text messages between users, and keys that come by INFO (RFC 3428, RFC 6086)."""

import asyncio

import pytest

from callwright.kernel.limits.texts import TEXT_MESSAGE_BYTES_MAX
from callwright.sip.message import Response
from callwright.sip.session.session import InviteSession
from callwright.testing.world import World, play


@pytest.mark.parametrize("address", ["102", "bob", "+14255550102"])
def test_a_text_reaches_every_phone_of_the_addressee(address: str) -> None:
    async def scene(world: World) -> None:
        alice, desk = await world.phone("alice"), await world.phone("bob")
        mobile = await world.phone("bob", name="mobile")
        assert (await alice.send_text(address, "Lunch?")).status == 200
        assert desk.texts == mobile.texts == ["Lunch?"]
        (request,) = [request for request in desk.requests if request.method == "MESSAGE"]
        assert request.header("From") is not None
        assert '"Alice Adams" <sip:+14255550101@' in (request.header("From") or "")
        assert request.header("Content-Type") == "text/plain"

    play(scene)


def test_a_text_to_nobody_is_refused() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        assert (await alice.send_text("102", "Hello?")).status == 480
        assert (await alice.send_text("199", "Hello?")).status == 404
        too_long = "x" * (TEXT_MESSAGE_BYTES_MAX + 1)
        assert (await alice.send_text("101", too_long)).status == 513
        assert alice.texts == []

    play(scene)


def test_a_stranger_sends_no_texts() -> None:
    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        stranger = await world.phone("alice", name="stranger", password="wrong", register=False)
        assert (await stranger.send_text("102", "Buy now")).status == 401
        assert bob.texts == []

    play(scene)


@pytest.mark.parametrize("in_the_audio", [True, False])
def test_keys_reach_the_other_side_however_they_are_sent(in_the_audio: bool) -> None:
    """A phone without telephone-events sends INFO; a gateway behind the bridge hears the key."""

    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        alice.speaks_events = in_the_audio
        bob = await world.phone("bob")
        call = await alice.dial("102")
        rung = await bob.rings()
        rung.answer()
        await call.answered()
        await rung.until_hears("alice")
        for key in "5#":
            if in_the_audio:
                await call.press(key)
            else:
                assert (await info(call.session, key)).status == 200
        await asyncio.sleep(2)
        assert rung.digits == "5#"

    async def info(session: InviteSession, key: str) -> Response:
        answered: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        session.send_request(
            "INFO",
            body=f"Signal={key}\r\nDuration=160\r\n".encode(),
            content_type="application/dtmf-relay",
            on_response=answered.set_result,
        )
        return await answered

    play(scene)
