"""What of the wire is kept, and that a disk in trouble is nobody else's trouble."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
import structlog
from structlog.testing import capture_logs

from callwright.kernel.addresses import HostPort
from callwright.kernel.clock import Timer
from callwright.kernel.ids import CallId
from callwright.kernel.limits.trace import (
    TRACE_LINGER_S,
    TRACE_RETRY_S,
    TRACE_STRANGE_DIALOGS_MAX,
    TRACE_WAITING_BYTES_MAX,
)
from callwright.runtime.trace import Trace, TraceKeeper
from callwright.sip.flow import Flow
from callwright.storage.trace import TracedMessage, TraceLink

FLOW = Flow("udp", HostPort("192.0.2.1", 5060), HostPort("10.0.0.1", 5062))
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


class Hours:
    """A clock that a test moves (``Clock``)."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def monotonic(self) -> float:
        return self.now_s

    def utc(self) -> datetime:
        return NOON + timedelta(seconds=self.now_s - 1_000.0)

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Timer:
        raise NotImplementedError


class Disk:
    """Notes what it is given, or refuses it (``TraceSink``)."""

    def __init__(self) -> None:
        self.is_full = False
        self.data: list[bytes] = []
        self.links: list[str] = []
        self.is_closed = False

    def write(self, links: Sequence[TraceLink], messages: Sequence[TracedMessage]) -> None:
        if self.is_full:
            raise OSError(28, "No space left on device")
        self.data += [message.data for message in messages]
        self.links += [link.call for link in links]

    def close(self) -> None:
        self.is_closed = True


def text(start: str, call_id: str) -> bytes:
    return f"{start}\r\nCall-ID: {call_id}\r\n\r\n".encode()


def invite(call_id: str) -> bytes:
    return text("INVITE sip:bob@x SIP/2.0", call_id)


def labels(trace: Trace) -> list[tuple[str, str]]:
    return [(message.data.split(b" ")[0].decode(), message.call) for message in trace.take()[1]]


def test_the_challenge_before_a_call_belongs_to_it() -> None:
    trace = Trace(Hours())
    trace.note(False, FLOW, invite("a"))
    trace.note(True, FLOW, text("SIP/2.0 401 Unauthorized", "a"))
    assert trace.take() == ([], [])
    trace.note(False, FLOW, invite("a"))
    trace.link("call_1", b"a", "alice")
    trace.note(True, FLOW, text("SIP/2.0 200 OK", "a"))
    links, messages = trace.take()
    assert [(link.call, link.sip_call_id, link.party) for link in links] == [
        ("call_1", b"a", "alice")
    ]
    assert [message.is_sent for message in messages] == [False, True, False, True]
    assert {message.call for message in messages} == {"call_1"}
    assert messages[0].at_us == int(NOON.timestamp() * 1e6)


@pytest.mark.parametrize("method", ["REGISTER", "OPTIONS", "SUBSCRIBE", "MESSAGE", "NOTIFY"])
def test_what_is_no_call_is_not_kept(method: str) -> None:
    trace = Trace(Hours())
    trace.note(False, FLOW, text(f"{method} sip:x SIP/2.0", "r"))
    trace.note(True, FLOW, text("SIP/2.0 200 OK", "r"))
    trace.link("call_1", b"r", "alice")
    assert labels(trace) == []


def test_strangers_are_forgotten_and_reach_no_disk() -> None:
    trace = Trace(Hours())
    for number in range(TRACE_STRANGE_DIALOGS_MAX + 10):
        trace.note(False, FLOW, invite(f"s{number}"))
    trace.link("call_old", b"s0", "x")
    assert labels(trace) == [], "the oldest had to go"
    trace.link("call_new", b"s20", "x")
    assert labels(trace) == [("INVITE", "call_new")]


def test_a_stranger_with_long_messages_takes_no_more_room() -> None:
    trace = Trace(Hours())
    for number in range(500):
        trace.note(False, FLOW, invite(f"s{number}") + b"x" * 60_000)
    trace.link("call_old", b"s0", "x")
    trace.link("call_new", b"s499", "x")
    assert labels(trace) == [("INVITE", "call_new")]


