"""What queues look like now: once, and as a stream of what changes (SPEC 10.2, row 266).

A stream sends each queue as it is, then each one that changed. Nothing of it is kept, so there is
no cursor: who comes back begins with what is now.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, WebSocket
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel

from callwright.api.authorisation import Caller
from callwright.api.delegation import AllowedOrEntrusted
from callwright.api.documents import problems
from callwright.api.figures_of_today import Figures
from callwright.api.following import (
    POLICY_VIOLATION,
    STREAM_HEADERS,
    STREAM_TYPE,
    TRY_LATER,
    EventStream,
    Standing,
    converse,
)
from callwright.api.problems import Problem, not_found
from callwright.api.tenant import QueueBoards
from callwright.domains.access.model import Permission
from callwright.domains.queues.board import Board, TooManyFollowers, aged
from callwright.kernel.ids import UserId
from callwright.kernel.limits.api import EVENTS_HEARTBEAT_S
from callwright.kernel.limits.supervision import LIVE_TELL_S
from callwright.operations.access.delegation import voice_applications_policy
from callwright.operations.organisation_file import Organisation
from callwright.storage.live_view import LiveViewFile

router = APIRouter(tags=["call-queues"])
Watcher = Annotated[Caller, Depends(AllowedOrEntrusted(Permission.REPORTS_READ))]
Queues = Annotated[
    list[str] | None, Query(max_length=100, description="Only these queues; all unless told.")
]
KIND = "queue.live"


class WaitingShape(BaseModel):
    call: str
    caller: str
    name: str | None
    since: str
    waited_s: float
    position: int
    priority: int
    state: str
    ringing: list[str]


class AgentShape(BaseModel):
    agent: str
    state: str
    since: str | None
    for_s: float | None
    until: str | None
    """When wrap-up ends by itself."""
    left_s: float | None
    talks_with: str | None
    in_queue: str | None
    reason: str | None
    supervisor: str | None
    supervision: str | None
    """What the supervisor does in the agent's call: ``monitor``, ``whisper``, ``barge``."""


class TodayShape(BaseModel):
    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    mean_wait_s: float | None = None
    longest_wait_s: float | None = None
    service_level: float | None = None


class LiveQueueShape(BaseModel):
    queue: str
    at: str
    waiting_count: int
    longest_wait_s: float | None
    mean_wait_s: float | None
    service_level: float | None
    """Since the server started; None: no threshold, or nobody to count."""
    idle_wait_s: float
    """How long a caller has waited while an agent was free for it."""
    agent_counts: dict[str, int]
    waiting: list[WaitingShape]
    """Without the permission to read calls it is empty, and so is ``agents``."""
    agents: list[AgentShape]
    today: TodayShape
    """Since midnight where the organisation is, of the call records."""


class LiveQueuesShape(BaseModel):
    items: list[LiveQueueShape]


@router.get(
    "/call-queues/{key}/live",
    operation_id="get_live_queue",
    responses=problems(401, 403, 404, 422, 503),
)
async def get_live_queue(asker: Watcher, key: str) -> LiveQueueShape:
    """Who waits, what the agents do, and the figures of the day."""
    sight = await asyncio.to_thread(Sight.of, asker)
    sight.check(key)
    found = [board for board in await shown(sight) if board["queue"] == key]
    if not found:
        raise not_found("call queue", key)
    return LiveQueueShape.model_validate(found[0])


@router.get(
    "/live/call-queues",
    operation_id="list_live_queues",
    response_model=LiveQueuesShape,
    responses=problems(401, 403, 404, 422, 503),
)
async def list_live_queues(asker: Watcher, queue: Queues = None) -> Response:
    """Every queue that the caller may watch, in the order of the file."""
    boards = await shown(await asyncio.to_thread(Sight.of, asker), queue)
    text = await asyncio.to_thread(_listed, boards)
    return Response(text, media_type="application/json")


def _listed(boards: Sequence[Board]) -> str:
    shapes = [LiveQueueShape.model_validate(board) for board in boards]
    return LiveQueuesShape(items=shapes).model_dump_json()


