"""Where numbers are administered: a configuration, a clock, ids, and how an act is written."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from threading import Lock
from typing import Any

from callwright.domains.numbers.inventory import Inventory
from callwright.kernel.limits.numbers import NUMBER_ATTEMPTS_MAX
from callwright.operations.actor import Actor
from callwright.operations.administration import Administration, Applied, EditConflict
from callwright.operations.configuration import Configuration
from callwright.operations.numbers.reading import InventoryReader
from callwright.operations.numbers.view import Draft, Result, View, refusal
from callwright.operations.revision import RevisionConflict


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something, why, and whether it is only tried."""

    by: Actor
    why: str | None = None
    dry_run: bool = False
    witness: Callable[[Any, Any], object] | None = None
    """Given the storage's connection, and the result of the act or what it wrote where it has
    none, writes in the same transaction; no part of a trial."""


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
                    beside=() if act.witness is None else [partial(_attest, act.witness, wanted)],
                )
            except (EditConflict, RevisionConflict):
                if attempt + 1 == NUMBER_ATTEMPTS_MAX:
                    raise
                continue
            return wanted.result, applied
        raise AssertionError("the last attempt returns or raises")


def _attest(
    witness: Callable[[Any, Any], object], wanted: Draft[Any], connection: Any, applied: Applied
) -> None:
    witness(connection, applied if wanted.result is None else wanted.result)
