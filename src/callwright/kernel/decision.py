"""A decision is a value and the reasons that led to it; every pure decision returns one."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was decided and why, as `explain` shows it."""

    what: str
    because: str


@dataclass(frozen=True, slots=True)
class Decision(Generic[T]):
    value: T
    steps: tuple[Step, ...]
