"""TLS and WebSocket connections on the real loop: who is proven, who may lend a connection, who is
let go."""

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from tests.interop.authority import Authority
from tests.unit.runtime.test_streams import LOOPBACK, REQUEST, Rig

from callwright.kernel.addresses import HostPort
from callwright.kernel.limits.signalling import SIP_TCP_FIRST_REQUEST_S, SIP_TCP_PARTIAL_MESSAGE_S
from callwright.runtime import streams
from callwright.runtime.certificates import Certificates, names_of
from callwright.runtime.stream_framing import WebSocketFraming
from callwright.runtime.streams import StreamKind
from callwright.sip.flow import Flow

NAME = "pbx.contoso.test"
STREAMS = 1_000
HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: pbx\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: sip\r\n\r\n"
)
GONE = (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError)


class Place:
    """A directory of certificates and the authority that signed them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.authority = Authority(root / "authority")
        self.authority.sign(root / "certificates", NAME)
        self.certificates = Certificates(root / "certificates", self.authority.file)

    @property
    def kind(self) -> StreamKind:
        served = self.certificates
        return StreamKind(
            "tls", accepts_with=served.for_accepting(), opens_with=served.for_opening()
        )

    def client(self, *names: str, authority: Authority | None = None) -> ssl.SSLContext:
        """Trusts this authority; shows a certificate for ``names``, if any, by ``authority``."""
        signer = authority or self.authority
        chain = signer.sign(self.root / "clients", *names) if names else None
        context = self.authority.peer().opening
        if chain is not None:
            context.load_cert_chain(chain, chain.with_suffix(".key"))
        return context


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def run(kind: StreamKind, scene: Callable[[Rig], Awaitable[None]]) -> None:
    async def main() -> None:
        rig = Rig(kind)
        await rig.transport.listen(LOOPBACK)
        try:
            await scene(rig)
        finally:
            await rig.transport.close()
            await rig.tasks.close()

    asyncio.run(main())


async def secured(
    rig: Rig, context: ssl.SSLContext
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(*rig.transport.address, ssl=context, server_hostname=NAME)


def test_a_client_certificate_proves_its_names(place: Place) -> None:
    async def scene(rig: Rig) -> None:
        for names in ((), ("sbc1.a.test", "sbc2.a.test"), ("*.b.test",)):
            _, writer = await secured(rig, place.client(*names))
            writer.write(REQUEST)
            seen = len(rig.received)
            await rig.until(lambda seen=seen: len(rig.received) > seen)  # type: ignore[misc]
            assert rig.received[-1][0].peer_names == names
            writer.close()

    run(place.kind, scene)


def test_a_certificate_of_somebody_elses_authority_is_refused(place: Place) -> None:
    other = Authority(place.root / "other", "Other Authority")
    context = place.client("sbc1.a.test", authority=other)

    async def scene(rig: Rig) -> None:
        reader, writer = await secured(rig, context)
        writer.write(REQUEST)
        # With TLS 1.3 the client hears of it when it reads.
        with pytest.raises(GONE):
            await reader.readexactly(1)
        assert rig.received == []
        writer.close()
        with contextlib.suppress(*GONE):
            await writer.wait_closed()

    run(place.kind, scene)


def test_we_connect_to_nobody_whose_certificate_has_another_name(place: Place) -> None:
    async def scene(rig: Rig) -> None:
        right = rig.transport.flow_to(rig.transport.address, NAME)
        rig.transport.send(right, REQUEST)
        await rig.until(lambda: len(rig.received) == 1)
        wrong = rig.transport.flow_to(rig.transport.address, "sbc.elsewhere.test")
        assert wrong.connection != right.connection
        rig.transport.send(wrong, REQUEST)
        await rig.until(lambda: wrong in rig.failed)
        assert len(rig.received) == 1

    run(place.kind, scene)


def with_alias(host: str, port: int) -> bytes:
    return REQUEST.replace(b"TCP phone;", f"TLS {host}:{port};alias;".encode())


@pytest.mark.parametrize(
    ("proven", "claimed", "is_lent"),
    [
        (("sbc1.a.test",), "sbc1.a.test", True),
        (("*.a.test",), "sbc1.a.test", True),
        (("sbc1.a.test",), "sbc2.a.test", False),
        (("sbc1.a.test",), "127.0.0.1", False),
        ((), "127.0.0.1", False),
    ],
)
def test_a_connection_is_lent_for_a_proven_name_only(
    place: Place, proven: tuple[str, ...], claimed: str, is_lent: bool
) -> None:
    async def scene(rig: Rig) -> None:
        _, writer = await secured(rig, place.client(*proven))
        writer.write(with_alias(claimed, 5_091))
        await rig.until(lambda: len(rig.received) == 1)
        came_on = rig.received[0][0]
        chosen = rig.transport.flow_to(HostPort("127.0.0.1", 5_091), claimed)
        assert (chosen == came_on) is is_lent
        writer.close()
        await rig.until(lambda: came_on in rig.failed)
        again = rig.transport.flow_to(HostPort("127.0.0.1", 5_091), claimed)
        assert again != came_on

    run(place.kind, scene)


def test_over_tcp_nobody_lends_a_connection() -> None:
    """Whoever shares an SBC's address, behind one NAT, would get the calls for the SBC."""

    async def scene(rig: Rig) -> None:
        _, writer = await rig.connect()
        writer.write(with_alias("127.0.0.1", 5_091))
        await rig.until(lambda: len(rig.received) == 1)
        assert rig.transport.flow_to(HostPort("127.0.0.1", 5_091)) != rig.received[0][0]
        writer.close()

    run(StreamKind("tcp"), scene)


