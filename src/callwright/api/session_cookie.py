"""The cookie of a session, and that no other site uses it.

The browser keeps it from scripts (HttpOnly) and sends it from our own pages only (SameSite=Strict).
A request that changes something must also say that it comes from here.
"""

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import Response

from callwright.api.problems import Problem
from callwright.domains.shield.rules import source_of
from callwright.kernel.limits.access import SESSION_S_MAX

SESSION_PREFIX = "cws"
PLAIN_NAME = "callwright"
SECURE_NAME = "__Host-callwright"
"""A browser takes this name over TLS only, for the whole host, and from nobody but the host."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def cookie_of(connection: HTTPConnection) -> str | None:
    return connection.cookies.get(SECURE_NAME if is_secure(connection) else PLAIN_NAME)


def give_cookie(connection: HTTPConnection, response: Response, value: str) -> None:
    _set(connection, response, value, max_age_s=int(SESSION_S_MAX))


def take_cookie(connection: HTTPConnection, response: Response) -> None:
    _set(connection, response, "", max_age_s=0)


def refuse_foreign(connection: HTTPConnection) -> None:
    """Raises Problem for a change, or a WebSocket, that a page of another site asks for.

    Browsers tell it by Sec-Fetch-Site, older ones by Origin; what tells neither is no browser's.
    """
    is_reading = connection.scope["type"] == "http" and connection.scope["method"] in _SAFE
    if not is_reading and not _is_own(connection):
        text = "the request comes from a page of another site"
        raise Problem(403, "foreign-origin", text, "use a token, or the page of this server")


def source_of_request(connection: HTTPConnection) -> str:
    """The smallest network that one owner has whole; whoever guesses has to change it."""
    return source_of(connection.client.host if connection.client else "unknown")


def _is_own(connection: HTTPConnection) -> bool:
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = connection.headers.get("origin")
    host = connection.headers.get("host", "")
    return origin is not None and bool(host) and urlsplit(origin).netloc == host


def is_secure(connection: HTTPConnection) -> bool:
    return connection.url.scheme in ("https", "wss")


def _set(connection: HTTPConnection, response: Response, value: str, *, max_age_s: int) -> None:
    secure = is_secure(connection)
    response.set_cookie(
        SECURE_NAME if secure else PLAIN_NAME,
        value,
        max_age=max_age_s,
        path="/",
        secure=secure,
        httponly=True,
        samesite="strict",
    )
