"""Where numbers are administered: a configuration, a clock, ids, and how an act is written."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Generic, TypeVar

from pydantic import JsonValue

from callwright.domains.numbers.inventory import Inventory
from callwright.kernel.limits.numbers import NUMBER_ATTEMPTS_MAX
from callwright.operations.actor import Actor
from callwright.operations.administration import Administration, Applied, EditConflict
from callwright.operations.configuration import Configuration, Edit, EditRefused, Problem
from callwright.operations.numbers.reading import InventoryReader
from callwright.operations.organisation_file.document import Path
from callwright.operations.organisation_file.entities import EntityKey
from callwright.operations.organisation_file.schema import Organisation
from callwright.operations.revision import RevisionConflict

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class NumberProblem(Problem):
    """Why an act on numbers is refused."""

    code: str = ""
    """Stable, for programs: ``number-held``."""


class NumbersRefused(EditRefused):
    """Nothing was written; each of ``problems`` is a NumberProblem."""


def refusal(path: Path, code: str, text: str) -> NumbersRefused:
    """``text`` says what is wrong, a semicolon, what to do instead."""
    return NumbersRefused([NumberProblem(path, text, code)])


@dataclass(frozen=True, slots=True)
class Draft(Generic[Result]):
    """What an act wants to write, and what it tells when that is done."""

    result: Result
    upserts: Mapping[EntityKey, JsonValue] = field(default_factory=dict)
    removals: Collection[EntityKey] = ()
    relies_on: Collection[EntityKey] = ()
    """Further entities that must not have changed meanwhile, or must still be absent."""

    @property
    def edit(self) -> Edit:
        return Edit(self.upserts, self.removals)


@dataclass(frozen=True, slots=True)
class View:
    """The numbers at one revision, at one moment."""

    configuration: Configuration
    organisation: Organisation
    inventory: Inventory
    now: datetime

    def settings(self, kind: str, key: str) -> dict[str, JsonValue] | None:
        """A copy of what an entity says; None: it is not there."""
        found = self.configuration.entities.get((kind, key))
        return dict(found) if isinstance(found, dict) else None

    def records(self, kind: str) -> dict[str, dict[str, JsonValue]]:
        return {
            key: settings
            for (own, key), settings in self.configuration.entities.items()
            if own == kind and isinstance(settings, dict)
        }


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something, why, and whether it is only tried."""

    by: Actor
    why: str | None = None
    dry_run: bool = False


@dataclass(slots=True)
class NumberDesk:
    """One organisation's; from any thread."""

    administration: Administration
    utc: Callable[[], datetime]
    new_id: Callable[[], str]
    """Names that sort by time and are never given twice."""
    _turn: Lock = field(default_factory=Lock, init=False, repr=False)
    _reader: InventoryReader = field(default_factory=InventoryReader, init=False, repr=False)
    _latest: tuple[Configuration, Inventory] | None = field(default=None, init=False, repr=False)

    def view(self) -> View:
        """Raises NumbersRefused where there is no organisation yet."""
        configuration = self.administration.current()
        organisation = configuration.organisation
        if organisation is None:
            raise refusal((), "no-organisation", "there is no organisation yet; apply a file first")
        with self._turn:
            latest = self._latest
            if latest is None or latest[0] is not configuration:
                latest = configuration, self._reader.read(configuration, organisation)
                self._latest = latest
        return View(configuration, organisation, latest[1], self.utc())

    def write(self, draft: Callable[[View], Draft[Result]], act: Act) -> tuple[Result, Applied]:
        """Drafts and writes in one transaction, anew where somebody else wrote in between.

        Raises EditRefused (NumbersRefused where the rules of numbers are broken), and
        EditConflict or RevisionConflict when others never let go.
        """
        for attempt in range(NUMBER_ATTEMPTS_MAX):
            view = self.view()
            wanted = draft(view)
            touched = {*wanted.upserts, *wanted.removals, *wanted.relies_on}
            try:
                applied = self.administration.change(
                    wanted.edit,
                    by=act.by,
                    why=act.why,
                    expected={key: view.configuration.etag(*key) for key in touched},
                    dry_run=act.dry_run,
                )
            except (EditConflict, RevisionConflict):
                if attempt + 1 == NUMBER_ATTEMPTS_MAX:
                    raise
                continue
            return wanted.result, applied
        raise AssertionError("the last attempt returns or raises")


def all_or_nothing(problems: Sequence[NumberProblem]) -> None:
    """Raises NumbersRefused when there is a problem."""
    if problems:
        raise NumbersRefused(problems)
