"""How long to wait after wrong passwords: a delay that doubles, for the name and for the source.

The name alone must not lock its owner out: who guesses from elsewhere could then keep him out. So a
delay holds for the pair of source and name; for a source that tries many names; and, much later and
shorter, for a name that is tried from many sources. That last one spares sources from which
somebody signed in with this name before.
"""

from collections import OrderedDict
from dataclasses import dataclass
from enum import Enum

from callwright.kernel.limits.access import (
    SIGN_IN_DELAY_S_FIRST,
    SIGN_IN_DELAY_S_MAX,
    SIGN_IN_FAILURES_KEPT_MAX,
    SIGN_IN_MEMORY_S,
    SIGN_IN_NAME_DELAY_S_MAX,
)


class Scope(Enum):
    """The failures that cost nothing, and the longest delay in seconds."""

    PAIR = (3, SIGN_IN_DELAY_S_MAX)
    SOURCE = (10, SIGN_IN_DELAY_S_MAX)
    NAME = (30, SIGN_IN_NAME_DELAY_S_MAX)

    @property
    def free(self) -> int:
        return int(self.value[0])

    @property
    def delay_s_max(self) -> float:
        return self.value[1]


@dataclass(slots=True)
class _Failures:
    count: int
    last_s: float


def delay_s(failures: int, scope: Scope) -> float:
    """How long after the last failure the next attempt is looked at."""
    beyond = failures - scope.free
    if beyond < 0:
        return 0.0
    return min(scope.delay_s_max, SIGN_IN_DELAY_S_FIRST * 2.0 ** min(beyond, 30))


class Lockout:
    """Counts failures; bounded, the oldest are forgotten first. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._failures: OrderedDict[tuple[Scope, str, str], _Failures] = OrderedDict()
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()

    def wait_s(self, source: str, name: str, now: float) -> float:
        """Seconds until an attempt counts; 0 when at once."""
        spared = {Scope.NAME} if (source, name) in self._known else set()
        return max(self._wait_s(key, now) for key in _keys(source, name) if key[0] not in spared)

    def failed(self, source: str, name: str, now: float) -> None:
        for key in _keys(source, name):
            known = self._failures.pop(key, None)
            is_old = known is None or now - known.last_s > SIGN_IN_MEMORY_S
            count = 1 if known is None or is_old else known.count + 1
            self._failures[key] = _Failures(count, now)
        while len(self._failures) > SIGN_IN_FAILURES_KEPT_MAX:
            self._failures.popitem(last=False)

    def succeeded(self, source: str, name: str) -> None:
        """Forgives the pair, not the source: it may hold one account and guess others."""
        self._failures.pop((Scope.PAIR, source, name), None)
        self._known.pop((source, name), None)
        self._known[source, name] = None
        while len(self._known) > SIGN_IN_FAILURES_KEPT_MAX:
            self._known.popitem(last=False)

    def _wait_s(self, key: tuple[Scope, str, str], now: float) -> float:
        known = self._failures.get(key)
        if known is None or now - known.last_s > SIGN_IN_MEMORY_S:
            return 0.0
        return max(0.0, known.last_s + delay_s(known.count, key[0]) - now)


def _keys(source: str, name: str) -> tuple[tuple[Scope, str, str], ...]:
    return ((Scope.PAIR, source, name), (Scope.SOURCE, source, ""), (Scope.NAME, "", name))
