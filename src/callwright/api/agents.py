"""Agents of call queues: what they do now, opting in and out, pauses, wrap-up (SPEC 5.2, 5.3)."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from callwright.api.authorisation import Caller
from callwright.api.delegation import AllowedOrEntrusted
from callwright.api.documents import problems
from callwright.api.paging import (
    LIMIT_DEFAULT,
    CursorText,
    Limit,
    read_cursor,
    write_cursor,
)
from callwright.api.problems import Problem, not_found
from callwright.api.stored_agents import stored_agents
from callwright.apps.call_queue.agent_acts import AgentActs
from callwright.apps.call_queue.floor import Floor
from callwright.domains.access.delegation import Flag
from callwright.domains.access.model import Permission
from callwright.domains.queues.agency import Objection, objection_to_opting_out
from callwright.domains.queues.view import AgentCard, AgentCondition, AgentView
from callwright.kernel.ids import CallQueueId, UserId
from callwright.kernel.instants import iso_utc
from callwright.kernel.limits.agents import (
    AGENTS_AT_ONCE,
    PAUSE_REASON_CHARS_MAX,
    WRAP_UP_LEFT_S_MAX,
)
from callwright.kernel.limits.api import API_SEARCH_CHARS_MAX
from callwright.kernel.limits.configuration import NAME_CHARS_MAX
from callwright.operations.access.delegation import voice_application_flags

router = APIRouter(tags=["agents"])
Reader = Annotated[Caller, Depends(AllowedOrEntrusted(Permission.SERVICES_READ))]
Asker = Annotated[Caller, Depends(AllowedOrEntrusted(Permission.CALLS_WRITE))]
AgentKey = Annotated[str, Path(max_length=NAME_CHARS_MAX, description="A user's key.")]
_REFUSALS = problems(401, 403, 404, 409, 422)
_UNKNOWN_OFFLINE = (AgentCondition.AVAILABLE, AgentCondition.BUSY, AgentCondition.IN_CALL)
_STATUS = {"no-agent": 404, "unknown-reason": 422, "bad-reason": 422, "not-stored": 503}


class OptBody(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    queues: list[Annotated[str, Field(max_length=NAME_CHARS_MAX)]] | None = Field(
        default=None, max_length=1_000, description="All queues of the agent unless told."
    )


class PauseBody(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    reason: str | None = Field(default=None, min_length=1, max_length=PAUSE_REASON_CHARS_MAX)


class WrapUpBody(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    extend_s: float = Field(gt=0, le=WRAP_UP_LEFT_S_MAX, description="So much longer.")


class MembershipShape(BaseModel):
    queue: str
    opted_in: bool
    may_opt_out: bool


class AgentShape(BaseModel):
    agent: str
    condition: AgentCondition | None
    """None: no server runs that knows."""
    since: str | None
    until: str | None
    """When wrap-up ends by itself."""
    talks_with: str | None
    """For the agent, and for who may read calls."""
    in_queue: str | None
    paused: bool
    """Chose a pause, whatever the condition is."""
    reason: str | None
    """Of the pause."""
    queues: list[MembershipShape] | None = None
    """None: it is about one queue."""


class AgentsShape(BaseModel):
    items: list[AgentShape]


class AgentPageShape(AgentsShape):
    next: str | None
    """What to send as ``cursor`` for the page after; null: this is the last one."""
    total: int | None
    """Agents of all pages; null where only those in one condition are wanted."""


@router.get("/agents", operation_id="list_agents", responses=_REFUSALS)
async def list_agents(
    asker: Reader,
    q: Annotated[
        str, Query(max_length=API_SEARCH_CHARS_MAX, description="Stands in the key, in any case.")
    ] = "",
    queue: Annotated[
        str | None, Query(max_length=NAME_CHARS_MAX, description="Only agents of one queue.")
    ] = None,
    condition: AgentCondition | None = None,
    cursor: CursorText = None,
    limit: Limit = LIMIT_DEFAULT,
) -> AgentPageShape:
    """Agents of any queue, by key; without the permission, yourself."""
    floor = (await _acts(asker)).floor
    after = read_cursor(cursor, str)
    wanted = _wanted(asker, floor, q.casefold(), queue)
    left = (agent for agent in wanted if after is None or agent > after[0])
    found: list[AgentShape] = []
    for number, agent in enumerate(left, start=1):
        card = floor.card(agent)
        shape = None if card is None else _card_shape(asker, card)
        if shape is not None and condition in (None, shape.condition):
            found.append(shape)
        if len(found) > limit:
            break
        if number % AGENTS_AT_ONCE == 0:
            await asyncio.sleep(0)
    following = write_cursor(found[limit - 1].agent) if len(found) > limit else None
    total = len(wanted) if condition is None else None
    return AgentPageShape(items=found[:limit], next=following, total=total)


def _wanted(asker: Caller, floor: Floor, text: str, queue: str | None) -> list[UserId]:
    sees_all = asker.principal.may(Permission.SERVICES_READ)
    return sorted(
        agent
        for agent in floor.agents()
        if (sees_all or agent == asker.principal.user)
        and text in agent.casefold()
        and (queue is None or queue in floor.queues_of(agent))
    )


@router.get("/agents/{agent}", operation_id="get_agent", responses=_REFUSALS)
async def get_agent(asker: Reader, agent: AgentKey) -> AgentShape:
    """What one agent does; everybody may look at himself."""
    acts = await _acts(asker)
    if asker.principal.user != agent and not asker.principal.may(Permission.SERVICES_READ):
        raise _not_allowed(asker, Permission.SERVICES_READ)
    card = acts.floor.card(UserId(agent))
    if card is None:
        raise not_found("agent", agent)
    return _card_shape(asker, card)


@router.get("/call-queues/{key}/agents", operation_id="list_queue_agents", responses=_REFUSALS)
async def list_queue_agents(asker: Reader, key: AgentKey) -> AgentsShape:
    """The agents of a queue in its order, as it sees them; its agents and those to whom it is
    entrusted may look."""
    acts = await _acts(asker)
    queue, view = CallQueueId(key), acts.floor.view(CallQueueId(key))
    if not asker.principal.may(Permission.SERVICES_READ):
        user = asker.principal.user
        if user is None or not (
            queue in acts.floor.queues_of(user) or await _leads(asker, user, (queue,))
        ):
            raise _not_allowed(asker, Permission.SERVICES_READ)
    if view is None:
        raise not_found("call queue", key)
    return AgentsShape(items=[_shape(asker, agent) for agent in view.agents])


@router.post("/agents/{agent}/opt-out", operation_id="opt_agent_out", responses=_REFUSALS)
async def opt_out(asker: Asker, agent: AgentKey, body: OptBody) -> AgentShape:
    """The queues do not ring the agent any more, whatever his phones say; unless they are named,
    those that let their agents opt out."""
    acts, user = await _acts(asker), UserId(agent)
    queues = _queues(acts, user, body)
    await _check(asker, user, queues)
    if body.queues is None:
        _raise(await acts.opt_out_everywhere(user))
        return _after(asker, acts, user)
    for queue in queues:
        _raise(objection_to_opting_out(acts.floor.queue(queue), user))
    for queue in queues:
        _raise(await acts.opt_out(user, queue))
    return _after(asker, acts, user)


@router.post("/agents/{agent}/opt-in", operation_id="opt_agent_in", responses=_REFUSALS)
async def opt_in(asker: Asker, agent: AgentKey, body: OptBody) -> AgentShape:
    """The queues ring the agent again, at once if somebody waits."""
    acts, user = await _acts(asker), UserId(agent)
    queues = _queues(acts, user, body)
    await _check(asker, user, queues)
    for queue in queues:
        _raise(await acts.opt_in(user, queue))
    return _after(asker, acts, user)


@router.post("/agents/{agent}/pause", operation_id="pause_agent", responses=_REFUSALS)
async def pause(asker: Asker, agent: AgentKey, body: PauseBody) -> AgentShape:
    """No queue rings the agent until he resumes."""
    acts, user = await _acts(asker), UserId(agent)
    await _check(asker, user, ())
    _raise(await acts.pause(user, body.reason))
    return _after(asker, acts, user)


@router.post("/agents/{agent}/resume", operation_id="resume_agent", responses=_REFUSALS)
async def resume(asker: Asker, agent: AgentKey) -> AgentShape:
    """Ends a pause, and wrap-up with it."""
    acts, user = await _acts(asker), UserId(agent)
    await _check(asker, user, ())
    _raise(await acts.resume(user))
    return _after(asker, acts, user)


@router.post("/agents/{agent}/wrap-up", operation_id="extend_wrap_up", responses=_REFUSALS)
async def extend_wrap_up(asker: Asker, agent: AgentKey, body: WrapUpBody) -> AgentShape:
    """Gives the agent more time after a call, an hour at most."""
    acts, user = await _acts(asker), UserId(agent)
    await _check(asker, user, ())
    _raise(acts.extend_wrap_up(user, body.extend_s))
    return _after(asker, acts, user)


@router.delete("/agents/{agent}/wrap-up", operation_id="end_wrap_up", responses=_REFUSALS)
async def end_wrap_up(asker: Asker, agent: AgentKey) -> AgentShape:
    """The agent is available again, at once."""
    acts, user = await _acts(asker), UserId(agent)
    await _check(asker, user, ())
    _raise(acts.end_wrap_up(user))
    return _after(asker, acts, user)


async def _acts(asker: Caller) -> AgentActs:
    """Raises Problem (404): there is no organisation yet."""
    live = asker.tenant.live
    if live is not None and live.snapshot is not None:
        return live.agents
    acts = await asyncio.to_thread(stored_agents, asker.tenant)
    if acts is None:
        raise Problem(404, "not-found", "there is no organisation yet", "apply a file")
    return acts


def _queues(acts: AgentActs, user: UserId, body: OptBody) -> tuple[CallQueueId, ...]:
    """Those that are named, or all that may be meant. Raises Problem (404, 409) before anything
    is done."""
    everywhere = acts.floor.queues_of(user)
    if not everywhere:
        raise not_found("agent", user)
    if body.queues is None:
        return everywhere
    for queue in body.queues:
        if queue not in everywhere:
            text = f"{user} is no agent of queue {queue}"
            raise Problem(404, "no-agent", text, f"name one of {', '.join(everywhere)}")
    return tuple(map(CallQueueId, body.queues))


async def _check(asker: Caller, user: UserId, queues: Sequence[CallQueueId]) -> None:
    """Everybody may act for himself, and whoever leads the queues for their agents.

    Raises Problem (403).
    """
    principal = asker.principal
    if principal.user == user or principal.may(Permission.CALLS_WRITE):
        return
    if principal.user is None or not queues or not await _leads(asker, principal.user, queues):
        raise _not_allowed(asker, Permission.CALLS_WRITE)


async def _leads(asker: Caller, user: UserId, queues: Sequence[CallQueueId]) -> bool:
    """The queues list him as authorised, and his policy lets him opt their agents in and out."""
    organisation = (await asyncio.to_thread(asker.tenant.administration.current)).organisation
    if organisation is None:
        return False
    known = organisation.call_queues
    lists_him = all(queue in known and user in known[queue].authorised for queue in queues)
    return lists_him and Flag.QUEUE_AGENT_OPT in voice_application_flags(organisation, user)


def _raise(objection: Objection | None) -> None:
    if objection is not None:
        status = _STATUS.get(objection.code, 409)
        raise Problem(status, objection.code, objection.text, objection.remedy)


def _after(asker: Caller, acts: AgentActs, user: UserId) -> AgentShape:
    card = acts.floor.card(user)
    if card is None:
        raise not_found("agent", user)
    return _card_shape(asker, card)


def _card_shape(asker: Caller, card: AgentCard) -> AgentShape:
    memberships = [
        MembershipShape(queue=each.queue, opted_in=each.is_opted_in, may_opt_out=each.may_opt_out)
        for each in card.queues
    ]
    return _shape(asker, card.view).model_copy(update={"queues": memberships})


def _shape(asker: Caller, view: AgentView) -> AgentShape:
    is_known = asker.tenant.live is not None or view.condition not in _UNKNOWN_OFFLINE
    form: dict[str, Any] = {
        "agent": view.agent,
        "condition": view.condition if is_known else None,
        "since": iso_utc(view.since) if view.since is not None and is_known else None,
        "until": None if view.until is None else iso_utc(view.until),
        "talks_with": view.talks_with if _may_know(asker, view.agent) else None,
        "in_queue": view.in_queue,
        "paused": view.is_paused,
        "reason": view.reason,
    }
    return AgentShape(**form)


def _may_know(asker: Caller, agent: UserId) -> bool:
    """Whom the agent talks to, be it a customer or a friend."""
    return asker.principal.user == agent or asker.principal.may(Permission.CALLS_READ)


def _not_allowed(asker: Caller, needed: Permission) -> Problem:
    text = f"{asker.principal.name} lacks the permission {needed}"
    return Problem(403, "not-allowed", text, "ask an owner for a role that has it")
