"""Number translation, voice routes and the order of SBCs (SPEC 2.5-2.7)."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from callwright.domains.pstn.model import RoutingPolicy, Sbc, TranslationRule, VoiceRoute
from callwright.kernel.e164 import E164
from callwright.kernel.ids import SbcId

T = TypeVar("T")

_GROUP = re.compile(r"\$(?:([0-9])|\{([0-9]+)\})")
_WORD = (1 << 64) - 1


class Translated(NamedTuple):
    number: str
    rule: TranslationRule


class MatchedRoutes(NamedTuple):
    usage: str
    routes: tuple[VoiceRoute, ...]
    """In the order to try."""


def translate(rules: Iterable[TranslationRule], number: str) -> Translated | None:
    """Rewrites ``number`` by the first rule whose pattern is found in it (rows 94, 101).

    The text that matched is replaced, so ``^9`` to nothing strips an access prefix. ``$1`` to
    ``$9`` and ``${10}`` are the pattern's groups; a group that took no part is empty.
    """
    for rule in rules:
        found = rule.pattern.search(number)
        if found is not None:
            written = _expand(rule.to, found)
            return Translated(f"{number[: found.start()]}{written}{number[found.end() :]}", rule)
    return None


def rewritten(rules: Iterable[TranslationRule], number: str) -> str:
    """The number as the rules leave it; unchanged where none matches."""
    translated = translate(rules, number)
    return number if translated is None else translated.number


def referenced_groups(to: str) -> frozenset[int]:
    """Returns the groups that a translation names, for the check that the pattern has them."""
    return frozenset(int(one or other) for one, other in _GROUP.findall(to))


def _expand(to: str, found: re.Match[str]) -> str:
    if "$" not in to:
        return to
    groups = (found.group(0), *found.groups(default=""))

    def group(reference: re.Match[str]) -> str:
        index = int(reference[1] or reference[2])
        return groups[index] if index < len(groups) else ""

    return _GROUP.sub(group, to)


def index_routes(routes: Iterable[VoiceRoute]) -> Mapping[str, tuple[VoiceRoute, ...]]:
    """Groups routes by usage, by ascending priority; equal ones stay in the order written."""
    by_usage: dict[str, list[VoiceRoute]] = {}
    for route in sorted(routes, key=lambda route: route.priority):
        by_usage.setdefault(route.usage, []).append(route)
    return {usage: tuple(found) for usage, found in by_usage.items()}


def match_routes(
    policy: RoutingPolicy, by_usage: Mapping[str, tuple[VoiceRoute, ...]], number: E164
) -> MatchedRoutes | None:
    """Returns the matching routes of the policy's first usage that has one (rows 83-86).

    Later usages are never tried, even where they would be better (SPEC 2.6).
    """
    for usage in policy.usages:
        routes = tuple(r for r in by_usage.get(usage, ()) if r.pattern.search(number) is not None)
        if routes:
            return MatchedRoutes(usage, routes)
    return None


def order_sbcs(
    routes: Iterable[VoiceRoute],
    sbcs: Mapping[SbcId, Sbc],
    *,
    unhealthy: Collection[SbcId],
    seed: int,
) -> tuple[Sbc, ...]:
    """Returns the SBCs to try: route after route, shuffled inside each, the demoted ones last.

    Draining SBCs take no new call; one that stands in several routes is tried once (SPEC 2.5).
    """
    order: dict[SbcId, Sbc] = {}
    for route in routes:
        for sbc_id in shuffled(route.sbcs, seed=seed):
            sbc = sbcs.get(sbc_id)
            if sbc is not None and sbc.enabled:
                order.setdefault(sbc_id, sbc)
    return demoted(order.values(), unhealthy=unhealthy)


def demoted(sbcs: Iterable[Sbc], *, unhealthy: Collection[SbcId]) -> tuple[Sbc, ...]:
    """Moves unhealthy SBCs behind the others; they are still tried (row 91)."""
    if not unhealthy:
        return tuple(sbcs)
    return tuple(sorted(sbcs, key=lambda sbc: sbc.id in unhealthy))


def shuffled(items: Sequence[T], *, seed: int) -> list[T]:
    """Returns the items in an order that depends on the seed alone (Fisher-Yates).

    Neighbouring seeds give unrelated orders, so a plain call counter spreads calls evenly.
    """
    order = list(items)
    state = seed
    for last in range(len(order) - 1, 0, -1):
        state = (state + 0x9E3779B97F4A7C15) & _WORD
        other = _mixed(state) % (last + 1)
        order[last], order[other] = order[other], order[last]
    return order


def _mixed(word: int) -> int:
    """The finaliser of SplitMix64 (Steele, Lea, Flood 2014): every bit depends on every other."""
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & _WORD
    return word ^ (word >> 31)
