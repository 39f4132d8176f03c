"""Counts failures by source, by network and by the name that was tried; says when it is too much.

Memory is bounded: of the failures seen longest ago those of the least offender are forgotten, so
that a flood of forged sources, each of which fails once, does not push out who is at it for hours.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Generic, Protocol, TypeVar

from callwright.domains.shield.model import Offence
from callwright.domains.shield.rules import Limit, SlidingCount, network_of, source_of
from callwright.kernel.limits.shield import (
    SHIELD_MALFORMED_SHORT,
    SHIELD_NAME_PAUSE_S,
    SHIELD_NAMES_KEPT,
    SHIELD_NETWORK_SOURCES_MIN,
    SHIELD_SOURCES_MAX,
    SHIELD_UNPROVEN_SHORT,
    SHIELD_WRONG_LONG,
    SHIELD_WRONG_NAME,
    SHIELD_WRONG_NETWORK,
    SHIELD_WRONG_ONE_NAME,
    SHIELD_WRONG_SHORT,
)
from callwright.kernel.plain_text import mended, plain

EVICTION_LOOK = 8
"""Of so many that failed longest ago the least offender gives way."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A limit was passed: this network should be blocked."""

    network: str
    offence: Offence
    count: int
    names: tuple[str, ...] = ()


class _Source:
    __slots__ = (
        "attempt",
        "has_several_names",
        "long",
        "malformed",
        "names",
        "short",
        "unproven",
        "waits_s",
    )

    def __init__(self, now_s: float) -> None:
        self.short = SlidingCount(SHIELD_WRONG_SHORT[1], now_s)
        self.long = SlidingCount(SHIELD_WRONG_LONG[1], now_s)
        self.unproven: SlidingCount | None = None
        self.malformed: SlidingCount | None = None
        self.attempt: int | None = None
        """Of the credentials that failed last: copies of one message count once."""
        self.names: OrderedDict[str, None] = OrderedDict()
        self.has_several_names = False
        self.waits_s = now_s
        """Until then it may not try a name again that many guess at."""

    def note_name(self, name: str) -> None:
        self.names[name] = None
        self.names.move_to_end(name)
        self.has_several_names = len(self.names) > 1
        if len(self.names) > SHIELD_NAMES_KEPT:
            self.names.popitem(last=False)

    def weight(self, now_s: float) -> float:
        return self.long.value(now_s)


class _Network:
    __slots__ = ("long", "sources")

    def __init__(self, now_s: float) -> None:
        self.long = SlidingCount(SHIELD_WRONG_NETWORK[1], now_s)
        self.sources: set[str] = set()

    def weight(self, now_s: float) -> float:
        return self.long.value(now_s)


class _Name:
    __slots__ = ("long",)

    def __init__(self, now_s: float) -> None:
        self.long = SlidingCount(SHIELD_WRONG_NAME[1], now_s)

    def weight(self, now_s: float) -> float:
        return self.long.value(now_s)


class _Counted(Protocol):
    def weight(self, now_s: float) -> float: ...


W = TypeVar("W", bound=_Counted)


class _Bounded(Generic[W]):
    """By key; the one touched last at the end."""

    __slots__ = ("_kind", "_most", "known")

    def __init__(self, kind: Callable[[float], W], most: int) -> None:
        self._kind = kind
        self._most = most
        self.known: OrderedDict[str, W] = OrderedDict()

    def touch(self, key: str, now_s: float) -> W:
        found = self.known.get(key)
        if found is None:
            if len(self.known) >= self._most:
                oldest = islice(self.known.items(), EVICTION_LOOK)
                del self.known[min(oldest, key=lambda pair: pair[1].weight(now_s))[0]]
            found = self.known[key] = self._kind(now_s)
        else:
            self.known.move_to_end(key)
        return found


