"""Keeps what was made of an object for as long as the same object is asked about again."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

S = TypeVar("S")
T = TypeVar("T")

_KEPT = 4
"""Organisations in use at once, and the ones that follow them."""


class _Same:
    """Equal only to the very same object, which it keeps from being another one."""

    __slots__ = ("it",)

    def __init__(self, it: object) -> None:
        self.it = it

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.it is self.it

    def __hash__(self) -> int:
        return id(self.it)


def kept_for_the_same(make: Callable[[S], T]) -> Callable[[S], T]:
    """For a pure function of one object that nobody changes: 50,000 numbers are sorted once."""

    @lru_cache(_KEPT)
    def made(same: _Same) -> T:
        return make(same.it)  # type: ignore[arg-type]

    @wraps(make)
    def remembered(it: S) -> T:
        return made(_Same(it))

    return remembered
