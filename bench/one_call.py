"""One call with digest after the other through a whole node, without sockets and database.

What a call costs does not depend on what else the machine does if instructions are counted:

    valgrind --tool=cachegrind --cache-sim=no .venv/bin/python bench/one_call.py --calls 240

once with 40 calls and once with 240; the difference by 200 is one call, with the phone and the
carrier of this file (a tenth of it). Without valgrind it prints the CPU time of a call.

A server that waits for messages finds its caches taken by others when one comes, and then pays for
each line of 64 octets that it looks at, not for instructions. ``--cold`` looks through more than a
cache holds before each call, so that with

    --cache-sim=yes --I1=32768,8,64 --D1=32768,8,64 --LL=1048576,8,64

the misses of the last level, ILmr + DLmr + DLmw less the 1,064,960 of that look, are the lines of a
call.
"""

import argparse
import asyncio
import atexit
import gc
import hashlib
import re
import tempfile
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from callwright.calls.ports import RtpPorts
from callwright.kernel.addresses import HostPort
from callwright.kernel.ids import LegId
from callwright.kernel.prompt import Prompt
from callwright.media import _native
from callwright.media.events import DtmfReceived, MediaEvent
from callwright.media.library import LoadedPrompt, Progress, unseen
from callwright.media.native_commands import NativeCommands
from callwright.operations.organisation_file import build_snapshot, read_organisation
from callwright.runtime.clock import LoopClock
from callwright.runtime.identifiers import new_call_id, new_token
from callwright.runtime.node import Node
from callwright.runtime.stores import WorkerQueues
from callwright.runtime.surroundings import Surroundings
from callwright.runtime.tasks import Tasks
from callwright.runtime.trace import Trace, TraceKeeper
from callwright.sip.flow import Flow
from callwright.storage.trace import TraceWriter
from callwright.storage.worker import StorageWorker
from callwright.testing.queue_stores import QueueStores
from callwright.testing.stores import (
    MemoryCallbacks,
    MemoryJournal,
    MemoryMailboxes,
    MemoryPostbox,
    MemoryRegistrations,
    MemoryWallet,
)

ORGANISATION = Path(__file__).resolve().parent / "organisation.yaml"
WARM_CALLS = 20
TRACE_EVERY_CALLS = 75
"""As many as a quarter of a second brings at 300 calls a second."""
FOREIGN = b"*" * (64 << 20)
"""More than caches hold; looked at a line at a time."""
LINE_OCTETS = 64
EVENTS_MAX = 256
TURNS_MAX = 1_000
"""Of the loop, until an answer is there: none is waited for in time."""
SERVER, PHONE, CARRIER = (HostPort("127.0.0.1", port) for port in (15_060, 15_070, 15_080))
PHONES, CARRIERS = Flow("udp", SERVER, PHONE), Flow("udp", SERVER, CARRIER)
SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 29998 RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\n"
    "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--calls", type=int, default=1_000, help="default %(default)s")
    parser.add_argument("--cold", action="store_true", help="with caches that hold nothing of it")
    options = parser.parse_args()
    atexit.register(gc.freeze)  # a collection at the end would count as calls
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        spent_s = asyncio.run(measured(Path(folder), options.calls, options.cold))
    print(f"{1e6 * spent_s / options.calls:.0f} µs of CPU for each of {options.calls} calls")


async def measured(folder: Path, calls: int, is_cold: bool) -> float:
    """CPU time in seconds, that of making caches cold left out."""
    bench = Bench(folder)
    await bench.node.use(build_snapshot(read_organisation(ORGANISATION), revision=1, base=None))
    gc.disable()
    for number in range(WARM_CALLS):
        await bench.call(number)
    spent_s = 0.0
    for number in range(calls):
        if is_cold:
            FOREIGN[::LINE_OCTETS]
        began_s = time.process_time()
        await bench.call(WARM_CALLS + number)
        spent_s += time.process_time() - began_s
    if len(bench.journal.records) != WARM_CALLS + calls:
        raise RuntimeError("not every call has its record")
    await bench.tasks.close()
    return spent_s


class Audio(NativeCommands):
    """The engine's core; its events come when somebody asks."""

    def __init__(self) -> None:
        super().__init__(_native.Core(1, 0))
        self.opened: list[LegId] = []
        """All legs there ever were."""
        self._listener: Callable[[MediaEvent], None] = lambda event: None

    def on_event(self, listener: Callable[[MediaEvent], None]) -> None:
        self._listener = listener

    def open_leg(self, leg: LegId, local_ip: str, rtp_port: int) -> None:
        self.opened.append(leg)
        super().open_leg(leg, local_ip, rtp_port)

    def press(self, leg: LegId, key: str) -> None:
        self._listener(DtmfReceived(leg, key))

    def deliver(self) -> None:
        for event in self._take_events(EVENTS_MAX):
            self._listener(event)

    def close(self) -> None:
        """There is no thread to end."""


class NoPrompts:
    """Nobody hears one (``PromptLibrary``)."""

    async def prepare(
        self,
        prompts: frozenset[Prompt],
        *,
        later: frozenset[Prompt] = frozenset(),
        progress: Progress = unseen,
    ) -> None:
        pass

    def get(self, prompt: Prompt) -> LoadedPrompt | None:
        return None

    async def fetch(self, prompt: Prompt) -> LoadedPrompt | None:
        return None


@dataclass(frozen=True, slots=True)
class Kept:
    """What a server writes of its calls, and where."""

    worker: StorageWorker
    queues: WorkerQueues


