"""What scripts of calls need around them: services, ways to go on, and who pays."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from callwright.apps.auto_attendant.menus import Menus
from callwright.apps.call_queue.agent_acts import AgentActs
from callwright.apps.call_queue.floor import Floor
from callwright.apps.call_queue.ticket import Ticket
from callwright.apps.delivery import Delivery
from callwright.apps.payment import Unpaid
from callwright.apps.queue_services import RecordingStore
from callwright.apps.schedule_services import ScheduleDesk
from callwright.apps.services import Alarms, Reach
from callwright.apps.supervision_sessions import Supervisions
from callwright.apps.voicemail.services import VoicemailStore
from callwright.calls.leg import Leg
from callwright.calls.metering import Meter, Wallet, WalletUnavailable
from callwright.domains.credits.model import Rate
from callwright.domains.queues.callback import CallbackRequest
from callwright.kernel.clock import Clock
from callwright.kernel.decision import Decision
from callwright.kernel.ids import CallQueueId
from callwright.kernel.reason import Reason
from callwright.kernel.target import Target
from callwright.routing.request import Destination, LiveState


class Callbacks(Protocol):
    """Of all queues."""

    async def promise(self, board: "Board", request: CallbackRequest, ticket: Ticket) -> bool:
        """Keeps the caller's place from now on, or the one that the same customer was promised
        before; False: that could not be made durable."""
        ...

    def promised_to(self, queue: CallQueueId, number: str) -> CallbackRequest | None:
        """Returns what the customer was promised and is not yet done."""
        ...

    def is_full(self, queue: CallQueueId) -> bool: ...

    def served(self, queue: CallQueueId, number: str) -> None:
        """Who called again and talks to an agent is not called back."""
        ...


@dataclass(frozen=True, slots=True)
class Board(ABC):
    """Has no state of its own. How a decision is carried out is the switchboard's business."""

    clock: Clock
    reach: Reach
    wallet: Wallet
    messages: VoicemailStore
    alarms: Alarms
    floor: Floor
    agents: AgentActs
    callbacks: Callbacks
    recordings: RecordingStore
    supervisions: Supervisions
    menus: Menus
    schedules: ScheduleDesk
    live: Callable[[], LiveState]

    @abstractmethod
    async def send_to(self, delivery: Delivery, target: Target) -> None:
        """Brings the party to a rule's or a key's target."""

    @abstractmethod
    async def deliver(self, delivery: Delivery, decision: Decision[Destination]) -> None:
        """Brings the party to where routing decided."""

    @abstractmethod
    async def converse(self, delivery: Delivery, peer: Leg, *, slip_s: float = 0.0) -> bool:
        """Lets the party talk to whoever answered, through any number of transfers. False: the
        peer left within ``slip_s``, and the party is still there."""

    def give_up(self, delivery: Delivery, reason: Reason, *, status: int | None = None) -> None:
        """Ends the party's way: refused before an answer, hung up after it."""
        if delivery.fallback is None or not delivery.fallback(status or reason.sip_status):
            delivery.call.refuse(delivery.leg, reason, status=status)

    async def pay_for(self, delivery: Delivery, rate: Rate | None) -> Meter | Unpaid:
        """Reserves the start of a paid call; gives up when the balance is too small, or cannot be
        asked: paid talk is never free."""
        if rate is None or rate.is_free:
            return Unpaid.FREE
        call = delivery.call
        meter = Meter(
            f"{call.id}/{len(call.meters)}",
            rate,
            self.wallet,
            self.clock,
            spawn=call.spawn,
            cut=lambda: call.end(Reason.CREDITS_EXHAUSTED),
        )
        call.meters.append(meter)
        try:
            if await meter.open():
                return meter
        except WalletUnavailable:
            self.give_up(delivery, Reason.CREDITS_UNAVAILABLE)
        else:
            self.give_up(delivery, Reason.CREDITS_EXHAUSTED)
        return Unpaid.REFUSED
