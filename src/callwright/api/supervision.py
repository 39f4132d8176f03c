"""Supervisors in agents' calls: rings one, tells who supervises whom, changes over, ends it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field

from callwright.api.authorisation import Caller
from callwright.api.delegation import AllowedOrEntrusted
from callwright.api.documents import problems
from callwright.api.problems import Problem, not_found
from callwright.api.tenant import Live, SupervisionControl
from callwright.domains.access.model import Permission
from callwright.domains.queues.supervision import SupervisionState
from callwright.kernel.decision import Decision
from callwright.kernel.ids import UserId
from callwright.kernel.limits.configuration import NAME_CHARS_MAX
from callwright.kernel.reason import Reason
from callwright.kernel.supervision import SupervisionMode
from callwright.routing.request import Supervise
from callwright.routing.snapshot import Snapshot

router = APIRouter(prefix="/supervision", tags=["supervision"])
Asker = Annotated[Caller, Depends(AllowedOrEntrusted(Permission.CALLS_WRITE))]
SupervisorKey = Annotated[str, Path(max_length=NAME_CHARS_MAX)]


class SuperviseBody(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    supervisor: str = Field(min_length=1, max_length=NAME_CHARS_MAX)
    """Whose phones ring."""
    agent: str = Field(min_length=1, max_length=NAME_CHARS_MAX)
    mode: SupervisionMode = SupervisionMode.MONITOR


class ModeBody(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    mode: SupervisionMode


class SupervisionShape(BaseModel):
    supervisor: str
    agent: str
    mode: SupervisionMode
    since: datetime
    call: str
    """The supervisor's own."""
    agent_call: str


class RingingShape(BaseModel):
    supervisor: str
    agent: str
    mode: SupervisionMode
    because: str


class SupervisionsShape(BaseModel):
    items: list[SupervisionShape]


@router.get("", operation_id="list_supervisions", responses=problems(401, 403, 404, 422, 503))
async def list_supervisions(asker: Asker) -> SupervisionsShape:
    """Who supervises whom now; without the permission, one's own."""
    running = _control(asker)[1].running()
    return SupervisionsShape(items=[_shape(each) for each in _seen_by(asker, running)])


@router.post(
    "",
    operation_id="start_supervision",
    status_code=202,
    responses=problems(401, 403, 404, 409, 422, 503),
)
async def start_supervision(asker: Asker, body: SuperviseBody) -> RingingShape:
    """Rings the supervisor's phones; with the answer he is in the agent's call."""
    supervisor, agent = UserId(body.supervisor), UserId(body.agent)
    _check(asker, supervisor)
    snapshot, control = _control(asker)
    for user in (supervisor, agent):
        if user not in snapshot.users:
            raise not_found("user", user)
    decision = control.ring(snapshot, Supervise(supervisor, agent, body.mode))
    _raise_refusal(decision)
    because = decision.steps[-1].because
    return RingingShape(supervisor=supervisor, agent=agent, mode=body.mode, because=because)


@router.patch(
    "/{supervisor}",
    operation_id="change_supervision",
    status_code=204,
    responses=problems(401, 403, 404, 409, 422, 503),
)
async def change_supervision(asker: Asker, supervisor: SupervisorKey, body: ModeBody) -> None:
    """Changes over at once, as the key on the supervisor's phone does."""
    _check(asker, UserId(supervisor))
    _, control = _control(asker)
    _raise_refusal(control.change(UserId(supervisor), body.mode))


@router.delete(
    "/{supervisor}",
    operation_id="end_supervision",
    status_code=204,
    responses=problems(401, 403, 404, 422, 503),
)
async def end_supervision(asker: Asker, supervisor: SupervisorKey) -> None:
    """Hangs the supervisor up; the agent's call goes on."""
    _check(asker, UserId(supervisor))
    if not _control(asker)[1].end(UserId(supervisor)):
        raise not_found("supervision by", supervisor)


def _control(asker: Caller) -> tuple[Snapshot, SupervisionControl]:
    """Raises Problem: 503 where no server runs, 404 without an organisation."""
    live: Live | None = asker.tenant.live
    if live is None:
        raise Problem(503, "no-server", "no server runs that has calls", "ask one: --server URL")
    if live.snapshot is None:
        raise Problem(404, "not-found", "there is no organisation yet", "apply a file")
    return live.snapshot, live.supervision


def _check(asker: Caller, supervisor: UserId) -> None:
    """Everybody may act for himself. Raises Problem (403)."""
    if asker.principal.user != supervisor and not asker.principal.may(Permission.CALLS_WRITE):
        text = f"{asker.principal.name} may supervise for himself only"
        raise Problem(403, "not-allowed", text, f"ask an owner for {Permission.CALLS_WRITE}")


def _seen_by(asker: Caller, running: tuple[SupervisionState, ...]) -> Iterator[SupervisionState]:
    sees_all = asker.principal.may(Permission.CALLS_WRITE)
    return (each for each in running if sees_all or each.supervisor == asker.principal.user)


def _raise_refusal(decision: Decision[Reason | None]) -> None:
    """Raises Problem: 403 for what the supervisor may not, 404, else 409."""
    reason, step = decision.value, decision.steps[-1]
    if reason is None:
        return
    status = {Reason.SUPERVISION_FORBIDDEN: 403, Reason.ADDRESS_UNKNOWN: 404}.get(reason, 409)
    raise Problem(status, reason.code, f"{step.what}: {step.because}")


def _shape(state: SupervisionState) -> SupervisionShape:
    return SupervisionShape(
        supervisor=state.supervisor,
        agent=state.agent,
        mode=state.mode,
        since=state.since,
        call=state.call,
        agent_call=state.watched,
    )
