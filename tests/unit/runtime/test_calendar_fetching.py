"""Calendars are fetched over HTTP within bounds, and from nowhere inside."""

import asyncio
import os
from contextlib import closing
from ipaddress import ip_network
from pathlib import Path

import pytest

from callwright.kernel.limits.schedules import CALENDAR_BYTES_MAX
from callwright.runtime.calendar_fetching import NotFetched, OutsideCalendars
from callwright.runtime.webhook_posting import PUBLIC_ONLY, Reach

LOOPBACK = Reach((ip_network("127.0.0.0/8"),))


def answered(*answers: bytes, reach: Reach = LOOPBACK) -> tuple[bytes, list[bytes]]:
    """Fetches from a server that gives these answers, one to each connection; returns the content
    and what was asked. ``PORT`` in an answer is the server's."""
    asked: list[bytes] = []
    left = list(answers)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer):
            asked.append(await reader.readuntil(b"\r\n\r\n"))
            port = writer.get_extra_info("sockname")[1]
            writer.write(left.pop(0).replace(b"PORT", str(port).encode()))

    async def fetch() -> bytes:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            return await OutsideCalendars(reach).fetch(f"http://localhost:{port}/a.ics?key=1")

    return asyncio.run(fetch()), asked


def answer(content: bytes, head: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {head}\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content


def test_the_content_comes_with_the_name_that_was_asked_for() -> None:
    content, (request,) = answered(answer(b"BEGIN:VCALENDAR"))
    assert content == b"BEGIN:VCALENDAR"
    assert request.startswith(b"GET /a.ics?key=1 HTTP/1.1\r\nHost: localhost:")


def test_a_redirection_is_followed_but_not_for_ever() -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: /b.ics\r\nContent-Length: 0\r\n\r\n"
    content, asked = answered(moved, answer(b"there"))
    assert (content, asked[1].split()[1]) == (b"there", b"/b.ics")
    with pytest.raises(NotFetched, match="more than 3 redirections"):
        answered(*[moved] * 5)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (answer(b"no", "404 Not Found"), "it answered 404"),
        (answer(b"x" * (CALENDAR_BYTES_MAX + 1)), "more than"),
        (b"what?\r\n\r\n", "cannot be reached"),
        (b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n", "other than http"),
        (
            b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest\r\n\r\n",
            "no public address",
        ),
    ],
)
def test_what_does_not_count(content: bytes, words: str) -> None:
    with pytest.raises(NotFetched, match=words):
        answered(content)


def test_private_addresses_are_asked_only_where_the_operator_allows_it() -> None:
    with pytest.raises(NotFetched, match="no public address"):
        answered(answer(b"secret"), reach=PUBLIC_ONLY)


def test_a_file_that_is_not_there_says_so() -> None:
    with pytest.raises(NotFetched, match="No such file"):
        asyncio.run(OutsideCalendars(PUBLIC_ONLY).read("/nowhere/a.ics"))


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    """A named pipe that nobody writes to would keep all calendars waiting for ever."""
    os.mkfifo(tmp_path / "a.ics")
    with pytest.raises(NotFetched, match="it is no file"):
        asyncio.run(OutsideCalendars(PUBLIC_ONLY).read(str(tmp_path / "a.ics")))
