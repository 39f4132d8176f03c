"""A request with an Idempotency-Key is carried out once; who repeats it gets the same answer.

The answer is kept in the transaction of what was done: a kill loses both or neither.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, TypeVar

from fastapi import Header, Request
from fastapi.responses import Response
from sqlalchemy import Connection

from callwright.api.authorisation import Caller
from callwright.api.problems import Problem
from callwright.domains.access.model import PrincipalKind
from callwright.kernel.limits.api import IDEMPOTENCY_ANSWER_BYTES_MAX, IDEMPOTENCY_KEY_CHARS_MAX
from callwright.operations.administration import Applied, Companion
from callwright.storage.idempotency import KeptAnswer, KeptAnswers, keep_within

Done = TypeVar("Done")
HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
_KEPT_HEADERS = ("content-type", "etag", "location", "callwright-revision", "callwright-cautions")
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias=HEADER,
        min_length=1,
        max_length=IDEMPOTENCY_KEY_CHARS_MAX,
        description="Any text of yours, kept for a day: the same request with the same key is "
        "carried out once and answered alike.",
    ),
]


class Keeper:
    """Keeps the answer to one request; without a key there is nothing to keep."""

    def __init__(self, caller: Caller, asker: str, key: str | None, request: str) -> None:
        self._caller = caller
        self._asker = asker
        self._key = key
        self._request = request
        self._is_kept = False

    def companions(self, answer: Callable[[Applied], Response]) -> tuple[Companion, ...]:
        """``answer`` makes the response to what is being written."""
        keep = self.witness(answer)
        return () if keep is None else (keep,)

    def witness(
        self, answer: Callable[[Done], Response]
    ) -> Callable[[Connection, Done], None] | None:
        """What keeps the answer to what is being done in the same transaction; None: nothing is
        to be kept."""
        if self._key is None:
            return None

        def keep(connection: Connection, done: Done) -> None:
            self.keep_within(connection, answer(done))

        return keep

    def keep_within(self, connection: Connection, response: Response) -> None:
        if self._key is not None:
            now = self._caller.tenant.utc()
            kept = _kept(self._request, response)
            keep_within(connection, self._asker, self._key, kept, now)
            self._is_kept = True

    def keep(self, response: Response) -> None:
        """Unless it was kept with what it answers."""
        if self._key is not None and not self._is_kept:
            with self._caller.tenant.database.writing() as connection:
                self.keep_within(connection, response)


async def once(
    request: Request, caller: Caller, act: Callable[[Keeper], Awaitable[Response]]
) -> Response:
    """Carries out ``act``, or answers as it was answered before.

    Refusals are not kept: they changed nothing. Raises Problem: 409 while the first of two equal
    requests still runs, 422 where the key was used for another request.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return await act(Keeper(caller, "", None, ""))
    asker = asker_of(request, caller)
    digest = await asyncio.to_thread(_digest, request, await request.body())
    keeper = Keeper(caller, asker, key, digest)
    if not 0 < len(key) <= IDEMPOTENCY_KEY_CHARS_MAX:
        text = f"{HEADER} has {len(key)} characters"
        raise Problem(422, "bad-idempotency-key", text, f"send 1 to {IDEMPOTENCY_KEY_CHARS_MAX}")
    with _alone(request.app.state, (caller.tenant.domain, asker, key)):
        former = await asyncio.to_thread(
            KeptAnswers(caller.tenant.database).find, asker, key, caller.tenant.utc()
        )
        if former is not None:
            return _replayed(former, digest)
        response = await act(keeper)
        if response.status_code < 400:
            await asyncio.to_thread(keeper.keep, response)
        return response


def asker_of(request: Request, caller: Caller) -> str:
    """Whose keys these are. A guest from another organisation has a name only, which two of its
    programs may share: what tells him is his credential."""
    who = caller.principal
    known = who.token or who.account
    if known is None and who.kind is not PrincipalKind.LOCAL:
        credential = request.headers.get("authorization") or request.headers.get("cookie", "")
        known = hashlib.sha256(credential.encode()).hexdigest()
    return f"{who.kind.value}:{known or who.name}"


def _digest(request: Request, body: bytes) -> str:
    digest = hashlib.sha256()
    for part in (request.method, request.url.path, request.url.query):
        digest.update(part.encode() + b"\n")
    digest.update(body)
    return digest.hexdigest()


@contextmanager
def _alone(state: Any, name: tuple[str, str, str]) -> Iterator[None]:
    running: set[tuple[str, str, str]] = state.idempotent_requests
    if name in running:
        text = "a request with this Idempotency-Key is still being carried out"
        raise Problem(409, "still-running", text, "repeat it later", headers={"Retry-After": "1"})
    running.add(name)
    try:
        yield
    finally:
        running.discard(name)


def _kept(request: str, response: Response) -> KeptAnswer:
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    body = bytes(response.body)
    text = body.decode() if len(body) <= IDEMPOTENCY_ANSWER_BYTES_MAX else None
    return KeptAnswer(request, response.status_code, headers, text)


def _replayed(former: KeptAnswer, digest: str) -> Response:
    if former.request != digest:
        text = "this Idempotency-Key was used for another request"
        raise Problem(422, "idempotency-key-reused", text, "send a new key for a new request")
    if former.body is None:
        text = "the request was carried out; its answer was too long to be kept"
        raise Problem(409, "answer-not-kept", text, "read what is there now")
    headers = {**former.headers, REPLAYED: "true"}
    return Response(former.body, status_code=former.status, headers=headers)
