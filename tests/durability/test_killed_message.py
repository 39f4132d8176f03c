"""`callwright serve` killed while a caller speaks a message: what was said is there afterwards."""

import asyncio
import wave
from pathlib import Path

import pytest
from tests.interop.conftest import StartServer, start_server
from tests.interop.phones import OUTSIDE, carrier, play, until_beep, until_sound
from tests.interop.process import until

__all__ = ["start_server"]  # a fixture

SAID_S = 2.5
FLUSHED_S = 1.0
"""What a kill may cost: sound that had not reached the disk."""


@pytest.mark.timeout(120)
def test_what_was_said_before_a_kill_is_a_message_with_who_said_it(
    start_server: StartServer,
) -> None:
    async def scene() -> None:
        server = await asyncio.to_thread(start_server)
        async with carrier(server) as outside:
            call = await (await outside.dial("+14255550101")).answered()
            await until_sound(call, none_of=call)
            call.press("#")
            await until_beep(call)
            await asyncio.sleep(SAID_S)  # what the message says: a tone, for so long
            await asyncio.to_thread(server.kill)
            assert list(server.data.glob("voicemail/alice/*.wav"))
        await asyncio.to_thread(server.start)
        (message,) = await until(lambda: server.messages("alice"), "the message")
        assert message["caller"] == OUTSIDE
        assert SAID_S - FLUSHED_S < message["duration_s"] < SAID_S + 1
        with wave.open(str(Path(message["path"])), "rb") as file:
            assert file.getnframes() == pytest.approx(message["duration_s"] * 8_000, abs=8)

    play(scene())
