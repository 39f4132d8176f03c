"""Agents' phones that ring for one caller. The first to answer wins, at once, and once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from callwright.calls.leg import Failure, Leg, LegObserver, Text, TransferRequest
from callwright.calls.visits import AgentOffer, OfferOutcome
from callwright.kernel.clock import Clock, Timer
from callwright.kernel.ids import UserId
from callwright.kernel.limits.agents import OFFERS_NOTED_MAX
from callwright.kernel.reason import Reason

GLOBAL_FAILURE = 600
"""RFC 3261 §21.6: whoever says so speaks for all of the agent's phones; for no other agent."""


class LegHolder(LegObserver, Protocol):
    """The call, as far as its ringing legs are concerned."""

    def add(self, leg: Leg) -> None: ...

    def drop(self, leg: Leg, reason: Reason) -> None: ...

    def dismiss(self, leg: Leg, reason: Reason) -> None: ...


@dataclass(slots=True, eq=False)
class _Alerted:
    """An agent whose phones ring."""

    since: datetime
    legs: list[Leg] = field(default_factory=list)
    timer: Timer | None = None
    screen: Callable[[Leg], None] | None = None
    """Decides over an answer with ``accept`` and ``give_up``; None: every answer counts."""


class AgentRinging:
    """Owns the ringing legs until one of them wins (``LegObserver``).

    Each agent rings for a time of its own; another one may be added while others ring.
    """

    def __init__(
        self,
        call: LegHolder,
        served: Leg,
        clock: Clock,
        *,
        answered: Callable[[UserId | None], None],
        ended: Callable[[UserId, OfferOutcome], None],
    ) -> None:
        """``answered(agent)``: somebody won, None somebody who is no agent here; ``ended(agent,
        outcome)``: the agent rings no longer, and nobody withdrew it."""
        self.winner: Leg | None = None
        self.offers: list[AgentOffer] = []
        """Those that ended, in the order in which they did."""
        self._call = call
        self._served = served
        self._clock = clock
        self._answered = answered
        self._ended = ended
        self._alerted: dict[UserId, _Alerted] = {}
        self._agent_of: dict[Leg, UserId] = {}

    def ring(
        self,
        agent: UserId,
        legs: Sequence[Leg],
        *,
        for_s: float,
        screen: Callable[[Leg], None] | None = None,
    ) -> None:
        """Takes the agent's legs over. One that could not even be sent counts as failed; who has
        none was not rung, and of that no offer is noted.
        ``screen(leg)``: is told of an answer, which counts when it is accepted."""
        self._stop(agent, OfferOutcome.WITHDRAWN, Reason.CALLER_CANCELLED)  # if still rung before
        if not legs:
            self._ended(agent, OfferOutcome.DECLINED)
            return
        alerted = _Alerted(self._clock.utc(), screen=screen)
        self._alerted[agent] = alerted
        for leg in legs:
            if not leg.has_ended:
                leg.observer = self
                alerted.legs.append(leg)
                self._agent_of[leg] = agent
                self._call.add(leg)
        if alerted.legs:
            alerted.timer = self._clock.call_later(for_s, lambda: self._run_out(agent))
        else:
            self._end(agent, OfferOutcome.MISSED, OfferOutcome.DECLINED)

    def keep(self, agents: Collection[UserId]) -> None:
        """Stops everybody else's ringing: their offers were withdrawn."""
        for agent in tuple(self._alerted):
            if agent not in agents:
                self._stop(agent, OfferOutcome.WITHDRAWN, Reason.CALLER_CANCELLED)

    def close(self) -> None:
        """Nobody takes the answer any more: the caller left, or time was up."""
        gone_for = self._served.ended_for
        is_elsewhere = gone_for is Reason.COMPLETED_ELSEWHERE
        reason = gone_for if is_elsewhere else Reason.CALLER_CANCELLED
        for agent in tuple(self._alerted):
            self._stop(agent, OfferOutcome.WITHDRAWN, reason)
        winner = self.take_winner()
        if winner is not None:
            self._call.dismiss(winner, reason)

    def take_winner(self) -> Leg | None:
        """Hands the answered leg over to whoever asks, once; None: nobody answered who is still
        there."""
        winner, self.winner = self.winner, None
        return None if winner is None or winner.has_ended else winner

    def take_lost_winner(self) -> Leg | None:
        """Who answered and left before anybody could talk; others may win from now on."""
        if self.winner is None or not self.winner.has_ended:
            return None
        lost, self.winner = self.winner, None
        return lost

    def _run_out(self, agent: UserId) -> None:
        self._stop(agent, OfferOutcome.MISSED, Reason.CALLER_CANCELLED)
        self._ended(agent, OfferOutcome.MISSED)

    def _stop(self, agent: UserId, outcome: OfferOutcome, reason: Reason) -> None:
        alerted = self._alerted.pop(agent, None)
        if alerted is None:
            return
        self._note(agent, alerted, outcome)
        for leg in alerted.legs:
            self._agent_of.pop(leg, None)
            self._call.drop(leg, reason)

    def _end(self, agent: UserId, outcome: OfferOutcome, told: OfferOutcome) -> None:
        """All phones of the agent are out; ``told``: what the floor makes of it."""
        self._stop(agent, outcome, Reason.CALLER_CANCELLED)
        self._ended(agent, told)

    def _note(self, agent: UserId, alerted: _Alerted, outcome: OfferOutcome) -> None:
        if alerted.timer is not None:
            alerted.timer.cancel()
        if outcome is OfferOutcome.ANSWERED or self.may_note:
            self.offers.append(AgentOffer(agent, alerted.since, self._clock.utc(), outcome))

    @property
    def may_note(self) -> bool:
        """Whether the record has room for one more offer."""
        return len(self.offers) < OFFERS_NOTED_MAX

    # -- somebody else's phone takes the call (RFC 3891 §7.1) ------------------------------------

    @property
    def served(self) -> Leg | None:
        return self._served

    @property
    def can_be_picked_up(self) -> bool:
        return self.winner is None and bool(self._alerted) and not self._served.has_ended

    def pick_up(self, leg: Leg) -> bool:
        if not self.can_be_picked_up:
            return False
        self._win(leg, leg.party.user)
        return True

    def _win(self, leg: Leg, agent: UserId | None) -> None:
        self.winner = leg
        winning = None if agent is None else self._alerted.pop(agent, None)
        if agent is not None and winning is not None:
            self._note(agent, winning, OfferOutcome.ANSWERED)
            for other in winning.legs:
                self._agent_of.pop(other, None)
                if other is not leg:
                    self._call.drop(other, Reason.COMPLETED_ELSEWHERE)
        for other_agent in tuple(self._alerted):
            self._stop(other_agent, OfferOutcome.WITHDRAWN, Reason.COMPLETED_ELSEWHERE)
        self._answered(agent if winning is not None else None)

    # -- LegObserver -----------------------------------------------------------------------------

    def leg_trying(self, leg: Leg) -> None:
        """The alert time is all the patience there is."""

    def leg_ringing(self, leg: Leg) -> None:
        """The caller goes on hearing music."""

    def leg_early_media(self, leg: Leg) -> None:
        """The caller goes on hearing music."""

    def leg_answered(self, leg: Leg) -> None:
        agent = self._agent_of.get(leg)
        alerted = None if agent is None else self._alerted.get(agent)
        if self.winner is None and alerted is not None and alerted.screen is not None:
            if alerted.timer is not None:
                alerted.timer.cancel()
            alerted.screen(leg)
        else:
            self.accept(leg)

    def accept(self, leg: Leg) -> None:
        """The leg's answer counts, unless another one was first."""
        if self.winner is None:
            leg.observer = self._call
            self._win(leg, self._agent_of.get(leg))
        else:
            self._call.drop(leg, Reason.COMPLETED_ELSEWHERE)

    def give_up(self, agent: UserId) -> None:
        """The agent's answer does not count."""
        if agent in self._alerted:
            self._run_out(agent)

    def leg_failed(self, leg: Leg, failure: Failure) -> None:
        agent = self._agent_of.pop(leg, None)
        self._call.drop(leg, Reason.CALLER_CANCELLED)
        alerted = None if agent is None else self._alerted.get(agent)
        if agent is None or alerted is None:
            return
        alerted.legs.remove(leg)
        if failure.status >= GLOBAL_FAILURE or not alerted.legs:
            outcome = OfferOutcome.MISSED if failure.is_silence else OfferOutcome.DECLINED
            self._end(agent, outcome, OfferOutcome.DECLINED)

    def leg_ended(self, leg: Leg) -> None:
        """An answer and a hang-up in one breath, before anyone could talk."""
        self.leg_failed(leg, Failure(487, "Hung up at once"))

    def leg_hold(self, leg: Leg, held: bool) -> None:
        """Nobody is talking yet."""

    def leg_transfer(self, leg: Leg, request: TransferRequest) -> None:
        request.notifier.finish(603, "Decline")

    def leg_text(self, leg: Leg, text: Text) -> None:
        text.answer(480)
