"""Recordings: what is in the file, and why it ended."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.contract.media.stage import Party, Stage
from tests.contract.media.voices import Samples

from callwright.media.engine import DtmfReceived, LegClosed, RecordEnd, RecordFinished

ReadWav = Callable[[str], Samples]


TOLERANCE_MS = 120


def record(stage: Stage, party: Party, path: Path, **changes: Any) -> None:
    asked = {"max_ms": 60_000, "silence_ms": 0, "stop_digits": "", "token": 1} | changes
    stage.engine.record(party.leg, str(path), **asked)


def test_a_stopped_recording_holds_what_was_said(
    stage: Stage, tmp_path: Path, read_wav: ReadWav
) -> None:
    async def scene() -> None:
        alice = await stage.party("alice")
        path = tmp_path / "said.wav"
        record(stage, alice, path, token=9)
        await alice.talk_for(1.0)
        stage.engine.stop_record(alice.leg)
        finished: RecordFinished = await stage.event(RecordFinished)
        assert (finished.leg, finished.token, finished.path) == (alice.leg, 9, str(path))
        assert finished.end is RecordEnd.STOPPED
        assert finished.duration_ms == pytest.approx(1_000, abs=TOLERANCE_MS)
        samples = read_wav(str(path))
        assert len(samples) == finished.duration_ms * 8
        assert abs(_frequency(samples) - alice.frequency_hz) <= 10

    stage.run(scene())


def test_it_ends_at_its_greatest_length(stage: Stage, tmp_path: Path, read_wav: ReadWav) -> None:
    async def scene() -> None:
        alice = await stage.party("alice")
        alice.talk()
        record(stage, alice, tmp_path / "long.wav", max_ms=500)
        finished = await stage.event(RecordFinished)
        assert (finished.end, finished.duration_ms) == (RecordEnd.MAX_LENGTH, 500)
        assert len(read_wav(finished.path)) == 4_000

    stage.run(scene())


def test_silence_ends_it_and_is_cut_off(stage: Stage, tmp_path: Path, read_wav: ReadWav) -> None:
    async def scene() -> None:
        alice = await stage.party("alice")
        record(stage, alice, tmp_path / "silent.wav", silence_ms=600)
        await alice.talk_for(0.6)
        alice.talk(amplitude=0)
        finished = await stage.event(RecordFinished)
        assert finished.end is RecordEnd.SILENCE
        assert finished.duration_ms == pytest.approx(600, abs=TOLERANCE_MS)
        assert len(read_wav(finished.path)) == finished.duration_ms * 8

    stage.run(scene())


def test_a_party_that_sends_nothing_is_silent(stage: Stage, tmp_path: Path) -> None:
    async def scene() -> None:
        alice = await stage.party("alice")
        record(stage, alice, tmp_path / "nothing.wav", silence_ms=300)
        finished = await stage.event(RecordFinished)
        assert (finished.end, finished.duration_ms) == (RecordEnd.SILENCE, 0)

    stage.run(scene())


def test_a_stop_digit_ends_it_and_another_does_not(stage: Stage, tmp_path: Path) -> None:
    async def scene() -> None:
        alice = await stage.party("alice")
        record(stage, alice, tmp_path / "keyed.wav", stop_digits="#*")
        await alice.talk_for(0.2)
        await alice.press("1#")
        finished = await stage.event(RecordFinished)
        assert finished.end is RecordEnd.DTMF
        kinds = [type(event) for event in stage.events]
        assert kinds == [DtmfReceived, DtmfReceived, RecordFinished]

    stage.run(scene())


def test_the_end_of_the_leg_ends_it_first(stage: Stage, tmp_path: Path, read_wav: ReadWav) -> None:
    async def scene() -> None:
        alice = await stage.party("alice")
        record(stage, alice, tmp_path / "cut.wav")
        await alice.talk_for(0.3)
        stage.engine.close_leg(alice.leg)
        await stage.event(LegClosed)
        finished, closed = stage.events
        assert finished.end is RecordEnd.LEG_CLOSED
        assert len(read_wav(finished.path)) == finished.duration_ms * 8
        assert closed.leg == alice.leg

    stage.run(scene())


def test_a_new_recording_stops_the_old(stage: Stage, tmp_path: Path) -> None:
    async def scene() -> None:
        alice = await stage.party("alice")
        alice.talk()
        record(stage, alice, tmp_path / "one.wav", token=1)
        await stage.elapse(0.2)
        record(stage, alice, tmp_path / "two.wav", token=2, max_ms=200)
        await stage.event(RecordFinished, nth=2)
        ends = [(event.token, event.end) for event in stage.events]
        assert ends == [(1, RecordEnd.STOPPED), (2, RecordEnd.MAX_LENGTH)]

    stage.run(scene())


def test_a_path_that_cannot_be_written_fails(stage: Stage, tmp_path: Path) -> None:
    async def scene() -> None:
        alice = await stage.party("alice")
        alice.talk()
        record(stage, alice, tmp_path / "missing" / "file.wav")
        finished = await stage.event(RecordFinished)
        assert (finished.end, finished.duration_ms) == (RecordEnd.FAILED, 0)
        record(stage, alice, tmp_path / "works.wav", max_ms=100, token=2)
        finished = await stage.event(RecordFinished, nth=2)
        assert finished.end is RecordEnd.MAX_LENGTH

    stage.run(scene())


def test_a_bridged_party_is_recorded_alone(stage: Stage, tmp_path: Path, read_wav: ReadWav) -> None:
    async def scene() -> None:
        alice, bob = await stage.party("alice"), await stage.party("bob")
        alice.talk()
        bob.talk()
        stage.engine.bridge(alice.leg, bob.leg)
        await alice.until_hears("bob")
        record(stage, bob, tmp_path / "bob.wav", max_ms=400)
        finished = await stage.event(RecordFinished)
        samples = read_wav(finished.path)
        assert len(samples) == 3_200
        assert abs(_frequency(samples) - bob.frequency_hz) <= 10

    stage.run(scene())


def _frequency(samples: Samples) -> float:
    """By zero crossings, over the loud part."""
    rises = ((samples[:-1] < 0) & (samples[1:] >= 0)).nonzero()[0]
    return float((len(rises) - 1) * 8_000 / (rises[-1] - rises[0]))
