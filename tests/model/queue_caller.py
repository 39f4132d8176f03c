"""A caller of a queue, with a visit's script in steps instead of awaits (`queue_world`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.model.queue_phones import PhoneLeg

from callwright.apps.call_queue.floor import Floor
from callwright.apps.call_queue.ringing import AgentRinging
from callwright.apps.call_queue.ticket import Guest, Ticket
from callwright.calls.leg import Failure, Leg, Text, TransferRequest
from callwright.calls.visits import OfferOutcome
from callwright.domains.queues.model import CallQueue
from callwright.kernel.ids import UserId
from callwright.kernel.reason import Reason

if TYPE_CHECKING:
    from tests.model.queue_world import QueueWorld


class WatchedFloor(Floor):
    """Tells of each offer just before it is made."""

    offered: Callable[[Ticket, UserId], None]

    def _give(self, ticket: Ticket, agent: UserId) -> None:
        self.offered(ticket, agent)
        super()._give(ticket, agent)


class Caller:
    """A call that waits (``LegHolder``), with the script of a visit in steps instead of awaits."""

    def __init__(self, world: QueueWorld, guest: Guest, queue: CallQueue, timeout_s: float) -> None:
        self.world = world
        self.results: list[str] = []
        self.talk: PhoneLeg | None = None
        self.ticket: Ticket = world.floor.join(queue, guest)
        self.timeout = world.clock.call_later(timeout_s, lambda: self.leave("timed-out"))
        self.served = PhoneLeg(UserId("caller"))
        self.ringing = AgentRinging(
            self, self.served, world.clock, answered=self._answered, ended=self._ended
        )

    def _answered(self, agent: UserId | None) -> None:
        self.world.floor.answer(self.ticket, agent)
        self.ticket.news.set()

    def _ended(self, agent: UserId, outcome: OfferOutcome) -> None:
        floor = self.world.floor
        act = floor.miss if outcome is OfferOutcome.MISSED else floor.decline
        act(self.ticket, agent)

    def wake(self) -> None:
        """What the script does when there is news."""
        ticket, world = self.ticket, self.world
        ticket.news.clear()
        if self.ringing.take_lost_winner() is not None:
            world.floor.wait_again(ticket)
        winner = self.ringing.take_winner()
        if winner is not None:
            assert isinstance(winner, PhoneLeg)
            self._converse(winner)
            return
        if ticket.fate is not None:
            self.leave(ticket.fate.value)
            return
        self.ringing.keep(ticket.ringing)
        for agent in ticket.take_new_agents():
            legs = [PhoneLeg(agent) for _ in range(world.random.randint(1, 2))]
            if agent not in world.phones.up:
                legs = []
            self.ringing.ring(agent, legs, for_s=world.alert_s(ticket.queue))

    def _converse(self, winner: PhoneLeg) -> None:
        self._finish("answered", is_answered=True)
        self.talk = winner
        user = winner.party.user
        assert user is not None
        queue = self.world.floor.queue(self.ticket.queue)
        self.world.floor.desk.serves(user, self.ticket.queue, queue.wrap_up_s if queue else 0)

    def leave(self, result: str) -> None:
        if not self.results:
            self._finish(result, is_answered=False)
        elif self.talk is not None:
            self.drop(self.talk, Reason.NORMAL)

    def _finish(self, result: str, *, is_answered: bool) -> None:
        self.results.append(result)
        self.timeout.cancel()
        self.ringing.close()
        self.world.floor.leave(self.ticket, is_answered=is_answered)
        self.world.ended(self, is_answered=is_answered)

    # -- LegHolder ---------------------------------------------------------------------------------

    def add(self, leg: Leg) -> None:
        assert isinstance(leg, PhoneLeg)
        self.world.phones.add(leg)

    def drop(self, leg: Leg, reason: Reason) -> None:
        assert isinstance(leg, PhoneLeg)
        leg.observer = None
        self.world.phones.remove(leg)
        leg.hang_up(reason)
        if leg is self.talk:
            self.talk = None
            self.world.talkers.pop(self, None)

    def dismiss(self, leg: Leg, reason: Reason) -> None:
        self.drop(leg, reason)

    def leg_ended(self, leg: Leg) -> None:
        self.drop(leg, Reason.NORMAL)

    def leg_failed(self, leg: Leg, failure: Failure) -> None:
        self.drop(leg, Reason.NORMAL)

    def leg_trying(self, leg: Leg) -> None: ...

    def leg_ringing(self, leg: Leg) -> None: ...

    def leg_early_media(self, leg: Leg) -> None: ...

    def leg_answered(self, leg: Leg) -> None: ...

    def leg_hold(self, leg: Leg, held: bool) -> None: ...

    def leg_transfer(self, leg: Leg, request: TransferRequest) -> None: ...

    def leg_text(self, leg: Leg, text: Text) -> None: ...
