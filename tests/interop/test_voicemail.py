"""Voicemail: greeting, beep, message; the file holds what was said, the lamp goes on."""

import asyncio
from pathlib import Path

from tests.interop.phones import OUTSIDE, carrier, phone, play, until_beep, until_sound
from tests.interop.process import ServerProcess, until
from tests.interop.sounds import length_s, share_of


def test_a_message_is_recorded_after_greeting_and_beep(server: ServerProcess) -> None:
    """Alice has no phone on: her voicemail answers at once."""

    async def scene() -> None:
        async with carrier(server) as outside:
            call = await (await outside.dial("+14255550101")).answered()
            await until_sound(call, none_of=call)
            await until_beep(call)
            await asyncio.sleep(1.5)  # what the message says: a tone, for so long
            call.hang_up()
            (message,) = await until(lambda: server.messages("alice"), "the message")
            assert message["caller"] == OUTSIDE
            assert 0.8 < message["duration_s"] < 4
            path = Path(message["path"])
            assert path.is_absolute()
            assert abs(length_s(path) - message["duration_s"]) < 0.1
            assert share_of(path, outside.device.tone_hz) > 0.5
            record = await server.record(callee="+14255550101")
            assert record["result"] == "voicemail"

        async with phone(server, "alice") as alice:
            notify = await alice.receives("NOTIFY")
            assert notify.header("Event") == "message-summary"
            assert b"Messages-Waiting: yes" in notify.body
            assert b"Voice-Message: 1/0" in notify.body

    play(scene())


def test_a_key_skips_the_greeting(server: ServerProcess) -> None:
    async def scene() -> None:
        async with carrier(server) as outside:
            call = await (await outside.dial("+14255550102", calling="+12065550188")).answered()
            await until_sound(call, none_of=call)
            call.press("#")
            await until_beep(call, within_s=1)
            call.hang_up()
            await server.record(caller="+12065550188", result="voicemail")

    play(scene())
