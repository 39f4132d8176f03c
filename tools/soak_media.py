"""Calls through the media engine for an hour, while its memory must stay as it is.

    soak_media.py --minutes 60             the engine with its threads and sockets, on loopback
    soak_media.py --minutes 60 --virtual   its core alone, in virtual time, on a lossy network

Hundreds of calls are alive at any time, thousands end each minute; in each call what is said is
heard. Every round ends in an ebb: all calls end, and what is used then is compared. `make
soak-media` runs it. Exit status 1: something did not hold.
"""

import argparse
import asyncio
import gc
import os
import random
import socket
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import soak_media_gauges as gauges
from callwright.media.native import NativeEngine
from callwright.testing import virtual_loop
from callwright.testing.core_media import CoreMedia
from callwright.testing.network import Conditions, Network, Passage, Recorder
from soak_media_calls import KINDS, one_call
from soak_media_gauges import Slope, Use
from soak_media_phones import Exchange, Switchboard, until

SAMPLE_S = 10
RSS_KB_PER_MINUTE_MAX = 100
"""A megabyte in ten minutes."""
HEAP_BYTES_PER_CALL_MAX = 40
"""At ebbs. The least that a call can lose is an allocation, which has 32 octets."""
THREADS_MAX = 16
FAILURES_SHOWN_MAX = 20
ENGINE_PORTS, PHONE_PORTS = range(10_000, 16_000), range(16_000, 32_000)
SHARED_PORT = 9_900
STRANGER = "127.0.0.2"
STRANGER_PAUSE_S = 0.02
LOSSY = Conditions(delay_s=0.01, jitter_s=0.005, loss=0.002, duplication=0.001)
DAY_S = 86_400.0


class Forgetful(Recorder):
    """An hour of packets is too much to keep."""

    def add(self, passage: Passage) -> None:
        pass