def framed(message: bytes) -> bytes:
    """A WebSocket's text; masked with zeros, so that it stays readable."""
    return b"\x81\xfe" + len(message).to_bytes(2, "big") + b"\0\0\0\0" + message


def kinds(place: Place) -> Iterator[tuple[StreamKind, ssl.SSLContext | None, bytes]]:
    """Each kind with what opens a connection of it."""
    client = place.client()
    web = partial(WebSocketFraming, None)
    yield place.kind, client, b""
    yield StreamKind("ws", web, can_open=False), None, HANDSHAKE
    yield replace(place.kind, name="wss", framing=web, can_open=False), client, HANDSHAKE


@pytest.mark.parametrize("number", range(3), ids=["tls", "ws", "wss"])
@pytest.mark.parametrize(
    ("part", "limit_s"),
    [
        ("nothing", SIP_TCP_FIRST_REQUEST_S),
        ("greeting", SIP_TCP_FIRST_REQUEST_S),
        ("piece", SIP_TCP_PARTIAL_MESSAGE_S),
    ],
)
def test_a_slow_peer_is_let_go(place: Place, number: int, part: str, limit_s: float) -> None:
    kind, context, greeting = list(kinds(place))[number]

    async def scene(rig: Rig) -> None:
        name = None if context is None else NAME
        reader, writer = await asyncio.open_connection(
            *rig.transport.address, ssl=context, server_hostname=name
        )
        await rig.until(lambda: rig.transport.connection_count == 1)
        if part != "nothing" and greeting:
            writer.write(greeting)
            await reader.readuntil(b"\r\n\r\n")
        if part == "piece":
            # The first fragment of a text has 20 bytes.
            piece = b"\x01\x94\0\0\0\0" + REQUEST[:20] if greeting else REQUEST[:20]
            writer.write((framed(REQUEST) if greeting else REQUEST) + piece)
            await rig.until(lambda: len(rig.received) == 1)
        rig.clock.push(limit_s + 1)
        with pytest.raises(GONE):
            await reader.readexactly(1)
        assert rig.transport.connection_count == 0
        writer.close()

    run(kind, scene)


def test_nobody_connects_to_a_browser_that_is_gone() -> None:
    async def scene(rig: Rig) -> None:
        gone = Flow("ws", rig.transport.address, HostPort("127.0.0.1", 5_060))
        rig.transport.send(gone, REQUEST)
        await rig.until(lambda: rig.failed == [gone])
        assert rig.transport.connection_count == 0

    run(StreamKind("ws", partial(WebSocketFraming, None), can_open=False), scene)


def test_a_thousand_browsers_are_served_at_once() -> None:
    async def scene(rig: Rig) -> None:
        web = [await rig.connect(f"127.0.0.{2 + n // 250}") for n in range(STREAMS)]
        for _, writer in web:
            writer.write(HANDSHAKE)
        for reader, _ in web:
            await reader.readuntil(b"\r\n\r\n")
        for _, writer in web:
            writer.write(framed(REQUEST))
        await rig.until(lambda: len(rig.received) == STREAMS)
        assert len({flow.connection for flow, _ in rig.received}) == STREAMS
        for flow, _ in rig.received:
            rig.transport.send(flow, b"an answer")
        for reader, writer in web:
            assert await reader.readexactly(11) == b"\x81\x09an answer"
            writer.close()
        await rig.until(lambda: rig.transport.connection_count == 0)

    run(StreamKind("ws", partial(WebSocketFraming, None), can_open=False), scene)


async def until(holds: Callable[[], bool]) -> None:
    """What nobody tells of: a handshake that begins or fails."""
    for _ in range(1_000_000):
        if holds():
            return
        await asyncio.sleep(0)
    raise AssertionError("it did not come to that")


