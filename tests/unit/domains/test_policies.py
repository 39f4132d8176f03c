"""Which policy counts, and what it forbids (SPEC 8.8, 11.2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwright.domains.policies.model import CallingPolicy, OutboundCalls
from callwright.domains.policies.rules import GroupPolicy, Level, outbound_bar, resolve
from callwright.kernel.policy import GLOBAL_POLICY, RankedPolicy
from callwright.kernel.reason import Reason

NAMES = st.sampled_from(["a", "b", "c", "d"])
GROUPS = st.dictionaries(
    st.integers(1, 9), st.tuples(NAMES, st.sampled_from(["sales", "night", "hq"])), max_size=5
).map(
    lambda by_rank: [
        GroupPolicy(group, RankedPolicy(name, rank)) for rank, (name, group) in by_rank.items()
    ]
)
NUMBERS = st.none() | st.tuples(st.just("+14255550101"), NAMES)


@pytest.mark.row(277)
def test_direct_comes_before_group_and_group_before_everybody() -> None:
    groups = [GroupPolicy("sales", RankedPolicy("grouped", 2))]
    assert resolve(direct="own", groups=groups).policy == "own"
    assert resolve(groups=groups).policy == "grouped"
    assert resolve().policy == GLOBAL_POLICY


@pytest.mark.row(277)
def test_of_several_groups_the_lowest_rank_counts_and_is_named() -> None:
    groups = [
        GroupPolicy("night", RankedPolicy("second", 2)),
        GroupPolicy("sales", RankedPolicy("first", 1)),
    ]
    found = resolve(groups=groups)
    assert (found.policy, found.because) == ("first", "group sales, rank 1")


@pytest.mark.row(46)
def test_the_policy_of_the_number_comes_first() -> None:
    found = resolve(number=("+14255550101", "face"), direct="own")
    assert (found.policy, found.because) == ("face", "given to the number +14255550101")


@given(NUMBERS, st.none() | NAMES, GROUPS)
def test_the_resolver_against_the_rule_in_words(
    number: tuple[str, str] | None, direct: str | None, groups: list[GroupPolicy]
) -> None:
    candidates = [
        *([(Level.NUMBER, number[1])] if number else []),
        *([(Level.DIRECT, direct)] if direct else []),
        *[(Level.GROUP, g.given.policy) for g in sorted(groups, key=lambda g: g.given.rank)],
        (Level.GLOBAL, GLOBAL_POLICY),
    ]
    found = resolve(number=number, direct=direct, groups=groups)
    assert (found.level, found.policy) == candidates[0]


@given(NUMBERS, st.none() | NAMES, GROUPS, st.randoms(use_true_random=False))
def test_the_order_in_which_groups_are_listed_does_not_matter(
    number: tuple[str, str] | None, direct: str | None, groups: list[GroupPolicy], random: object
) -> None:
    shuffled = list(groups)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert resolve(number=number, direct=direct, groups=groups) == resolve(
        number=number, direct=direct, groups=shuffled
    )


@pytest.mark.parametrize(
    ("outbound", "is_domestic", "reason"),
    [
        (OutboundCalls.INTERNATIONAL, False, None),
        (OutboundCalls.DOMESTIC, True, None),
        (OutboundCalls.DOMESTIC, False, Reason.INTERNATIONAL_FORBIDDEN),
        (OutboundCalls.NONE, True, Reason.OUTBOUND_FORBIDDEN),
        (OutboundCalls.NONE, False, Reason.OUTBOUND_FORBIDDEN),
    ],
)
def test_what_a_calling_policy_lets_out(
    outbound: OutboundCalls, is_domestic: bool, reason: Reason | None
) -> None:
    policy = CallingPolicy(outbound=outbound)
    assert outbound_bar(policy, is_domestic=is_domestic) is reason


def test_the_sub_codes_are_those_of_the_specification() -> None:
    assert Reason.OUTBOUND_FORBIDDEN.sub_code == 510562
    assert Reason.INTERNATIONAL_FORBIDDEN.sub_code == 510563
    assert Reason.CALLS_FORBIDDEN.sub_code == 10199
