"""The pure core's surroundings: a network and a clock that are simulated, and real packets."""

from collections.abc import Coroutine
from typing import Any

from tests.contract.media.rtp_end import SimulatedEnd
from tests.contract.media.rtp_stage import RtpStage

from callwright.testing import virtual_loop
from callwright.testing.core_media import CoreMedia
from callwright.testing.network import Network


class CoreStage(RtpStage[CoreMedia]):
    """The engine's core on a perfect network."""

    engine_ip = "192.0.2.1"

    def __init__(self) -> None:
        super().__init__(first_port=20_000)

    def run(self, scene: Coroutine[Any, Any, None]) -> None:
        virtual_loop.run(self._run(scene))

    async def _run(self, scene: Coroutine[Any, Any, None]) -> None:
        network = Network()
        self._parties = network.add_host("parties", "192.0.2.2")
        self.engine = CoreMedia(network.add_host("engine", self.engine_ip))
        self.engine.on_event(self._note)
        try:
            await scene
        finally:
            self.engine.close()

    async def rtp_end(self) -> SimulatedEnd:
        return SimulatedEnd(self._parties, self.engine_ip)
