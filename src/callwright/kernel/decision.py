"""A decision is a value and the reasons that led to it; every pure decision returns one."""

from typing import Generic, TypeVar

from callwright.kernel.value import value

T = TypeVar("T")


@value
class Step:
    """One thing that was decided and why, as `explain` shows it."""

    what: str
    because: str


@value
class Decision(Generic[T]):
    value: T
    steps: tuple[Step, ...]
