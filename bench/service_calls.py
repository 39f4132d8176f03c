"""Callers of a queue or a menu through a whole node, without sockets.

To be counted as `one_call.py` is, with one round and with three: callers come in rounds of a
hundred to fifty agents, so half of those of a queue wait. The difference by 200 is one call:

    valgrind --tool=cachegrind --cache-sim=no .venv/bin/python bench/service_calls.py queue

With ``--kept`` the storage worker writes to a file what a server writes, of ten callers at once.
Without valgrind it prints the CPU time of a call; the round that took least is the quietest.
"""

import argparse
import asyncio
import gc
import tempfile
import time
from collections import deque
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from math import inf
from pathlib import Path

from one_call import (
    CARRIER,
    CARRIERS,
    PHONE,
    PHONES,
    SDP,
    TURNS_MAX,
    Bench,
    Kept,
    answered,
    finished,
    value_of,
)

from callwright.operations.organisation_file import build_snapshot, read_organisation
from callwright.runtime.clock import LoopClock
from callwright.runtime.stores import WorkerQueues
from callwright.sip.registrar import Binding
from callwright.sip.uri import parse_uri
from callwright.storage.database import Database
from callwright.storage.worker import StorageWorker

ORGANISATION = Path(__file__).resolve().parent / "services.yaml"
NUMBERS = {"queue": "+14255559001", "menu": "+14255559002"}
AGENTS = 50
ROUND = 100
TOGETHER = 10
"""Callers who come, or leave, before the storage worker has its turn."""
QUIET_TURNS = 4
"""Of the loop without a message: nobody has anything left to say."""
KEYS = "0123456789"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("service", choices=NUMBERS)
    parser.add_argument("--rounds", type=int, default=10, help="of 100 calls, default %(default)s")
    parser.add_argument("--kept", action="store_true", help="write to a database")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds: at least one")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        costs_s = asyncio.run(measured(Path(folder), options.service, options.rounds, options.kept))
    mean, least = sum(costs_s) / len(costs_s), min(costs_s)
    print(f"{1e6 * mean / ROUND:.0f} µs of CPU for each call, {1e6 * least / ROUND:.0f} at best")


async def measured(folder: Path, service: str, rounds: int, is_kept: bool) -> list[float]:
    """CPU time of each round, in seconds."""
    async with AsyncExitStack() as stack:
        kept = await opened(folder / "data", stack) if is_kept else None
        bench = Bench(folder, kept)
        for agent in range(AGENTS):
            user = f"u{agent:02}"
            phone = Binding(parse_uri(f"sip:{user}@{PHONE}"), PHONES, inf, user, 1)
            bench.node.registrar.restore(user, [phone])
        await bench.node.use(build_snapshot(read_organisation(ORGANISATION), revision=1, base=None))
        gc.disable()
        callers = Callers(bench, kept, service)
        await callers.come_and_go(0)  # warms caches
        costs_s = []
        for number in range(1, rounds + 1):
            began_s = time.process_time()
            await callers.come_and_go(number * ROUND)
            costs_s.append(time.process_time() - began_s)
        await bench.tasks.close()
    return costs_s


async def opened(data: Path, stack: AsyncExitStack) -> Kept:
    database = Database.open(data)
    stack.callback(database.close)
    worker = StorageWorker(database, utc=lambda: datetime.now(UTC), new_id=str)
    stack.push_async_callback(worker.close)
    queues = WorkerQueues(worker, database, LoopClock(asyncio.get_running_loop()))
    stack.callback(queues.post)
    return Kept(worker, queues)


class Callers:
    """From the carrier; the agents' phones answer at once."""

    def __init__(self, bench: Bench, kept: Kept | None, service: str) -> None:
        self._bench = bench
        self._kept = kept
        self._service = service
        self._up: dict[int, tuple[str, str]] = {}
        """Where each caller who was answered sends requests, and To."""
        self._talking: deque[int] = deque()
        """Callers whom a phone answered."""

    async def come_and_go(self, first: int) -> None:
        """A round of calls; the first caller is number ``first``."""
        for number in range(first, first + ROUND):
            uri = f"sip:{NUMBERS[self._service]}@bench.test"
            self._ask(number, "INVITE", uri, 1, f"<{uri}>", body=SDP)
            await self._settled(number)
        if self._service == "menu":
            for leg in self._bench.audio.opened[-ROUND:]:
                self._bench.audio.press(leg, KEYS[leg % len(KEYS)])
                await self._settled(leg)
        for count in range(ROUND):
            number = self._talking.popleft()
            target, to = self._up.pop(number)
            self._ask(number, "BYE", target, 2, to)
            await self._settled(count)
        if self._bench.node.calls:
            raise RuntimeError("not every call has ended")

    async def _settled(self, number: int) -> None:
        """Everybody said what there is to say."""
        sent, quiet = self._bench.sent, 0
        for _ in range(TURNS_MAX):
            await asyncio.sleep(0)
            quiet = 0 if sent else quiet + 1
            while sent:
                self._hear(sent.popleft())
            if quiet == QUIET_TURNS:
                break
        if number % TOGETHER == TOGETHER - 1:
            self._bench.audio.deliver()
            if self._kept is not None:
                await self._kept.worker.flush()

    def _hear(self, message: str) -> None:
        if message.startswith("INVITE"):
            self._answer(message, "180 Ringing")
            self._answer(message, "200 OK", SDP)
            self._talking.append(int(value_of(message, "From").partition("+1206")[2][:7]))
        elif message.startswith("BYE"):
            self._answer(message, "200 OK")
        elif message.startswith("SIP/2.0 200") and "INVITE" in value_of(message, "CSeq"):
            number = int(value_of(message, "Call-ID").partition("@")[0])
            target, to = value_of(message, "Contact")[1:-1], value_of(message, "To")
            self._up[number] = target, to
            self._ask(number, "ACK", target, 1, to)
        elif not message.startswith(("SIP/2.0 1", "SIP/2.0 200", "ACK")):
            raise RuntimeError(f"nobody expected: {message}")

    def _ask(
        self, number: int, method: str, uri: str, cseq: int, to: str, *, body: str = ""
    ) -> None:
        branch = f"z9hG4bK{number}-{method}"
        text = (
            f"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {CARRIER};branch={branch};rport\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:+1206{number:07}@bench.test>;tag=c{number}\r\n"
            f"To: {to}\r\nCall-ID: {number}@127.0.0.1\r\nCSeq: {cseq} {method}\r\n"
            f"Contact: <sip:carrier@{CARRIER}>\r\n"
        )
        self._bench.node.receive(CARRIERS, finished(text, body))

    def _answer(self, request: str, status: str, body: str = "") -> None:
        contact = f"<sip:agent@{PHONE}>"
        self._bench.node.receive(PHONES, answered(request, status, contact, body))


if __name__ == "__main__":
    main()
