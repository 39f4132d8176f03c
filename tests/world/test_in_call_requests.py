"""Keys and texts inside a call: INFO both ways, and MESSAGE (RFC 3428)."""

import asyncio

import pytest

from callwright.kernel.limits.texts import (
    TEXT_MESSAGE_BYTES_MAX,
    TEXT_UDP_BYTES_MAX,
    TEXTS_WAITING_PER_USER_MAX,
)
from callwright.sip.dtmf_relay import key_of
from callwright.sip.message import Request, Response
from callwright.sip.session.session import InviteSession
from callwright.sip.transaction.server import ServerTransaction
from callwright.testing.phone_call import PhoneCall
from callwright.testing.phones import SimulatedPhone
from callwright.testing.world import World, play


async def ask(
    session: InviteSession, method: str, body: bytes = b"", content_type: str | None = None
) -> Response:
    answered: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
    session.send_request(
        method, body=body, content_type=content_type, on_response=answered.set_result
    )
    return await answered


async def text(call: PhoneCall, words: str, content_type: str = "text/plain") -> Response:
    return await ask(call.session, "MESSAGE", words.encode(), content_type)


class Ear:
    """What a phone was asked inside a call, and what it answers."""

    def __init__(self, call: PhoneCall, status: int = 200) -> None:
        self.requests: list[Request] = []
        self.status = status
        call.on_request = self.take  # type: ignore[method-assign]

    def take(self, session: InviteSession, transaction: ServerTransaction) -> None:
        self.requests.append(transaction.request)
        transaction.respond(self.status)

    @property
    def keys(self) -> str:
        return "".join(key_of(request) or "?" for request in self.requests)


async def talk(
    world: World, *, mute_keys: tuple[str, ...] = ()
) -> tuple[SimulatedPhone, PhoneCall, PhoneCall]:
    """alice calls bob; those in ``mute_keys`` agree on no telephone-event."""
    alice, bob = await world.phone("alice"), await world.phone("bob")
    for phone in (alice, bob):
        phone.speaks_events = phone.user not in mute_keys
    made = await alice.dial("102")
    taken = await bob.rings()
    taken.answer()
    await made.answered()
    await taken.until_hears("alice")
    return alice, made, taken


# -- keys ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("direction", ["to the called party", "to the caller"])
def test_keys_in_the_audio_become_info_for_a_phone_without_telephone_events(
    direction: str,
) -> None:
    async def scene(world: World) -> None:
        deaf = "bob" if direction == "to the called party" else "alice"
        _, made, taken = await talk(world, mute_keys=(deaf,))
        presser, listener = (made, taken) if deaf == "bob" else (taken, made)
        ear = Ear(listener)
        await presser.press("19#")
        await asyncio.sleep(1)
        assert ear.keys == "19#"
        assert listener.digits == ""

    play(scene)


def test_keys_come_by_info_where_neither_knows_telephone_events() -> None:
    async def scene(world: World) -> None:
        _, made, taken = await talk(world, mute_keys=("alice", "bob"))
        ear = Ear(taken)
        for key in "*7":
            body = f"Signal={key}\r\n".encode()
            assert (await ask(made.session, "INFO", body, "application/dtmf-relay")).status == 200
        await asyncio.sleep(1)
        assert ear.keys == "*7"

    play(scene)


def test_a_phone_that_refuses_keys_is_sent_one_and_stays_in_the_call() -> None:
    async def scene(world: World) -> None:
        _, made, taken = await talk(world, mute_keys=("bob",))
        ear = Ear(taken, status=415)
        await made.press("123")
        await asyncio.sleep(1)
        assert ear.keys == "1"
        await taken.until_hears("alice")

    play(scene)


def test_keys_do_not_come_twice_between_phones_that_know_telephone_events() -> None:
    async def scene(world: World) -> None:
        _, made, taken = await talk(world)
        ear = Ear(taken)
        await made.press("42")
        await asyncio.sleep(1)
        assert taken.digits == "42"
        assert ear.requests == []

    play(scene)


# -- texts -----------------------------------------------------------------------------------------


