"""The life of a leg: ports, statistics, silence, the end."""

import socket

import pytest
from tests.contract.media.native_stage import NativeStage
from tests.contract.media.stage import Stage

from callwright.kernel.ids import LegId
from callwright.media.events import LegClosed, MediaTimeout


def test_a_port_that_somebody_else_has_is_refused(native: NativeStage) -> None:
    async def scene() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind(("127.0.0.1", 0))
            with pytest.raises(OSError, match="in use"):
                native.open_on(LegId(99), other.getsockname()[1])
        native.engine.close_leg(LegId(99))

    native.run(scene())


def test_a_port_is_free_when_the_leg_is_closed(stage: Stage) -> None:
    async def scene() -> None:
        leg, port = stage.open_leg()
        stage.engine.close_leg(leg)
        await stage.event(LegClosed)
        stage.open_on(LegId(99), port)

    stage.run(scene())


def test_silence_is_told_once_and_again_after_speech(stage: Stage) -> None:
    async def scene() -> None:
        alice = await stage.party("alice")
        stage.engine.set_media_timeout(alice.leg, 0.4)
        await stage.event(MediaTimeout)
        await stage.elapse(0.9)
        assert stage.events == [MediaTimeout(alice.leg)]
        await alice.talk_for(0.6)
        assert len(stage.events) == 1
        await stage.event(MediaTimeout, nth=2)

    stage.run(scene())


def test_a_timeout_can_be_switched_off(stage: Stage) -> None:
    async def scene() -> None:
        alice, bob = await stage.party("alice"), await stage.party("bob")
        stage.engine.set_media_timeout(alice.leg, 0.2)
        stage.engine.set_media_timeout(alice.leg, 0)
        stage.engine.set_media_timeout(bob.leg, 0.5)
        await stage.event(MediaTimeout)
        assert stage.events == [MediaTimeout(bob.leg)]

    stage.run(scene())


def test_statistics_count_both_ways(stage: Stage) -> None:
    async def scene() -> None:
        alice, bob = await stage.party("alice"), await stage.party("bob")
        stage.engine.bridge(alice.leg, bob.leg)
        await alice.talk_for(0.5)
        await stage.elapse(0.25)
        said, heard = stage.engine.statistics(alice.leg), stage.engine.statistics(bob.leg)
        assert said is not None
        assert heard is not None
        assert said.packets_received == heard.packets_sent == pytest.approx(25, abs=2)
        assert said.bytes_received == heard.bytes_sent == said.packets_received * 160
        assert (said.packets_sent, said.packets_lost, said.packets_rejected) == (0, 0, 0)
        assert said.jitter_ms is not None
        assert said.jitter_ms < 100
        assert heard.jitter_ms is None
        assert heard.round_trip_ms is None

    stage.run(scene())


def test_the_last_event_carries_the_statistics(stage: Stage) -> None:
    async def scene() -> None:
        alice = await stage.party("alice")
        await alice.talk_for(0.3)
        stage.engine.close_leg(alice.leg)
        assert stage.engine.statistics(alice.leg) is None
        closed: LegClosed = await stage.event(LegClosed)
        assert closed.leg == alice.leg
        assert closed.statistics.packets_received == pytest.approx(15, abs=2)
        stage.engine.close_leg(alice.leg)
        assert stage.events == [closed]

    stage.run(scene())


def test_closing_the_engine_closes_every_leg(stage: Stage) -> None:
    async def scene() -> None:
        parties = [await stage.party(name) for name in ("alice", "bob", "carol")]
        stage.engine.tone(parties[0].leg, 440, 0, 1)
        stage.engine.bridge(parties[1].leg, parties[2].leg)
        stage.engine.close()
        assert {event.leg for event in stage.events} == {party.leg for party in parties}
        assert all(isinstance(event, LegClosed) for event in stage.events)

    stage.run(scene())


def test_both_ports_are_bound_or_none(native: NativeStage) -> None:
    async def scene() -> None:
        leg, port = native.open_leg()
        native.engine.close_leg(leg)
        await native.event(LegClosed)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind(("127.0.0.1", port + 1))
            with pytest.raises(OSError, match="in use") as refused:
                native.engine.open_leg(LegId(98), "127.0.0.1", port)
            assert refused.value.errno == 98
        native.engine.open_leg(LegId(99), "127.0.0.1", port)

    native.run(scene())