@dataclass(slots=True)
class Soak:
    """One run, and what was seen in it."""

    exchange: Exchange
    options: argparse.Namespace
    began_s: float
    flood: list[Use] = field(default_factory=list)
    """Each ten seconds."""
    ebbs: list[Use] = field(default_factory=list)
    """Without a call."""
    failures: list[str] = field(default_factory=list)
    calls: int = 0

    def now_s(self) -> float:
        return asyncio.get_running_loop().time() - self.began_s

    def look(self) -> Use:
        legs = len(self.exchange.engine.lines) + len(self.exchange.phones.lines)
        return gauges.look(self.now_s(), legs, self.calls)

    async def run(self) -> None:
        """Rounds of calls, an ebb after each."""
        ends_s = self.options.minutes * 60
        while self.now_s() < ends_s:
            until_s = min(self.now_s() + self.options.round_s, ends_s)
            async with asyncio.TaskGroup() as tasks:
                sampling = tasks.create_task(self._sample())
                stranger = tasks.create_task(self._stray(until_s))
                places = [
                    tasks.create_task(self._calls(until_s)) for _ in range(self.options.alive)
                ]
                await asyncio.wait(places)
                await stranger
                sampling.cancel()
            await self._ebb()

    async def _calls(self, until_s: float) -> None:
        """One after the other."""
        await asyncio.sleep(self.exchange.random.uniform(0, 3))
        while self.now_s() < until_s:
            failure = await one_call(self.exchange, self.options.kind)
            self.calls += 1
            if failure:
                self.failures.append(failure)
                if len(self.failures) <= FAILURES_SHOWN_MAX:
                    print(f"\n{self.now_s():.0f} s: {failure}", flush=True)

    async def _sample(self) -> None:
        while True:
            await asyncio.sleep(SAMPLE_S)
            self.flood.append(self.look())
            self._tell(self.flood[-1], "")

    async def _ebb(self) -> None:
        """What is used when nothing happens."""
        for board in (self.exchange.engine, self.exchange.phones):
            await until(lambda board=board: not board.lines, "the last leg is closed")  # type: ignore[misc]
        await asyncio.sleep(1)
        gc.collect()
        gauges.give_back()
        self.ebbs.append(self.look())
        self._tell(self.ebbs[-1], "  (ebb)")

    async def _stray(self, until_s: float) -> None:
        """A stranger's packets at ports that are open: short, long, with headers that are right."""
        if self.options.virtual:
            return
        dice, lines = self.exchange.random, self.exchange.engine.lines
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.bind((STRANGER, 0))
            stranger.setblocking(False)
            while self.now_s() < until_s:
                await asyncio.sleep(STRANGER_PAUSE_S)
                if not lines:
                    continue
                port = dice.choice(list(lines.values())).port + dice.randrange(2)
                first = dice.choice((0x00, 0x14, 0x16, 0x80, 0x90, 0xFF))
                packet = bytes([first]) + dice.randbytes(dice.choice((0, 11, 27, 171, 1_200)))
                with suppress(OSError):
                    stranger.sendto(packet, ("127.0.0.1", port))
                self.exchange.counted["packets of a stranger"] += 1

    def _tell(self, use: Use, note: str) -> None:
        heap = "" if use.heap_kb is None else f"  heap {use.heap_kb / 1_024:7.2f} MB"
        print(
            f"{use.at_s / 60:6.2f} min {use.calls:8} calls {use.legs:5} legs"
            f"  rss {use.rss_kb / 1_024:7.2f} MB{heap}  {use.threads} threads"
            f" {use.descriptors:4} descriptors  {len(self.failures)} failed{note}",
            flush=True,
        )

    # -- what it means -----------------------------------------------------------------------------

    def findings(self) -> list[str]:
        """What did not hold; empty: all did."""
        found = []
        engine, phones = self.exchange.engine, self.exchange.phones
        if self.failures:
            found.append(f"{len(self.failures)} calls in which something was not heard")
        if engine.handshakes_failed + phones.handshakes_failed:
            found.append("handshakes failed")
        for board in (engine, phones):
            if board.opened != board.closed:
                found.append(f"{board.opened} legs opened, {board.closed} closed")
        found += [*self._of_memory(), *self._of_descriptors()]
        return found

    def _of_memory(self) -> list[str]:
        found = []
        rss = self.rss_slope()
        if rss is not None and rss.is_above(RSS_KB_PER_MINUTE_MAX):
            found.append(f"memory grows by {rss.per_x:.0f} kB a minute")
        heap = self.heap_slope()
        if heap is not None and heap.is_above(HEAP_BYTES_PER_CALL_MAX):
            found.append(f"each call leaves {heap.per_x:.0f} octets behind")
        return found

    def _of_descriptors(self) -> list[str]:
        counts = {ebb.descriptors for ebb in self.ebbs}
        found = [f"descriptors without a call: {sorted(counts)}"] if len(counts) > 1 else []
        most = max(use.threads for use in (*self.flood, *self.ebbs))
        return [*found, f"{most} threads"] if most > THREADS_MAX else found

    def rss_slope(self) -> Slope | None:
        """In kB a minute, after the warm-up; ebbs are no part of it."""
        warm = [use for use in self.flood if use.at_s > self.options.warm_up_s]
        return Slope.of([use.at_s / 60 for use in warm], [float(use.rss_kb) for use in warm])

    def heap_slope(self) -> Slope | None:
        """In octets a call, at the ebbs after the warm-up."""
        warm = [use for use in self.ebbs if use.at_s > self.options.warm_up_s]
        known = [(use.calls, use.heap_kb * 1_024) for use in warm if use.heap_kb is not None]
        return Slope.of([float(calls) for calls, _ in known], [float(heap) for _, heap in known])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--alive", type=int, help="calls at a time (100; virtual: 30)")
    parser.add_argument("--round-s", type=float, default=60.0, help="between two ebbs")
    parser.add_argument("--warm-up-s", type=float, help="is not looked at (a fifth, 150 at least)")
    parser.add_argument("--kind", choices=sorted(KINDS), help="calls of this kind only")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--virtual", action="store_true", help="the core alone, in virtual time")
    options = parser.parse_args()
    if options.warm_up_s is None:
        options.warm_up_s = max(150.0, options.minutes * 12)
    options.alive = options.alive or (30 if options.virtual else 100)
    before = gauges.look(0, 0, 0)
    text, found = played(options)
    gc.collect()
    after = gauges.look(0, 0, 0)
    print("\n" + text)
    threads, descriptors = after.threads - before.threads, after.descriptors - before.descriptors
    if threads > 0 or descriptors > 0:
        found.append(f"closed engines leave {threads} threads and {descriptors} descriptors")
    for finding in found:
        print(f"DOES NOT HOLD: {finding}")
    if not found:
        print("flat: memory, threads, descriptors; every call was heard")
    return 1 if found else 0


