"""In how many ways a pattern can try to match, so that none keeps a server busy (ReDoS).

Python's matcher goes back and tries again, and some patterns have it try 2^60 times on the digits
that a phone dials: ``^(\\d+)+x``. Organisations share a server, so such a pattern is refused.
"""

from collections.abc import Iterable
from importlib import import_module
from typing import Any

from callwright.kernel.limits.configuration import NAME_CHARS_MAX
from callwright.kernel.limits.dialling import PATTERN_WAYS_MAX

_PARSER: Any = import_module("re._parser")
"""The tree that ``re`` itself compiles; there is no public way to it."""
_STARTS = ("AT_BEGINNING", "AT_BEGINNING_STRING")


def is_slow(pattern: str) -> bool:
    """Whether a pattern that compiles may take too long on a number or name of the longest kind.

    An estimate from above: nobody needs the harmless patterns that it refuses to match a number.
    """
    items = list(_PARSER.parse(pattern))
    starts = 1 if items and _is_start(items[0]) else NAME_CHARS_MAX
    return starts * _ways(items) > PATTERN_WAYS_MAX


def _is_start(item: tuple[Any, Any]) -> bool:
    return str(item[0]) == "AT" and str(item[1]) in _STARTS


def _ways(items: Iterable[tuple[Any, Any]]) -> int:
    """In how many ways the items can match one text; bounded, for it is a power of a power."""
    ways = 1
    for item in items:
        ways = min(ways * _ways_of(*item), PATTERN_WAYS_MAX + 1)
    return ways


def _ways_of(code: Any, value: Any) -> int:
    match str(code):
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            return _repeated(*value)
        case "SUBPATTERN":
            return _ways(value[-1])
        case "ATOMIC_GROUP":
            return _ways(value)
        case "ASSERT" | "ASSERT_NOT":
            return _ways(value[1])
        case "BRANCH":
            return _branched([list(branch) for branch in value[1]])
        case "GROUPREF_EXISTS":
            return sum(_ways(branch) for branch in value[1:] if branch is not None)
        case _:
            return 1


def _repeated(least: Any, most: Any, body: Any) -> int:
    """A body that always matches alike is only a choice of how often."""
    shortest = max(1, body.getwidth()[0])
    often = min(int(most), NAME_CHARS_MAX // shortest)
    inner = _ways(body)
    choices = max(1, often - min(int(least), often) + 1)
    return int(min(choices * inner**often, PATTERN_WAYS_MAX + 1))


def _branched(branches: list[list[tuple[Any, Any]]]) -> int:
    """Of branches that begin with different characters only one can match."""
    firsts = [str(branch[0]) if branch else "" for branch in branches]
    is_clear = len(set(firsts)) == len(firsts) and all(
        first.startswith("(LITERAL") for first in firsts
    )
    ways = [_ways(branch) for branch in branches]
    return max(ways) if is_clear else sum(ways)
