"""Messages: a WAV file each at ``<data>/voicemail/<mailbox>/<id>.wav``, and a row that lists it.

A message is there when its row is; the file reached the disk before.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

import structlog
from sqlalchemy import Connection, Row, delete, func, insert, select, tuple_, update

from callwright.apps.services import Message
from callwright.kernel.ids import MailboxId, VoicemailId
from callwright.kernel.limits import (
    VOICEMAIL_FILES_SOUGHT_AT_ONCE,
    VOICEMAIL_FILES_WALKED_MAX,
    VOICEMAIL_ORPHAN_S,
)
from callwright.storage import events
from callwright.storage.database import Database
from callwright.storage.news import of_voicemail
from callwright.storage.schema import VOICEMAIL, from_us, storable, storable_or_none, to_us

FOLDER = "voicemail"
_MESSAGE = VOICEMAIL.c
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class StoredMessage:
    id: VoicemailId
    mailbox: MailboxId
    caller: str
    caller_name: str | None
    received_at: datetime
    duration_s: float
    path: Path
    is_read: bool


Messages = list[StoredMessage]


class Voicemails:
    """May be used from any thread. ``new_id`` gives names that sort by time."""

    def __init__(self, database: Database, *, new_id: Callable[[], str]) -> None:
        self._database = database
        self._folder = database.data / FOLDER
        self._new_id = new_id

    def new_path(self, mailbox: MailboxId) -> Path:
        """Where the next message is recorded; its directory exists."""
        folder = self._folder / _folder_name(mailbox)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder / f"{self._new_id()}.wav"

    def add(self, message: Message) -> VoicemailId:
        """Makes a message durable; its file has a path that ``new_path`` gave.

        Raises FileNotFoundError, DatabaseError.
        """
        sync_message(message.path)
        with self._database.writing() as connection:
            return self.add_within(connection, message)

    def get(self, message_id: VoicemailId) -> StoredMessage | None:
        with self._database.reading() as connection:
            row = connection.execute(select(VOICEMAIL).where(_MESSAGE.id == message_id)).first()
        return None if row is None else self._stored(row)

    def list(self, mailbox: MailboxId) -> Messages:
        """Newest first."""
        statement = (
            select(VOICEMAIL)
            .where(_MESSAGE.mailbox == mailbox)
            .order_by(_MESSAGE.received_at_us.desc(), _MESSAGE.id.desc())
        )
        with self._database.reading() as connection:
            return [self._stored(row) for row in connection.execute(statement)]

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
            return [self._stored(row) for row in connection.execute(wanted)]

    def count(self, mailbox: MailboxId) -> int:
        return sum(self.counts(mailbox))

    def counts(self, mailbox: MailboxId) -> tuple[int, int]:
        """New and old messages, as a message-summary says them (RFC 3842 §3.5)."""
        with self._database.reading() as connection:
            return self.counts_within(connection, mailbox)

    def mark_read(self, message_id: VoicemailId) -> bool:
        """False: there is no such message."""
        with self._database.writing() as connection:
            result = connection.execute(
                update(VOICEMAIL).where(_MESSAGE.id == message_id).values(is_read=True)
            )
            return result.rowcount == 1

    def delete(self, message_id: VoicemailId) -> bool:
        """Removes the row, then the file; False: there is no such message."""
        message = self.get(message_id)
        if message is None:
            return False
        with self._database.writing() as connection:
            connection.execute(delete(VOICEMAIL).where(_MESSAGE.id == message_id))
        message.path.unlink(missing_ok=True)
        return True

    def add_within(self, connection: Connection, message: Message) -> VoicemailId:
        """The caller has synced the file."""
        message_id = VoicemailId(message.path.stem)
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
            },
        )
        events.add_within(connection, [of_voicemail(message_id, message)])
        return message_id

    def remove_orphans_within(self, connection: Connection, now: datetime) -> int:
        """Removes recordings without a row that are older than VOICEMAIL_ORPHAN_S; how many.

        A killed node leaves them. At most VOICEMAIL_FILES_WALKED_MAX files are looked at.
        """
        before_us = to_us(now) - VOICEMAIL_ORPHAN_S * 1_000_000
        files = islice(_recordings(self._folder), VOICEMAIL_FILES_WALKED_MAX)
        removed = 0
        while some := list(islice(files, VOICEMAIL_FILES_SOUGHT_AT_ONCE)):
            names = [path.stem for path in some]
            known = connection.execute(select(_MESSAGE.id).where(_MESSAGE.id.in_(names)))
            kept = set(known.scalars())
            for path in some:
                changed_us = None if path.stem in kept else _changed_us(path)
                if changed_us is not None and changed_us < before_us:
                    discard_recording(path)
                    removed += 1
        return removed

    def counts_within(self, connection: Connection, mailbox: MailboxId) -> tuple[int, int]:
        rows = connection.execute(
            select(_MESSAGE.is_read, func.count().label("messages"))
            .where(_MESSAGE.mailbox == mailbox)
            .group_by(_MESSAGE.is_read)
        )
        counts = {row.is_read: row.messages for row in rows}
        return counts.get(False, 0), counts.get(True, 0)

    def mailboxes_within(self, connection: Connection) -> set[MailboxId]:
        """Those with a message."""
        rows = connection.execute(select(_MESSAGE.mailbox).distinct())
        return {MailboxId(row.mailbox) for row in rows}

    def _stored(self, row: Row[Any]) -> StoredMessage:
        return StoredMessage(
            id=VoicemailId(row.id),
            mailbox=MailboxId(row.mailbox),
            caller=row.caller,
            caller_name=row.caller_name,
            received_at=from_us(row.received_at_us),
            duration_s=row.duration_ms / 1000,
            path=self._folder / row.path,
            is_read=row.is_read,
        )


def place_of(message: StoredMessage) -> tuple[int, str]:
    """Where a message stands among all."""
    return to_us(message.received_at), message.id


def discard_recording(path: Path) -> None:
    """Removes a recording that became no message; it may be gone already."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        _log.error("voicemail.recording_stays", path=str(path), error=str(error))


def _recordings(folder: Path) -> Iterator[Path]:
    """Every sound file below ``folder``; a folder that cannot be read has none."""
    for place in _entries(folder):
        if place.is_dir(follow_symlinks=False):
            for file in _entries(Path(place.path)):
                if file.name.endswith(".wav"):
                    yield Path(file.path)


def _entries(folder: Path) -> "Iterator[os.DirEntry[str]]":
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except OSError:
        return


def _changed_us(path: Path) -> int | None:
    """None: it is gone, or not ours to look at."""
    try:
        return path.stat(follow_symlinks=False).st_mtime_ns // 1_000
    except OSError:
        return None


def sync_message(path: Path) -> None:
    """Brings the file and its name to the disk."""
    for place in (path, path.parent):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _folder_name(mailbox: MailboxId) -> str:
    """A key is a name of one directory, whatever is in it: no way up or aside."""
    name = quote(mailbox, safe="@+ ")
    return name.replace(".", "%2E") if name.strip(".") == "" else name
