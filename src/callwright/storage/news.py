"""How what happened is told as an event: names and facts, no settings and no secrets."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import JsonValue

from callwright.apps.services import Message
from callwright.calls.record import CallRecord
from callwright.calls.record_form import summary_form
from callwright.kernel.ids import MailboxId, VoicemailId
from callwright.kernel.instants import iso_utc
from callwright.kernel.limits.api import EVENT_CHANGES_MAX
from callwright.kernel.money import Money
from callwright.kernel.plain_text import mended
from callwright.operations.administration import Note
from callwright.operations.organisation_file.entities import EntityKey
from callwright.storage.events import EventKind, News

Changed = tuple[EntityKey, str | None, str | None]
"""An entity, and its settings before and after."""


def of_change(revision: int, changed: Sequence[Changed], note: Note, at: datetime) -> News:
    """The history has the rest."""
    changes: list[JsonValue] = [
        {"kind": kind, "key": key, "action": _action(before, after)}
        for (kind, key), before, after in changed[:EVENT_CHANGES_MAX]
    ]
    data: JsonValue = {
        "revision": revision,
        "by": {"kind": note.by.kind, "name": mended(note.by.name)},
        "why": None if note.why is None else mended(note.why),
        "count": len(changed),
        "changes": changes,
    }
    return News(EventKind.CONFIGURATION_CHANGED, at, data)


def of_call(record: CallRecord) -> News:
    data: dict[str, JsonValue] = {**summary_form(record)}
    for party in ("caller", "callee", "via"):
        text = data[party]
        data[party] = mended(text) if isinstance(text, str) else None
    return News(EventKind.CALL_ENDED, record.ended_at, data)


def of_voicemail(message_id: VoicemailId, message: Message) -> News:
    data: JsonValue = {
        "id": message_id,
        "mailbox": message.mailbox,
        "caller": mended(message.caller),
        "caller_name": None if message.caller_name is None else mended(message.caller_name),
        "received_at": iso_utc(message.received_at),
        "duration_s": round(message.duration_s, 3),
    }
    return News(EventKind.VOICEMAIL_LEFT, message.received_at, data)


def of_voicemail_act(
    act: str, message_id: VoicemailId, mailbox: MailboxId, at: datetime, **facts: JsonValue
) -> News:
    """``read``: it was marked; ``deleted``: it is gone."""
    data: JsonValue = {"id": message_id, "mailbox": mailbox, **facts}
    return News(EventKind(f"voicemail.{act}"), at, data)


def of_deposit(key: str, amount: Money, note: str | None, at: datetime) -> News:
    data: JsonValue = {
        "key": key,
        "amount": str(amount),
        "currency": amount.currency,
        "note": note,
    }
    return News(EventKind.CREDITS_DEPOSITED, at, data)


def _action(before: str | None, after: str | None) -> str:
    return "add" if before is None else "remove" if after is None else "change"
