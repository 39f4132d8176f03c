"""Rings supervisors whom somebody asks for by the API: the call begins with their answer."""

from collections.abc import Callable

from callwright.apps import supervision
from callwright.apps.delivery import Delivery
from callwright.apps.services import Caller
from callwright.apps.supervision import Session
from callwright.apps.switchboard import Switchboard
from callwright.calls.call import Call
from callwright.calls.fork import Answered, Fork
from callwright.calls.leg import Leg
from callwright.calls.live_calls import LiveCalls
from callwright.calls.ports import PortsExhausted
from callwright.calls.record import Direction
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
from callwright.runtime.tasks import Tasks


class SupervisionDesk:
    """What the API asks of supervision; everything on the node's loop."""

    def __init__(self, calls: LiveCalls, board: Switchboard, tasks: Tasks) -> None:
        self._calls = calls
        self._board = board
        self._tasks = tasks
        self._ringing: set[UserId] = set()

    def ring(self, snapshot: Snapshot, wanted: Supervise) -> Decision[Reason | None]:
        """Rings the supervisor's phones; None when they ring, else why they do not."""
        decision = self._board.supervisions.judge(snapshot, wanted)
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
        self._ringing.add(wanted.supervisor)
        self._tasks.spawn(self._ring(snapshot, wanted), f"supervision by {wanted.supervisor}")
        return decision

    def running(self) -> tuple[SupervisionState, ...]:
        return tuple(map(_state, self._board.supervisions))

    def change(
        self, snapshot: Snapshot, supervisor: UserId, mode: SupervisionMode
    ) -> Decision[Reason | None]:
        """As the supervisor's own key would; ADDRESS_UNKNOWN: he supervises nobody."""
        session = self._board.supervisions.of(supervisor)
        if session is None:
            step = Step("nothing changes", f"{supervisor} supervises nobody")
            return Decision(Reason.ADDRESS_UNKNOWN, (step,))
        decision = supervision.may_change(snapshot, session, mode)
        if decision.value is None:
            session.press(mode)
        return decision

    def end(self, supervisor: UserId) -> bool:
        """The supervisor is hung up, and those who talk go on. False: he supervises nobody."""
        session = self._board.supervisions.of(supervisor)
        if session is not None:
            session.call.end(Reason.ENDED_BY_ADMINISTRATOR)
        return session is not None

    def on_change(self, listener: Callable[[], None]) -> None:
        self._board.supervisions.on_change(listener)

    async def _ring(self, snapshot: Snapshot, wanted: Supervise) -> None:
        agent, supervisor = snapshot.users[wanted.agent], snapshot.users[wanted.supervisor]
        shown = Caller(shown_address(agent), f"Supervision: {agent.name}", ())
        try:
            fork = Fork(_Nobody())
            for leg in self._board.reach.user_legs(snapshot, wanted.supervisor, shown):
                fork.add(leg)
            outcome = await fork.outcome(for_s=SUPERVISOR_ALERT_S)
        except PortsExhausted:
            return
        finally:
            self._ringing.discard(wanted.supervisor)
        if not isinstance(outcome, Answered):
            return
        story = Story(
            caller=shown_address(supervisor),
            callee=shown_address(agent),
            direction=Direction.INTERNAL,
            started_at=self._board.clock.utc(),
            caller_user=wanted.supervisor,
        )

        async def script(call: Call) -> None:
            await supervision.run(self._board, Delivery(call, call.caller, snapshot), wanted)

        self._calls.start(outcome.leg, story, script)


class _Nobody:
    """Nobody waits for the answer (``RingWatcher``)."""

    def target_ringing(self) -> None: ...

    def target_early_media(self, leg: Leg) -> None: ...


def _state(session: Session) -> SupervisionState:
    return SupervisionState(
        supervisor=session.supervisor,
        agent=session.agent,
        mode=session.mode,
        call=session.call.id,
        watched=session.watched.id,
        since=session.since,
    )
