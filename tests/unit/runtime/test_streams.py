"""TCP connections on the real loop: framing, keep-alives, bounds, reuse, broken ones."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from callwright.kernel.addresses import HostPort
from callwright.kernel.limits.signalling import SIP_TCP_FIRST_REQUEST_S, SIP_TCP_PARTIAL_MESSAGE_S
from callwright.runtime import streams
from callwright.runtime.streams import StreamKind, StreamTransport
from callwright.runtime.tasks import Tasks
from callwright.sip.flow import Flow

LOOPBACK = HostPort("127.0.0.1", 0)
OPTIONS = (
    b"OPTIONS sip:node SIP/2.0\r\nVia: SIP/2.0/TCP phone;branch=z9hG4bK1\r\n"
    b"Content-Length: 4\r\n\r\nbody"
)
REQUEST = (
    b"OPTIONS sip:node SIP/2.0\r\nVia: SIP/2.0/TCP phone;branch=z9hG4bK1\r\n"
    b"From: <sip:a@b>;tag=1\r\nTo: <sip:node>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n"
    b"Content-Length: 0\r\n\r\n"
)
"""What the SIP layer would take; to cut a stream ``OPTIONS`` is enough."""


class Rig:
    """A listening transport that keeps what came, on a clock that can be pushed."""

    def __init__(self, kind: StreamKind | None = None) -> None:
        loop = asyncio.get_running_loop()
        self.received: list[tuple[Flow, bytes]] = []
        self.failed: list[Flow] = []
        self.answer = b""
        self.changed = asyncio.Event()
        self.tasks = Tasks(self._crashed)
        self.clock = PushedClock(loop)
        self.transport = StreamTransport(
            kind or StreamKind("tcp"),
            self.clock,
            self.tasks,
            self._receive,
            self._fail,
            self._told,
        )

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    async def connect(
        self, own_host: str = "127.0.0.1"
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(*self.transport.address, local_addr=(own_host, 0))

    def _receive(self, flow: Flow, message: bytes) -> None:
        self.received.append((flow, message))
        if self.answer:
            self.transport.send(flow, self.answer)
        self.changed.set()

    def _told(self, _peer: str, bound: str) -> str:
        """The transport asks as soon as it has a connection."""
        self.changed.set()
        return bound

    def _fail(self, flow: Flow) -> None:
        self.failed.append(flow)
        self.changed.set()

    def _crashed(self, name: str, error: BaseException) -> None:
        raise AssertionError(name) from error


class PushedClock:
    """The loop's time plus what a test adds; timers set earlier run when they become due."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._pushed_s = 0.0
        self._timers: list[PushedTimer] = []

    def monotonic(self) -> float:
        return self._loop.time() + self._pushed_s

    def utc(self) -> None:  # pragma: no cover - nobody asks
        raise NotImplementedError

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> "PushedTimer":
        if delay_s == 0.0:
            self._loop.call_soon(callback)
        timer = PushedTimer(self.monotonic() + delay_s, callback)
        self._timers.append(timer)
        return timer

    def push(self, seconds: float) -> None:
        self._pushed_s += seconds
        due = [timer for timer in self._timers if timer.at_s <= self.monotonic()]
        self._timers = [timer for timer in self._timers if timer not in due]
        for timer in due:
            if not timer.is_cancelled:
                timer.callback()


class PushedTimer:
    def __init__(self, at_s: float, callback: Callable[[], None]) -> None:
        self.at_s = at_s
        self.callback = callback
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True


def run(scene: Callable[[Rig], Awaitable[None]]) -> None:
    async def main() -> None:
        rig = Rig()
        await rig.transport.listen(LOOPBACK)
        try:
            await scene(rig)
        finally:
            await rig.transport.close()
            await rig.tasks.close()

    asyncio.run(main())


def test_messages_are_cut_out_of_the_stream_and_answered_on_it() -> None:
    async def scene(rig: Rig) -> None:
        reader, writer = await rig.connect()
        for byte in OPTIONS + OPTIONS:
            writer.write(bytes([byte]))
        await rig.until(lambda: len(rig.received) == 2)
        flow, message = rig.received[0]
        assert message == OPTIONS
        assert flow.remote == HostPort(*writer.get_extra_info("sockname"))
        rig.transport.send(flow, b"an answer")
        assert await reader.readexactly(9) == b"an answer"
        writer.close()

    run(scene)


