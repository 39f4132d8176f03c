"""The one way in which an organisation's configuration changes, whoever changes it (ADR 0025)."""

import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol, TypeAlias

from pydantic import JsonValue

from callwright.kernel.limits.configuration import APPLY_ATTEMPTS_MAX
from callwright.kernel.money import Money
from callwright.operations.actor import SYSTEM, Actor
from callwright.operations.circles import no_circles_looked_for
from callwright.operations.configuration import (
    Configuration,
    Edit,
    EditRefused,
    Problem,
    is_record,
)
from callwright.operations.licences.losing import LostNumber, losses
from callwright.operations.numbers.blocks import blocked_numbers
from callwright.operations.organisation_file.entities import (
    Entities,
    EntityKey,
    kept_orders,
    to_entities,
)
from callwright.operations.organisation_file.schema import Organisation
from callwright.operations.organisation_file.soundness import cautions
from callwright.operations.plan import Change, plan
from callwright.operations.revision import RevisionConflict
from callwright.operations.schedules.kept import records_gone_with

Outside: TypeAlias = Callable[[Configuration, Collection[EntityKey], Actor], Iterable[Problem]]
"""Given the configuration after an edit, what the edit touches, and whose it is, says what stands
against it."""


class EditConflict(Exception):
    """Somebody changed the entity since it was looked at."""

    def __init__(self, kind: str, key: str) -> None:
        super().__init__(f"{kind} {key} was changed meanwhile; look at it again")
        self.kind = kind
        self.key = key


@dataclass(frozen=True, slots=True)
class Note:
    """What the history says of an edit beside what changed."""

    by: Actor
    why: str | None = None
    undoes: int | None = None
    """The revision that it takes back."""


BY_THE_PROGRAM = Note(SYSTEM)


class Advice:
    """What is allowed in an organisation and likely not meant; looked for when it is asked for,
    which takes a walk over all users."""

    def __init__(self, organisation: Organisation | None) -> None:
        self._organisation = organisation

    @cached_property
    def cautions(self) -> tuple[Problem, ...]:
        if self._organisation is None:
            return ()
        return tuple(Problem(*finding) for finding in cautions(self._organisation))


@dataclass(frozen=True, slots=True)
class Applied:
    revision: int
    """After the edit; the one before it where nothing changed or nothing was to be written."""
    changes: tuple[Change, ...]
    advice: Advice
    lost: tuple[LostNumber, ...] = ()
    """Numbers that went with a licence."""
    written: Edit = field(default_factory=Edit)
    """All that was written, or would be; more than was asked for where numbers were lost."""

    @property
    def cautions(self) -> tuple[Problem, ...]:
        """What the edit costs beside what it says, and what is likely not meant."""
        return (*(lost.caution for lost in self.lost), *self.advice.cautions)


Companion: TypeAlias = Callable[[Any, Applied], object]
"""Given the storage's connection and what is being written, writes in the same transaction."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What an edit makes of a configuration."""

    after: Configuration
    news: Edit
    lost: tuple[LostNumber, ...] = ()


class ConfigurationRepository(Protocol):
    """Where entities are kept; storage implements it."""

    def utc(self) -> datetime:
        """The instant that the history would note now."""
        ...

    def revision(self) -> int:
        """0 before the first edit."""
        ...

    def load(self) -> tuple[int, Entities]:
        """The revision and all entities, of one instant."""
        ...

    def changed_since(self, revision: int) -> tuple[int, Mapping[EntityKey, JsonValue]] | None:
        """The revision now and what every entity that changed since is now, None where it is gone.

        None where that cannot be told or is so much that loading is better.
        """
        ...

    def apply(
        self,
        upserts: Mapping[EntityKey, JsonValue],
        removals: Collection[EntityKey],
        *,
        expected_revision: int,
        opening_balance: Money | None,
        note: Note,
        beside: Sequence[Callable[[Any, int], object]] = (),
    ) -> int:
        """Writes everything, and its history, in one transaction; returns the revision after it,
        which ``beside`` is given with the connection.

        The revision rises by one when something changed. The opening balance is posted once
        ever, by the first edit that has one. Raises RevisionConflict, having changed nothing,
        when the stored revision is not ``expected_revision``.
        """
        ...


