"""What numbers are seen in and drafted from: one revision at one moment, and why not."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from pydantic import JsonValue

from callwright.domains.numbers.inventory import Inventory
from callwright.operations.configuration import Configuration, Edit, EditRefused, Problem
from callwright.operations.organisation_file.document import Path
from callwright.operations.organisation_file.entities import EntityKey
from callwright.operations.organisation_file.schema import Organisation

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


def all_or_nothing(problems: Sequence[NumberProblem]) -> None:
    """Raises NumbersRefused when there is a problem."""
    if problems:
        raise NumbersRefused(problems)
