"""Messages that callers are speaking: a server that is killed meanwhile lists them at its start."""

import wave
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, delete, select

from callwright.apps.services import Message
from callwright.domains.voicemail.model import TranscriptState
from callwright.kernel.ids import MailboxId
from callwright.storage.message_files import name_of, sound_s
from callwright.storage.schema import (
    BEGUN_MESSAGE,
    from_us,
    insert_latest,
    storable,
    storable_or_none,
    to_us,
)
from callwright.storage.sealing import SEALED, Sealer, read_chunks

_BEGUN = BEGUN_MESSAGE.c


def begin_within(connection: Connection, message: Message, folder: Path) -> None:
    """``folder``: of messages; how long it becomes does not matter yet."""
    row = {
        "id": name_of(message.path),
        "mailbox": message.mailbox,
        "caller": storable(message.caller),
        "caller_name": storable_or_none(message.caller_name),
        "received_at_us": to_us(message.received_at),
        "path": str(message.path.relative_to(folder)),
        "is_protected": message.is_protected,
        "transcript_state": message.transcript_state.value,
    }
    connection.execute(insert_latest(connection, BEGUN_MESSAGE).values(row))


def forget_begun_within(connection: Connection, path: Path) -> None:
    """It is a message now, or none."""
    connection.execute(delete(BEGUN_MESSAGE).where(_BEGUN.id == name_of(path)))


def begun_within(connection: Connection, folder: Path, before: datetime) -> list[Message]:
    """Those that were begun ``before``, with a length of nothing; the oldest first."""
    wanted = select(BEGUN_MESSAGE).where(_BEGUN.received_at_us < to_us(before))
    rows = connection.execute(wanted.order_by(_BEGUN.received_at_us, _BEGUN.id))
    return [
        Message(
            mailbox=MailboxId(row.mailbox),
            caller=row.caller,
            caller_name=row.caller_name,
            received_at=from_us(row.received_at_us),
            duration_s=0.0,
            path=folder / row.path,
            is_protected=row.is_protected,
            transcript_state=TranscriptState(row.transcript_state),
        )
        for row in rows
    ]


def spoken_s(path: Path, sealer: Sealer | None) -> float:
    """Seconds of sound in a file that may have been cut short at any point, or sealed already: it
    lies there unsealed then. Zero where there is none.

    Raises SealError, and OSError where it is there and cannot be read.
    """
    sealed = path.with_name(path.name + SEALED)
    if sealed.exists():
        path.write_bytes(b"".join(read_chunks(sealed, sealer)))
        sealed.unlink()
    if not path.exists():
        return 0.0
    try:
        return sound_s(path)
    except (EOFError, wave.Error):
        return 0.0


def begun_names_within(connection: Connection, names: Sequence[str]) -> Sequence[str]:
    """Which of these messages are being spoken, or were when a server was killed."""
    return connection.execute(select(_BEGUN.id).where(_BEGUN.id.in_(names))).scalars().all()