def test_a_text_in_a_call_reaches_the_other_party() -> None:
    async def scene(world: World) -> None:
        _, made, taken = await talk(world)
        ear = Ear(taken)
        assert (await text(made, "the link: https://contoso.test", "text/plain")).status == 200
        (request,) = ear.requests
        assert request.method == "MESSAGE"
        assert request.body == b"the link: https://contoso.test"
        assert request.header("Content-Type") == "text/plain"
        back = Ear(made)
        assert (await text(taken, "thanks")).status == 200
        assert [request.body for request in back.requests] == [b"thanks"]

    play(scene)


@pytest.mark.parametrize(("said", "told"), [(202, 202), (415, 415), (405, 480), (500, 480)])
def test_the_sender_is_told_what_the_other_phone_made_of_it(said: int, told: int) -> None:
    async def scene(world: World) -> None:
        _, made, taken = await talk(world)
        Ear(taken, status=said)
        assert (await text(made, "hello")).status == told
        await taken.until_hears("alice")

    play(scene)


def test_a_text_that_the_path_cannot_carry_is_refused() -> None:
    async def scene(world: World) -> None:
        _, made, taken = await talk(world)
        ear = Ear(taken)
        assert (await text(made, "x" * TEXT_UDP_BYTES_MAX)).status == 200
        assert (await text(made, "x" * (TEXT_UDP_BYTES_MAX + 1))).status == 513
        assert (await text(made, "x" * (TEXT_MESSAGE_BYTES_MAX + 1))).status == 513
        assert len(ear.requests) == 1

    play(scene)


def test_nobody_reads_texts_in_a_call_without_another_party() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        call = await alice.dial("+14255550151")
        await call.answered()
        assert (await text(call, "hello?")).status == 480
        assert not call.is_over

    play(scene)


def test_what_we_do_not_do_in_a_call_is_named_with_what_we_do() -> None:
    async def scene(world: World) -> None:
        _, made, _ = await talk(world)
        refused = await ask(made.session, "PUBLISH")
        assert refused.status == 405
        assert "MESSAGE" in (refused.header("Allow") or "")

    play(scene)


# -- texts outside calls ---------------------------------------------------------------------------


def test_a_long_text_goes_to_phones_on_connections_only() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice", transport="tcp")
        desk = await world.phone("bob", name="desk", transport="tcp")
        mobile = await world.phone("bob", name="mobile")
        long_text = "x" * (TEXT_UDP_BYTES_MAX + 1)
        assert (await alice.send_text("102", long_text)).status == 200
        assert [len(words) for words in desk.texts] == [len(long_text)]
        assert mobile.texts == []
        await desk.unregister()
        assert (await alice.send_text("102", long_text)).status == 513

    play(scene)


def test_one_phone_that_takes_the_text_is_enough() -> None:
    async def scene(world: World) -> None:
        alice, desk = await world.phone("alice"), await world.phone("bob")
        mobile = await world.phone("bob", name="mobile")
        desk.vanish()
        assert (await alice.send_text("102", "Lunch?")).status == 200
        assert mobile.texts == ["Lunch?"]

    play(scene)


def test_phones_that_say_nothing_are_not_waited_for_too_long() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        bob.vanish()
        began_s = world.clock.monotonic()
        assert (await alice.send_text("102", "Lunch?")).status == 480
        assert world.clock.monotonic() - began_s < 30

    play(scene)


def test_a_trunk_sends_no_texts() -> None:
    async def scene(world: World) -> None:
        bob, carrier = await world.phone("bob"), world.carrier("sbc1")
        answered: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        carrier.endpoint.request(
            method="MESSAGE",
            flow=carrier.wire.flow_to(carrier.transport, carrier.server),
            uri=carrier.uri_of("+14255550102"),
            from_="<sip:+12065550199@sbc1.example>",
            to="<sip:+14255550102@contoso.test>",
            body=b"You have won",
            content_type="text/plain",
            on_response=answered.set_result,
        )
        assert (await answered).status == 405
        assert bob.texts == []

    play(scene)


def test_a_sender_has_a_bounded_number_of_texts_on_their_way() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        bob.vanish()
        waiting = [
            asyncio.ensure_future(alice.send_text("102", f"{number}"))
            for number in range(TEXTS_WAITING_PER_USER_MAX)
        ]
        await asyncio.sleep(1)
        assert (await alice.send_text("102", "one more")).status == 503
        assert {response.status for response in await asyncio.gather(*waiting)} == {480}
        assert (await alice.send_text("101", "a note")).status == 200

    play(scene)