def played(options: argparse.Namespace) -> tuple[str, list[str]]:
    """What was counted, and what did not hold; the engines are gone."""
    began_s = time.monotonic()
    soak = run_virtual(options) if options.virtual else run_real(options)
    return table(soak, time.monotonic() - began_s), soak.findings()


def run_real(options: argparse.Namespace) -> Soak:
    async def scene() -> Soak:
        engine, phones = NativeEngine(), NativeEngine()
        ips = ("127.0.0.1", "::1") if has_ipv6() else ("127.0.0.1",)
        shared = dict.fromkeys(ips, SHARED_PORT)
        try:
            return await play(
                options,
                Switchboard(engine, ips, ENGINE_PORTS),
                Switchboard(phones, ips, PHONE_PORTS),
                shared,
            )
        finally:
            engine.close()
            phones.close()

    return asyncio.run(scene())


def run_virtual(options: argparse.Namespace) -> Soak:
    async def scene() -> Soak:
        network = Network(LOSSY)
        network.recorder = Forgetful()
        engine = CoreMedia(network.add_host("engine", "192.0.2.1"))
        phones = CoreMedia(network.add_host("phones", "192.0.2.2"))
        try:
            return await play(
                options,
                Switchboard(engine, ("192.0.2.1",), ENGINE_PORTS),
                Switchboard(phones, ("192.0.2.2",), PHONE_PORTS),
                {"192.0.2.1": SHARED_PORT},
            )
        finally:
            engine.close()
            phones.close()

    return virtual_loop.run(scene(), seed=options.seed, limit_s=DAY_S)


async def play(
    options: argparse.Namespace, engine: Switchboard, phones: Switchboard, shared: dict[str, int]
) -> Soak:
    with tempfile.TemporaryDirectory(prefix="soak-media-", dir=memory_disk()) as directory:
        dice = random.Random(options.seed)
        exchange = Exchange(engine, phones, Path(directory), dice, shared_ports=shared)
        soak = Soak(exchange, options, asyncio.get_running_loop().time())
        await soak.run()
        left = sorted(os.listdir(directory))
        if left:
            soak.failures.append(f"files left behind: {left[:5]}")
        return soak


def memory_disk() -> str | None:
    """Recordings are read while they are written: a slow disk would be heard."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def table(soak: Soak, took_s: float) -> str:
    lines = [f"{count:>9} {name}" for name, count in sorted(soak.exchange.counted.items())]
    engine, phones = soak.exchange.engine, soak.exchange.phones
    lines.append(f"{engine.opened + phones.opened:>9} legs")
    minutes = soak.ebbs[-1].at_s / 60
    lines.append(f"{soak.calls} calls, {soak.calls / minutes:.0f} a minute, {minutes:.1f} min")
    lines.append(f"{took_s / 60:.1f} min on the wall, {time.process_time():.0f} s of CPU")
    ebb = soak.ebbs[-1]
    most = max(use.legs for use in soak.flood) if soak.flood else 0
    lines.append(f"{most} legs at most, {ebb.rss_kb / 1_024:.1f} MB without a call")
    if rss := soak.rss_slope():
        lines.append(f"memory: {rss.per_x:+.1f} ± {rss.error:.1f} kB a minute")
    if heap := soak.heap_slope():
        lines.append(f"heap: {heap.per_x:+.2f} ± {heap.error:.2f} octets a call, at ebbs")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
