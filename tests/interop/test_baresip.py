"""baresip as a user's phone: registers, calls, answers, presses keys, holds, transfers."""

import asyncio
from pathlib import Path

import pytest
from tests.interop.baresip import baresip, needs_baresip
from tests.interop.phones import carrier, line, phone, play, talk, until_beep, until_sound
from tests.interop.process import ServerProcess, until

pytestmark = needs_baresip

BOB_HZ, ERIN_HZ = 1_900, 2_300
HEARD = 0.3


def test_it_calls_and_hears(server: ServerProcess, tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            baresip(server, "bob", tmp_path, tone_hz=BOB_HZ) as bob,
            phone(server, "erin") as erin,
        ):
            bob.dial("105")
            rung = await erin.rings()
            assert rung.caller.display == "Bob Brown"
            await bob.event("CALL_RINGING")
            rung.answer()
            await bob.event("CALL_ESTABLISHED")
            await line(rung).until_hears(BOB_HZ)
            await until(lambda: bob.heard(erin.tone_hz) > HEARD, "erin's tone in what bob heard")
            rung.hang_up()
            await bob.event("CALL_CLOSED")
            record = await server.record(caller_user="bob", callee_user="erin")
            assert (record["result"], record["reason"]) == ("answered", "normal")

    play(scene())


def test_it_is_called_from_outside_and_hangs_up(server: ServerProcess, tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            baresip(server, "bob", tmp_path, tone_hz=BOB_HZ) as bob,
            carrier(server) as outside,
        ):
            call = await outside.dial("+14255550102")
            incoming = await bob.event("CALL_INCOMING")
            assert "+12065550199" in incoming["peeruri"]
            bob.accept()
            await call.answered()
            await line(call).until_hears(BOB_HZ)
            bob.hang_up()
            await call.ended()

    play(scene())


def test_two_of_them_talk(server: ServerProcess, tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            baresip(server, "bob", tmp_path, tone_hz=BOB_HZ, answers=True) as bob,
            baresip(server, "erin", tmp_path, tone_hz=ERIN_HZ) as erin,
        ):
            erin.dial("bob")
            await erin.event("CALL_ESTABLISHED")
            await until(lambda: bob.heard(ERIN_HZ) > HEARD, "erin's tone in what bob heard")
            await until(lambda: erin.heard(BOB_HZ) > HEARD, "bob's tone in what erin heard")
            erin.hang_up()
            await bob.event("CALL_CLOSED")

    play(scene())


def test_its_keys_choose_from_the_menu(server: ServerProcess, tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            baresip(server, "bob", tmp_path, tone_hz=BOB_HZ) as bob,
            phone(server, "erin") as erin,
        ):
            bob.dial("+14255550150")
            await bob.event("CALL_ESTABLISHED")
            bob.press("105")
            rung = await erin.rings(within_s=6)
            rung.answer()
            await line(rung).until_hears(BOB_HZ)
            bob.hang_up()
            await rung.ended()

    play(scene())


@pytest.mark.row(113)
def test_a_desk_phone_does_all_that_one_does(server: ServerProcess, tmp_path: Path) -> None:
    """Registers, is told of a message, calls, holds, resumes, transfers."""

    async def scene() -> None:
        async with carrier(server) as outside:
            message = await (await outside.dial("+14255550102")).answered()
            await until_sound(message, none_of=message)
            message.press("#")
            await until_beep(message)
            await asyncio.sleep(1)  # a message
            message.hang_up()
            await until(lambda: server.messages("bob"), "the message")

        async with (
            baresip(server, "bob", tmp_path, tone_hz=BOB_HZ, has_lamp=True) as bob,
            phone(server, "erin") as erin,
            phone(server, "alice") as alice,
        ):
            assert "Messages-Waiting: yes" in bob.said
            bob.dial("105")
            rung = await erin.rings()
            rung.answer()
            await bob.event("CALL_ESTABLISHED")
            await line(rung).until_hears(BOB_HZ)
            bob.hold()
            await line(rung).until_hears(none_of=[BOB_HZ])
            await until_sound(rung, none_of=rung)
            bob.resume()
            await line(rung).until_hears(BOB_HZ)
            bob.transfer("101")
            third = await alice.rings()
            assert third.caller.display == "Erin Evans"
            third.answer()
            await bob.event("CALL_CLOSED")
            await talk(rung, third)
            third.hang_up()
            await rung.ended()

    play(scene())