@router.get(
    "/live/call-queues/stream",
    operation_id="stream_live_queues",
    response_class=StreamingResponse,
    responses=problems(401, 403, 404, 422, 503)
    | {200: {"description": "Never ends.", "content": {STREAM_TYPE: {"schema": {}}}}},
)
async def stream_live_queues(
    request: Request, asker: Watcher, queue: Queues = None
) -> StreamingResponse:
    """Server-sent events ``queue.live``, each a queue as it is now; a comment every 15 s."""
    follower = Follower(await asyncio.to_thread(Sight.of, asker), _boards(asker), queue)
    stream = _stream(follower, Standing(request, follower.look_again))
    return EventStream(stream, media_type=STREAM_TYPE, headers=STREAM_HEADERS)


@router.websocket("/live/call-queues/socket")
async def follow_live_queues(socket: WebSocket, asker: Watcher, queue: Queues = None) -> None:
    """The same as texts of JSON; a heartbeat is ``{"kind": "heartbeat"}``."""
    try:
        follower = Follower(await asyncio.to_thread(Sight.of, asker), _boards(asker), queue)
    except Problem as error:
        await socket.close(POLICY_VIOLATION, error.detail)
        return
    await socket.accept()
    try:
        with follower.boards.joined():
            await converse(socket, follower.events, Standing(socket, follower.look_again))
    except TooManyFollowers:
        await socket.close(TRY_LATER, "as many follow as may; come back later")


@dataclass(frozen=True, slots=True)
class Sight:
    """What a caller may see of queues."""

    asker: Caller
    organisation: Organisation
    entrusted: frozenset[str] | None
    """Queues that list him, where his policy lets him watch them; None: all."""
    names_people: bool

    @classmethod
    def of(cls, asker: Caller) -> "Sight":
        """Not for the event loop: an edit may be at the configuration. Raises Problem (403,
        404)."""
        organisation = asker.tenant.administration.current().organisation
        if organisation is None:
            raise Problem(404, "not-found", "there is no organisation yet", "apply a file")
        if asker.principal.may(Permission.REPORTS_READ):
            return cls(asker, organisation, None, asker.principal.may(Permission.CALLS_READ))
        entrusted = _entrusted(organisation, asker.principal.user)
        if not entrusted:
            text = f"{asker.principal.name} may not watch queues"
            remedy = "a queue has to list the user, and his policy to say real_time_metrics"
            raise Problem(403, "not-allowed", text, remedy)
        return cls(asker, organisation, entrusted, names_people=True)

    async def today(self) -> Figures:
        """Figures of the day by queue."""
        tenant = self.asker.tenant
        return await tenant.today.read(tenant.database, self.organisation, tenant.utc())

    def sees(self, queue: str) -> bool:
        return self.entrusted is None or queue in self.entrusted

    def check(self, queue: str) -> None:
        """Raises Problem (403)."""
        if not self.sees(queue):
            text = f"{self.asker.principal.name} may not watch call queue {queue}"
            raise Problem(403, "not-allowed", text, "ask an administrator to list the user there")


def _entrusted(organisation: Organisation, user: UserId | None) -> frozenset[str]:
    policy = None if user is None else voice_applications_policy(organisation, user)
    if policy is None or policy.real_time_metrics == "disabled":
        return frozenset()
    queues = organisation.call_queues.items()
    return frozenset(key for key, queue in queues if user in queue.authorised)


