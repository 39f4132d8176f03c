"""Posts one event to one receiver: only to addresses that may be reached, and not for long."""

import asyncio
import re
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any, Protocol, TypeAlias
from urllib.parse import SplitResult, urlsplit

from callwright.kernel.limits.api import WEBHOOK_ANSWER_BYTES_MAX, WEBHOOK_ANSWER_S

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network
WHY_CHARS_MAX = 500
GLOBAL_UNICAST = IPv6Network("2000::/3")
"""All that the IANA gave out (RFC 4291 §2.4); what is outside of it stays inside."""
TRANSLATED = IPv6Network("64:ff9b::/96")
"""RFC 6052 §2.1: how a network with IPv6 only reaches the others."""
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})[ \r]")


class NotDelivered(Exception):
    """Nobody took it; the text says why."""


class Poster(Protocol):
    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Returns the status of the answer. Raises NotDelivered."""
        ...


@dataclass(frozen=True, slots=True)
class Reach:
    """Where webhooks, calendars and sign-in may go: the public internet, and the networks that the
    operator named.

    Whoever may write webhooks could otherwise have this machine ask its neighbours, whom he
    cannot reach himself, and read in the log what they answered.
    """

    networks: Sequence[Network] = ()

    def may(self, address: Address) -> bool:
        inner = _inside(address)
        if inner is not None:
            return self.may(inner)
        if any(address in network for network in self.networks):
            return True
        if isinstance(address, IPv6Address) and address not in GLOBAL_UNICAST:
            return False
        return address.is_global and not address.is_multicast


PUBLIC_ONLY = Reach()


def _inside(address: Address) -> IPv4Address | None:
    """The IPv4 address that a packet to this IPv6 address may come out at (RFC 4291 §2.5.5.2,
    RFC 3056, RFC 6052)."""
    if isinstance(address, IPv4Address):
        return None
    if address in TRANSLATED:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour


class HttpPoster:
    """Connects to the very address that it has looked at, so that a name which changes between
    two questions leads nowhere else. Follows no redirection; of an answer only the status counts
    (RFC 9112), so nothing more of it is read."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._security = ssl.create_default_context()

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        try:
            async with asyncio.timeout(WEBHOOK_ANSWER_S):
                return await self._post(urlsplit(url), body, headers)
        except TimeoutError:
            raise NotDelivered(f"no answer within {WEBHOOK_ANSWER_S:g} s") from None
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as error:
            raise NotDelivered(f"{type(error).__name__}: {error}"[:WHY_CHARS_MAX]) from None

    async def _post(self, url: SplitResult, body: bytes, headers: Mapping[str, str]) -> int:
        host, is_secure = url.hostname or "", url.scheme == "https"
        port = url.port or (443 if is_secure else 80)
        reader, writer = await asyncio.open_connection(
            str(await allowed_address(host, port, self._reach)),
            port,
            limit=WEBHOOK_ANSWER_BYTES_MAX,
            ssl=self._security if is_secure else None,
            server_hostname=host if is_secure else None,
        )
        try:
            writer.write(_request(url, body, headers) + body)
            await writer.drain()
            while (status := await _status(reader)) < 200:
                pass
            return status
        finally:
            writer.transport.abort()


async def allowed_address(host: str, port: int, reach: Reach) -> Address:
    """Where a name may be reached. Raises NotDelivered."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotDelivered(f"{host} has no address") from None
    return chosen_address(host, found, reach)


def chosen_address(host: str, found: Sequence[tuple[Any, ...]], reach: Reach) -> Address:
    """Of what ``getaddrinfo`` found, the first that may be reached. Raises NotDelivered."""
    addresses = [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    allowed = [address for address in addresses if reach.may(address)]
    if not allowed:
        raise NotDelivered(
            f"{host} is at {addresses[0]}, which is no public address; "
            "allow it with `serve --webhook-network`"
        )
    return allowed[0]


def _request(url: SplitResult, body: bytes, headers: Mapping[str, str]) -> bytes:
    """Raises ValueError for what would be more than one request."""
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    lines = [
        f"POST {target} HTTP/1.1",
        f"Host: {url.netloc}",
        *(f"{name}: {value}" for name, value in headers.items()),
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    if " " in target or any(not line.isprintable() for line in lines):
        raise ValueError("the URL holds a space or a control character")
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


async def _status(reader: asyncio.StreamReader) -> int:
    """Of the next answer, whose head is read. Raises ValueError, EOFError."""
    head = await reader.readuntil(b"\r\n\r\n")
    found = _STATUS.match(head)
    if found is None:
        raise ValueError("the answer is not HTTP/1.1")
    return int(found[1])
