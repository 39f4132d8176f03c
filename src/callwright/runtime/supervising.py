"""Rings supervisors whom somebody asks for by the API."""

from collections.abc import Callable

from callwright.apps import supervision
from callwright.apps.delivery import Delivery
from callwright.apps.services import Caller
from callwright.apps.supervision_sessions import Session
from callwright.apps.switchboard import Switchboard
from callwright.calls.absent_leg import AbsentLeg
from callwright.calls.call import Call
from callwright.calls.fork import Answered
from callwright.calls.leg import Party
from callwright.calls.live_calls import LiveCalls
from callwright.calls.record import CallResult, Direction
from callwright.calls.story import Story
from callwright.domains.directory.rules import shown_address
from callwright.domains.queues.supervision import SupervisionState
from callwright.kernel.decision import Decision, Step
from callwright.kernel.ids import UserId
from callwright.kernel.limits.supervision import SUPERVISOR_ALERT_S
from callwright.kernel.reason import Reason
from callwright.kernel.supervision import SupervisionMode
from callwright.routing.request import Supervise
from callwright.routing.snapshot import Snapshot


class SupervisionDesk:
    """What the API asks of supervision; everything on the node's loop."""

    def __init__(self, calls: LiveCalls, board: Switchboard) -> None:
        self._calls = calls
        self._board = board
        self._ringing: dict[UserId, Call] = {}
        """By supervisor."""

    def ring(self, snapshot: Snapshot, wanted: Supervise) -> Decision[Reason | None]:
        """Rings the supervisor's phones; None when they ring, else why they do not."""
        decision = self._board.supervisions.judge(wanted)
        if decision.value is not None:
            return decision
        what = f"{wanted.supervisor} is not rung"
        if wanted.supervisor in self._ringing:
            step = Step(what, "his phone rings for a supervision already")
            return Decision(Reason.SUPERVISED_ALREADY, (step,))
        if not self._board.reach.has_phone(wanted.supervisor):
            step = Step(what, "no phone of his is registered")
            return Decision(Reason.CALLEE_OFFLINE, (step,))
        if self._calls.is_full:
            return Decision(Reason.OVERLOADED, (Step(what, Reason.OVERLOADED.text),))
        self._ringing[wanted.supervisor] = self._start(snapshot, wanted)
        return decision

    def running(self) -> tuple[SupervisionState, ...]:
        return tuple(map(_state, self._board.supervisions))

    def change(self, supervisor: UserId, mode: SupervisionMode) -> Decision[Reason | None]:
        """As the supervisor's own key would; ADDRESS_UNKNOWN: he supervises nobody."""
        session = self._board.supervisions.of(supervisor)
        if session is None:
            step = Step("nothing changes", f"{supervisor} supervises nobody")
            return Decision(Reason.ADDRESS_UNKNOWN, (step,))
        decision = self._board.supervisions.may_change(session, mode)
        if decision.value is None:
            session.press(mode)
        return decision

    def end(self, supervisor: UserId) -> bool:
        """The supervisor is hung up, or rings no longer, and those who talk go on. False: he
        supervises nobody."""
        session = self._board.supervisions.of(supervisor)
        call = self._ringing.get(supervisor) if session is None else session.call
        if call is not None:
            call.end(Reason.ENDED_BY_ADMINISTRATOR)
        return call is not None

    def on_change(self, listener: Callable[[], None]) -> None:
        self._board.supervisions.on_change(listener)

    def _start(self, snapshot: Snapshot, wanted: Supervise) -> Call:
        """A call from its ringing on: whoever is rung is engaged, and lamps show it."""
        agent, supervisor = snapshot.users[wanted.agent], snapshot.users[wanted.supervisor]
        absent = AbsentLeg(Party(shown_address(agent), agent.name))
        story = Story(
            caller=shown_address(supervisor),
            callee=shown_address(agent),
            direction=Direction.INTERNAL,
            started_at=self._board.clock.utc(),
            caller_user=wanted.supervisor,
            via=supervision.VIA,
        )

        async def script(call: Call) -> None:
            await self._ring(Delivery(call, absent, snapshot), wanted)

        return self._calls.start(absent, story, script)

    async def _ring(self, delivery: Delivery, wanted: Supervise) -> None:
        call, party = delivery.call, delivery.leg.party
        shown = Caller(party.address, f"Supervision: {party.name}", ())
        call.settle(CallResult.MISSED, Reason.NOT_ANSWERED)
        try:
            legs = self._board.reach.user_legs(delivery.snapshot, wanted.supervisor, shown)
            outcome = await call.ring(delivery.leg, legs, for_s=SUPERVISOR_ALERT_S)
        finally:
            del self._ringing[wanted.supervisor]
        if isinstance(outcome, Answered):
            await supervision.run(self._board, delivery._replace(leg=outcome.leg), wanted)


def _state(session: Session) -> SupervisionState:
    return SupervisionState(
        supervisor=session.supervisor,
        agent=session.agent,
        mode=session.mode,
        call=session.call.id,
        watched=session.watched.id,
        since=session.since,
    )
