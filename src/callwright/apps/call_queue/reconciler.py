"""Looks over the floor every few seconds while anybody waits, and repairs what it finds."""

from collections.abc import Callable

from callwright.apps.call_queue.floor import Floor
from callwright.apps.call_queue.floor_view import idle_waits_s
from callwright.domains.queues.reconciliation import Fault, Finding, Place, examine
from callwright.kernel.clock import Timer
from callwright.kernel.limits.agents import RECONCILE_S


class Reconciler:
    def __init__(self, floor: Floor, found: Callable[[Finding], None]) -> None:
        """``found``: is told of each fault, to count and log it."""
        self._floor = floor
        self._found = found
        self._timer: Timer | None = None
        floor.on_change(self._wake)

    def look(self) -> tuple[Finding, ...]:
        """Examines, repairs, and looks for agents once more: an expired registration or licence
        makes no noise."""
        floor = self._floor
        findings = examine(self._places(), floor.offers())
        for finding in findings:
            self._found(finding)
            self._repair(finding)
        floor.look()
        return findings

    def oldest_idle_wait_s(self) -> float:
        """The longest that a caller has waited while an agent was free for it."""
        floor = self._floor
        return max(
            (
                wait_s
                for queue in floor.queues.values()
                for wait_s in idle_waits_s(floor, queue).values()
            ),
            default=0.0,
        )

    def _places(self) -> list[Place]:
        floor, now_s = self._floor, self._floor.clock.monotonic()
        places: list[Place] = []
        for queue_id, line in floor.lines().items():
            queue = floor.queue(queue_id)
            idle_s = {} if queue is None else idle_waits_s(floor, queue)
            for ticket in line:
                ringing_s = {agent: now_s - at_s for agent, at_s in ticket.ringing.items()}
                alert_s = ticket.alert_s if queue is None else max(queue.alert_s, ticket.alert_s)
                idle_wait_s = idle_s.get(ticket, 0.0)
                offer_s = alert_s + ticket.more_s
                places.append(Place(ticket.guest.call, queue_id, offer_s, ringing_s, idle_wait_s))
        return places

    def _repair(self, finding: Finding) -> None:
        if finding.fault in (Fault.FORGOTTEN_OFFER, Fault.BROKEN_OFFER):
            assert finding.agent is not None, "such a finding names one"
            self._floor.free(finding.agent)

    def _wake(self) -> None:
        if self._timer is None and self._floor.lines():
            self._timer = self._floor.clock.call_later(RECONCILE_S, self._run)

    def _run(self) -> None:
        self._timer = None
        if self._floor.lines():
            self._timer = self._floor.clock.call_later(RECONCILE_S, self._run)
            self.look()
