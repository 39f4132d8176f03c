"""An organisation's configuration at one revision, and an edit of it (both immutable)."""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

from pydantic import JsonValue, TypeAdapter, ValidationError

from callwright.operations.organisation_file.checks import Finding
from callwright.operations.organisation_file.document import Path
from callwright.operations.organisation_file.entities import (
    RECORD_SCHEMAS,
    Entities,
    EntityKey,
    from_entities,
    orders_after,
)
from callwright.operations.organisation_file.revising import revise, worded, written
from callwright.operations.organisation_file.schema import Organisation
from callwright.operations.organisation_file.soundness import mistakes, mistakes_after

PROBLEMS_MAX = 1_000
"""A bulk edit can be wrong everywhere; nobody reads more."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with an edit, or worth a second look."""

    path: Path
    """Keys from the top of the file, ``("users", "alice", "number")``."""
    text: str
    """What is wrong, a semicolon, what to do instead."""

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.path))}: {self.text}"


class EditRefused(Exception):
    """Nothing was written; the text has a line for each problem."""

    def __init__(self, problems: Collection[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True)
class Edit:
    """Entities to write whole, and entities to take away; removing what is not there is nothing."""

    upserts: Mapping[EntityKey, JsonValue] = field(default_factory=dict)
    removals: Collection[EntityKey] = ()

    @classmethod
    def towards(cls, wanted: Mapping[EntityKey, JsonValue]) -> Self:
        """Makes entities what is wanted of each; None: it shall not be there."""
        return cls(
            {address: value for address, value in wanted.items() if value is not None},
            [address for address, value in wanted.items() if value is None],
        )

    @property
    def keys(self) -> frozenset[EntityKey]:
        return frozenset((*self.upserts, *self.removals))

    @property
    def gone(self) -> tuple[EntityKey, ...]:
        """What is not there afterwards."""
        return tuple(address for address in self.removals if address not in self.upserts)

    def without(self, more: Collection[EntityKey]) -> "Edit":
        """The same edit, which takes away ``more`` that it does not write itself."""
        return Edit(self.upserts, (*self.removals, *more)) if more else self


@dataclass(frozen=True)
class Configuration:
    """``entities`` are what is stored, records included. Nobody changes the mappings."""

    revision: int
    entities: Entities
    known: Organisation | None = None
    """The same, where somebody has read it already."""

    @cached_property
    def organisation(self) -> Organisation | None:
        """What the entities say, read when it is first asked for: a plan of 50,000 users need not.

        None before the first apply. Raises ValueError on what no version of this program wrote.
        """
        if self.known is not None:
            return self.known
        own = {address: value for address, value in self.entities.items() if not is_record(address)}
        return from_entities(own) if own else None

    def etag(self, kind: str, key: str) -> str | None:
        """Changes with the entity's settings; None: it is not there."""
        address = (kind, key)
        return etag_of(self.entities[address]) if address in self.entities else None

    def worded(self, address: EntityKey, settings: JsonValue) -> JsonValue:
        """Returns what will be stored where ``settings`` are written."""
        settings = worded(*address, settings)
        stored = self.entities.get(address)
        return stored if stored == settings else settings

    def edited(self, edit: Edit) -> "Configuration":
        """Returns the configuration after ``edit``, at the same revision still.

        Raises EditRefused with everything that is wrong: of single entities by the schema, else
        of how the parts fit together.
        """
        after = self.merged(edit)
        problems = _record_problems(edit)
        if after.organisation is not None and not problems:
            problems = [Problem(*finding) for finding in self._mistakes_of(after.organisation)]
        if problems:
            raise EditRefused(problems[:PROBLEMS_MAX])
        return after

    def _mistakes_of(self, after: Organisation) -> Iterator[Finding]:
        """What is stored has none: it was checked when it was written."""
        if self.organisation is None:
            return mistakes(after)
        return mistakes_after(self.organisation, after)

    def merged(self, edit: Edit) -> "Configuration":
        """As ``edited``, for what is known to fit together. Raises EditRefused."""
        entities = dict(self.entities)
        for address in edit.gone:
            entities.pop(address, None)
        entities |= edit.upserts
        upserts = {a: value for a, value in edit.upserts.items() if not is_record(a)}
        removals = [a for a in edit.removals if not is_record(a)]
        if self.organisation is None and not upserts:
            return Configuration(self.revision, entities, None)
        orders = orders_after(self.entities, entities, edit.keys)
        former = self.organisation or _first(upserts)
        organisation, findings = revise(former, {**upserts, **orders}, removals)
        if findings:
            raise EditRefused([Problem(*finding) for finding in findings][:PROBLEMS_MAX])
        for address, settings in written(organisation, upserts).items():
            is_same = address in self.entities and self.entities[address] == settings
            entities[address] = self.entities[address] if is_same else settings
        return Configuration(self.revision, entities, organisation)


def is_record(address: EntityKey) -> bool:
    """Whether it is state of the running system, which no organisation file has."""
    return address[0] in RECORD_SCHEMAS


def etag_of(settings: JsonValue) -> str:
    """A digest of the settings, whatever the order of their keys."""
    text = json.dumps(settings, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _first(upserts: Mapping[EntityKey, JsonValue]) -> Organisation:
    """What a first edit is made in: the organisation and nothing else."""
    profile = upserts.get(("organisation", "organisation"))
    if profile is None:
        text = "there is no organisation yet; write this section first, or apply a file"
        raise EditRefused([Problem(("organisation",), text)])
    try:
        return Organisation.model_validate({"organisation": profile})
    except ValidationError:
        text = "needs name, domain, country, timezone and language; write them first"
        raise EditRefused([Problem(("organisation",), text)]) from None


def _record_problems(edit: Edit) -> list[Problem]:
    problems = []
    for (kind, key), settings in edit.upserts.items():
        schema: Any = RECORD_SCHEMAS.get(kind)
        if schema is not None:
            try:
                TypeAdapter(schema).validate_python(settings)
            except ValidationError as error:
                problems += [
                    Problem((kind, key, *details["loc"]), details["msg"])
                    for details in error.errors(include_url=False, include_input=False)
                ]
    return problems
