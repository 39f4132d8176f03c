"""What the record will say of a caller's stay in a queue."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from callwright.calls.leg import Leg
from callwright.calls.visits import (
    AgentOffer,
    FinalAction,
    OfferOutcome,
    QueueResult,
    QueueVisit,
    TargetType,
)
from callwright.domains.queues.model import CallQueue
from callwright.kernel.ids import CallId, ResourceAccountId, UserId
from callwright.kernel.target import (
    Disconnect,
    Target,
    ToAttendant,
    ToExternal,
    ToGroup,
    ToQueue,
    ToUser,
    ToVoicemail,
)
from callwright.routing.snapshot import Snapshot
from callwright.routing.wording import recorded_target


@dataclass(slots=True)
class VisitNotes:
    """Filled in as the visit goes on; ``visit`` tells it as a value at the end."""

    queue: CallQueue
    account: ResourceAccountId | None
    started_at: datetime
    chain_index: int
    priority: int
    waiting_before: int
    opted_in_count: int
    result: QueueResult = QueueResult.DISCONNECTED
    waited_until: datetime | None = None
    offers: list[AgentOffer] = field(default_factory=list)
    agent: UserId | None = None
    final_action: FinalAction | None = None
    target: Target | None = None
    target_type: TargetType | None = None
    talk_began_at: datetime | None = None
    talk_ended_at: datetime | None = None
    callback_of: CallId | None = None

    def waited(self, now: datetime) -> None:
        """The caller's waiting is over; the first time counts."""
        self.waited_until = self.waited_until or now

    def leads_to(self, target: Target, snapshot: Snapshot) -> None:
        """An exception sends the caller there."""
        self.target = target
        self.final_action, self.target_type = _leading(target, self.result, snapshot)

    def talks(self, agent: UserId | None, now: datetime) -> None:
        self.agent, self.talk_began_at = agent, now

    def slipped(self) -> None:
        """Who answered hung up at once: nobody talked, and the waiting goes on."""
        self.refused(self.agent)
        self.result, self.agent, self.waited_until = QueueResult.DISCONNECTED, None, None
        self.talk_began_at = self.talk_ended_at = None

    def refused(self, agent: UserId | None) -> None:
        """The agent's answer did not count."""
        for at, offer in enumerate(self.offers):
            if offer.agent == agent and offer.outcome is OfferOutcome.ANSWERED:
                self.offers[at] = replace(offer, outcome=OfferOutcome.DECLINED)

    def watch(self, leg: Leg, now: Callable[[], datetime]) -> None:
        """Notes when the agent's leg is gone."""

        def note() -> None:
            self.talk_ended_at = now()

        leg.when_gone(note)

    def visit(self, now: datetime) -> QueueVisit:
        return QueueVisit(
            queue=self.queue.id,
            account=self.account,
            started_at=self.started_at,
            ended_at=self.waited_until or now,
            result=self.result,
            chain_index=self.chain_index,
            agent_count=len(self.queue.agents),
            opted_in_count=self.opted_in_count,
            waiting_before=self.waiting_before,
            priority=self.priority,
            offers=tuple(self._with_talk(offer, now) for offer in self.offers),
            agent=self.agent,
            final_action=self.final_action,
            target_type=self.target_type,
            target=None if self.target is None else recorded_target(self.target),
            callback_of=self.callback_of,
        )

    def _with_talk(self, offer: AgentOffer, now: datetime) -> AgentOffer:
        is_theirs = offer.agent == self.agent and offer.outcome is OfferOutcome.ANSWERED
        if self.talk_began_at is None or not is_theirs:
            return offer
        talk = (self.talk_ended_at or now) - self.talk_began_at
        talk_s = max(0.0, talk.total_seconds())
        return AgentOffer(offer.agent, offer.offered_at, offer.ended_at, offer.outcome, talk_s)


def _leading(
    target: Target, result: QueueResult, snapshot: Snapshot
) -> tuple[FinalAction, TargetType | None]:
    match target:
        case Disconnect():
            is_full = result is QueueResult.OVERFLOWN
            return (FinalAction.DISCONNECT_WITH_BUSY if is_full else FinalAction.DISCONNECT), None
        case ToUser() | ToGroup():
            return FinalAction.FORWARD, TargetType.USER
        case ToQueue() | ToAttendant():
            return FinalAction.FORWARD, TargetType.APPLICATION
        case ToExternal():
            return FinalAction.FORWARD, TargetType.PHONE
        case ToVoicemail(mailbox=mailbox):
            is_own = UserId(mailbox) in snapshot.users
            return (
                FinalAction.VOICEMAIL if is_own else FinalAction.SHARED_VOICEMAIL
            ), TargetType.MAILBOX