def test_a_keep_alive_is_answered() -> None:
    async def scene(rig: Rig) -> None:
        reader, writer = await rig.connect()
        writer.write(b"\r\n\r\n")
        assert await reader.readexactly(2) == b"\r\n"
        assert rig.received == []
        writer.close()

    run(scene)


@pytest.mark.parametrize("nonsense", [b"GET / HTTP/1.1\r\n\r\n", b"\x00" * 70_000])
def test_a_stream_that_cannot_be_cut_is_closed(nonsense: bytes) -> None:
    async def scene(rig: Rig) -> None:
        reader, writer = await rig.connect()
        writer.write(nonsense)
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await reader.readexactly(1)
        writer.close()

    run(scene)


def test_the_last_answer_arrives_though_the_rest_is_not_read() -> None:
    async def scene(rig: Rig) -> None:
        rig.answer = b"SIP/2.0 400 no\r\n\r\n"
        reader, writer = await rig.connect()
        writer.write(OPTIONS.replace(b"4", b"x") + b"y" * 200_000)
        assert await reader.readexactly(len(rig.answer)) == rig.answer
        assert await reader.read(1) == b"", "nothing more will be said"
        flow, head = rig.received[0]
        assert head.endswith(b"\r\n\r\n")
        writer.write(OPTIONS)
        rig.transport.send(flow, b"too late")
        await rig.until(lambda: rig.failed == [flow])
        assert rig.transport.flow_to(flow.remote) != flow
        rig.clock.push(SIP_TCP_PARTIAL_MESSAGE_S + 1)
        await rig.until(lambda: rig.failed == [flow, flow])
        assert len(rig.received) == 1
        writer.close()

    run(scene)


def test_a_message_that_does_not_end_is_given_up() -> None:
    async def scene(rig: Rig) -> None:
        reader, writer = await rig.connect()
        writer.write(OPTIONS + OPTIONS[:20])
        await rig.until(lambda: len(rig.received) == 1)
        rig.clock.push(SIP_TCP_PARTIAL_MESSAGE_S + 1)
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await reader.readexactly(1)
        await rig.until(lambda: len(rig.failed) == 1)
        assert rig.failed == [rig.received[0][0]]
        writer.close()

    run(scene)


def test_one_connection_to_a_peer_carries_everything_sent_there() -> None:
    async def scene(rig: Rig) -> None:
        came: asyncio.Queue[bytes] = asyncio.Queue()

        async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            came.put_nowait(await reader.readexactly(6))
            writer.close()

        server = await asyncio.start_server(peer, *LOOPBACK)
        remote = HostPort(*server.sockets[0].getsockname())
        flow = rig.transport.flow_to(remote)
        rig.transport.send(flow, b"one")
        assert rig.transport.flow_to(remote) == flow
        rig.transport.send(flow, b"two")
        assert await came.get() == b"onetwo"
        await rig.until(lambda: rig.failed == [flow])
        assert rig.transport.flow_to(remote) != flow
        server.close()

    run(scene)


def test_a_peer_that_cannot_be_reached_fails_the_flow() -> None:
    async def scene(rig: Rig) -> None:
        unused = await asyncio.start_server(lambda _reader, _writer: None, *LOOPBACK)
        remote = HostPort(*unused.sockets[0].getsockname())
        unused.close()
        await unused.wait_closed()
        flow = rig.transport.flow_to(remote)
        rig.transport.send(flow, OPTIONS)
        await rig.until(lambda: rig.failed == [flow])
        rig.transport.send(flow, OPTIONS)
        await rig.until(lambda: rig.failed == [flow, flow])

    run(scene)


@pytest.mark.parametrize("said", [b"", b"\r\n\r\n", b"HELLO\r\nContent-Length: 0\r\n\r\n"])
def test_who_connects_and_asks_nothing_is_let_go(said: bytes) -> None:
    async def scene(rig: Rig) -> None:
        reader, writer = await rig.connect()
        asking = await rig.connect()
        asking[1].write(REQUEST)
        writer.write(said + b"\r\n\r\n")
        assert await reader.readexactly(2) == b"\r\n"
        await rig.until(lambda: REQUEST in [message for _, message in rig.received])
        rig.clock.push(SIP_TCP_FIRST_REQUEST_S + 1)
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await reader.readexactly(3)
        await rig.until(lambda: len(rig.failed) == 1)
        assert rig.transport.connection_count == 1
        for each in (writer, asking[1]):
            each.close()

    run(scene)


