"""The engine's core on a simulated host: ports, time, handshakes."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from callwright.kernel.ids import LegId
from callwright.media.events import LegClosed, MediaEvent, Protected, ProtectionChanged
from callwright.media.remote import AudioFormat, Codec, Dtls, RemoteMedia
from callwright.testing import virtual_loop
from callwright.testing.core_media import CoreMedia
from callwright.testing.network import Conditions, Network
from callwright.testing.virtual_loop import running_loop

ONE, OTHER = LegId(1), LegId(2)
PORT = 20_000


class Scene:
    """Two engines on two hosts of one network."""

    def __init__(self, conditions: Conditions | None = None) -> None:
        self.network = Network(conditions or Conditions())
        self.events: dict[str, list[MediaEvent]] = {"here": [], "there": []}
        self.here, self.there = self._engine("here", 1), self._engine("there", 2)

    def _engine(self, name: str, number: int) -> CoreMedia:
        engine = CoreMedia(self.network.add_host(name, f"192.0.2.{number}"))
        engine.on_event(self.events[name].append)
        return engine


def run(scene: Coroutine[Any, Any, None]) -> None:
    virtual_loop.run(scene)


def test_a_port_that_somebody_else_has_is_refused_and_leaves_nothing() -> None:
    async def scene() -> None:
        engine = Scene().here
        other = engine.host.bind(PORT + 1, lambda source, data: None)
        with pytest.raises(OSError, match="in use"):
            engine.open_leg(ONE, engine.host.ip, PORT)
        other.close()
        engine.open_leg(ONE, engine.host.ip, PORT)
        with pytest.raises(OSError, match="exists"):
            engine.open_leg(ONE, engine.host.ip, PORT + 2)
        assert set(engine.host.sockets) == {PORT, PORT + 1}

    run(scene())


def test_legs_share_a_pair_of_ports_until_the_last_one_leaves() -> None:
    async def scene() -> None:
        at = Scene()
        engine = at.here
        for leg in (ONE, OTHER):
            engine.open_leg(leg, engine.host.ip, PORT)
        assert engine.open_legs == {ONE: PORT, OTHER: PORT}
        engine.close_leg(ONE)
        assert PORT in engine.host.sockets
        engine.close_leg(OTHER)
        assert not engine.host.sockets
        await asyncio.sleep(0)
        closed = [event.leg for event in at.events["here"] if isinstance(event, LegClosed)]
        assert closed == [ONE, OTHER]

    run(scene())


def test_time_is_passed_only_while_there_are_legs() -> None:
    async def scene() -> None:
        engine = Scene().here
        assert running_loop().timers() == []
        engine.open_leg(ONE, engine.host.ip, PORT)
        await asyncio.sleep(0.105)
        assert len(running_loop().timers()) == 1
        engine.close_leg(ONE)
        await asyncio.sleep(0.05)
        assert running_loop().timers() == []

    run(scene())


@pytest.mark.parametrize("loss", [0.0, 0.3])
def test_two_engines_agree_on_keys_by_a_handshake_in_virtual_time(loss: float) -> None:
    async def scene() -> None:
        at = Scene(Conditions(delay_s=0.04, loss=loss))
        engines = (at.here, at.there)
        for engine, peer in (engines, engines[::-1]):
            engine.open_leg(ONE, engine.host.ip, PORT)
            protection = Dtls(engine is at.here, peer.fingerprint)
            format_ = AudioFormat(Codec.G722, 9)
            engine.set_remote(
                ONE,
                RemoteMedia(peer.host.ip, PORT, PORT, format_, 101, rtcp_mux=True,
                            protection=protection),
            )  # fmt: skip
            engine.tone(ONE, 440, 0, 1)
        await asyncio.sleep(20)
        for name, engine in zip(at.events, engines, strict=True):
            assert at.events[name] == [ProtectionChanged(ONE, Protected.ESTABLISHED)]
            counted = engine.statistics(ONE)
            assert counted is not None
            assert counted.packets_received > 300
            assert counted.packets_rejected == 0

    run(scene())
