"""What a node keeps, in memory: wallet, call records, voicemail, registrations, mail."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from errno import ENOSPC
from itertools import count
from pathlib import Path

from callwright.apps.services import EmergencyNotice, Message
from callwright.calls.record import CallRecord, Direction, LegRecord
from callwright.domains.credits.model import Standing
from callwright.domains.emergency.model import Callback
from callwright.domains.queues.absence import Absence
from callwright.domains.queues.callback import CallbackRequest
from callwright.domains.queues.place import KeptPlace
from callwright.domains.voicemail.model import (
    NOTHING_CHOSEN,
    Choice,
    Forwarding,
    GreetingKind,
    Holdings,
    KeptMessage,
    WrongPins,
)
from callwright.domains.voicemail.rules import is_shut
from callwright.kernel.e164 import E164
from callwright.kernel.ids import CallId, CallQueueId, MailboxId, UserId, VoicemailId
from callwright.kernel.money import Money
from callwright.routing.snapshot import Snapshot
from callwright.sip.registrar import Binding
from callwright.storage.message_sounds import joined

DISK_S = 0.002
"""What a durable write takes; other calls go on meanwhile, as they do around a real one."""


class MemoryWallet:
    """A prepaid balance (``CreditWallet``): reserve, settle, release, each idempotent by key."""

    def __init__(self, balance: Money | None) -> None:
        """None: the organisation has no credits."""
        self.balance = balance
        self.lowest = balance
        """The least that was ever available."""
        self.refused = 0
        self.charges: dict[str, Money] = {}
        self.answered: list[str] = []
        """Keys of legs that were answered, in that order."""
        self._reserved: dict[str, dict[int, Money]] = {}

    @property
    def reserved(self) -> Money | None:
        if self.balance is None:
            return None
        total = Money.zero(self.balance.currency)
        for slices in self._reserved.values():
            total = sum(slices.values(), total)
        return total

    async def available(self) -> Money | None:
        return self._available()

    async def standing(self) -> Standing | None:
        available = self._available()
        if self.balance is None or available is None:
            return None
        return Standing(self.balance, available)

    def note_answered(self, key: str, slice_s: int) -> None:
        self.answered.append(key)

    async def reserve(self, key: str, slice_number: int, amount: Money) -> bool:
        await asyncio.sleep(DISK_S)
        available = self._available()
        if slice_number in self._reserved.get(key, {}):
            return True
        if available is None or available < amount:
            self.refused += 1
            return False
        self._reserved.setdefault(key, {})[slice_number] = amount
        self._note_lowest()
        return True

    async def settle(self, key: str, amount: Money) -> None:
        await asyncio.sleep(DISK_S)
        if self.balance is not None and self._reserved.pop(key, None) is not None:
            self.balance -= amount
            self.charges[key] = amount
            self._note_lowest()

    async def release(self, key: str) -> None:
        await asyncio.sleep(DISK_S)
        self._reserved.pop(key, None)

    def _available(self) -> Money | None:
        reserved = self.reserved
        return None if self.balance is None or reserved is None else self.balance - reserved

    def _note_lowest(self) -> None:
        available = self._available()
        if available is not None and self.lowest is not None:
            self.lowest = min(self.lowest, available)


@dataclass(frozen=True, slots=True)
class CallStarted:
    id: CallId
    at: datetime
    caller: str
    callee: str
    direction: Direction


class MemoryJournal:
    """Call records (``CallJournal``), in the order in which the calls ended."""

    def __init__(self) -> None:
        self.started: list[CallStarted] = []
        self.on_started: Callable[[CallId], None] = lambda call: None
        self.records: list[CallRecord] = []
        self.measured: dict[CallId, Sequence[LegRecord]] = {}
        """Legs of calls while they ran."""

    def record_started(
        self, call_id: CallId, started_at: datetime, caller: str, callee: str, direction: Direction
    ) -> None:
        self.started.append(CallStarted(call_id, started_at, caller, callee, direction))
        self.on_started(call_id)

    def record_ended(self, record: CallRecord) -> None:
        self.records.append(record)

    def legs_measured(self, legs: Mapping[CallId, Sequence[LegRecord]]) -> None:
        self.measured.update(legs)


class MemoryMailboxes:
    """Messages (``Mailboxes``); their sound is in a real folder."""

    def __init__(self, folder: Path) -> None:
        self.kept: dict[VoicemailId, KeptMessage] = {}
        self.choices: dict[MailboxId, Choice] = {}
        self.begun: dict[Path, Message] = {}
        """Messages that are being spoken."""
        self._wrong_pins: dict[MailboxId, WrongPins] = {}
        self._lit: set[MailboxId] = set()
        self._folder = folder
        self.is_disk_full = False
        """Then no message can be written."""
        self.refuses_messages = False
        """Then one that was written cannot be made durable."""
        self._numbers = count(1)

    @property
    def stored(self) -> list[KeptMessage]:
        """In the order in which they came."""
        return list(self.kept.values())

    def new_path(self, mailbox: MailboxId) -> Path:
        if self.is_disk_full:
            return self._folder / "full" / "disk.wav"
        return self._folder / f"{mailbox}-{next(self._numbers)}.wav"

    def greeting_path(self, mailbox: MailboxId, kind: GreetingKind) -> Path:
        return self._folder / f"{mailbox}-{kind.value}-{next(self._numbers)}.wav"

    async def holdings(self, mailbox: MailboxId) -> Holdings:
        messages = self.of(mailbox)
        old = sum(message.is_read for message in messages)
        return Holdings(len(messages) - old, old, sum(m.duration_s for m in messages))

    def begin(self, message: Message) -> None:
        self.begun[message.path] = message

    def give_up(self, path: Path) -> None:
        self.discard(path)
        self.begun.pop(path, None)

    def discard(self, path: Path) -> None:
        path.unlink(missing_ok=True)

    def may_be_lit(self, mailbox: MailboxId) -> bool:
        return mailbox in self._lit

    async def choice(self, mailbox: MailboxId) -> Choice:
        return self.choices.get(mailbox, NOTHING_CHOSEN)

    async def choose(self, mailbox: MailboxId, choice: Choice) -> None:
        await asyncio.sleep(DISK_S)
        self.choices[mailbox] = choice

    async def wrong_pins(self, mailbox: MailboxId) -> WrongPins:
        return self._wrong_pins.get(mailbox, WrongPins())

    async def count_guess(self, mailbox: MailboxId, at: datetime) -> bool:
        before = self._wrong_pins.get(mailbox, WrongPins())
        if is_shut(before, at):
            return False
        self._wrong_pins[mailbox] = WrongPins(before.count + 1, at)
        await asyncio.sleep(DISK_S)
        return True

    async def forget_wrong_pins(self, mailbox: MailboxId) -> None:
        self._wrong_pins.pop(mailbox, None)

    async def hash_pin(self, pin: str) -> str:
        return f"hash of {pin}"

    async def pin_fits(self, pin: str, hashed: str) -> bool:
        return hashed == f"hash of {pin}"

    async def messages(self, mailbox: MailboxId) -> list[KeptMessage]:
        return sorted(self.of(mailbox), key=lambda message: (message.is_read, message.received_at))

    async def mark(self, message: KeptMessage, *, is_saved: bool, at: datetime) -> None:
        await asyncio.sleep(DISK_S)
        self.kept[message.id] = replace(message, is_read=True, is_saved=is_saved)

    async def delete(self, message: KeptMessage, *, at: datetime) -> None:
        await asyncio.sleep(DISK_S)
        self.kept.pop(message.id, None)

    async def forward(self, forwarding: Forwarding) -> KeptMessage:
        message, path = forwarding.message, self.new_path(forwarding.to)
        more_s = _copy(message.path, path, forwarding.comment)
        return await self.add(
            Message(
                mailbox=forwarding.to,
                caller=message.caller,
                caller_name=message.caller_name,
                received_at=forwarding.at,
                duration_s=message.duration_s + more_s,
                path=path,
                is_protected=forwarding.is_protected,
                transcript=forwarding.transcript,
                transcript_state=forwarding.transcript_state,
                forwarded_by=forwarding.by,
            )
        )

    async def add(self, message: Message) -> KeptMessage:
        await asyncio.sleep(DISK_S)
        if self.refuses_messages:
            raise OSError(ENOSPC, "the disk is full")
        self.begun.pop(message.path, None)
        kept = KeptMessage(
            id=VoicemailId(message.path.stem),
            mailbox=message.mailbox,
            caller=message.caller,
            caller_name=message.caller_name,
            received_at=message.received_at,
            duration_s=message.duration_s,
            path=message.path,
            is_read=False,
            is_protected=message.is_protected,
            transcript=message.transcript,
            transcript_state=message.transcript_state,
            forwarded_by=message.forwarded_by,
        )
        self.kept[kept.id] = kept
        self._lit.add(kept.mailbox)
        return kept

    def of(self, mailbox: str) -> list[KeptMessage]:
        return [message for message in self.kept.values() if message.mailbox == mailbox]

    def mark_heard(self, message: KeptMessage) -> None:
        self.kept[message.id] = replace(message, is_read=True)


def _copy(source: Path, target: Path, comment: Path | None) -> float:
    """How many seconds longer the copy is."""
    sound, more_s = source.read_bytes(), 0.0
    if comment is not None:
        sound, more_s = joined(comment.read_bytes(), sound)
    target.write_bytes(sound)
    return more_s


class MemoryRegistrations:
    """What a node that starts again would know (``RegistrationStore``)."""

    def __init__(self) -> None:
        self.bindings: dict[str, tuple[Binding, ...]] = {}

    def save(self, aor: str, bindings: Sequence[Binding]) -> None:
        self.bindings[aor] = tuple(bindings)


class MemoryQueues:
    """What agents chose, and who waits (``QueueStore``)."""

    def __init__(self) -> None:
        self.absences: dict[tuple[UserId, CallQueueId | None], Absence] = {}
        self.places: dict[CallId, KeptPlace] = {}
        self.is_failing = False
        """Nothing that agents choose can be stored."""

    async def begin(self, absence: Absence) -> None:
        await self._write()
        self.absences[(absence.user, absence.queue)] = absence

    async def end(self, user: UserId, queue: CallQueueId | None) -> None:
        await self._write()
        self.absences.pop((user, queue), None)

    async def _write(self) -> None:
        await asyncio.sleep(DISK_S)
        if self.is_failing:
            raise OSError("the database is away")

    def forget(self, absence: Absence) -> None:
        self.absences.pop((absence.user, absence.queue), None)

    def place_taken(self, place: KeptPlace) -> None:
        self.places[place.call] = place

    def places_left(self, calls: Sequence[CallId]) -> None:
        for call in calls:
            self.places.pop(call, None)


class MemoryCallbacks:
    """What a node that starts again would know (``CallbackStore``)."""

    def __init__(self) -> None:
        self.kept: dict[E164, Callback] = {}

    def keep(self, callback: Callback) -> None:
        self.kept[callback.number] = callback


class MemoryPostbox:
    """Mail that would be sent (``Postbox``)."""

    def __init__(self) -> None:
        self.voicemails: list[KeptMessage] = []
        self.emergencies: list[EmergencyNotice] = []
        self.low_balances: list[Money] = []
        self.failed_recordings: list[MailboxId] = []
        self.failed_callbacks: list[tuple[CallbackRequest, str]] = []
        self.on_mail: Callable[[], None] = lambda: None

    def voicemail_arrived(self, snapshot: Snapshot, message: KeptMessage) -> None:
        self.voicemails.append(message)
        self.on_mail()

    def emergency_called(self, snapshot: Snapshot, notice: EmergencyNotice) -> None:
        self.emergencies.append(notice)
        self.on_mail()

    def credits_low(self, snapshot: Snapshot, balance: Money) -> None:
        self.low_balances.append(balance)
        self.on_mail()

    def recording_failed(self, snapshot: Snapshot, mailbox: MailboxId) -> None:
        self.failed_recordings.append(mailbox)
        self.on_mail()

    def callback_failed(self, snapshot: Snapshot, request: CallbackRequest, why: str) -> None:
        self.failed_callbacks.append((request, why))
        self.on_mail()
