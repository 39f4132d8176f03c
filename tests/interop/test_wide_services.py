"""Menus and mailboxes with callers who do not speak G.711."""

import asyncio
from pathlib import Path

import numpy as np
import pytest
from tests.interop.baresip import baresip, needs_baresip
from tests.interop.phones import BEEP_HZ, line, phone, play
from tests.interop.process import ServerProcess, until
from tests.interop.sounds import read

pytestmark = needs_baresip

BOB_HZ = 1_300
DEVICES = [("opus/48000/2", ""), ("opus/48000/2", "srtp-mand"), ("G722/16000/1", "")]


@pytest.mark.parametrize(("codecs", "encryption"), DEVICES, ids=str)
def test_keys_choose_from_the_menu(
    server: ServerProcess, tmp_path: Path, codecs: str, encryption: str
) -> None:
    async def scene() -> None:
        async with (
            baresip(
                server, "bob", tmp_path, tone_hz=BOB_HZ, codecs=codecs, encryption=encryption
            ) as bob,
            phone(server, "erin") as erin,
        ):
            bob.dial("+14255550150")
            await bob.event("CALL_ESTABLISHED")
            bob.press("105")
            rung = await erin.rings(within_s=6)
            rung.answer()
            await line(rung).until_hears(BOB_HZ)
            bob.press("27")
            await until(lambda: line(rung).digits == ["2", "7"], "both keys, once")
            bob.hang_up()
            await rung.ended()

    play(scene())


@pytest.mark.parametrize(("codecs", "encryption"), DEVICES, ids=str)
def test_a_message_can_be_heard(
    server: ServerProcess, tmp_path: Path, codecs: str, encryption: str
) -> None:
    async def scene() -> None:
        async with baresip(
            server, "bob", tmp_path, tone_hz=BOB_HZ, codecs=codecs, encryption=encryption
        ) as bob:
            before = len(server.messages("alice"))
            bob.dial("101")
            await bob.event("CALL_ESTABLISHED")
            await until(lambda: bob.hears(BEEP_HZ) > 0.1, "the beep", within_s=12)
            await asyncio.sleep(1.5)  # what the message says
            bob.hang_up()
            await until(lambda: len(server.messages("alice")) > before, "the message")
            newest = max(server.messages("alice"), key=lambda message: message["received_at"])
            rate_hz, samples = read(newest["path"])
            assert 0.5 < newest["duration_s"] < 4
            assert abs(len(samples) / rate_hz - newest["duration_s"]) < 0.1
            last = samples[-rate_hz:].astype(float)
            spectrum = np.abs(np.fft.rfft(last))
            assert np.argmax(spectrum) * rate_hz / len(last) == pytest.approx(BOB_HZ, abs=10)

    play(scene())
