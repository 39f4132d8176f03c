"""What a node needs from outside; real in `serve`, simulated in the virtual world."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from secrets import token_bytes
from typing import Protocol

from callwright.apps.queue_services import CallbackRequests, RecordingStore
from callwright.apps.schedule_services import NoScheduleDesk, ScheduleDesk
from callwright.apps.services import EmergencyNotice, Message
from callwright.calls.metering import Wallet
from callwright.calls.ports import RtpPorts
from callwright.calls.record import CallRecord, Direction, LegRecord
from callwright.domains.credits.model import Standing
from callwright.domains.emergency.model import Callback
from callwright.domains.queues.absence import Absence
from callwright.domains.queues.callback import CallbackRequest
from callwright.domains.queues.place import KeptPlace
from callwright.domains.voicemail.model import (
    Choice,
    Forwarding,
    GreetingKind,
    Holdings,
    KeptMessage,
    WrongPins,
)
from callwright.kernel.addresses import HostPort
from callwright.kernel.clock import Clock
from callwright.kernel.ids import CallId, CallQueueId, MailboxId, UserId
from callwright.kernel.money import Money
from callwright.media.engine import MediaEngine
from callwright.media.library import PromptLibrary
from callwright.media.recognition import NoRecogniser, Recogniser
from callwright.routing.snapshot import Snapshot
from callwright.runtime.backlog import Backlog
from callwright.runtime.resolver import NoNames, Resolver
from callwright.runtime.tasks import Tasks
from callwright.runtime.trace import Trace
from callwright.sip.flow import Flow
from callwright.sip.registrar import Binding


class FlowTo(Protocol):
    """From transport and remote address to the flow that reaches it."""

    def __call__(self, transport: str, remote: HostPort, server_name: str | None = None) -> Flow:
        """``server_name`` is what the peer's certificate has to speak for."""
        ...


class CreditWallet(Wallet, Protocol):
    """The wallet, and what it holds."""

    async def standing(self) -> Standing | None:
        """Balance, and what is available of it; None where the organisation has no credits."""
        ...


class CallJournal(Protocol):
    """Keeps records. Both return at once; what they take is durable soon and in order."""

    def record_started(
        self, call_id: CallId, started_at: datetime, caller: str, callee: str, direction: Direction
    ) -> None: ...

    def record_ended(self, record: CallRecord) -> None: ...

    def legs_measured(self, legs: Mapping[CallId, Sequence[LegRecord]]) -> None:
        """How calls that run sound."""
        ...


class Mailboxes(Protocol):
    """Voicemail on disk."""

    def new_path(self, mailbox: MailboxId) -> Path: ...

    def begin(self, message: Message) -> None:
        """Its sound is being recorded; should the process be killed, the next one lists it as far
        as it came. Returns at once."""
        ...

    def give_up(self, path: Path) -> None:
        """What was begun there becomes no message; its sound is removed."""
        ...

    def greeting_path(self, mailbox: MailboxId, kind: GreetingKind) -> Path: ...

    async def holdings(self, mailbox: MailboxId) -> Holdings: ...

    def may_be_lit(self, mailbox: MailboxId) -> bool:
        """False: it never held a message, so that no lamp shows one; known at once."""
        ...

    async def choice(self, mailbox: MailboxId) -> Choice: ...

    async def choose(self, mailbox: MailboxId, choice: Choice) -> None:
        """Makes the choice durable; a greeting that it replaces is removed."""
        ...

    async def wrong_pins(self, mailbox: MailboxId) -> WrongPins: ...

    async def count_guess(self, mailbox: MailboxId, at: datetime) -> bool:
        """Counts a guess as wrong before it is looked at; False: wrong ones shut the mailbox. One
        act: whoever guesses from many phones at once is counted as if one came after the other.
        Durable when this returns."""
        ...

    async def forget_wrong_pins(self, mailbox: MailboxId) -> None: ...

    async def hash_pin(self, pin: str) -> str: ...

    async def pin_fits(self, pin: str, hashed: str) -> bool: ...

    async def messages(self, mailbox: MailboxId) -> Sequence[KeptMessage]:
        """New ones first, each kind from the oldest."""
        ...

    async def mark(self, message: KeptMessage, *, is_saved: bool, at: datetime) -> None:
        """It was heard."""
        ...

    async def delete(self, message: KeptMessage, *, at: datetime) -> None: ...

    async def forward(self, forwarding: Forwarding) -> KeptMessage:
        """Makes a copy durable; its comment is gone then. Raises SealError, OSError, ValueError."""
        ...

    def discard(self, path: Path) -> None:
        """Removes a recording that becomes no message; returns at once and never raises."""
        ...

    async def add(self, message: Message) -> KeptMessage:
        """Makes the message durable."""
        ...


