"""What happened to one number, out of the history of the configuration."""

from dataclasses import dataclass
from datetime import datetime

from callwright.kernel.e164 import E164
from callwright.operations.actor import Actor
from callwright.operations.history import History, HistoryEntry, HistoryFilter


@dataclass(frozen=True, slots=True)
class NumberEvent:
    """One edit of one holder, block, tag or order that the number is in."""

    id: int
    """Names the entry; the next page begins before the last one's."""
    revision: int
    at: datetime
    by: Actor
    why: str | None
    subject: str
    """``user alice``."""
    changes: tuple[str, ...]
    """``number: (none) -> +14255550101``."""


def story(history: History, number: E164, *, before: int | None, limit: int) -> list[NumberEvent]:
    """The newest first."""
    entries = history.page(HistoryFilter(number=number), before=before, limit=limit)
    return [_event(entry, number) for entry in entries]


def _event(entry: HistoryEntry, number: E164) -> NumberEvent:
    change = entry.change
    subject = change.subject if change is not None else f"{entry.kind} {entry.key}"
    if change is None:
        texts: tuple[str, ...] = ()
    elif change.action == "remove":
        texts = ("removed",)
    else:
        about = tuple(str(field) for field in change.fields if number in str(field))
        texts = about or tuple(map(str, change.fields))
    return NumberEvent(entry.number, entry.revision, entry.at, entry.by, entry.why, subject, texts)
