"""Which treatment covers a number that nobody has (SPEC 3.10)."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwright.domains.numbers.model import NumberKind, NumberRange, NumberSource
from callwright.domains.numbers.unassigned import (
    Announcement,
    UnassignedTreatment,
    treatment_bar,
    treatments_of,
)
from callwright.kernel.e164 import E164
from callwright.kernel.prompt import Say

SORRY = Announcement(Say("Sorry."))
NUMBER = E164("+14255550118")


def treatment(priority: int, numbers: re.Pattern[str] | range) -> UnassignedTreatment:
    return UnassignedTreatment(f"t{priority}", priority, numbers, SORRY)


@pytest.mark.parametrize(
    ("numbers", "covers"),
    [
        (range(14255550118, 14255550119), True),
        (range(14255550119, 14255550200), False),
        (range(1425555011, 1425555012), False),
        (re.compile(r"^\+1425555\d{4}$"), True),
        (re.compile("0118$"), True),
        (re.compile("^1425"), False),
    ],
)
def test_patterns_and_ranges_cover_what_they_say(
    numbers: re.Pattern[str] | range, covers: bool
) -> None:
    assert treatment(1, numbers).covers(NUMBER) is covers


@given(
    st.lists(st.tuples(st.integers(1, 1_000), st.booleans()), unique_by=lambda pair: pair[0]),
    st.randoms(),
)
def test_the_lowest_priority_that_covers_the_number_wins(
    pairs: list[tuple[int, bool]], random: object
) -> None:
    treatments = [treatment(p, re.compile("0118" if covers else "0119")) for p, covers in pairs]
    random.shuffle(treatments)  # type: ignore[attr-defined]

    found = treatments_of(treatments, NUMBER)

    assert [t.priority for t in found] == sorted(p for p, covers in pairs if covers)


@pytest.mark.parametrize(
    ("source", "kind", "has_credits", "accounts", "is_treated"),
    [
        (NumberSource.DIRECT_ROUTING, NumberKind.USER, False, 0, True),
        (NumberSource.OPERATOR_CONNECT, NumberKind.SERVICE, False, 0, True),
        (NumberSource.CALLING_PLAN, NumberKind.USER, False, 9, False),
        (NumberSource.CALLING_PLAN, NumberKind.USER, True, 0, True),
        (NumberSource.CALLING_PLAN, NumberKind.SERVICE, True, 0, False),
        (NumberSource.CALLING_PLAN, NumberKind.TOLL_FREE, False, 1, True),
    ],
)
def test_numbers_of_a_calling_plan_need_something_of_it(
    source: NumberSource, kind: NumberKind, has_credits: bool, accounts: int, is_treated: bool
) -> None:
    found = NumberRange(NUMBER, NUMBER, kind, source)

    bar = treatment_bar(found, has_credits=has_credits, accounts=accounts)

    assert (bar is None) is is_treated


def test_a_number_outside_the_inventory_needs_nothing() -> None:
    assert treatment_bar(None, has_credits=False, accounts=0) is None
