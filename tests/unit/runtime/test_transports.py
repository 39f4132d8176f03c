"""The node's UDP sockets as one: an answer leaves from where its request came in."""

import asyncio
import socket

from callwright.kernel.addresses import HostPort
from callwright.runtime.advertising import AdvertisedAddresses, Advertisement
from callwright.runtime.clock import LoopClock
from callwright.runtime.tasks import Tasks
from callwright.runtime.transports import Listening, Transports
from callwright.sip.flow import Flow

HOSTS = ("127.0.0.1", "127.0.0.2")


def test_sockets_that_tell_peers_the_same_address_answer_for_themselves() -> None:
    """Two interfaces behind one public address; a NAT drops what comes from the other one."""
    asyncio.run(_answer_from_both())


async def _answer_from_both() -> None:
    loop = asyncio.get_running_loop()
    told = AdvertisedAddresses((Advertisement.parse("127.0.0.0/8=203.0.113.1"),))
    tasks = Tasks(_crashed)
    opened: list[Transports] = []

    def answer(flow: Flow, data: bytes) -> None:
        opened[0].transmit(flow, data.upper())

    port = _free_port()
    listening = Listening(tuple(HostPort(host, port) for host in HOSTS), advertised=told)
    opened.append(
        await Transports.open(
            listening, None, LoopClock(loop), tasks, receive=answer, failed=lambda _flow: None
        )
    )
    try:
        for address in (*listening.sip, *reversed(listening.sip)):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
                peer.bind(("127.0.0.9", 0))
                peer.setblocking(False)
                peer.sendto(b"ask", address)
                async with asyncio.timeout(30):
                    assert await loop.sock_recvfrom(peer, 99) == (b"ASK", tuple(address))
    finally:
        await opened[0].close()
        await tasks.close()


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((HOSTS[1], 0))
        port: int = probe.getsockname()[1]
        return port


def _crashed(name: str, error: BaseException) -> None:
    raise AssertionError(name) from error
