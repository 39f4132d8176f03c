"""A configuration that is kept in memory; what storage does is tried in tests/contract/storage."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

from pydantic import JsonValue

from callwright.kernel.money import Money
from callwright.operations.administration import Companion, Note
from callwright.operations.organisation_file import Entities, EntityKey
from callwright.operations.revision import RevisionConflict


class MemoryRepository:
    """Keeps entities in a dict; ``interrupt`` makes another apply come between that many times."""

    def __init__(self, *, interrupt: int = 0) -> None:
        self.stored_at = 0
        self.now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
        self.entities: dict[EntityKey, JsonValue] = {}
        self.opening_balance: Money | None = None
        self.applies: list[tuple[set[EntityKey], set[EntityKey]]] = []
        self._interruptions_left = interrupt

    def revision(self) -> int:
        return self.stored_at

    def utc(self) -> datetime:
        return self.now

    def changed_since(self, revision: int) -> None:
        return None

    def load(self) -> tuple[int, Entities]:
        return self.stored_at, dict(self.entities)

    def apply(
        self,
        upserts: Mapping[EntityKey, JsonValue],
        removals: Collection[EntityKey],
        *,
        expected_revision: int,
        opening_balance: Money | None,
        note: Note,
        beside: Sequence[Companion] = (),
    ) -> int:
        if self._interruptions_left:
            self._interruptions_left -= 1
            self.stored_at += 1
        if expected_revision != self.stored_at:
            raise RevisionConflict(expected_revision, self.stored_at)
        self.applies.append((set(upserts), set(removals)))
        self.entities |= upserts
        for key in removals:
            del self.entities[key]
        self.opening_balance = self.opening_balance or opening_balance
        self.stored_at += 1
        return self.stored_at