class Administration:
    """One organisation's; from any thread. What it has read is kept, and follows other processes.

    Raises what the repository raises (DatabaseError).
    """

    def __init__(
        self,
        repository: ConfigurationRepository,
        outside: Outside = lambda after, touched, by: (),
    ) -> None:
        """``outside`` says what an organisation cannot be for reasons that are not its own: what
        others on the system have (``operations.neighbours``)."""
        self._repository = repository
        self._outside = outside
        self._turn = threading.Lock()
        self._held = Configuration(0, {}, None)

    def current(self) -> Configuration:
        """The newest that is stored."""
        with self._turn:
            return self._follow()

    def change(
        self,
        edit: Edit,
        *,
        by: Actor,
        why: str | None = None,
        expected: Mapping[EntityKey, str | None] | None = None,
        expected_revision: int | None = None,
        dry_run: bool = False,
        undoes: int | None = None,
        beside: Sequence[Companion] = (),
    ) -> Applied:
        """Checks and writes an edit; durable when this returns.

        Who loses a licence by it loses the number that needs it in the same transaction, and what
        is kept of an entity goes with it.
        ``expected`` holds the etags that the edit was made for, None for an entity that must not
        be there yet. ``beside`` acts are part of the transaction, also of an edit that changes
        nothing. Raises EditRefused, EditConflict, and RevisionConflict where it was made for
        another revision; nothing is written then.
        """
        note = Note(by, why, undoes)

        def edited(before: Configuration) -> _Outcome:
            _must_be(before, expected_revision)
            for (kind, key), etag in (expected or {}).items():
                if before.etag(kind, key) != etag:
                    raise EditConflict(kind, key)
            whole = edit.without(records_gone_with(before.entities, edit.gone))
            after = before.edited(whole)
            loss = losses(before, after, whole.keys, self._repository.utc())
            if loss.numbers:
                after = after.edited(loss.edit)
            # In the edit's order, in which new ones are found again by who reads them.
            touched = [each for part in (whole, loss.edit) for each in (*part.upserts, *part.gone)]
            news = difference(_only(before.entities, touched), _only(after.entities, touched))
            return _Outcome(after, news, loss.numbers)

        return self._write(edited, note, beside=beside, dry_run=dry_run)

    def replace(
        self,
        organisation: Organisation,
        *,
        by: Actor,
        why: str | None = None,
        expected_revision: int | None = None,
        dry_run: bool = False,
        beside: Sequence[Companion] = (),
    ) -> Applied:
        """Makes what is stored equal to a whole organisation that was read and checked.

        Records stay. Whatever came between is overwritten, as the file says; with an
        ``expected_revision`` RevisionConflict is raised instead. A file that takes a licence and
        keeps the number that needs it is refused: what it says shall be what is stored.
        """
        wanted = to_entities(organisation)

        def replaced(before: Configuration) -> _Outcome:
            _must_be(before, expected_revision)
            over = records_gone_with(before.entities, _gone(before.entities, wanted))
            records = {a: v for a, v in before.entities.items() if is_record(a) and a not in over}
            entities = {**kept_orders(before.entities, wanted), **records}
            after = Configuration(before.revision, entities, organisation)
            news = difference(before.entities, after.entities)
            loss = losses(before, after, news.keys, self._repository.utc())
            _refuse(lost.objection for lost in loss.numbers)
            return _Outcome(after, news)

        with no_circles_looked_for():
            return self._write(replaced, Note(by, why), beside=beside, dry_run=dry_run)

    def _write(
        self,
        edited: Callable[[Configuration], _Outcome],
        note: Note,
        *,
        dry_run: bool,
        beside: Sequence[Companion] = (),
    ) -> Applied:
        """Another process may write between looking and writing; then it is looked at again."""
        for attempt in range(APPLY_ATTEMPTS_MAX):
            with self._turn:
                before = self._follow()
                outcome = edited(before)
                told = self._told(before, outcome, note)
                if dry_run or not (told.written.keys or beside):
                    return told
                try:
                    done = self._commit(told, outcome.after, note, beside)
                except RevisionConflict:
                    if attempt + 1 == APPLY_ATTEMPTS_MAX:
                        raise
                    continue
                self._held = Configuration(
                    done.revision, outcome.after.entities, outcome.after.organisation
                )
                return done
        raise AssertionError("the last attempt returns or raises")

    def _told(self, before: Configuration, outcome: _Outcome, note: Note) -> Applied:
        """What an edit would come to. Raises EditRefused where it may not be."""
        after, news = outcome.after, outcome.news
        self._look_outside(after, news.keys, note.by)
        _refuse(blocked_numbers(before, after, news, self._repository.utc()))
        changes = plan(_only(before.entities, news.keys), _only(after.entities, news.keys))
        advice = Advice(after.organisation)
        return Applied(before.revision, changes, advice, outcome.lost, news)

    def _commit(
        self, told: Applied, after: Configuration, note: Note, beside: Sequence[Companion]
    ) -> Applied:
        """Raises RevisionConflict."""
        edit = told.written

        def at_once(act: Companion) -> Callable[[Any, int], object]:
            return lambda connection, at: act(connection, replace(told, revision=at))

        revision = self._repository.apply(
            edit.upserts,
            edit.removals,
            expected_revision=told.revision,
            opening_balance=_opening_balance(after.organisation),
            note=note,
            beside=list(map(at_once, beside)),
        )
        return replace(told, revision=revision)

    def _look_outside(
        self, after: Configuration, touched: Collection[EntityKey], by: Actor
    ) -> None:
        if touched and after.organisation is not None:
            _refuse(self._outside(after, touched, by))

    def _follow(self) -> Configuration:
        held = self._held
        if self._repository.revision() == held.revision:
            return held
        caught_up = self._caught_up(held)
        if caught_up is None:
            with no_circles_looked_for():
                caught_up = Configuration(*self._repository.load())
        self._held = caught_up
        return caught_up

    def _caught_up(self, held: Configuration) -> Configuration | None:
        """None: to be loaded whole."""
        news = self._repository.changed_since(held.revision) if held.entities else None
        if news is None:
            return None
        revision, changed = news
        try:
            merged = held.merged(Edit.towards(changed))
        except EditRefused:  # two edits that only together make sense, as of one in between
            return None
        return Configuration(revision, merged.entities, merged.organisation)


def _refuse(found: Iterable[Problem]) -> None:
    problems = tuple(found)
    if problems:
        raise EditRefused(problems)


def _must_be(configuration: Configuration, revision: int | None) -> None:
    """Raises RevisionConflict."""
    if revision is not None and configuration.revision != revision:
        raise RevisionConflict(revision, configuration.revision)


def difference(before: Entities, after: Entities) -> Edit:
    """What to write and what to take away, to get from one to the other."""
    upserts = {
        address: value
        for address, value in after.items()
        if (was := before.get(address)) is not value and was != value
    }
    return Edit(upserts, _gone(before, after))


def _gone(before: Entities, after: Entities) -> list[EntityKey]:
    if before.keys() <= after.keys():  # mostly, and told of 100,000 in no time
        return []
    return [address for address in before if address not in after]


def _only(entities: Entities, addresses: Iterable[EntityKey]) -> Entities:
    return {address: entities[address] for address in addresses if address in entities}


def _opening_balance(organisation: Organisation | None) -> Money | None:
    if organisation is None or organisation.credits is None:
        return None
    return Money.parse(organisation.credits.opening_balance, organisation.credits.currency)
