"""Fetches calendars of holidays: small ones, not for long, and only from where it may."""

import asyncio
import ssl
from pathlib import Path
from stat import S_ISREG
from typing import Protocol
from urllib.parse import urljoin, urlsplit

import httpx

from callwright.kernel.limits.schedules import (
    CALENDAR_ANSWER_S,
    CALENDAR_BYTES_MAX,
    CALENDAR_REDIRECTS_MAX,
)
from callwright.runtime.webhook_posting import NotDelivered, Reach, allowed_address

_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class NotFetched(Exception):
    """The text says why, without the place: its URL may be a secret."""


class CalendarFetcher(Protocol):
    async def fetch(self, url: str) -> bytes:
        """Returns at most CALENDAR_BYTES_MAX. Raises NotFetched."""
        ...

    async def read(self, path: str) -> bytes:
        """The same of a file. Raises NotFetched."""
        ...


class OutsideCalendars:
    """Connects to the very address that it has looked at, at each redirection again, so that a
    name which changes between two questions leads nowhere else."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._security = ssl.create_default_context()
        """Trusts whom this machine trusts, as webhooks do."""

    async def fetch(self, url: str) -> bytes:
        try:
            async with (
                asyncio.timeout(CALENDAR_ANSWER_S),
                httpx.AsyncClient(timeout=None, trust_env=False, verify=self._security) as client,
            ):
                for _ in range(CALENDAR_REDIRECTS_MAX + 1):
                    found = await self._ask(client, url)
                    if isinstance(found, bytes):
                        return found
                    url = urljoin(url, found)
        except TimeoutError:
            raise NotFetched(f"no answer within {CALENDAR_ANSWER_S:g} s") from None
        except NotDelivered as error:
            raise NotFetched(str(error)) from None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as error:
            raise NotFetched(f"it cannot be reached ({type(error).__name__})") from None
        raise NotFetched(f"more than {CALENDAR_REDIRECTS_MAX} redirections")

    async def _ask(self, client: httpx.AsyncClient, url: str) -> bytes | str:
        """Returns the content, or where it is instead."""
        parts = urlsplit(url)
        host, is_secure = parts.hostname or "", parts.scheme == "https"
        if parts.scheme not in ("http", "https") or not host:
            raise NotFetched("it leads to something other than http and https")
        port = parts.port or (443 if is_secure else 80)
        address = await allowed_address(host, port, self._reach)
        request = client.build_request(
            "GET",
            httpx.URL(url).copy_with(host=str(address), port=port),
            headers={
                "Host": parts.netloc.rpartition("@")[2],
                "Accept": "text/calendar, */*;q=0.1",
                "Accept-Encoding": "identity",
            },
            extensions={"sni_hostname": host} if is_secure else {},
        )
        answer = await client.send(request, stream=True)
        try:
            if answer.status_code in _REDIRECTS:
                return str(answer.headers.get("location", ""))
            if answer.status_code != 200:
                raise NotFetched(f"it answered {answer.status_code}")
            return await _bounded(answer)
        finally:
            await answer.aclose()

    async def read(self, path: str) -> bytes:
        try:
            return await asyncio.to_thread(_read_file, path)
        except OSError as error:
            raise NotFetched(error.strerror or type(error).__name__) from None


async def _bounded(answer: httpx.Response) -> bytes:
    content = bytearray()
    async for piece in answer.aiter_raw():
        content += piece
        if len(content) > CALENDAR_BYTES_MAX:
            raise NotFetched(f"it has more than {CALENDAR_BYTES_MAX} bytes")
    return bytes(content)


def _read_file(path: str) -> bytes:
    if not S_ISREG(Path(path).stat().st_mode):  # a pipe may be silent for ever
        raise NotFetched("it is no file")
    with Path(path).open("rb") as file:
        return file.read(CALENDAR_BYTES_MAX + 1)
