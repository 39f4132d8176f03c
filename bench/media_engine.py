"""The media engine as a process of its own, so that what it uses can be measured.

Takes one JSON object a line on stdin, answers each with one on stdout: ``{"do": NAME, ...}``, see
the functions below. Audio is handled by the engine's threads; Python sleeps meanwhile, or keeps
the interpreter busy when it is asked to.
"""

import asyncio
import gc
import json
import math
import resource
import struct
import sys
import time
from collections.abc import Callable
from typing import Any

from callwright.kernel.ids import LegId, PromptId, RoomId
from callwright.media.events import LegClosed, MediaEvent
from callwright.media.native import NativeEngine
from callwright.media.remote import AudioFormat, Codec, RemoteMedia, Sdes, Suite

LOCAL = "127.0.0.1"
EVENTS = 101
"""Payload type of keys, which every phone of today agrees to: nobody listens for tones then."""
PROMPT = PromptId(1)
BLOCKING_S = 0.1
OBJECTS = 1_000_000
"""What a full garbage collection has to look at."""
FILES_MAX = 65_536


def main() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = FILES_MAX if most == resource.RLIM_INFINITY else min(most, FILES_MAX)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))
    asyncio.run(serve())


async def serve() -> None:
    """Answers commands until stdin ends."""
    stage = Stage(NativeEngine())
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        order = json.loads(line)
        act: Callable[..., dict[str, Any]] = getattr(stage, order.pop("do"))
        print(json.dumps(act(**order)), flush=True)
    stage.engine.close()


class Stage:
    """Legs by number, each with a pair of ports of its own."""

    def __init__(self, engine: NativeEngine) -> None:
        self.engine = engine
        engine.on_event(self._heard)
        self._closed: dict[int, LegClosed] = {}
        self._ballast: list[list[int]] = []
        self._busy: asyncio.TimerHandle | None = None

    def open(self, legs: list[dict[str, Any]]) -> dict[str, Any]:
        """``legs``: number, port, peer (its port), codec, pt, clock, and keys where there are."""
        for leg in legs:
            self.engine.open_leg(LegId(leg["number"]), LOCAL, leg["port"])
            self.engine.set_remote(LegId(leg["number"]), _remote(leg))
        return {}

    def bridge(self, pairs: list[tuple[int, int]]) -> dict[str, Any]:
        for one, other in pairs:
            self.engine.bridge(LegId(one), LegId(other))
        return {}

    def mix(self, rooms: list[list[int]]) -> dict[str, Any]:
        for room, members in enumerate(rooms):
            for member in members:
                self.engine.join_room(LegId(member), RoomId(room + 1))
        return {}

    def play(self, legs: list[int]) -> dict[str, Any]:
        """One prompt for all, again and again."""
        self.engine.load_prompt(PROMPT, _tone(seconds=10))
        for leg in legs:
            self.engine.play(LegId(leg), [PROMPT], loop=True, token=leg)
        return {}

    def close(self, legs: list[int]) -> dict[str, Any]:
        for leg in legs:
            self.engine.close_leg(LegId(leg))
        return {}

    def statistics(self, legs: list[int]) -> dict[str, Any]:
        """Sums over legs."""
        read = [self.engine.statistics(LegId(leg)) for leg in legs]
        known = [counted for counted in read if counted is not None]
        return {
            "received": sum(counted.packets_received for counted in known),
            "sent": sum(counted.packets_sent for counted in known),
            "lost": sum(counted.packets_lost for counted in known),
            "rejected": sum(counted.packets_rejected for counted in known),
        }

    def keep_busy(self, busy: bool) -> dict[str, Any]:
        """Python works for 100 ms and collects all garbage, again and again; or stops that."""
        if not busy:
            if self._busy is not None:
                self._busy.cancel()
            self._busy, self._ballast = None, []
            return {}
        self._ballast = [[number] for number in range(OBJECTS)]
        self._work()
        return {}

    def _work(self) -> None:
        until = time.monotonic() + BLOCKING_S
        while time.monotonic() < until:
            pass
        gc.collect()
        self._busy = asyncio.get_running_loop().call_later(BLOCKING_S, self._work)

    def _heard(self, event: MediaEvent) -> None:
        if isinstance(event, LegClosed):
            self._closed[event.leg] = event


def _remote(leg: dict[str, Any]) -> RemoteMedia:
    keys = leg.get("keys")
    protection = None
    if keys is not None:
        suite, local, remote = keys
        protection = Sdes(Suite(suite), bytes.fromhex(local), bytes.fromhex(remote))
    return RemoteMedia(
        ip=LOCAL,
        rtp_port=leg["peer"],
        rtcp_port=leg["peer"] + 1,
        format=AudioFormat(Codec[leg["codec"]], leg["pt"], leg["clock"]),
        dtmf_payload_type=EVENTS,
        protection=protection,
    )


def _tone(seconds: int) -> bytes:
    samples = (int(8_000 * math.sin(math.tau * 440 * n / 8_000)) for n in range(8_000 * seconds))
    return struct.pack(f"<{8_000 * seconds}h", *samples)


if __name__ == "__main__":
    main()
