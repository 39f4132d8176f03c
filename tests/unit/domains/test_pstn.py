"""Translation, routes and the order of SBCs (SPEC 2.5-2.7)."""

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwright.domains.pstn.model import RoutingPolicy, Sbc, VoiceRoute
from callwright.domains.pstn.rules import (
    index_routes,
    match_routes,
    order_sbcs,
    referenced_groups,
    rewritten,
    shuffled,
    translate,
)
from callwright.kernel.addresses import HostPort
from callwright.kernel.e164 import E164
from callwright.kernel.ids import SbcId
from callwright.testing.builders import translation

SEATTLE = E164("+12065550199")


@pytest.mark.parametrize(
    ("pattern", "to", "number", "expected"),
    [
        (r"^(\d{10})$", "+1$1", "2065550199", "+12065550199"),
        (r"^\+1(\d{10})$", "$1", "+12065550199", "2065550199"),
        (r"^9", "", "92065550199", "2065550199"),
        (r"^(\d{3})(\d{4})$", "+1425${1}${2}", "5550102", "+14255550102"),
        (r"^0(\d)?$", "+1$1", "0", "+1"),
        (r"^(\d{10})$", "+1$1", "12", "12"),
    ],
)
def test_a_rule_rewrites_what_it_matches(pattern: str, to: str, number: str, expected: str) -> None:
    assert rewritten([translation(pattern, to)], number) == expected


def test_the_first_rule_that_matches_wins() -> None:
    rules = [translation("^1", "first", "one"), translation("^1", "second", "two")]
    translated = translate(rules, "1")
    assert translated is not None
    assert (translated.number, translated.rule.name) == ("first", "one")


def test_the_groups_a_translation_names_can_be_checked_beforehand() -> None:
    assert referenced_groups("+1$1-${12}") == {1, 12}
    assert rewritten([translation(r"^(\d)$", "+$1$7")], "5") == "+5"


def route(name: str, pattern: str, usage: str, *sbcs: str, priority: int = 1) -> VoiceRoute:
    return VoiceRoute(name, re.compile(pattern), usage, tuple(map(SbcId, sbcs)), priority)


def matched(usages: tuple[str, ...], *routes: VoiceRoute) -> list[str] | None:
    found = match_routes(RoutingPolicy("default", usages), index_routes(routes), SEATTLE)
    return None if found is None else [route.name for route in found.routes]


def test_routes_of_one_usage_are_tried_by_priority() -> None:
    backup = route("backup", r"^\+1206", "national", "sbc2", priority=2)
    main = route("main", r"^\+1206", "national", "sbc1", priority=1)
    other = route("other", r"^\+1425", "national", "sbc1", priority=0)
    assert matched(("national",), backup, main, other) == ["main", "backup"]


def test_the_first_usage_with_a_match_wins_even_if_a_later_one_is_better() -> None:
    world = route("world", ".*", "world", "sbc1", priority=9)
    exact = route("exact", r"^\+12065550199$", "national", "sbc2", priority=1)
    assert matched(("empty", "world", "national"), world, exact) == ["world"]


def test_no_usage_matches() -> None:
    assert matched(("national",), route("uk", r"^\+44", "national", "sbc1")) is None


def sbc(name: str, *, enabled: bool = True) -> Sbc:
    return Sbc(SbcId(name), HostPort("127.0.0.1", 5080), enabled=enabled)


def ordered(
    *routes: VoiceRoute,
    unhealthy: tuple[str, ...] = (),
    drained: tuple[str, ...] = (),
    seed: int = 0,
) -> list[str]:
    names = {name for r in routes for name in r.sbcs}
    sbcs = {name: sbc(name, enabled=name not in drained) for name in names}
    demoted = frozenset(map(SbcId, unhealthy))
    return [s.id for s in order_sbcs(routes, sbcs, unhealthy=demoted, seed=seed)]


MAIN = route("main", ".", "any", "sbc1")
BACKUP = route("backup", ".", "any", "sbc2", "sbc1", priority=2)


def test_route_after_route_and_each_sbc_once() -> None:
    assert ordered(MAIN, BACKUP) == ["sbc1", "sbc2"]


def test_an_unhealthy_sbc_is_tried_after_all_others() -> None:
    assert ordered(MAIN, BACKUP, unhealthy=("sbc1",)) == ["sbc2", "sbc1"]


def test_a_draining_sbc_takes_no_new_call() -> None:
    assert ordered(MAIN, BACKUP, drained=("sbc1",)) == ["sbc2"]


def test_equal_sbcs_share_calls_whatever_the_seeds_look_like() -> None:
    pair = route("pair", ".", "any", "sbc1", "sbc2")
    for stride in (1, 2, 1000, 1 << 20):
        first = Counter(ordered(pair, seed=n * stride)[0] for n in range(200))
        assert 70 <= first["sbc1"] <= 130


@given(st.lists(st.integers()), st.integers(0, 1 << 63))
def test_shuffling_keeps_the_items_and_depends_on_the_seed_alone(
    items: list[int], seed: int
) -> None:
    order = shuffled(items, seed=seed)
    assert sorted(order) == sorted(items)
    assert order == shuffled(items, seed=seed)


def test_every_order_of_three_comes_up_evenly() -> None:
    orders = Counter(tuple(shuffled("abc", seed=seed)) for seed in range(6_000))
    assert len(orders) == 6
    assert all(850 <= count <= 1_150 for count in orders.values())