class Suspicions:
    """All times are monotonic seconds. An unknown user and a wrong password count alike."""

    def __init__(self, *, sources_max: int = SHIELD_SOURCES_MAX) -> None:
        self.waits_until_s = float("-inf")
        """Until then some source has to wait; later nobody needs to be asked about."""
        self._sources: _Bounded[_Source] = _Bounded(_Source, sources_max)
        self._networks: _Bounded[_Network] = _Bounded(_Network, sources_max)
        self._names: _Bounded[_Name] = _Bounded(_Name, sources_max)

    def __len__(self) -> int:
        """Sources, networks and names that are remembered."""
        return sum(len(b.known) for b in (self._sources, self._networks, self._names))

    def wrong(
        self, host: str, name: str, now_s: float, *, attempt: int | None = None
    ) -> Suspicion | None:
        """Credentials that prove nothing came from ``host`` in the name of ``name``.

        The same ``attempt`` again is a copy that the network made, and is not counted.
        """
        source = source_of(host)
        record = self._sources.touch(source, now_s)
        if attempt is not None and attempt == record.attempt:
            return None
        record.attempt = attempt
        name = plain(mended(name))
        record.note_name(name)
        by_name = self._names.touch(name, now_s).long
        if by_name.add(now_s) > SHIELD_WRONG_NAME[0]:
            record.waits_s = self.waits_until_s = now_s + SHIELD_NAME_PAUSE_S
        short, long = record.short.add(now_s), record.long.add(now_s)
        most = SHIELD_WRONG_LONG if record.has_several_names else SHIELD_WRONG_ONE_NAME
        if short >= SHIELD_WRONG_SHORT[0] or long >= most[0]:
            del self._sources.known[source]
            whole = self._count_in_network(source, host, now_s, tuple(record.names))
            count = round(max(short, long))
            return whole or Suspicion(source, Offence.GUESSING, count, tuple(record.names))
        return self._count_in_network(source, host, now_s, tuple(record.names))

    def must_wait(self, host: str, name: str, now_s: float) -> bool:
        """Whether ``host`` failed too lately to try this name, which many guess at, again.

        Who never failed need not wait: the owner of the name gets in from wherever he is.
        """
        record = self._sources.known.get(source_of(host))
        if record is None or now_s >= record.waits_s:
            return False
        by_name = self._names.known.get(plain(mended(name)))
        return by_name is not None and by_name.long.value(now_s) > SHIELD_WRONG_NAME[0]

    def unproven(self, host: str, now_s: float) -> Suspicion | None:
        """An INVITE without a proof; the first of each call has none."""
        record = self._sources.touch(source_of(host), now_s)
        if record.unproven is None:
            record.unproven = SlidingCount(SHIELD_UNPROVEN_SHORT[1], now_s)
        return self._judge(host, record.unproven, SHIELD_UNPROVEN_SHORT, Offence.UNPROVEN, now_s)

    def proven(self, host: str) -> None:
        """A right password: calls from there are asked for a proof, and bring it."""
        if self._sources.known:
            record = self._sources.known.get(source_of(host))
            if record is not None:
                record.unproven = None

    def malformed(self, host: str, now_s: float) -> Suspicion | None:
        record = self._sources.touch(source_of(host), now_s)
        if record.malformed is None:
            record.malformed = SlidingCount(SHIELD_MALFORMED_SHORT[1], now_s)
        return self._judge(host, record.malformed, SHIELD_MALFORMED_SHORT, Offence.MALFORMED, now_s)

    def forget(self, network: str) -> None:
        """Starts again with a source that somebody pardoned."""
        self._sources.known.pop(network, None)
        self._networks.known.pop(network, None)

    def _judge(
        self, host: str, count: SlidingCount, limit: Limit, offence: Offence, now_s: float
    ) -> Suspicion | None:
        value = count.add(now_s)
        if value < limit[0]:
            return None
        source = source_of(host)
        del self._sources.known[source]
        return Suspicion(source, offence, round(value))

    def _count_in_network(
        self, source: str, host: str, now_s: float, names: tuple[str, ...]
    ) -> Suspicion | None:
        network = network_of(host)
        record = self._networks.touch(network, now_s)
        if len(record.sources) < SHIELD_NETWORK_SOURCES_MIN:
            record.sources.add(source)
        count = record.long.add(now_s)
        if count < SHIELD_WRONG_NETWORK[0] or len(record.sources) < SHIELD_NETWORK_SOURCES_MIN:
            return None
        del self._networks.known[network]
        return Suspicion(network, Offence.GUESSING_NETWORK, round(count), names)
