"""Messages: a WAV file each at ``<data>/voicemail/<mailbox>/<id>.wav``, and a row that lists it.

A message is there when its row is; the file reached the disk before.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, case, delete, func, insert, select, tuple_, update

from callwright.apps.services import Message
from callwright.domains.voicemail.model import (
    Choice,
    Forwarding,
    GreetingKind,
    Holdings,
    KeptMessage,
    TranscriptState,
)
from callwright.kernel.ids import MailboxId, UserId, VoicemailId
from callwright.kernel.limits.voicemail import (
    VOICEMAIL_FILES_SOUGHT_AT_ONCE,
    VOICEMAIL_FILES_WALKED_MAX,
    VOICEMAIL_ORPHAN_S,
)
from callwright.storage import events
from callwright.storage.begun_messages import (
    begin_within,
    begun_names_within,
    begun_within,
    forget_begun_within,
    spoken_s,
)
from callwright.storage.database import Database
from callwright.storage.mailbox_choices import (
    GREETINGS,
    choice_within,
    choose_within,
    remove_unused_greetings_within,
)
from callwright.storage.message_files import (
    changed_us,
    discard_recording,
    folder_name,
    name_of,
    recordings,
    sync_message,
)
from callwright.storage.message_sounds import joined
from callwright.storage.news import of_voicemail, of_voicemail_act
from callwright.storage.schema import (
    LIT_MAILBOX,
    VOICEMAIL,
    from_us,
    insert_once,
    storable,
    storable_or_none,
    to_us,
)
from callwright.storage.sealing import Sealer, read_chunks

FOLDER = "voicemail"
_MESSAGE = VOICEMAIL.c

Messages = list[KeptMessage]


class Voicemails:
    """May be used from any thread. ``new_id`` gives names that sort by time; with a ``sealer``
    whatever is added is sealed."""

    def __init__(
        self, database: Database, *, new_id: Callable[[], str], sealer: Sealer | None = None
    ) -> None:
        self._database = database
        self._folder = database.data / FOLDER
        self._greetings = database.data / GREETINGS
        self._new_id = new_id
        self.sealer = sealer

    # -- sound -----------------------------------------------------------------------------------

    def new_path(self, mailbox: MailboxId) -> Path:
        """Where the next message is recorded; its directory exists."""
        return self._path_in(self._folder, mailbox, self._new_id())

    def greeting_path(self, mailbox: MailboxId, kind: GreetingKind) -> Path:
        """Where the next greeting is recorded; its directory exists."""
        return self._path_in(self._greetings, mailbox, f"{kind.value}-{self._new_id()}")

    def chunks(self, path: Path) -> Iterator[bytes]:
        """The sound of a message, sealed or not. Raises SealError and OSError."""
        return read_chunks(path, self.sealer)

    def made_durable(self, message: Message) -> Message:
        """Brings the sound to the disk, sealed where that is wanted. Raises OSError."""
        if self.sealer is not None:
            message = replace(message, path=self.sealer.seal(message.path))
        sync_message(message.path)
        return message

    def copy_of(self, forwarding: Forwarding) -> Message:
        """A message whose sound is there but not durable; the comment's own recording is gone.

        Raises SealError, OSError and ValueError.
        """
        message, comment = forwarding.message, forwarding.comment
        sound, seconds = b"".join(self.chunks(message.path)), message.duration_s
        if comment is not None:
            sound, more_s = joined(comment.read_bytes(), sound)
            seconds += more_s
            discard_recording(comment)
        path = self.new_path(forwarding.to)
        path.write_bytes(sound)
        path.chmod(0o600)
        return Message(
            mailbox=forwarding.to,
            caller=message.caller,
            caller_name=message.caller_name,
            received_at=forwarding.at,
            duration_s=seconds,
            path=path,
            is_protected=forwarding.is_protected,
            transcript=forwarding.transcript,
            transcript_state=forwarding.transcript_state,
            forwarded_by=forwarding.by,
        )

    @staticmethod
    def _path_in(root: Path, mailbox: MailboxId, name: str) -> Path:
        folder = root / folder_name(mailbox)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder / f"{name}.wav"

    # -- messages that are being spoken ----------------------------------------------------------

    def begin_within(self, connection: Connection, message: Message) -> None:
        """Its sound is being recorded at a path that ``new_path`` gave."""
        begin_within(connection, message, self._folder)

    def begun_within(self, connection: Connection, before: datetime) -> Sequence[Message]:
        """Begun ``before``, and neither a message nor given up."""
        return begun_within(connection, self._folder, before)

    def as_far_as_spoken(self, message: Message) -> Message:
        """With its length; the sound lies there unsealed. Raises SealError and OSError."""
        return replace(message, duration_s=spoken_s(message.path, self.sealer))

    # -- messages --------------------------------------------------------------------------------

    def add(self, message: Message) -> VoicemailId:
        """Makes a message durable; its file has a path that ``new_path`` gave.

        Raises FileNotFoundError, DatabaseError.
        """
        message = self.made_durable(message)
        with self._database.writing() as connection:
            return self.add_within(connection, message).id

    def get(self, message_id: VoicemailId) -> KeptMessage | None:
        with self._database.reading() as connection:
            row = connection.execute(select(VOICEMAIL).where(_MESSAGE.id == message_id)).first()
        return None if row is None else self.kept(row)

    def list(self, mailbox: MailboxId) -> Messages:
        """Newest first."""
        statement = (
            select(VOICEMAIL)
            .where(_MESSAGE.mailbox == mailbox)
            .order_by(_MESSAGE.received_at_us.desc(), _MESSAGE.id.desc())
        )
        with self._database.reading() as connection:
            return [self.kept(row) for row in connection.execute(statement)]

    def page(
        self, mailbox: MailboxId | None, *, before: tuple[int, str] | None, limit: int
    ) -> Messages:
        """Newest first, of one mailbox or of all; ``before``: ``place_of`` the last one."""
        wanted = select(VOICEMAIL).limit(limit)
        if mailbox is not None:
            wanted = wanted.where(_MESSAGE.mailbox == mailbox)
        if before is not None:
            wanted = wanted.where(tuple_(_MESSAGE.received_at_us, _MESSAGE.id) < before)
        wanted = wanted.order_by(_MESSAGE.received_at_us.desc(), _MESSAGE.id.desc())
        with self._database.reading() as connection:
            return [self.kept(row) for row in connection.execute(wanted)]

    def holdings(self, mailbox: MailboxId) -> Holdings:
        with self._database.reading() as connection:
            return self.holdings_within(connection, mailbox)

    def mark_read(
        self,
        message_id: VoicemailId,
        at: datetime,
        *,
        is_read: bool = True,
        is_saved: bool | None = None,
    ) -> bool:
        """False: there is no such message."""
        with self._database.writing() as connection:
            return self.mark_within(connection, message_id, at, is_read=is_read, is_saved=is_saved)

    def forward(self, forwarding: Forwarding) -> KeptMessage:
        """Puts a durable copy into another mailbox. Raises SealError, OSError and ValueError."""
        copy = self.made_durable(self.copy_of(forwarding))
        with self._database.writing() as connection:
            return self.add_within(connection, copy)

    def delete(self, message_id: VoicemailId, at: datetime) -> bool:
        """Removes the row, then the file; False: there is no such message."""
        message = self.get(message_id)
        if message is None:
            return False
        with self._database.writing() as connection:
            self.delete_within(connection, [message], at, because="deleted")
        discard_recording(message.path)
        return True

    def add_within(self, connection: Connection, message: Message) -> KeptMessage:
        """The caller has made the sound durable."""
        message_id = VoicemailId(name_of(message.path))
        connection.execute(
            insert(VOICEMAIL),
            {
                "id": message_id,
                "mailbox": message.mailbox,
                "caller": storable(message.caller),
                "caller_name": storable_or_none(message.caller_name),
                "received_at_us": to_us(message.received_at),
                "duration_ms": round(message.duration_s * 1000),
                "path": str(message.path.relative_to(self._folder)),
                "is_read": False,
                "is_protected": message.is_protected,
                "transcript": storable_or_none(message.transcript),
                "transcript_state": message.transcript_state.value,
                "forwarded_by": message.forwarded_by,
                "is_mailed": False,
            },
        )
        lit = insert_once(connection, LIT_MAILBOX)
        connection.execute(lit, {"mailbox": message.mailbox})
        forget_begun_within(connection, message.path)
        events.add_within(connection, [of_voicemail(message_id, message)])
        stored = connection.execute(select(VOICEMAIL).where(_MESSAGE.id == message_id)).one()
        return self.kept(stored)

    def mark_within(
        self,
        connection: Connection,
        message_id: VoicemailId,
        at: datetime,
        *,
        is_read: bool = True,
        is_saved: bool | None = None,
    ) -> bool:
        """False: there is no such message."""
        values = {"is_read": is_read} | ({} if is_saved is None else {"is_saved": is_saved})
        wanted = update(VOICEMAIL).where(_MESSAGE.id == message_id).values(values)
        row = connection.execute(wanted.returning(_MESSAGE.mailbox)).first()
        if row is None:
            return False
        news = of_voicemail_act("read", message_id, MailboxId(row.mailbox), at, is_read=is_read)
        events.add_within(connection, [news])
        return True

    def delete_within(
        self, connection: Connection, messages: Sequence[KeptMessage], at: datetime, *, because: str
    ) -> None:
        """Rows only; the caller removes the files once that is durable."""
        ids = [message.id for message in messages]
        connection.execute(delete(VOICEMAIL).where(_MESSAGE.id.in_(ids)))
        news = [
            of_voicemail_act("deleted", message.id, message.mailbox, at, because=because)
            for message in messages
        ]
        events.add_within(connection, news)

    def heard_in_order_within(self, connection: Connection, mailbox: MailboxId) -> Messages:
        """New ones first, each kind from the oldest, as they are listened to."""
        wanted = select(VOICEMAIL).where(_MESSAGE.mailbox == mailbox)
        order = (case((_MESSAGE.is_read, 1), else_=0), _MESSAGE.received_at_us, _MESSAGE.id)
        return [self.kept(row) for row in connection.execute(wanted.order_by(*order))]

    def past_within(
        self, connection: Connection, mailbox: MailboxId, before: datetime, limit: int
    ) -> Messages:
        """Messages received before then which nobody saved."""
        wanted = (
            select(VOICEMAIL)
            .where(
                _MESSAGE.mailbox == mailbox,
                _MESSAGE.received_at_us < to_us(before),
                _MESSAGE.is_saved.is_(False),
            )
            .limit(limit)
        )
        return [self.kept(row) for row in connection.execute(wanted)]

    # -- choices ---------------------------------------------------------------------------------

    def choice(self, mailbox: MailboxId) -> Choice:
        with self._database.reading() as connection:
            return choice_within(connection, mailbox, self._greetings)

    def choose(self, mailbox: MailboxId, choice: Choice) -> None:
        with self._database.writing() as connection:
            self.choose_within(connection, mailbox, choice)

    def choose_within(self, connection: Connection, mailbox: MailboxId, choice: Choice) -> None:
        choose_within(connection, mailbox, choice, self._greetings)

    # -- counting and tidying --------------------------------------------------------------------

    def remove_orphans_within(self, connection: Connection, now: datetime) -> int:
        """Removes recordings without a row that are older than VOICEMAIL_ORPHAN_S; how many.

        A killed node leaves them. At most VOICEMAIL_FILES_WALKED_MAX files are looked at.
        """
        before_us = to_us(now) - VOICEMAIL_ORPHAN_S * 1_000_000
        files = islice(recordings(self._folder), VOICEMAIL_FILES_WALKED_MAX)
        removed = 0
        while some := list(islice(files, VOICEMAIL_FILES_SOUGHT_AT_ONCE)):
            names = [name_of(path) for path in some]
            known = connection.execute(select(_MESSAGE.id).where(_MESSAGE.id.in_(names)))
            kept = {*known.scalars(), *begun_names_within(connection, names)}
            for path in some:
                changed = None if name_of(path) in kept else changed_us(path)
                if changed is not None and changed < before_us:
                    discard_recording(path)
                    removed += 1
        return removed + remove_unused_greetings_within(connection, self._greetings, before_us)

    def holdings_within(self, connection: Connection, mailbox: MailboxId) -> Holdings:
        row = connection.execute(
            select(
                func.count().label("messages"),
                func.coalesce(func.sum(case((_MESSAGE.is_read, 1), else_=0)), 0).label("old"),
                func.coalesce(func.sum(_MESSAGE.duration_ms), 0).label("ms"),
            ).where(_MESSAGE.mailbox == mailbox)
        ).one()
        return Holdings(row.messages - row.old, int(row.old), int(row.ms) / 1000)

    def mailboxes_within(self, connection: Connection) -> set[MailboxId]:
        """Those that hold a message, or ever did."""
        rows = connection.execute(select(LIT_MAILBOX.c.mailbox))
        return {MailboxId(row.mailbox) for row in rows}

    def kept(self, row: Row[Any]) -> KeptMessage:
        """A message as it is in its row."""
        return KeptMessage(
            id=VoicemailId(row.id),
            mailbox=MailboxId(row.mailbox),
            caller=row.caller,
            caller_name=row.caller_name,
            received_at=from_us(row.received_at_us),
            duration_s=row.duration_ms / 1000,
            path=self._folder / row.path,
            is_read=row.is_read,
            is_saved=row.is_saved,
            is_protected=row.is_protected,
            transcript=row.transcript,
            transcript_state=TranscriptState(row.transcript_state),
            forwarded_by=None if row.forwarded_by is None else UserId(row.forwarded_by),
        )


def place_of(message: KeptMessage) -> tuple[int, str]:
    """Where a message stands among all."""
    return to_us(message.received_at), message.id
