"""Makes what is stored equal to an organisation file, in one transaction."""

from collections.abc import Collection, Mapping
from typing import Protocol

from pydantic import JsonValue

from callwright.kernel.limits import APPLY_ATTEMPTS_MAX
from callwright.kernel.money import Money
from callwright.operations.organisation_file import (
    Entities,
    EntityKey,
    Organisation,
    to_entities,
)
from callwright.operations.plan import Change, plan
from callwright.operations.revision import RevisionConflict


class ConfigurationRepository(Protocol):
    """Where entities are kept; storage implements it."""

    def load(self) -> tuple[int, Entities]:
        """Returns the revision, 0 before the first apply, and all entities, of one instant."""
        ...

    def apply(
        self,
        upserts: Mapping[EntityKey, JsonValue],
        removals: Collection[EntityKey],
        *,
        expected_revision: int,
        opening_balance: Money | None,
    ) -> int:
        """Writes everything in one transaction and returns the revision after it.

        The revision rises by one when something changed. The opening balance is posted once
        ever, by the first apply that has one. Raises RevisionConflict, having changed nothing,
        when the stored revision is not ``expected_revision``.
        """
        ...


def apply_organisation(
    repository: ConfigurationRepository, organisation: Organisation
) -> tuple[Change, ...]:
    """Applies a checked organisation and returns what changed; nothing did when it is empty.

    An apply that comes between is compared again; raises RevisionConflict when that goes on.
    """
    for _ in range(APPLY_ATTEMPTS_MAX - 1):
        try:
            return _apply_once(repository, organisation)
        except RevisionConflict:
            continue
    return _apply_once(repository, organisation)


def _apply_once(
    repository: ConfigurationRepository, organisation: Organisation
) -> tuple[Change, ...]:
    revision, stored = repository.load()
    wanted = to_entities(organisation)
    upserts = {
        entity: value
        for entity, value in wanted.items()
        if entity not in stored or stored[entity] != value
    }
    removals = stored.keys() - wanted.keys()
    if upserts or removals:
        repository.apply(
            upserts,
            removals,
            expected_revision=revision,
            opening_balance=_opening_balance(organisation),
        )
    return plan(stored, wanted)


def _opening_balance(organisation: Organisation) -> Money | None:
    if organisation.credits is None:
        return None
    return Money.parse(organisation.credits.opening_balance, organisation.credits.currency)
