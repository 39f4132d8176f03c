"""Recordings: what is in the file, and why it ended."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.contract.media.stage import Party, Stage
from tests.contract.media.voices import Samples, amplitude_of

from callwright.kernel.ids import RoomId
from callwright.media.engine import RecordSide
from callwright.media.events import DtmfReceived, LegClosed, RecordEnd, RecordFinished

ReadWav = Callable[[str], Samples]
ReadChannels = Callable[[str], list[Samples]]


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


def converse(stage: Stage, alice: Party, bob: Party) -> None:
    alice.talk()
    bob.talk()
    stage.engine.bridge(alice.leg, bob.leg)


def test_both_sides_are_on_one_channel_or_each_on_its_own(
    stage: Stage, tmp_path: Path, read_channels: ReadChannels
) -> None:
    async def scene() -> None:
        alice, bob = await stage.party("alice"), await stage.party("bob")
        converse(stage, alice, bob)
        await alice.until_hears("bob")
        own, other = alice.frequency_hz, bob.frequency_hz
        for nth, side in enumerate((RecordSide.MIXED, RecordSide.STEREO), start=1):
            path = tmp_path / f"{side.value}.wav"
            record(stage, alice, path, max_ms=1_000, side=side, token=nth)
            finished = await stage.event(RecordFinished, nth=nth)
            assert (finished.end, finished.duration_ms) == (RecordEnd.MAX_LENGTH, 1_000)
            channels = read_channels(finished.path)
            assert all(len(channel) == 8_000 for channel in channels)
            # What the leg hears begins with the first packet after the start.
            tones = [_tones(channel[1_000:], own, other) for channel in channels]
            expected = {RecordSide.MIXED: [{own, other}], RecordSide.STEREO: [{own}, {other}]}
            assert tones == expected[side]

    stage.run(scene())


def test_the_heard_side_of_a_member_of_a_room_is_the_mix(
    stage: Stage, tmp_path: Path, read_channels: ReadChannels
) -> None:
    async def scene() -> None:
        parties = [await stage.party(name) for name in ("alice", "bob", "carol")]
        for party in parties:
            party.talk()
            stage.engine.join_room(party.leg, RoomId(1))
        alice, bob, carol = parties
        await alice.until_hears_all("bob", "carol")
        record(stage, alice, tmp_path / "room.wav", max_ms=800, side=RecordSide.STEREO)
        said, heard = read_channels((await stage.event(RecordFinished)).path)
        hz = [party.frequency_hz for party in parties]
        assert _tones(said[1_000:], *hz) == {alice.frequency_hz}
        assert _tones(heard[1_000:], *hz) == {bob.frequency_hz, carol.frequency_hz}

    stage.run(scene())


def test_what_is_said_in_a_pause_is_not_in_it_and_takes_no_time(
    stage: Stage, tmp_path: Path, read_wav: ReadWav
) -> None:
    async def scene() -> None:
        alice = await stage.party("alice")
        alice.talk()
        record(stage, alice, tmp_path / "paused.wav", max_ms=900, silence_ms=600)
        await stage.elapse(0.4)
        stage.engine.pause_record(alice.leg)
        alice.talk(amplitude=0)
        await stage.elapse(0.8)
        assert stage.events == []
        alice.talk()
        await stage.elapse(0.1)
        stage.engine.resume_record(alice.leg)
        finished = await stage.event(RecordFinished)
        assert (finished.end, finished.duration_ms) == (RecordEnd.MAX_LENGTH, 900)
        samples = read_wav(finished.path)
        assert len(samples) == 7_200
        loud = (abs(samples.astype(int)) > 1_000).reshape(-1, 80).any(axis=1)
        assert loud[10:].sum() >= len(loud[10:]) - 6, "no silence of the pause"

    stage.run(scene())


def test_a_paused_recording_can_be_stopped(stage: Stage, tmp_path: Path, read_wav: ReadWav) -> None:
    async def scene() -> None:
        alice = await stage.party("alice")
        alice.talk()
        record(stage, alice, tmp_path / "paused.wav")
        await stage.elapse(0.5)
        stage.engine.pause_record(alice.leg)
        await stage.elapse(0.5)
        stage.engine.stop_record(alice.leg)
        finished = await stage.event(RecordFinished)
        assert finished.end is RecordEnd.STOPPED
        assert finished.duration_ms == pytest.approx(500, abs=TOLERANCE_MS)
        assert len(read_wav(finished.path)) == finished.duration_ms * 8

    stage.run(scene())


def _tones(samples: Samples, *candidates: int) -> set[int]:
    return {hz for hz in candidates if amplitude_of(hz, samples) > 1_000}


def _frequency(samples: Samples) -> float:
    """By zero crossings, over the loud part."""
    rises = ((samples[:-1] < 0) & (samples[1:] >= 0)).nonzero()[0]
    return float((len(rises) - 1) * 8_000 / (rises[-1] - rises[0]))
