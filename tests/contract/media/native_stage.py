"""The native engine's surroundings: real sockets on 127.0.0.1."""

import asyncio
import os
from collections.abc import Coroutine
from typing import Any

from tests.contract.media.rtp_end import UdpEnd
from tests.contract.media.rtp_stage import RtpStage

from callwright.media.native import NativeEngine


class NativeStage(RtpStage[NativeEngine]):
    """The native engine with its threads."""

    engine_ip = "127.0.0.1"

    def __init__(self) -> None:
        super().__init__(first_port=20_000 + os.getpid() % 400 * 100)
        self._ends: list[UdpEnd] = []

    def run(self, scene: Coroutine[Any, Any, None]) -> None:
        asyncio.run(self._run(scene))

    async def _run(self, scene: Coroutine[Any, Any, None]) -> None:
        self.engine = NativeEngine()
        self.engine.on_event(self._note)
        try:
            await scene
        finally:
            self.engine.close()
            for end in self._ends:
                end.transport.close()

    async def rtp_end(self) -> UdpEnd:
        return await self.udp_end()

    async def udp_end(self, ip: str = "127.0.0.1", port: int = 0) -> UdpEnd:
        """A port of the world outside, closed with the stage."""
        self._ends.append(await UdpEnd.open(ip, port))
        return self._ends[-1]
