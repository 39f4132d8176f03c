"""How many numbers the licences allow: SPEC 3.3, every row of its table."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwright.domains.numbers.model import NumberKind
from callwright.domains.numbers.orders import QuotaExceeded, check_quota
from callwright.domains.numbers.quotas import (
    QuotaClass,
    Seats,
    quota,
    service_quota,
    subscriber_quota,
)

TABLE = [
    (1, 25, 5),
    (26, 49, 10),
    (50, 99, 20),
    (100, 149, 30),
    (150, 199, 40),
    (200, 499, 65),
    (500, 749, 90),
    (750, 999, 110),
    (1_000, 1_249, 125),
    (1_250, 1_499, 135),
    (1_500, 1_999, 160),
    (2_000, 2_999, 210),
    (3_000, 6_999, 420),
    (7_000, 9_999, 500),
    (10_000, 14_999, 600),
    (15_000, 19_999, 700),
    (20_000, 49_999, 1_000),
    (50_000, 10_000_000, 1_500),
]


def test_the_table_has_no_gap() -> None:
    assert all(before[1] + 1 == after[0] for before, after in pairwise(TABLE))


@pytest.mark.parametrize("kind", [NumberKind.SERVICE, NumberKind.TOLL_FREE])
@pytest.mark.parametrize(("first", "last", "numbers"), TABLE)
def test_each_row_allows_its_numbers_and_not_one_more(
    first: int, last: int, numbers: int, kind: NumberKind
) -> None:
    for licences in (first, last):
        seats = Seats(phone_system=licences - licences // 2, audio_conferencing=licences // 2)
        check_quota(kind, numbers - 1, 1, seats)
        with pytest.raises(QuotaExceeded, match=f"{numbers} may be had"):
            check_quota(kind, numbers, 1, seats)


@pytest.mark.row(11)
def test_51_licences_allow_20_toll_service_numbers() -> None:
    seats = Seats(phone_system=51)
    check_quota(NumberKind.SERVICE, 19, 1, seats)
    with pytest.raises(QuotaExceeded):
        check_quota(NumberKind.SERVICE, 20, 1, seats)


@pytest.mark.row(12)
def test_1001_licences_allow_125_toll_free_numbers() -> None:
    seats = Seats(phone_system=1_001)
    check_quota(NumberKind.TOLL_FREE, 124, 1, seats)
    with pytest.raises(QuotaExceeded):
        check_quota(NumberKind.TOLL_FREE, 125, 1, seats)


@pytest.mark.row(13)
def test_50000_licences_allow_1500() -> None:
    seats = Seats(phone_system=50_000)
    assert quota(QuotaClass.TOLL_SERVICE, seats) == 1_500
    assert quota(QuotaClass.TOLL_FREE_SERVICE, seats) == 1_500


@pytest.mark.row(10)
def test_30_plan_and_20_pay_as_you_go_seats_allow_63_subscriber_numbers() -> None:
    seats = Seats(plan=30, pay_as_you_go=20)
    check_quota(NumberKind.USER, 0, 63, seats)
    with pytest.raises(QuotaExceeded, match="order 1 at most"):
        check_quota(NumberKind.USER, 62, 2, seats)
    with pytest.raises(QuotaExceeded):
        check_quota(NumberKind.USER, 63, 1, seats)


def test_without_licences_there_are_no_numbers() -> None:
    assert [quota(of, Seats()) for of in QuotaClass] == [0, 0, 0]


@given(st.integers(0, 200_000), st.integers(0, 1_000))
def test_more_licences_never_allow_less(licences: int, more: int) -> None:
    assert service_quota(licences) <= service_quota(licences + more)
    assert subscriber_quota(licences, 0) <= subscriber_quota(licences + more, 0)
    assert subscriber_quota(0, licences) <= subscriber_quota(more, licences)
