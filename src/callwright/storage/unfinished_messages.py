"""Messages that are not done with yet: they wait for their words, or for their mail.

A message is mailed at least once: the mark that it was is set when its mail has reached the disk,
and a server that was killed before looks for messages without it.
"""

from datetime import datetime

from sqlalchemy import Connection, select, tuple_, update

from callwright.domains.voicemail.model import KeptMessage, TranscriptState
from callwright.kernel.ids import VoicemailId
from callwright.storage.schema import VOICEMAIL, storable, to_us
from callwright.storage.voicemail import Messages, Voicemails

_MESSAGE = VOICEMAIL.c
_IS_WAITING = _MESSAGE.transcript_state == TranscriptState.WAITING.value
_PLACE = (_MESSAGE.received_at_us, _MESSAGE.id)


def untranscribed_within(connection: Connection, voicemails: Voicemails, limit: int) -> Messages:
    """Those that wait for a transcript, the oldest first."""
    wanted = select(VOICEMAIL).where(_IS_WAITING).order_by(*_PLACE).limit(limit)
    return [voicemails.kept(row) for row in connection.execute(wanted)]


def note_transcript_within(connection: Connection, message: VoicemailId, text: str | None) -> None:
    """None: nobody could write it out."""
    state = TranscriptState.FAILED if text is None else TranscriptState.DONE
    values = {
        "transcript": None if text is None else storable(text),
        "transcript_state": state.value,
    }
    connection.execute(update(VOICEMAIL).where(_MESSAGE.id == message).values(values))


def give_up_transcripts_within(connection: Connection) -> None:
    """There is nothing any longer that would write messages out."""
    failed = {"transcript_state": TranscriptState.FAILED.value}
    connection.execute(update(VOICEMAIL).where(_IS_WAITING).values(failed))


def unmailed_within(
    connection: Connection,
    voicemails: Voicemails,
    *,
    before: datetime,
    after: KeptMessage | None,
    limit: int,
) -> Messages:
    """Of those that were received ``before``, the ones that are not mailed and wait for no words;
    the oldest first, from the one behind ``after``."""
    wanted = select(VOICEMAIL).where(
        _MESSAGE.is_mailed.is_(False), ~_IS_WAITING, _MESSAGE.received_at_us < to_us(before)
    )
    if after is not None:
        wanted = wanted.where(tuple_(*_PLACE) > (to_us(after.received_at), after.id))
    rows = connection.execute(wanted.order_by(*_PLACE).limit(limit))
    return [voicemails.kept(row) for row in rows]


def note_mailed_within(connection: Connection, message: VoicemailId) -> None:
    """Its mail is on the disk, or nobody is to get one."""
    connection.execute(update(VOICEMAIL).where(_MESSAGE.id == message).values(is_mailed=True))
