"""The public API as commands speak it: of a server, or in this process on the data (ADR 0031)."""

import asyncio
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from ipaddress import ip_address
from typing import Any

import httpx

from callwright.cli.places import Reach
from callwright.kernel.limits.commands import CLIENT_TIMEOUT_S, TOKEN_FILE_BYTES_MAX

API = "/api/v1"
TOKEN_VARIABLE = "CALLWRIGHT_TOKEN"
ORGANISATION_HEADER = "Callwright-Organisation"
CAUTIONS_HEADER = "Callwright-Cautions"
LOCAL_URL = "http://localhost"

Query = Mapping[str, str | int | Sequence[str] | None]


class ApiRefused(Exception):
    """What the API, or the way to it, refused; its text has a line for each mistake."""

    def __init__(
        self, text: str, status: int = 0, mistakes: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        super().__init__(text)
        self.status = status
        """Of HTTP; 0: it was not reached."""
        self.mistakes = tuple(mistakes)
        """Each with a pointer into what was sent, a detail and a remedy."""


class Api:
    """Asks one after the other; not to be shared by threads."""

    def __init__(self, client: httpx.AsyncClient, runner: asyncio.Runner) -> None:
        self.cautions: Sequence[str] = ()
        """What the last answer says beside its body."""
        self._client = client
        self._runner = runner

    def get(self, path: str, query: Query | None = None) -> Any:
        return self.ask("GET", path, query=query)

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        why: str | None = None,
        dry_run: bool = False,
    ) -> Any:
        """Returns the answer's JSON; text where it is none; None where it is empty.

        ``path`` is below ``/api/v1``. Raises ApiRefused.
        """
        return _content(
            self._answer(
                method, path, query=query, body=body, headers=headers, why=why, dry_run=dry_run
            )
        )

    def upload(self, path: str, content: bytes, media_type: str) -> None:
        """Puts a file in a place. Raises ApiRefused."""
        _content(self._answer("PUT", path, body=content, headers={"Content-Type": media_type}))

    def download(self, path: str, query: Query | None = None) -> bytes:
        """A file as it is. Raises ApiRefused."""
        answer = self._answer("GET", path, query=query)
        if not answer.is_success:
            _content(answer)
        return answer.content

    def _answer(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        why: str | None = None,
        dry_run: bool = False,
    ) -> httpx.Response:
        asked = {**(query or {}), **({"dry_run": "true"} if dry_run else {})}
        sent = dict(headers or {})
        if why is not None:
            sent["Callwright-Why"] = why
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        request = self._client.build_request(
            method,
            API + path,
            params={name: value for name, value in asked.items() if value is not None},
            content=_encoded(body),
            headers=sent,
        )
        try:
            answer = self._runner.run(self._client.send(request))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            place = f"{request.url.scheme}://{request.url.netloc.decode()}"
            because = str(error) or type(error).__name__
            raise ApiRefused(f"{place} cannot be reached: {because}") from None
        self.cautions = _cautions(answer)
        return answer

    def pages(self, path: str, query: Query, *, most: int) -> Iterator[Any]:
        """The entries of a list, page after page, at most so many."""
        cursor: str | None = None
        while most > 0:
            page = self.get(path, {**query, "cursor": cursor, "limit": min(most, PAGE)})
            yield from page["items"][:most]
            most -= len(page["items"])
            cursor = page["next"]
            if cursor is None:
                return


def _encoded(body: object) -> bytes | None:
    """Bytes are sent as they are, anything else as JSON."""
    if body is None or isinstance(body, bytes):
        return body
    return json.dumps(body, ensure_ascii=False).encode()


def _cautions(answer: httpx.Response) -> Sequence[str]:
    try:
        told = json.loads(answer.headers.get(CAUTIONS_HEADER, "[]"))
    except ValueError:
        return ()
    return tuple(map(str, told)) if isinstance(told, list) else ()


PAGE = 1_000
"""Entries asked for at once, as many as the API gives."""


@contextmanager
def reached_api(reach: Reach, *, read_only: bool = False) -> Iterator[Api]:
    """The API where a command's options say. Raises ApiRefused, DatabaseError, SealError."""
    with ExitStack() as stack:
        if reach.server is None:
            from callwright.cli.local_api import local_transport  # takes a second to import

            transport = local_transport(
                reach.where, stack, read_only=read_only, voicemail_key=reach.voicemail_key
            )
            client = httpx.AsyncClient(transport=transport, base_url=LOCAL_URL, timeout=None)
        else:
            client = _remote(reach.server, reach)
        runner = stack.enter_context(asyncio.Runner())
        stack.callback(lambda: runner.run(client.aclose()))
        yield Api(client, runner)


def _remote(server: str, reach: Reach) -> httpx.AsyncClient:
    try:
        url = httpx.URL(server)
    except httpx.InvalidURL:
        raise ApiRefused(f"{server!r} is no URL such as https://pbx.contoso.test") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise ApiRefused(f"{server!r} is no URL such as https://pbx.contoso.test")
    if url.scheme == "http" and not _is_here(url.host):
        raise ApiRefused(f"{server}: a token must not go through a network in clear; use https")
    headers = {"Authorization": f"Bearer {_token(reach)}"}
    if reach.where.organisation is not None:
        headers[ORGANISATION_HEADER] = reach.where.organisation
    return httpx.AsyncClient(base_url=url, headers=headers, timeout=CLIENT_TIMEOUT_S)


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _token(reach: Reach) -> str:
    if reach.token_file is None:
        token = os.environ.get(TOKEN_VARIABLE, "")
    else:
        try:
            with reach.token_file.open(encoding="ascii") as file:
                token = file.read(TOKEN_FILE_BYTES_MAX)
        except (OSError, UnicodeError) as error:
            because = getattr(error, "strerror", None) or "it holds no token"
            raise ApiRefused(f"{reach.token_file}: cannot be read: {because}") from None
    if not token.strip().isascii() or not token.strip().isprintable() or not token.strip():
        text = "no token; make one with `callwright tokens create`"
        raise ApiRefused(f"{text}, and put it into {TOKEN_VARIABLE} or a file for --token-file")
    return token.strip()


def _content(answer: httpx.Response) -> Any:
    """Raises ApiRefused."""
    kind = answer.headers.get("content-type", "").partition(";")[0]
    is_json = kind == "application/json" or kind.endswith("+json")
    try:
        content = answer.json() if is_json else answer.text or None
    except ValueError:
        content = None
    if answer.is_success:
        return content
    mistakes = content.get("errors") or () if isinstance(content, dict) else ()
    raise ApiRefused(_refusal(content, answer.status_code), answer.status_code, mistakes)


def _refusal(problem: object, status: int) -> str:
    """The lines of a problem document (RFC 9457)."""
    if not isinstance(problem, dict) or "detail" not in problem:
        return f"the server answered {status}; is it a Callwright server?"
    mistakes = problem.get("errors") or []
    if not mistakes:
        return _sentence("", problem)
    lines = [_sentence(str(each.get("pointer", "")), each) for each in mistakes]
    return "\n".join((*lines, "nothing was changed"))


def _sentence(pointer: str, part: Mapping[str, Any]) -> str:
    place = pointer.strip("/").replace("/", ".").replace("~1", "/").replace("~0", "~")
    text = "; ".join(str(part[word]) for word in ("detail", "remedy") if part.get(word))
    return f"{place}: {text}" if place else text