async def shown(sight: Sight, queues: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Of the running server, or of what it left for other processes. Raises Problem (503)."""
    tenant = sight.asker.tenant
    if tenant.live is not None:
        boards: Sequence[Board] | None = await tenant.live.board.boards()
    else:
        boards = await asyncio.to_thread(LiveViewFile(tenant.database.data).read, tenant.utc())
    if boards is None:
        raise Problem(503, "no-server", "no server runs on this data", "start it, or say --server")
    return await _told(sight, boards, queues)


async def _told(
    sight: Sight, boards: Sequence[Board], queues: Sequence[str] | None
) -> list[dict[str, Any]]:
    """In a thread: a thousand boards are told while calls go on."""
    now, today = sight.asker.tenant.utc(), await sight.today()
    wanted = [
        board
        for board in boards
        if sight.sees(board["queue"]) and (queues is None or board["queue"] in queues)
    ]

    def told() -> list[dict[str, Any]]:
        return [_seen(sight, aged(each, now), today.get(each["queue"], {})) for each in wanted]

    return await asyncio.to_thread(told)


def _seen(sight: Sight, board: dict[str, Any], today: Mapping[str, Any]) -> dict[str, Any]:
    people: dict[str, Any] = {} if sight.names_people else {"waiting": [], "agents": []}
    if sight.entrusted is not None:
        people["agents"] = [_of_entrusted(sight.entrusted, agent) for agent in board["agents"]]
    return {**board, **people, "today": TodayShape(**today).model_dump()}


def _of_entrusted(queues: frozenset[str], agent: Board) -> Board:
    """Whom an agent talks to beside these queues is the agent's own affair."""
    return agent if agent["in_queue"] in queues else {**agent, "talks_with": None}


@dataclass
class Follower:
    """Is told each queue once, and then those that changed, or whose figures of the day did."""

    sight: Sight
    boards: QueueBoards
    queues: Sequence[str] | None
    _version: int = -1
    _last: dict[str, Board] = field(default_factory=dict)
    _today: Figures = field(default_factory=dict)

    def look_again(self, caller: Caller) -> bool:
        """From now on he is told what he may see now, all of it at once where that is something
        else. Not for the event loop. Raises Problem."""
        former, self.sight = self.sight, Sight.of(caller)
        seen = (self.sight.entrusted, self.sight.names_people)
        if seen != (former.entrusted, former.names_people):
            self._version, self._last = -1, {}
        return True

    async def events(self) -> list[dict[str, Any]]:
        return [{"kind": KIND, "data": board} for board in await self.batch()]

    async def batch(self) -> list[dict[str, Any]]:
        """[] after a silent while; never two within LIVE_TELL_S."""
        loop = asyncio.get_running_loop()
        until_s = loop.time() + EVENTS_HEARTBEAT_S
        while (left_s := until_s - loop.time()) > 0:
            has_changed = await self.boards.wait_past(self._version, within_s=left_s)
            if has_changed and self._version >= 0:
                await asyncio.sleep(LIVE_TELL_S)  # what changes at once is told together
            told = await self._news()
            if told:
                return told
        return []

    async def _news(self) -> list[dict[str, Any]]:
        """The record of a call, of which the figures are, comes after the queue changed."""
        self._version = self.boards.version
        now = {each["queue"]: each for each in await self.boards.boards()}
        today = await self.sight.today()
        changed = [
            board
            for queue, board in now.items()
            if self._last.get(queue) != board or self._today.get(queue) != today.get(queue)
        ]
        self._last, self._today = now, today
        return await _told(self.sight, changed, self.queues)


def _boards(asker: Caller) -> QueueBoards:
    """Raises Problem (503)."""
    live = asker.tenant.live
    if live is None:
        raise Problem(503, "no-server", "no server runs that could tell of changes", "start it")
    return live.board


async def _stream(follower: Follower, standing: Standing) -> AsyncIterator[str]:
    """Ends at once where as many follow as may: the client comes back."""
    with contextlib.suppress(TooManyFollowers), follower.boards.joined():
        yield ": welcome\n\n"
        while True:
            batch = await follower.batch()
            if not await standing.holds():
                return
            for text in await asyncio.to_thread(_written, batch):
                yield f"event: {KIND}\ndata: {text}\n\n"
            if not batch:
                yield ": still here\n\n"


def _written(batch: Sequence[Board]) -> list[str]:
    return [json.dumps(board, separators=(",", ":"), ensure_ascii=False) for board in batch]
