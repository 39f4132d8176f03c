"""The DNS over a real socket: records, absence, refusal, silence, and the cache."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import cast

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rrset
import pytest

from callwright.runtime.clock import LoopClock
from callwright.runtime.resolver import DnsResolver, LookupFailed, find
from callwright.sip.location import Kind, Naptr, Question, Srv, Wish

ZONE = {
    ("carrier.test.", "NAPTR"): '10 20 "S" "SIP+D2T" "" _sip._tcp.carrier.test.',
    ("_sip._tcp.carrier.test.", "SRV"): "1 5 5070 a.carrier.test.",
    ("a.carrier.test.", "A"): "192.0.2.1",
    ("a.carrier.test.", "AAAA"): "2001:db8::1",
}


class NameServer(asyncio.DatagramProtocol):
    """Answers from a zone; names of ``broken`` get SERVFAIL."""

    def __init__(self, broken: str = "") -> None:
        self.asked: list[tuple[str, str]] = []
        self._broken = broken

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        question = query.question[0]
        key = (question.name.to_text().lower(), question.rdtype.name)
        self.asked.append(key)
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        if self._broken and key[0].startswith(self._broken):
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif key in ZONE:
            answer.answer.append(dns.rrset.from_text(key[0], 300, "IN", key[1], ZONE[key]))
        elif not any(name == key[0] for name, _ in ZONE):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        self._transport.sendto(answer.to_wire(), addr)


@asynccontextmanager
async def resolving(server: NameServer) -> AsyncIterator[DnsResolver]:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: server, local_addr=("127.0.0.1", 0), family=socket.AF_INET
    )
    port = transport.get_extra_info("sockname")[1]
    resolver = DnsResolver(LoopClock(loop), nameservers=["127.0.0.1"], port=port)
    try:
        yield resolver
    finally:
        transport.close()


def soon(scene: Callable[[], Awaitable[None]]) -> None:
    async def act() -> None:
        await asyncio.wait_for(scene(), 20)

    asyncio.run(act())


def test_a_name_is_followed_from_naptr_to_addresses() -> None:
    async def scene() -> None:
        async with resolving(NameServer()) as resolver:
            found = await find(resolver, Wish("carrier.test"), ("udp", "tcp"))
            shown = [str(target) for target in found.location]
            assert shown == ["tcp:192.0.2.1:5070", "tcp:[2001:db8::1]:5070"]
            assert found.ttl_s == pytest.approx(300, abs=2)

    soon(scene)


def test_records_are_read_and_kept() -> None:
    async def scene() -> None:
        server = NameServer()
        async with resolving(server) as resolver:
            for _ in range(2):
                naptr = await resolver.ask(Question("carrier.test", Kind.NAPTR))
                assert naptr.records == [Naptr(10, 20, "S", "SIP+D2T", "_sip._tcp.carrier.test.")]
                srv = await resolver.ask(Question("_sip._tcp.carrier.test", Kind.SRV))
                assert srv.records == [Srv(1, 5, 5_070, "a.carrier.test.")]
            assert len(server.asked) == 2

    soon(scene)


def test_what_does_not_exist_is_an_answer() -> None:
    async def scene() -> None:
        async with resolving(NameServer()) as resolver:
            assert not (await resolver.ask(Question("nobody.test", Kind.ADDRESS))).records
            assert not (await resolver.ask(Question("carrier.test", Kind.SRV))).records

    soon(scene)


def test_a_server_that_fails_is_none() -> None:
    async def scene() -> None:
        async with resolving(NameServer(broken="_sip")) as resolver:
            with pytest.raises(LookupFailed):
                await find(resolver, Wish("carrier.test"), ("udp", "tcp"))

    soon(scene)


def test_the_hosts_file_comes_first() -> None:
    async def scene() -> None:
        server = NameServer()
        async with resolving(server) as resolver:
            found = await resolver.ask(Question("localhost", Kind.ADDRESS))
            assert "127.0.0.1" in found.records
            assert server.asked == []

    soon(scene)
