"""The directory as an attendant asks it; whoever keeps the directory implements it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from callwright.kernel.ids import UserId
from callwright.kernel.target import Target


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom a caller found."""

    user: UserId
    name: str
    suffix: str | None = None
    """Office or department, to tell people of one name apart (row 180)."""

    @property
    def spoken(self) -> str:
        return self.name if self.suffix is None else f"{self.name}, {self.suffix}"


@dataclass(frozen=True, slots=True)
class TooMany:
    """More people than can be read out (row 179)."""

    count: int
    is_in_scope: bool
    """False: so many before anybody was left out."""


Found = tuple[Person, ...] | TooMany


class People(Protocol):
    """Only whom the attendant's dial scope lets callers find."""

    def extensions(self) -> Collection[str]:
        """Everything that may be somebody's extension; who has it `by_extension` says."""
        ...

    def by_extension(self, extension: str) -> Person | None: ...

    def by_keys(self, keys: str) -> Found:
        """Who fits a name typed on the keypad, ``0`` between its words."""
        ...

    def by_name(self, name: str) -> Found:
        """Who is called so, exactly."""
        ...

    def spoken_names(self) -> Sequence[str]:
        """Names that may be said; none where there are too many people (SPEC 6.9)."""
        ...

    def name_of(self, target: Target) -> str | None:
        """What a caller is told of a target; None: it has no name."""
        ...