def test_one_strange_dialog_may_not_grow_for_ever() -> None:
    trace = Trace(Hours())
    for _ in range(1_000):
        trace.note(False, FLOW, invite("s"))
    trace.link("call_1", b"s", "x")
    assert 1 <= len(labels(trace)) < 100


def test_a_call_that_is_over_is_followed_a_little_longer() -> None:
    clock = Hours()
    trace = Trace(clock)
    trace.note(False, FLOW, invite("a"))
    trace.link("call_1", b"a", "alice")
    trace.call_ended(CallId("call_1"))
    clock.now_s += TRACE_LINGER_S - 1
    trace.note(True, FLOW, text("SIP/2.0 200 OK", "a"))
    assert labels(trace) == [("INVITE", "call_1"), ("SIP/2.0", "call_1")]
    clock.now_s += 2
    trace.take()
    trace.note(True, FLOW, text("SIP/2.0 200 OK", "a"))
    assert labels(trace) == []


def test_what_a_slow_disk_cannot_take_is_counted() -> None:
    trace = Trace(Hours())
    trace.note(False, FLOW, invite("a"))
    trace.link("call_1", b"a", "alice")
    long = text("INFO sip:x SIP/2.0", "a") + b"x" * 60_000
    wanted = TRACE_WAITING_BYTES_MAX // len(long) + 10
    for _ in range(wanted):
        trace.note(False, FLOW, long)
    _, messages = trace.take()
    assert sum(len(message.data) for message in messages) < TRACE_WAITING_BYTES_MAX + len(long)
    assert len(messages) + trace.lost == wanted + 1
    assert trace.lost >= 5
    trace.note(False, FLOW, long)
    assert len(labels(trace)) == 1, "there is room again"


def test_a_full_disk_is_told_once_and_tried_again_later() -> None:
    clock, disk, other = Hours(), Disk(), Disk()
    trace = Trace(clock)
    trace.note(False, FLOW, invite("a"))
    trace.link("call_1", b"a", "alice")

    async def scene() -> None:
        keeper = TraceKeeper(trace, [disk, other], clock)
        disk.is_full = True
        for _ in range(3):
            trace.note(False, FLOW, text("BYE sip:x SIP/2.0", "a"))
            await keeper.flush()
        assert disk.data == []
        assert len(other.data) == 4, "the other one goes on"
        disk.is_full = False
        trace.note(False, FLOW, text("BYE sip:x SIP/2.0", "a"))
        await keeper.flush()
        assert disk.data == [], "not before a minute is over"
        clock.now_s += TRACE_RETRY_S
        trace.note(False, FLOW, text("BYE sip:x SIP/2.0", "a"))
        await keeper.close()
        assert len(disk.data) == 1
        assert disk.is_closed

    structlog.reset_defaults()
    with capture_logs() as logs:
        asyncio.run(scene())
    assert [entry["event"] for entry in logs] == ["calls are not traced", "calls are traced again"]
    assert "No space left" in logs[0]["because"]
    assert trace.lost == 5


def test_no_sink_is_given_a_proof() -> None:
    clock, disk = Hours(), Disk()
    trace = Trace(clock)
    proof = b'Authorization: Digest username="alice", response="5ec4e7"\r\n\r\n'
    trace.note(False, FLOW, invite("a").replace(b"\r\n\r\n", b"\r\n" + proof))
    trace.link("call_1", b"a", "alice")
    asyncio.run(TraceKeeper(trace, [disk], clock).close())
    assert b"5ec4e7" not in disk.data[0]
    assert b'response="xxxxxx"' in disk.data[0]


def test_what_came_all_at_once_is_written_in_order() -> None:
    clock, disk = Hours(), Disk()
    trace = Trace(clock)
    trace.link("call_1", b"a", "alice")
    sent = [text(f"INFO {number}", "a") for number in range(1_000)]
    for data in sent:
        trace.note(True, FLOW, data)
    asyncio.run(TraceKeeper(trace, [disk], clock).close())
    assert disk.data == sent
    assert disk.links == ["call_1"]
