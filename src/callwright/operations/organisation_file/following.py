"""What changed between two mappings that share what did not change."""

from collections.abc import Callable, Mapping
from itertools import compress
from operator import is_not
from typing import NamedTuple, TypeVar, cast

K = TypeVar("K", bound=str)
S = TypeVar("S")
T = TypeVar("T")


class Changes(NamedTuple):
    gone: tuple[str, ...]
    come: tuple[str, ...]
    """New, or another object than before."""

    @classmethod
    def between(cls, before: Mapping[str, S], now: Mapping[str, S]) -> "Changes":
        if list(before) == list(now):  # one of 50,000 changed: they are compared in a millisecond
            return cls((), tuple(compress(now, map(is_not, now.values(), before.values()))))
        return cls(
            tuple(key for key in before if key not in now),
            tuple(key for key, settings in now.items() if before.get(key) is not settings),
        )


def follow(
    built: dict[K, T],
    now: Mapping[str, S],
    changes: Changes,
    make: Callable[[str, S], T | None],
) -> None:
    """Brings what was built of what was before to ``now``: what is the same object is left alone.

    Where ``make`` gives None, nothing is built.
    """
    for key in changes.gone:
        built.pop(cast(K, key), None)
    for key in changes.come:
        made = make(key, now[key])
        if made is None:
            built.pop(cast(K, key), None)
        else:
            built[cast(K, key)] = made