class RegistrationStore(Protocol):
    """Lets phones stay reachable when the node starts again."""

    def save(self, aor: str, bindings: Sequence[Binding]) -> None:
        """Replaces what was known of the AOR; returns at once."""
        ...


class CallbackStore(Protocol):
    """Lets the emergency centre call back over a restart."""

    def keep(self, callback: Callback) -> None:
        """Replaces what was known of the number; returns at once, and is durable soon."""
        ...


class QueueStore(Protocol):
    """Keeps over a restart what queue agents chose, who waits, what callers were promised and what
    was recorded."""

    @property
    def callback_requests(self) -> CallbackRequests: ...

    @property
    def recordings(self) -> RecordingStore: ...

    async def begin(self, absence: Absence) -> None:
        """Is durable when this returns. Raises OSError."""
        ...

    async def end(self, user: UserId, queue: CallQueueId | None) -> None:
        """Is durable when this returns. Raises OSError."""
        ...

    def forget(self, absence: Absence) -> None:
        """Its user or queue is gone. Returns at once, and is durable soon."""
        ...

    def place_taken(self, place: KeptPlace) -> None:
        """Returns at once, and is durable a second later."""
        ...

    def places_left(self, calls: Sequence[CallId]) -> None:
        """Returns at once, and is durable a second later."""
        ...


class Postbox(Protocol):
    """Messages to people outside the phone system: mail. Each returns at once."""

    def voicemail_arrived(self, snapshot: Snapshot, message: KeptMessage) -> None: ...

    def emergency_called(self, snapshot: Snapshot, notice: EmergencyNotice) -> None: ...

    def credits_low(self, snapshot: Snapshot, balance: Money) -> None: ...

    def recording_failed(self, snapshot: Snapshot, mailbox: MailboxId) -> None: ...

    def callback_failed(self, snapshot: Snapshot, request: CallbackRequest, why: str) -> None: ...


class TranscriptDesk(Protocol):
    """Writes out messages that wait for it, and sends their mail."""

    def wake(self) -> None:
        """One waits; returns at once."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    clock: Clock
    tasks: Tasks
    transmit: Callable[[Flow, bytes], None]
    flow_to: FlowTo
    new_token: Callable[[], str]
    new_call_id: Callable[[], CallId]
    digest_secret: bytes
    engine: MediaEngine
    prompts: PromptLibrary
    schedules: ScheduleDesk = field(default_factory=NoScheduleDesk)
    rtp_ports: RtpPorts
    media_bind_ips: tuple[str, ...]
    """One for each family of addresses that we speak; the first of a family counts."""
    wallet: CreditWallet
    journal: CallJournal
    mailboxes: Mailboxes
    registrations: RegistrationStore
    callbacks: CallbackStore
    queue_store: QueueStore
    postbox: Postbox
    resolver: Resolver = field(default_factory=NoNames)
    backlog: Backlog | None = None
    """What the readers of sockets tell of their backlog; None: nobody does."""
    new_secret: Callable[[int], bytes] = token_bytes
    """So many octets that nobody can guess: keys of audio."""
    trace: Trace | None = None
    """None: nobody watches."""
    recogniser: Recogniser = field(default_factory=NoRecogniser)
    """Who understands what callers say to menus."""
    transcripts: TranscriptDesk | None = None
    """None: nothing writes messages out."""
    media_ids_from: int = 1
    """The first of the engine's ids for legs; nodes that share an engine use none twice."""
