"""Taps the wire for the messages of calls, and has them written where nobody waits for a disk."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import structlog

from callwright.calls.call import Call
from callwright.calls.leg import Leg, Party
from callwright.calls.sip_leg import SipLeg
from callwright.kernel.clock import Clock
from callwright.kernel.ids import CallId
from callwright.kernel.limits.trace import (
    TRACE_BATCH_S,
    TRACE_CALL_IDS_MAX,
    TRACE_LINGER_S,
    TRACE_RETRY_S,
    TRACE_STRANGE_BYTES_MAX,
    TRACE_STRANGE_DIALOGS_MAX,
    TRACE_STRANGE_MESSAGES_MAX,
    TRACE_WAITING_BYTES_MAX,
)
from callwright.runtime.tasks import Tasks
from callwright.sip.flow import Flow
from callwright.sip.glance import call_id_of, without_secrets
from callwright.sip.session.session import InviteSession
from callwright.storage.trace import TracedMessage, TraceLink

log = structlog.get_logger("callwright.trace")

Batch = tuple[list[TraceLink], list[TracedMessage]]

_PORTION = 100
"""Messages, of some 700 octets each."""


class TraceSink(Protocol):
    """Where traced messages go; used by one thread at a time."""

    def write(self, links: Sequence[TraceLink], messages: Sequence[TracedMessage]) -> None:
        """Raises OSError; the batch is lost then."""
        ...

    def close(self) -> None: ...


class Trace:
    """Keeps the messages of dialogs that belong to a call; of others nothing.

    A message is known by its Call-ID. An INVITE waits until its dialog becomes a call's: so the
    challenge that came first is part of the ladder, and what strangers send is forgotten.
    REGISTER, OPTIONS and SUBSCRIBE are never kept.
    """

    def __init__(self, clock: Clock) -> None:
        self.lost = 0
        """Messages that were not traced because the disk was too slow, full or broken."""
        self._clock = clock
        self._links: list[TraceLink] = []
        self._seen: list[TracedMessage] = []
        self._seen_bytes = 0
        self._monotonic = clock.monotonic
        self._epoch_s = self._offset_s()
        """What makes a monotonic time one since 1970; set anew with each batch."""
        self._calls: dict[bytes, str] = {}
        """The call of a SIP Call-ID."""
        self._of_call: dict[str, list[bytes]] = {}
        self._over: deque[tuple[float, str]] = deque()
        """Calls that ended, and when they are forgotten."""
        self._strange: OrderedDict[bytes, list[TracedMessage]] = OrderedDict()
        self._strange_bytes = 0

    # -- the wire ----------------------------------------------------------------------------------

    def tapped(self, transmit: Callable[[Flow, bytes], None]) -> Callable[[Flow, bytes], None]:
        """The same way out, watched."""

        note = self.note

        def transmit_and_note(flow: Flow, data: bytes) -> None:
            note(True, flow, data)
            transmit(flow, data)

        return transmit_and_note

    def note(self, is_sent: bool, flow: Flow, data: bytes) -> None:
        """Takes a message that was received, or is sent now."""
        call_id = call_id_of(data)
        call = self._calls.get(call_id)
        if call is None:
            if call_id not in self._strange:
                if data[:7] != b"INVITE ":
                    return
                self._strange[call_id] = []
            self._put_by(TracedMessage(self._now_us(), is_sent, flow, call_id, data))
        elif self._seen_bytes >= TRACE_WAITING_BYTES_MAX:
            self.lost += 1
        else:
            at_us = int((self._monotonic() + self._epoch_s) * 1e6)
            self._seen_bytes += len(data)
            self._seen.append(TracedMessage(at_us, is_sent, flow, call_id, data, call))

    # -- what belongs together ---------------------------------------------------------------------

    def leg_joined(self, call: Call, leg: Leg) -> None:
        """A leg became part of a call, with every dialog that it has and will have."""
        if not isinstance(leg, SipLeg):
            return
        party = name_of(leg.party)
        call_id = call.id
        leg.on_session = lambda session: self._link_session(call_id, session, party)
        if hasattr(leg, "session"):  # not so where no phone could be tried
            leg.on_session(leg.session)

    def call_ended(self, call: CallId) -> None:
        self._over.append((self._clock.monotonic() + TRACE_LINGER_S, call))

    def link(self, call: str, call_id: bytes, party: str) -> None:
        """From now on, and for what was seen already, the SIP dialog is part of the call."""
        if self._calls.get(call_id) == call:
            return
        if len(self._calls) >= TRACE_CALL_IDS_MAX:
            self._forget(next(iter(self._of_call)))
        self._calls[call_id] = call
        self._of_call.setdefault(call, []).append(call_id)
        self._links.append(TraceLink(self._now_us(), call, call_id, party))
        for message in self._strange.pop(call_id, ()):
            message.call = call
            self._strange_bytes -= len(message.data)
            self._seen_bytes += len(message.data)
            self._seen.append(message)

    # -- what waits --------------------------------------------------------------------------------

    def take(self) -> Batch:
        """What came since the last time; forgets calls that were over long enough."""
        now_s = self._monotonic()
        self._epoch_s = self._offset_s()
        while self._over and self._over[0][0] <= now_s:
            self._forget(self._over.popleft()[1])
        batch = self._links, self._seen
        self._links, self._seen, self._seen_bytes = [], [], 0
        return batch

    # -- inside ------------------------------------------------------------------------------------

    def _link_session(self, call: CallId, session: InviteSession, party: str) -> None:
        self.link(call, session.request.call_id.encode("utf-8", "surrogateescape"), party)

    def _put_by(self, message: TracedMessage) -> None:
        strange = self._strange
        dialog = strange[message.sip_call_id]
        dialog.append(message)
        self._strange_bytes += len(message.data)
        if len(dialog) > TRACE_STRANGE_MESSAGES_MAX:
            self._strange_bytes -= len(dialog.pop(0).data)
        while strange and (
            len(strange) > TRACE_STRANGE_DIALOGS_MAX
            or self._strange_bytes > TRACE_STRANGE_BYTES_MAX
        ):
            _, forgotten = strange.popitem(last=False)
            self._strange_bytes -= sum(len(each.data) for each in forgotten)

    def _forget(self, call: str) -> None:
        for call_id in self._of_call.pop(call, ()):
            self._calls.pop(call_id, None)

    def _offset_s(self) -> float:
        return self._clock.utc().timestamp() - self._clock.monotonic()

    def _now_us(self) -> int:
        return int((self._monotonic() + self._epoch_s) * 1e6)


class TraceKeeper:
    """Hands what was traced to its sinks, on a thread; their trouble is told once and is no
    call's trouble."""

    def __init__(self, trace: Trace, sinks: Sequence[TraceSink], clock: Clock) -> None:
        self._trace = trace
        self._sinks = sinks
        self._clock = clock
        self._again_at_s: dict[TraceSink, float] = {}
        """Sinks that failed, and when they are tried again."""
        self._turn = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, "trace")
        """One of its own: it has its memory at hand from batch to batch."""

    def begin(self, tasks: Tasks) -> Trace | None:
        """What watches the wire from now on; None: nobody wants to know."""
        if not self._sinks:
            return None
        tasks.spawn(self.run(), "trace")
        return self._trace

    async def run(self) -> None:
        while True:
            await asyncio.sleep(TRACE_BATCH_S)
            await self.flush()

    async def flush(self) -> None:
        """Returns when everything so far is written, or was refused."""
        async with self._turn:
            batch = self._trace.take()
            if any(batch):
                loop = asyncio.get_running_loop()
                await loop.run_in_executor(self._thread, self._write, batch)

    async def close(self) -> None:
        try:
            await self.flush()
        finally:
            self._thread.shutdown()
            for sink in self._sinks:
                sink.close()

    def _write(self, batch: Batch) -> None:
        """In portions, so that what is masked, joined and summed up stays in a cache meanwhile."""
        links, messages = batch
        self._write_portion(links, messages[:_PORTION])
        for at in range(_PORTION, len(messages), _PORTION):
            self._write_portion([], messages[at : at + _PORTION])

    def _write_portion(self, links: Sequence[TraceLink], messages: Sequence[TracedMessage]) -> None:
        for message in messages:
            message.data = without_secrets(message.data)
        for sink in self._sinks:
            if self._again_at_s.get(sink, 0.0) > self._clock.monotonic():
                self._trace.lost += len(messages)
                continue
            try:
                sink.write(links, messages)
            except OSError as error:
                self._trace.lost += len(messages)
                if sink not in self._again_at_s:
                    log.error("calls are not traced", because=str(error))
                self._again_at_s[sink] = self._clock.monotonic() + TRACE_RETRY_S
            else:
                if self._again_at_s.pop(sink, None) is not None:
                    log.info("calls are traced again")


def name_of(party: Party) -> str:
    """The column of a leg in a ladder."""
    return party.user or party.gateway or party.address
