"""One question over UDP, asked again until it is answered."""

import asyncio
import socket
from collections.abc import Callable
from typing import NamedTuple

from callwright.kernel.addresses import HostPort

TRIES = 3
WITHIN_S = 1.0
"""Each try; twice the round trip to the other side of the world."""
ANSWER_BYTES_MAX = 65_535


class Answer(NamedTuple):
    data: bytes
    source: HostPort
    round_trip_s: float


async def ask(
    sender: socket.socket,
    question: bytes,
    remote: HostPort,
    is_answer: Callable[[bytes], bool],
    *,
    tries: int = TRIES,
    within_s: float = WITHIN_S,
) -> Answer | None:
    """The first answer, from wherever it comes; None when there is none.

    Raises OSError when the question cannot even be sent.
    """
    loop = asyncio.get_running_loop()
    for _ in range(tries):
        await loop.sock_sendto(sender, question, remote)
        asked_at = loop.time()
        try:
            async with asyncio.timeout(within_s):
                data, source = await _answer(sender, is_answer)
        except (TimeoutError, ConnectionRefusedError):
            continue
        return Answer(data, source, loop.time() - asked_at)
    return None


async def _answer(
    sender: socket.socket, is_answer: Callable[[bytes], bool]
) -> tuple[bytes, HostPort]:
    loop = asyncio.get_running_loop()
    while True:
        data, source = await loop.sock_recvfrom(sender, ANSWER_BYTES_MAX)
        if is_answer(data):
            return data, HostPort(source[0], source[1])


def udp_socket(bind: HostPort) -> socket.socket:
    """A non-blocking socket, bound; raises OSError when it cannot be."""
    family = socket.AF_INET6 if ":" in bind.host else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_DGRAM)
    try:
        opened.setblocking(False)
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.bind(bind)
    except OSError:
        opened.close()
        raise
    return opened


async def located(place: HostPort, like: str) -> HostPort:
    """The first address of a host name of the family that ``like`` is of.

    Raises OSError, which says why there is none.
    """
    family = socket.AF_INET6 if ":" in like else socket.AF_INET
    found = await asyncio.get_running_loop().getaddrinfo(
        place.host, place.port, family=family, type=socket.SOCK_DGRAM
    )
    address = found[0][4]
    return HostPort(str(address[0]), int(address[1]))