def test_a_connection_of_ours_may_be_silent_and_takes_nobodys_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streams, "SIP_TCP_CONNECTIONS_MAX", 1)

    async def scene(rig: Rig) -> None:
        met = asyncio.Event()
        gone = asyncio.Event()

        async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            met.set()
            await gone.wait()
            writer.close()

        server = await asyncio.start_server(peer, *LOOPBACK)
        flow = rig.transport.flow_to(HostPort(*server.sockets[0].getsockname()))
        await met.wait()
        _, writer = await rig.connect()
        writer.write(REQUEST)
        await rig.until(lambda: len(rig.received) == 1)
        rig.clock.push(SIP_TCP_FIRST_REQUEST_S + 1)
        assert rig.transport.flow_to(flow.remote) == flow
        assert (rig.transport.connection_count, rig.transport.refused) == (2, 0)
        gone.set()
        await rig.until(lambda: rig.failed == [flow])
        writer.close()
        server.close()

    run(scene)


def test_one_address_does_not_take_all_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "SIP_TCP_CONNECTIONS_PER_ADDRESS_MAX", 2)

    async def scene(rig: Rig) -> None:
        kept = [await rig.connect() for _ in range(2)]
        for _, writer in kept:
            writer.write(REQUEST)
        await rig.until(lambda: len(rig.received) == 2)
        reader, writer = await rig.connect()
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await reader.readexactly(1)
        other = await asyncio.open_connection(*rig.transport.address, local_addr=("127.0.0.2", 0))
        other[1].write(REQUEST)
        await rig.until(lambda: len(rig.received) == 3)
        kept[0][1].close()
        await rig.until(lambda: len(rig.failed) == 1)
        again = await rig.connect()
        again[1].write(REQUEST)
        await rig.until(lambda: len(rig.received) == 4)
        for each in (*kept, (reader, writer), other, again):
            each[1].close()

    run(scene)


def test_too_many_connections_are_turned_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "SIP_TCP_CONNECTIONS_MAX", 2)

    async def scene(rig: Rig) -> None:
        rig.answer = b"SIP/2.0 200 OK\r\nCSeq: 1 REGISTER\r\nContent-Length: 0\r\n\r\n"
        kept = [await rig.connect() for _ in range(2)]
        for _, writer in kept:
            writer.write(OPTIONS)
        await rig.until(lambda: len(rig.received) == 2)
        reader, writer = await rig.connect()
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await reader.readexactly(1)
        assert rig.transport.refused == 1
        assert rig.transport.connection_count == 2
        for _, each in (*kept, (reader, writer)):
            each.close()

    run(scene)


def test_without_tls_nobody_proves_a_name_and_all_share_a_connection() -> None:
    async def scene(rig: Rig) -> None:
        one = rig.transport.flow_to(rig.transport.address, "sbc1.a.test")
        other = rig.transport.flow_to(rig.transport.address, "sbc2.a.test")
        assert (one, one.peer_names) == (other, ())
        rig.transport.send(one, REQUEST)
        await rig.until(lambda: len(rig.received) == 1)
        assert rig.received[0][0].peer_names == ()

    run(scene)


def test_a_busy_peer_that_is_always_in_the_middle_of_a_message_stays() -> None:
    async def scene(rig: Rig) -> None:
        _, writer = await rig.connect()
        writer.write(REQUEST + REQUEST[:20])
        for count in range(1, 5):
            await rig.until(lambda count=count: len(rig.received) == count)  # type: ignore[misc]
            rig.clock.push(SIP_TCP_PARTIAL_MESSAGE_S / 2)
            writer.write(REQUEST[20:] + REQUEST[:20])
        await rig.until(lambda: len(rig.received) == 5)
        assert rig.failed == []
        rig.clock.push(SIP_TCP_PARTIAL_MESSAGE_S + 1)
        await rig.until(lambda: len(rig.failed) == 1)
        writer.close()

    run(scene)
