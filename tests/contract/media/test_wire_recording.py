"""Recordings under bad networks, and while they grow."""

import asyncio
import wave
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
from tests.contract.media.native_stage import NativeStage
from tests.contract.media.rtp_stage import Wire
from tests.contract.media.voices import Samples, tone

from callwright.media.events import RecordEnd, RecordFinished

ReadWav = Callable[[str], Samples]


FRAME = 160


def loudness(samples: Samples) -> list[bool]:
    """Of each 20 ms."""
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME).astype(float)
    return [bool(level > 300) for level in np.sqrt((frames**2).mean(axis=1))]


def test_what_is_lost_is_made_up_for_a_moment_and_then_silent(
    wire: Wire, tmp_path: Path, read_wav: ReadWav
) -> None:
    async def scene() -> None:
        alice = await wire.party("alice")
        path = str(tmp_path / "lossy.wav")
        wire.engine.record(alice.leg, path, max_ms=1_000, silence_ms=0, stop_digits="", token=1)
        for number in range(60):
            alice.send_audio(tone(1_000, 0.02), lost=number in (5, 20, *range(30, 40)))
            await asyncio.sleep(0.02)
        await wire.event(RecordFinished)
        heard = loudness(read_wav(path))
        assert len(heard) == 50
        quiet = [place for place, is_loud in enumerate(heard) if not is_loud]
        start = heard.index(True)
        assert start <= 4, "no more than the jitter buffer holds back"
        gap = [place for place in quiet if place > start]
        assert 5 <= len(gap) <= 9, "single losses are made up, ten in a row fade out"
        assert gap == list(range(gap[0], gap[0] + len(gap)))

    wire.run(scene())


def test_packets_that_overtook_each_other_are_put_in_order(
    wire: Wire, tmp_path: Path, read_wav: ReadWav
) -> None:
    async def scene() -> None:
        alice = await wire.party("alice")
        path = str(tmp_path / "mixed.wav")
        wire.engine.record(alice.leg, path, max_ms=200, silence_ms=0, stop_digits="", token=1)
        first, second, third = (np.full(FRAME, level, dtype=np.int16) for level in (1, 2, 3))
        start = alice.sequence, alice.timestamp
        for place, frame in ((0, first), (2, third), (1, second)):
            alice.sequence, alice.timestamp = start[0] + place, start[1] + place * FRAME
            alice.send_audio(frame * 4_000)
            if place == 2:
                await asyncio.sleep(0.005)
        finished = await wire.event(RecordFinished)
        assert finished.end is RecordEnd.MAX_LENGTH
        levels = read_wav(path).astype(int)
        steps = [int(np.argmax(levels >= level)) for level in (3_800, 7_600, 11_400)]
        assert steps[0] < steps[1] < steps[2], "in their order"
        assert [after - before for before, after in pairwise(steps)] == [FRAME, FRAME]

    wire.run(scene())


def test_the_file_can_be_played_while_it_grows(wire: Wire, tmp_path: Path) -> None:
    async def scene() -> None:
        alice = await wire.party("alice")
        path = tmp_path / "growing.wav"
        alice.talk()
        wire.engine.record(
            alice.leg, str(path), max_ms=60_000, silence_ms=0, stop_digits="", token=1
        )
        lengths = []
        while not lengths or lengths[-1] < 8_000:
            await asyncio.sleep(0.02)
            if path.exists() and path.stat().st_size >= 44:
                lengths.append(_readable_frames(path))
        assert lengths == sorted(lengths)
        assert len(set(lengths)) >= 3, "it grows step by step"

    wire.run(scene())


def _readable_frames(path: Path) -> int:
    with wave.open(str(path), "rb") as file:
        promised = file.getnframes()
        assert len(file.readframes(promised)) == promised * 2
        return promised


def test_a_full_disk_fails_the_recording_and_nothing_else(native: NativeStage) -> None:
    async def scene() -> None:
        alice, bob = await native.party("alice"), await native.party("bob")
        native.engine.bridge(alice.leg, bob.leg)
        alice.talk()
        native.engine.record(
            alice.leg, "/dev/full", max_ms=60_000, silence_ms=0, stop_digits="", token=1
        )
        finished = await native.event(RecordFinished)
        assert finished.end is RecordEnd.FAILED
        await bob.until_hears("alice")

    native.run(scene())
