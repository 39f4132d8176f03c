"""What licences grant, for how long, and how many seats they take (SPEC 1)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwright.domains.licences.model import GRANTS, Holding, Right, Sku, Standing, Term
from callwright.domains.licences.rules import (
    free_resource_accounts,
    grant,
    overlaps,
    phone_system_seats,
    seats_held,
    standing,
)

END = date(2026, 12, 31)
SKUS = st.sampled_from([sku.value for sku in Sku])
HOLDINGS = st.lists(st.builds(Holding, SKUS, st.sampled_from([None, "sales", "night"])))


def day(offset: int) -> date:
    return END + timedelta(days=offset)


@pytest.mark.parametrize(
    ("offset", "expected"),
    [
        (-31, Standing.VALID),
        (-30, Standing.VALID),
        (-29, Standing.ENDING),
        (0, Standing.ENDING),
        (1, Standing.GRACE),
        (10, Standing.GRACE),
        (11, Standing.EXPIRED),
    ],
)
def test_a_term_ends_after_its_last_day_and_its_grace(offset: int, expected: Standing) -> None:
    assert standing(Term(END, grace_days=10), day(offset)) is expected


def test_without_a_term_seats_last() -> None:
    assert standing(None, date.max) is Standing.VALID


def test_no_grace_at_all() -> None:
    assert standing(Term(END, grace_days=0), day(1)) is Standing.EXPIRED


def test_every_sku_grants_something() -> None:
    assert GRANTS.keys() == set(Sku)
    assert all(GRANTS.values())


def test_the_bundle_is_phone_system_and_domestic_plan() -> None:
    separate = GRANTS[Sku.PHONE_SYSTEM] | GRANTS[Sku.CALLING_PLAN_DOMESTIC]
    assert GRANTS[Sku.PHONE_SYSTEM_WITH_CALLING_PLAN] == separate


def test_a_grant_names_the_licence_and_the_group_that_gives_it() -> None:
    found = grant(Right.PHONE_SYSTEM, [Holding("phone-system", "sales")], {}, END)
    assert (found.is_given, found.because) == (True, "holds licence phone-system by group sales")


def test_an_expired_licence_grants_nothing_and_says_since_when() -> None:
    terms = {"phone-system": Term(END, grace_days=30)}
    found = grant(Right.PHONE_SYSTEM, [Holding("phone-system")], terms, day(31))
    assert not found.is_given
    assert found.because == (
        "holds licence phone-system, which expired on 2026-12-31 and its 30 days of grace are over"
    )
    assert grant(Right.PHONE_SYSTEM, [Holding("phone-system")], terms, day(30)).is_given


def test_another_licence_with_the_right_stands_in_for_an_expired_one() -> None:
    terms = {"phone-system": Term(END, grace_days=0)}
    both = [Holding("phone-system"), Holding("phone-system-with-calling-plan")]
    found = grant(Right.PHONE_SYSTEM, both, terms, day(1))
    assert found.because == "holds licence phone-system-with-calling-plan"


@given(HOLDINGS, st.sampled_from(list(Right)))
def test_a_right_is_given_exactly_when_a_licence_has_it(
    holdings: list[Holding], right: Right
) -> None:
    expected = any(right in GRANTS[Sku(holding.sku)] for holding in holdings)
    assert grant(right, holdings, {}, END).is_given is expected


@given(st.lists(HOLDINGS))
def test_a_holder_takes_one_seat_of_a_sku_however_it_was_given(
    holders: list[list[Holding]],
) -> None:
    held = seats_held(holders)
    for sku in Sku:
        assert held[sku.value] == sum(
            any(holding.sku == sku.value for holding in holdings) for holdings in holders
        )


def test_a_licence_given_twice_takes_one_seat() -> None:
    [found] = overlaps([Holding("premium"), Holding("premium", "sales")])
    assert found.is_one_seat
    assert (found.spare.group, found.instead.group) == ("sales", None)


def test_what_a_bundle_contains_is_a_seat_too_many() -> None:
    bundle, part = Holding("phone-system-with-calling-plan"), Holding("phone-system")
    [found] = overlaps([part, bundle])
    assert not found.is_one_seat
    assert (found.spare, found.instead) == (part, bundle)


@given(HOLDINGS)
def test_without_the_spare_licences_every_right_is_still_there(holdings: list[Holding]) -> None:
    spare = {id(overlap.spare) for overlap in overlaps(holdings)}
    kept = [holding for holding in holdings if id(holding) not in spare]
    for right in Right:
        assert grant(right, kept, {}, END).is_given is grant(right, holdings, {}, END).is_given


@pytest.mark.row(7)
def test_bundles_count_for_the_free_pool_of_resource_accounts() -> None:
    bought = {"phone-system": 500, "phone-system-with-calling-plan": 100, "premium": 900}
    assert free_resource_accounts(phone_system_seats(bought)) == 85
