"""Files of recordings: Opus, and what is left when the disk is full or the process is killed."""

import asyncio
import os
import signal
import subprocess
import sys
import time
import wave
from pathlib import Path

import pytest
from tests.contract.media.native_stage import NativeStage
from tests.contract.media.ogg import read_ogg

from callwright.media.engine import RecordSide
from callwright.media.events import RecordEnd, RecordFinished

PATIENCE_S = 20.0

RECORDER = """
import asyncio, resource, sys
from tests.contract.media.native_stage import NativeStage
from callwright.media.events import RecordFinished
path, octets = sys.argv[1], int(sys.argv[2])
stage = NativeStage()
async def scene():
    if octets:
        resource.setrlimit(resource.RLIMIT_FSIZE, (octets, octets))
    alice, bob = await stage.party("alice"), await stage.party("bob")
    stage.engine.bridge(alice.leg, bob.leg)
    alice.talk()
    stage.engine.record(
        alice.leg, path, max_ms=60_000, silence_ms=0, stop_digits="", token=1
    )
    finished = await stage.event(RecordFinished, within_s=15)
    await bob.until_hears("alice")
    print(finished.end.value, finished.duration_ms, flush=True)
stage.run(scene())
"""
"""Records until it is killed, or until a file may not grow (an ``ENOSPC`` for everybody)."""


def start_recorder(path: Path, octets: int = 0) -> "subprocess.Popen[bytes]":
    root = Path(__file__).parents[3]
    return subprocess.Popen(
        [sys.executable, "-c", RECORDER, str(path), str(octets)],
        stdout=subprocess.PIPE,
        cwd=root,
        env=os.environ | {"PYTHONPATH": f"{root / 'src'}:{root}"},
    )


def test_an_opus_recording_has_the_length_that_is_told(native: NativeStage, tmp_path: Path) -> None:
    async def scene() -> None:
        alice, bob = await native.party("alice"), await native.party("bob")
        alice.talk()
        bob.talk()
        native.engine.bridge(alice.leg, bob.leg)
        path = tmp_path / "both.opus"
        native.engine.record(
            alice.leg,
            str(path),
            max_ms=1_330,
            silence_ms=0,
            stop_digits="",
            token=1,
            side=RecordSide.STEREO,
        )
        finished = await native.event(RecordFinished)
        assert (finished.end, finished.duration_ms) == (RecordEnd.MAX_LENGTH, 1_330)
        file = await asyncio.to_thread(read_ogg, path)
        assert (file.channels, file.duration_ms, file.is_ended) == (2, 1_330, True)
        assert path.stat().st_size < 16_000

    native.run(scene())


def test_an_opus_recording_that_silence_ended_is_cut_before_it(
    native: NativeStage, tmp_path: Path
) -> None:
    async def scene() -> None:
        alice = await native.party("alice")
        path = tmp_path / "silence.opus"
        native.engine.record(
            alice.leg, str(path), max_ms=60_000, silence_ms=1_500, stop_digits="", token=1
        )
        await alice.talk_for(0.6)
        alice.talk(amplitude=0)
        finished = await native.event(RecordFinished)
        assert finished.end is RecordEnd.SILENCE
        assert finished.duration_ms == pytest.approx(600, abs=120)
        file = await asyncio.to_thread(read_ogg, path)
        assert (file.duration_ms, file.is_ended) == (finished.duration_ms, True)
        assert file.packets <= finished.duration_ms / 20 + 2

    native.run(scene())


@pytest.mark.parametrize("name", ["killed.wav", "killed.opus"])
def test_a_killed_process_leaves_a_playable_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with start_recorder(path) as recorder:
        deadline_s = time.monotonic() + PATIENCE_S
        while not path.exists() or length_ms(path) < 1_000:
            assert recorder.poll() is None
            assert time.monotonic() < deadline_s
            time.sleep(0.05)  # the file of another process tells no event
        recorder.send_signal(signal.SIGKILL)
    assert length_ms(path) >= 950


@pytest.mark.parametrize(("name", "octets"), [("full.wav", 20_000), ("full.opus", 5_000)])
def test_a_disk_that_fills_up_keeps_what_was_written_and_the_call(
    tmp_path: Path, name: str, octets: int
) -> None:
    path = tmp_path / name
    with start_recorder(path, octets) as recorder:
        told, _ = recorder.communicate(timeout=PATIENCE_S)
    end, duration_ms = told.decode().split()
    assert end == RecordEnd.FAILED.value
    assert int(duration_ms) >= 900
    assert length_ms(path) == pytest.approx(int(duration_ms), abs=1)


def length_ms(path: Path) -> float:
    """What a player finds."""
    if path.suffix == ".opus":
        return read_ogg(path).duration_ms if path.stat().st_size > 100 else 0.0
    if path.stat().st_size < 44:
        return 0.0
    with wave.open(str(path), "rb") as file:
        frames = file.getnframes()
        assert len(file.readframes(frames)) == 2 * frames
        return frames / 8
