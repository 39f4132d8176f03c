"""What voicemail needs beside calls: lamps that follow other processes, mail that a killed server
did not get to, and messages whose days are over."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

import structlog

from callwright.apps.voicemail.deposit import MESSAGE_S_MIN
from callwright.domains.voicemail.model import NOTHING_CHOSEN, KeptMessage
from callwright.kernel.clock import Clock
from callwright.kernel.ids import MailboxId, UserId, VoicemailId
from callwright.kernel.limits.configuration import CONFIGURATION_POLL_S
from callwright.kernel.limits.voicemail import (
    FORMER_MAILBOX_DAYS,
    VOICEMAIL_SWEEP_S,
    VOICEMAIL_SWEPT_AT_ONCE,
)
from callwright.kernel.policy import GLOBAL_POLICY
from callwright.routing.mailboxes import voicemail_policy
from callwright.routing.snapshot import Snapshot
from callwright.runtime.stored_mailboxes import WorkerMailboxes
from callwright.runtime.telling import telling
from callwright.storage.events import Event, EventKind, Events
from callwright.storage.faults import DatabaseError
from callwright.storage.former_mailboxes import (
    forget_former_within,
    former_within,
    is_former,
    set_ownerless_apart_within,
)
from callwright.storage.message_files import discard_recording
from callwright.storage.sealing import SealError
from callwright.storage.unfinished_messages import unmailed_within
from callwright.storage.worker import StorageWorker

log = structlog.get_logger("callwright.voicemail")

_KINDS = (EventKind.VOICEMAIL_LEFT, EventKind.VOICEMAIL_READ, EventKind.VOICEMAIL_DELETED)
EVENTS_AT_ONCE = 500


class LampWatch:
    """Tells lamps, and mails, of messages that a command or the API read, forwarded or deleted."""

    def __init__(
        self,
        events: Events,
        mailboxes: WorkerMailboxes,
        tell_lamps: Callable[[UserId], None],
        has_news: Callable[[], bool],
        arrived: Callable[[KeptMessage], None],
    ) -> None:
        """``arrived`` is told of messages that somebody else put into a mailbox."""
        self._arrived = arrived
        self._events = events
        self._mailboxes = mailboxes
        self._tell_lamps = tell_lamps
        self._has_news = has_news
        self._cursor: int | None = None

    async def run(self) -> None:
        while True:
            try:
                await self.look()
            except DatabaseError as error:
                log.error("lamps wait", because=str(error))
            await asyncio.sleep(CONFIGURATION_POLL_S)

    async def look(self) -> None:
        if not self._has_news() and self._cursor is not None:
            return
        if self._cursor is None:
            self._cursor = await asyncio.to_thread(self._events.newest)
            return
        while True:
            newest, found = await asyncio.to_thread(self._read, self._cursor)
            for event in found:
                self._cursor = event.id
                name = event.data.get("mailbox") if isinstance(event.data, dict) else None
                if isinstance(name, str) and not is_former(MailboxId(name)):
                    self._mailboxes.expect(MailboxId(name))
                    self._tell_lamps(UserId(name))
                    await self._tell_arrival(event)
            if len(found) < EVENTS_AT_ONCE:
                self._cursor = max(self._cursor, newest)
                return

    def _read(self, cursor: int) -> tuple[int, list[Event]]:
        """The number of an event that was there before, and what is of interest behind the
        cursor: the ends of calls, which are many, are passed once."""
        newest = self._events.newest()
        return newest, self._events.after(cursor, limit=EVENTS_AT_ONCE, kinds=_KINDS)

    async def _tell_arrival(self, event: Event) -> None:
        if event.kind != EventKind.VOICEMAIL_LEFT or not isinstance(event.data, dict):
            return
        message = await self._mailboxes.added_elsewhere(VoicemailId(str(event.data.get("id"))))
        if message is not None:
            with telling(f"voicemail of {message.mailbox}"):
                self._arrived(message)


async def list_begun(
    worker: StorageWorker,
    mailboxes: WorkerMailboxes,
    tell_lamps: Callable[[UserId], None],
    *,
    before: datetime,
) -> None:
    """Lists what callers were saying when a former life of the server ended, as far as they came;
    what cannot be read now is left to the next start. Raises DatabaseError."""
    for message in await worker.perform(partial(worker.voicemails.begun_within, before=before)):
        try:
            spoken = await asyncio.to_thread(worker.voicemails.as_far_as_spoken, message)
            if spoken.duration_s < MESSAGE_S_MIN:
                mailboxes.give_up(message.path)
                continue
            await mailboxes.add(spoken)
        except (OSError, SealError) as error:
            log.error("voicemail.cut_short_unread", path=str(message.path), error=str(error))
        else:
            log.warning("voicemail.cut_short", mailbox=message.mailbox, seconds=spoken.duration_s)
            tell_lamps(UserId(message.mailbox))


async def mail_left(
    worker: StorageWorker,
    snapshot: Snapshot,
    post: Callable[[Snapshot, KeptMessage], None],
    *,
    before: datetime,
) -> None:
    """Mails messages received ``before`` that no former life of the server mailed."""
    last: KeptMessage | None = None
    while True:
        wanted = partial(
            unmailed_within,
            voicemails=worker.voicemails,
            before=before,
            after=last,
            limit=VOICEMAIL_SWEPT_AT_ONCE,
        )
        found = await worker.perform(wanted)
        for message in found:
            with telling(f"voicemail of {message.mailbox}"):
                post(snapshot, message)
        if len(found) < VOICEMAIL_SWEPT_AT_ONCE:
            return
        last = found[-1]


def _is_gone(snapshot: Snapshot, key: MailboxId) -> bool:
    """Neither a user, who may have his mailbox back, nor a shared mailbox."""
    return key not in snapshot.mailboxes and UserId(key) not in snapshot.users


def _keep_days(snapshot: Snapshot, key: MailboxId) -> int | None:
    """None: for ever. Messages of who is gone go by the policy of everybody."""
    mailbox = snapshot.mailboxes.get(key)
    if mailbox is not None:
        return voicemail_policy(snapshot, mailbox).keep_days
    policy = snapshot.voicemail_policies.get(GLOBAL_POLICY)
    return None if policy is None or not _is_gone(snapshot, key) else policy.keep_days


class MessageSweep:
    """Deletes messages that are older than their policy keeps them; each deletion is an event."""

    def __init__(
        self, worker: StorageWorker, clock: Clock, snapshot: Callable[[], Snapshot | None]
    ) -> None:
        self._worker = worker
        self._clock = clock
        self._snapshot = snapshot

    async def run(self) -> None:
        while True:
            try:
                await self.sweep()
            except DatabaseError as error:
                log.error("old messages stay", because=str(error))
            await asyncio.sleep(VOICEMAIL_SWEEP_S)

    async def sweep(self) -> int:
        """How many were deleted."""
        snapshot, deleted = self._snapshot(), 0
        if snapshot is None:
            return 0
        now = self._clock.utc()
        await self._worker.perform(partial(set_ownerless_apart_within, at=now))
        for key in await self._worker.perform(self._worker.voicemails.mailboxes_within):
            days = _keep_days(snapshot, key)
            if days is not None:
                deleted += await self._sweep(key, days)
        before = now - timedelta(days=FORMER_MAILBOX_DAYS)
        for key in await self._worker.perform(partial(former_within, before=before)):
            deleted += await self._erase(key)
        if deleted:
            log.info("voicemail.swept", messages=deleted)
        return deleted

    async def _erase(self, former: MailboxId) -> int:
        """Saved messages, too."""
        found = await self._worker.perform(
            lambda connection: self._worker.voicemails.heard_in_order_within(connection, former)
        )
        await self._delete(found, "the owner of the mailbox is gone")
        await WorkerMailboxes(self._worker).choose(former, NOTHING_CHOSEN)
        await self._worker.perform(lambda connection: forget_former_within(connection, former))
        return len(found)

    async def _sweep(self, mailbox: MailboxId, days: int) -> int:
        deleted = 0
        while past := await self._past(mailbox, days):
            await self._delete(past, f"kept for {days} days")
            deleted += len(past)
        return deleted

    async def _delete(self, messages: Sequence[KeptMessage], because: str) -> None:
        await self._worker.perform(
            partial(
                self._worker.voicemails.delete_within,
                messages=messages,
                at=self._clock.utc(),
                because=because,
            )
        )
        for message in messages:
            await asyncio.to_thread(discard_recording, message.path)

    async def _past(self, mailbox: MailboxId, days: int) -> Sequence[KeptMessage]:
        before = self._clock.utc() - timedelta(days=days)
        return await self._worker.perform(
            lambda connection: self._worker.voicemails.past_within(
                connection, mailbox, before, VOICEMAIL_SWEPT_AT_ONCE
            )
        )