def test_who_connects_and_never_speaks_tls_takes_a_place_and_no_more(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "SIP_TCP_CONNECTIONS_PER_ADDRESS_MAX", 2)

    async def scene(rig: Rig) -> None:
        silent = [await rig.connect("127.0.0.2") for _ in range(2)]
        reader, writer = await rig.connect("127.0.0.2")
        with pytest.raises(GONE):
            await reader.readexactly(1)
        assert rig.transport.refused == 1
        _, other = await secured(rig, place.client())
        other.write(REQUEST)
        await rig.until(lambda: len(rig.received) == 1)
        for _, each in silent:
            each.write(b"no TLS at all")
            each.close()
        async with asyncio.timeout(30):
            await until(lambda: not rig.transport.shaking)
        reader, again = await rig.connect("127.0.0.2")
        again.close()
        assert rig.transport.refused == 1
        for each in (writer, other):
            each.close()

    run(place.kind, scene)


def test_the_oldest_handshake_makes_room_for_who_comes(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "SIP_TCP_CONNECTIONS_MAX", 2)

    async def scene(rig: Rig) -> None:
        silent = []
        for count in range(1, 3):
            silent.append(await rig.connect())
            async with asyncio.timeout(30):
                await until(lambda count=count: len(rig.transport.shaking) == count)  # type: ignore[misc]
        _, phone = await secured(rig, place.client())
        phone.write(REQUEST)
        await rig.until(lambda: len(rig.received) == 1)
        with pytest.raises(GONE):
            await silent[0][0].readexactly(1)
        assert (rig.transport.connection_count, len(rig.transport.shaking)) == (1, 1)
        assert rig.transport.refused == 1
        for _, each in silent:
            each.close()
        async with asyncio.timeout(30):
            await until(lambda: not rig.transport.shaking)
        assert rig.transport._visitors.total() == 1
        phone.close()

    run(place.kind, scene)


def test_a_handshake_that_is_under_way_keeps_nobody_from_stopping(place: Place) -> None:
    async def scene(rig: Rig) -> None:
        _, writer = await rig.connect()
        async with asyncio.timeout(30):
            await until(lambda: bool(rig.transport.shaking))
        async with asyncio.timeout(5):
            await rig.transport.close()
        writer.close()

    run(place.kind, scene)


def test_two_names_at_one_address_have_a_connection_each(place: Place) -> None:
    """Else each would take the place of the other, call by call."""
    place.authority.sign(place.root / "certificates", NAME, "other.contoso.test", label=NAME)
    place.certificates.reload()

    async def scene(rig: Rig) -> None:
        names = (NAME, "other.contoso.test")
        first = [rig.transport.flow_to(rig.transport.address, name) for name in names]
        for flow in first:
            rig.transport.send(flow, REQUEST)
        await rig.until(lambda: len(rig.received) == 2)
        for flow, name in zip(first, names, strict=True):
            assert rig.transport.flow_to(rig.transport.address, name) == flow
        assert first[0] != first[1]

    run(place.kind, scene)


def test_a_common_name_counts_only_where_there_is_no_alternative_name() -> None:
    """RFC 5922 §7.1."""
    subject = ((("commonName", "sbc1.a.test"),),)
    assert names_of({"subject": subject}) == ("sbc1.a.test",)
    for kind, text in (("email", "me@b.test"), ("IP Address", "192.0.2.1"), ("DNS", "b.test")):
        found = names_of({"subject": subject, "subjectAltName": ((kind, text),)})
        assert "sbc1.a.test" not in found


def test_what_is_no_text_reaches_a_browser_as_octets() -> None:
    """RFC 6455 §8.1: a browser closes on text that is no UTF-8, and callers choose their names."""

    async def scene(rig: Rig) -> None:
        reader, writer = await rig.connect()
        writer.write(HANDSHAKE)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(framed(REQUEST))
        await rig.until(lambda: len(rig.received) == 1)
        for message, opcode in (("Zoë".encode(), 1), (b"Zo\xeb", 2)):
            rig.transport.send(rig.received[0][0], message)
            head = bytes((0x80 | opcode, len(message)))
            assert await reader.readexactly(2 + len(message)) == head + message
        writer.close()

    run(StreamKind("ws", partial(WebSocketFraming, None), can_open=False), scene)


def test_pieces_without_content_take_no_room() -> None:
    web = WebSocketFraming()
    web.feed(HANDSHAKE)
    web.feed(b"\x01\x80\0\0\0\0" + b"\x00\x80\0\0\0\0" * 10_000)
    assert web.has_partial
    assert len(web._pieces) == 1
    assert web.feed(b"\x80\x83\0\0\0\0abc") == [b"abc"]
