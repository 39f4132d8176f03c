"""Events: in pages, as a stream of server-sent events, and over a WebSocket.

Each follower has a cursor, the number of the last event it has seen; it is sent what came after,
then what comes. One that does not take what it is sent is cut, and comes back with its cursor.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Collection
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, WebSocket
from fastapi.responses import Response, StreamingResponse
from starlette.requests import HTTPConnection

from callwright.api.authorisation import Caller, allowed
from callwright.api.documents import problems
from callwright.api.event_feed import EventFeed, TooManyListeners
from callwright.api.following import (
    POLICY_VIOLATION,
    STREAM_HEADERS,
    STREAM_TYPE,
    TRY_LATER,
    EventStream,
    Standing,
    converse,
)
from callwright.api.paging import LIMIT_DEFAULT, Limit, Page, paged
from callwright.api.problems import Problem, bad_parameter
from callwright.domains.access.model import Permission
from callwright.kernel.instants import iso_utc
from callwright.kernel.limits.api import EVENTS_HEARTBEAT_S, EVENTS_READ_AT_ONCE
from callwright.operations.organisation_file.refusal import alternatives, quoted
from callwright.storage.events import Event, EventKind, Events

CURSOR_MAX = 2**53
KIND_PERMISSIONS = {
    EventKind.CONFIGURATION_CHANGED: Permission.AUDIT_READ,
    EventKind.CALL_ENDED: Permission.CALLS_READ,
    EventKind.VOICEMAIL_LEFT: Permission.CALLS_READ,
    EventKind.VOICEMAIL_READ: Permission.CALLS_READ,
    EventKind.VOICEMAIL_DELETED: Permission.CALLS_READ,
    EventKind.CREDITS_DEPOSITED: Permission.CREDITS_READ,
    EventKind.WEBHOOK_TEST: Permission.WEBHOOKS_READ,
}
"""Who may see an event is who may see what it tells about."""

router = APIRouter(prefix="/events", tags=["events"])
After = Annotated[
    int | None,
    Query(ge=0, le=CURSOR_MAX, description="The last event you have; none: what comes from now."),
]
Kinds = Annotated[
    list[str] | None,
    Query(max_length=20, description="Only these kinds, such as `call.ended`."),
]
Anybody = Annotated[Caller, Depends(allowed())]


@router.get("", operation_id="list_events", response_model=Page, responses=problems(401, 403, 422))
async def list_events(
    caller: Anybody,
    after: Annotated[int, Query(ge=0, le=CURSOR_MAX, description="The last event you have.")] = 0,
    kind: Kinds = None,
    limit: Limit = LIMIT_DEFAULT,
) -> Response:
    """The oldest first. ``next`` is what to send as ``after``; it is there even when nothing
    is."""
    wanted = kinds_for(caller, kind)
    return await paged(lambda: _page(Events(caller.tenant.database), after, wanted, limit))


def _page(events: Events, after: int, kinds: Collection[str], limit: int) -> Page:
    found, bounds = events.after(after, limit=limit, kinds=kinds), events.bounds()
    items = [event_as_json(event) for event in found]
    if bounds.misses(after) and after > 0:
        items.insert(0, missed_as_json(after, bounds.oldest))
    return Page(items=items, next=str(found[-1].id if found else after))


@router.get(
    "/stream",
    operation_id="stream_events",
    response_class=StreamingResponse,
    responses=problems(401, 403, 422)
    | {200: {"description": "Never ends.", "content": {STREAM_TYPE: {"schema": {}}}}},
)
async def stream_events(
    request: Request,
    caller: Anybody,
    after: After = None,
    kind: Kinds = None,
    last_event_id: Annotated[str | None, Header(max_length=20)] = None,
) -> StreamingResponse:
    """Server-sent events, with a comment every 15 s; a browser comes back by itself with the last
    id it saw."""
    cursor = _cursor(after, last_event_id)
    feed = _feed(caller)
    if cursor is None:
        cursor = await asyncio.to_thread(Events(caller.tenant.database).newest)
    wanted = kinds_for(caller, kind)
    stream = _stream(Follower(caller, cursor, wanted), feed, _standing(request, wanted))
    return EventStream(stream, media_type=STREAM_TYPE, headers=STREAM_HEADERS)


@router.websocket("/socket")
async def follow_events(
    socket: WebSocket, caller: Anybody, after: After = None, kind: Kinds = None
) -> None:
    """The same as texts of JSON; a heartbeat is ``{"kind": "heartbeat"}``."""
    try:
        feed, wanted = _feed(caller), kinds_for(caller, kind)
    except Problem as error:
        await socket.close(POLICY_VIOLATION, error.detail)
        return
    await socket.accept()
    cursor = after
    if cursor is None:
        cursor = await asyncio.to_thread(Events(caller.tenant.database).newest)
    follower = Follower(caller, cursor, wanted)
    try:
        with feed.joined():
            await converse(socket, lambda: follower.batch(feed), _standing(socket, wanted))
    except TooManyListeners:
        await socket.close(TRY_LATER, "as many follow as may; come back later")


class Follower:
    """Reads on from a cursor; ``batch`` is what came since, [] after a silent while."""

    def __init__(self, caller: Caller, cursor: int, kinds: Collection[str]) -> None:
        self._events = Events(caller.tenant.database)
        self._cursor = cursor
        self._kinds = kinds
        self._is_first = True

    async def batch(self, feed: EventFeed) -> list[dict[str, Any]]:
        told = [*await self._missed(), *await self._news()]
        loop = asyncio.get_running_loop()
        until_s = loop.time() + EVENTS_HEARTBEAT_S
        while not told and (left_s := until_s - loop.time()) > 0:
            if await feed.wait_past(self._cursor, within_s=left_s):
                told = await self._news()
        return told

    async def _missed(self) -> list[dict[str, Any]]:
        if not self._is_first:
            return []
        self._is_first = False
        bounds = await asyncio.to_thread(self._events.bounds)
        return [missed_as_json(self._cursor, bounds.oldest)] if bounds.misses(self._cursor) else []

    async def _news(self) -> list[dict[str, Any]]:
        newest = await asyncio.to_thread(self._events.newest)
        found = await asyncio.to_thread(
            self._events.after, self._cursor, limit=EVENTS_READ_AT_ONCE, kinds=self._kinds
        )
        self._cursor = (
            found[-1].id if len(found) == EVENTS_READ_AT_ONCE else max(newest, self._cursor)
        )
        if found:
            self._cursor = max(self._cursor, found[-1].id)
        return [event_as_json(event) for event in found]


def _standing(connection: HTTPConnection, kinds: Collection[str]) -> Standing:
    return Standing(connection, lambda caller: bool(kinds_for(caller, kinds)))


async def _stream(follower: Follower, feed: EventFeed, standing: Standing) -> AsyncIterator[str]:
    """Reads no further while the client takes nothing; cancelled when it is gone.

    Ends at once where as many follow as may: it is too late to refuse, and the client comes back.
    """
    with contextlib.suppress(TooManyListeners), feed.joined():
        yield ": welcome\n\n"
        while True:
            batch = await follower.batch(feed)
            if not await standing.holds():
                return
            for event in batch:
                text = json.dumps(event, separators=(",", ":"), ensure_ascii=False)
                yield f"id: {event['id']}\nevent: {event['kind']}\ndata: {text}\n\n"
            if not batch:
                yield ": still here\n\n"


def kinds_for(caller: Caller, asked: Collection[str] | None) -> list[str]:
    """What is asked for of what the caller may see. Raises Problem: 403, 422."""
    may = [kind.value for kind in EventKind if caller.principal.may(KIND_PERMISSIONS[kind])]
    if not asked:
        if not may:
            text = f"{caller.principal.name} may see no event"
            raise Problem(403, "not-allowed", text, "ask an owner for a role that may")
        return may
    known = [kind.value for kind in EventKind]
    for name in asked:
        if name not in known:
            text = f"no event is called {quoted(name)}; {alternatives(name, known)}"
            raise bad_parameter("kind", "unknown-kind", text)
        if name not in may:
            text = f"{caller.principal.name} may not see {name}"
            needed = KIND_PERMISSIONS[EventKind(name)]
            raise Problem(403, "not-allowed", text, f"ask an owner for {needed}")
    return sorted(set(asked))


def event_as_json(event: Event) -> dict[str, Any]:
    return {"id": event.id, "kind": event.kind, "at": iso_utc(event.at), "data": event.data}


def missed_as_json(cursor: int, oldest: int) -> dict[str, Any]:
    """Told first to who was away for too long."""
    return {
        "id": cursor,
        "kind": "events.missed",
        "data": {"after": cursor, "oldest_kept": oldest},
    }


def _cursor(after: int | None, last_event_id: str | None) -> int | None:
    if last_event_id is None:
        return after
    if not last_event_id.isascii() or not last_event_id.isdigit():
        text = "is no number of an event; send the id of the last one you have"
        raise bad_parameter("Last-Event-ID", "bad-cursor", text)
    return min(int(last_event_id), CURSOR_MAX)


def _feed(caller: Caller) -> EventFeed:
    feed = caller.tenant.feed
    if feed is None:
        raise Problem(503, "no-server", "no server runs that could wait for events", "start it")
    if feed.is_full:
        headers = {"Retry-After": "10"}
        raise Problem(503, "too-many-listeners", "as many follow as may", headers=headers)
    return feed