class Bench:
    """A node, and both ends of its calls."""

    def __init__(self, folder: Path, kept: Kept | None = None) -> None:
        """``kept``: a database has the journal and who waits; None: memory has them."""
        clock = LoopClock(asyncio.get_running_loop())
        self.journal = MemoryJournal()
        self.tasks = Tasks(_fail)
        self.audio = Audio()
        self.sent: deque[str] = deque()
        self._trace = Trace(clock)
        self._keeper = TraceKeeper(self._trace, [TraceWriter(folder / "trace")], clock)
        self.node = Node(
            Surroundings(
                clock=clock,
                tasks=self.tasks,
                transmit=lambda flow, data: self.sent.append(data.decode()),
                flow_to=lambda transport, remote, server_name=None: CARRIERS,
                new_token=new_token,
                new_call_id=new_call_id,
                digest_secret=bytes(32),
                engine=self.audio,
                prompts=NoPrompts(),
                rtp_ports=RtpPorts(20_000, 29_999),
                media_bind_ips=(SERVER.host,),
                wallet=MemoryWallet(None),
                journal=self.journal if kept is None else kept.worker,
                mailboxes=MemoryMailboxes(folder),
                registrations=MemoryRegistrations(),
                postbox=MemoryPostbox(),
                callbacks=MemoryCallbacks(),
                queue_store=QueueStores(folder) if kept is None else kept.queues,
                trace=self._trace,
            )
        )

    async def call(self, number: int) -> None:
        """INVITE, 401, proof, the carrier rings and answers, BYE: 16 messages."""
        uri = f"sip:+1206{number % 100:07}@bench.test"
        self._ask(number, "INVITE", uri, 1, f"<{uri}>", body=SDP)
        challenge = await self._next("SIP/2.0 401")
        self._ask(number, "ACK", uri, 1, value_of(challenge, "To"))
        proof = _proof(number, uri, challenge)
        self._ask(number, "INVITE", uri, 2, f"<{uri}>", more=proof, body=SDP)
        await self._next("SIP/2.0 100")
        invite = await self._next("INVITE")
        self._answer(invite, "180 Ringing")
        await self._next("SIP/2.0 180")
        self._answer(invite, "200 OK", SDP)
        await self._next("ACK")
        answer = await self._next("SIP/2.0 200")
        target, to = value_of(answer, "Contact")[1:-1], value_of(answer, "To")
        self._ask(number, "ACK", target, 2, to)
        self._ask(number, "BYE", target, 3, to)
        await self._next("SIP/2.0 200")
        self._answer(await self._next("BYE"), "200 OK")
        for _ in range(TURNS_MAX):
            if not self.node.calls:
                break
            await asyncio.sleep(0)
        self.audio.deliver()
        if number % TRACE_EVERY_CALLS == 0:
            await self._keeper.flush()

    def _ask(
        self,
        number: int,
        method: str,
        uri: str,
        cseq: int,
        to: str,
        *,
        more: str = "",
        body: str = "",
    ) -> None:
        branch = f"{number}-{cseq}" + ("a" if method == "ACK" and cseq > 1 else "")
        text = (
            f"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {PHONE};branch=z9hG4bK{branch};rport\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:u{number % 20:02}@bench.test>;tag=c{number}\r\n"
            f"To: {to}\r\nCall-ID: {number}@127.0.0.1\r\nCSeq: {cseq} {method}\r\n"
            f"Contact: <sip:carrier@{PHONE}>\r\n{more}"
        )
        self.node.receive(PHONES, finished(text, body))

    def _answer(self, request: str, status: str, body: str = "") -> None:
        contact = f"<sip:carrier@{CARRIER}>"
        self.node.receive(CARRIERS, answered(request, status, contact, body))

    async def _next(self, start: str) -> str:
        for _ in range(TURNS_MAX):
            if self.sent:
                break
            await asyncio.sleep(0)
        message = self.sent.popleft() if self.sent else "nothing"
        if not message.startswith(start):
            raise RuntimeError(f"{start} was expected, and came: {message}")
        return message


def value_of(message: str, name: str) -> str:
    return message.partition(f"\r\n{name}: ")[2].partition("\r\n")[0]


def answered(request: str, status: str, contact: str, body: str) -> bytes:
    """The far end's response."""
    named = {name: value_of(request, name) for name in ("Via", "From", "To", "Call-ID", "CSeq")}
    if ";tag=" not in named["To"]:
        named["To"] += ";tag=p"
    lines = "".join([f"{name}: {value}\r\n" for name, value in named.items()])
    return finished(f"SIP/2.0 {status}\r\n{lines}Contact: {contact}\r\n", body)


def finished(text: str, body: str) -> bytes:
    kind = "Content-Type: application/sdp\r\n" if body else ""
    return f"{text}{kind}Content-Length: {len(body)}\r\n\r\n{body}".encode()


def _proof(number: int, uri: str, challenge: str) -> str:
    nonces = re.findall(r'nonce="([^"]+)"', challenge)
    user = f"u{number % 20:02}"
    owner = _md5(f"{user}:bench.test:bench-secret-{number % 20:02}")
    act = _md5(f"INVITE:{uri}")
    response = _md5(f"{owner}:{nonces[0]}:00000001:c0ffee:auth:{act}")
    return (
        f'Authorization: Digest username="{user}", realm="bench.test", nonce="{nonces[0]}", '
        f'uri="{uri}", response="{response}", algorithm=MD5, qop=auth, nc=00000001, '
        'cnonce="c0ffee"\r\n'
    )


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _fail(name: str, error: BaseException) -> None:
    raise RuntimeError(f"a defect ended {name}") from error


if __name__ == "__main__":
    main()
