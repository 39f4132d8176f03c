"""What was changed, by whom and why; and taking it back (ADR 0025)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from pydantic import JsonValue

from callwright.kernel.limits.configuration import UNDO_DAYS
from callwright.operations.actor import Actor
from callwright.operations.administration import Administration, Applied, Companion
from callwright.operations.configuration import Edit, EditRefused, Problem, is_record
from callwright.operations.organisation_file.entities import Entities, EntityKey
from callwright.operations.plan import Change, plan


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """What one edit did to one entity."""

    number: int
    """Rises with every entry."""
    revision: int
    """The same in all entries of one edit."""
    at: datetime
    by: Actor
    why: str | None
    undoes: int | None
    kind: str
    key: str
    before: JsonValue
    """None: it was not there. Passwords are in it: show ``change``, never this."""
    after: JsonValue

    @property
    def address(self) -> EntityKey:
        return self.kind, self.key

    @property
    def change(self) -> Change | None:
        """The difference, without passwords and PINs; None where only an order was noted."""
        changes = plan(_alone(self.address, self.before), _alone(self.address, self.after))
        return changes[0] if changes else None


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """None: whatever it is."""

    kind: str | None = None
    key: str | None = None
    actor: str | None = None
    revision: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    number: str | None = None
    """E.164; who has it, or it with an extension, or has it no longer."""


class History(Protocol):
    """Where entries are read from; storage implements it."""

    def page(
        self, wanted: HistoryFilter, *, before: int | None, limit: int
    ) -> Sequence[HistoryEntry]:
        """Newest first; ``before`` is the number of the last entry of the page before."""
        ...

    def of_revision(self, revision: int) -> Sequence[HistoryEntry]: ...

    def last_change_of(self, address: EntityKey) -> HistoryEntry | None: ...

    def states(self, earlier: int, later: int) -> tuple[Entities, Entities]:
        """Of every entity that changed after ``earlier`` until ``later``: as it was, as it is."""
        ...

    def first_revision(self) -> int | None:
        """The first that has a history; None: there is no history."""
        ...


class Rewinder:
    """Takes edits back; what it writes is an edit like any other, with a history of its own."""

    def __init__(self, administration: Administration, history: History) -> None:
        self._administration = administration
        self._history = history

    def undo(
        self,
        revision: int,
        *,
        by: Actor,
        now: datetime,
        why: str | None = None,
        dry_run: bool = False,
        beside: Sequence[Companion] = (),
    ) -> Applied:
        """Gives every entity that an edit changed its former settings back.

        Raises EditRefused where it is older than UNDO_DAYS, or an entity was changed since.
        """
        entries = self._history.of_revision(revision)
        if not entries:
            raise _refused(f"there is no revision {revision} in the history; look at `history`")
        if now - entries[0].at > timedelta(days=UNDO_DAYS):
            raise _refused(
                f"revision {revision} is older than {UNDO_DAYS} days; write what you want instead"
            )
        current = self._administration.current()
        changed = [e for e in entries if current.entities.get(e.address) != e.after]
        if changed:
            raise EditRefused([self._changed_since(entry) for entry in changed])
        return self._administration.change(
            Edit.towards({entry.address: entry.before for entry in entries}),
            by=by,
            why=why or f"undo of revision {revision}",
            expected={e.address: current.etag(*e.address) for e in entries},
            undoes=revision,
            dry_run=dry_run,
            beside=beside,
        )

    def rollback(
        self,
        revision: int,
        *,
        by: Actor,
        why: str | None = None,
        expected_revision: int | None = None,
        dry_run: bool = False,
        beside: Sequence[Companion] = (),
    ) -> Applied:
        """Makes the configuration what it was at ``revision``; records of the running system stay.

        Raises EditRefused where the history does not reach that far, and RevisionConflict where
        the configuration is at another revision than was expected.
        """
        current = self._administration.current()
        self._must_reach(revision, current.revision)
        before, after = self._history.states(revision, current.revision)
        touched = [a for a in {**before, **after} if not is_record(a)]
        return self._administration.change(
            Edit.towards({address: before.get(address) for address in touched}),
            by=by,
            why=why or f"rollback to revision {revision}",
            expected={address: current.etag(*address) for address in touched},
            expected_revision=expected_revision,
            dry_run=dry_run,
            beside=beside,
        )

    def difference(self, earlier: int, later: int) -> tuple[Change, ...]:
        """What changed after one revision until another. Raises EditRefused as ``rollback``."""
        self._must_reach(earlier, later)
        before, after = self._history.states(earlier, later)
        return plan(before, after)

    def _must_reach(self, revision: int, later: int) -> None:
        began = self._history.first_revision()
        first = later if began is None else began - 1
        if not first <= revision <= later:
            raise _refused(f"there is no revision {revision}; name one of {first} to {later}")

    def _changed_since(self, entry: HistoryEntry) -> Problem:
        last = self._history.last_change_of(entry.address)
        where = "meanwhile" if last is None else f"in revision {last.revision} by {last.by}"
        text = f"was changed again {where}; undo that first, or write what you want"
        return Problem(entry.address, text)


def _alone(address: EntityKey, value: JsonValue) -> Entities:
    return {} if value is None else {address: value}


def _refused(text: str) -> EditRefused:
    return EditRefused([Problem(("history",), text)])
