"""Prices are exact, and the slices of a call add up to its charge (SPEC 7)."""

from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwright.domains.credits.model import Rate
from callwright.domains.credits.rules import (
    Tariff,
    allows_toll_free_inbound,
    charge,
    first_reservation,
    is_affordable,
    slice_reservation,
)
from callwright.kernel.money import Money
from callwright.testing.builders import contoso_credits, rate, usd

CONTOSO = Tariff(contoso_credits().rates)


@pytest.mark.parametrize(
    ("number", "prefix"),
    [
        ("+12065550199", "+1"),
        ("+442071234567", "+44"),
        ("+447911123456", "+4479"),
        ("+447811123456", "+44"),
        ("+33142685300", "+"),
    ],
)
def test_the_longest_prefix_wins(number: str, prefix: str) -> None:
    found = CONTOSO.rate_for(number)
    assert found is not None
    assert found.prefix == prefix


def test_a_number_without_a_prefix_has_no_rate() -> None:
    assert Tariff([rate("+1", "0.01")]).rate_for("+442071234567") is None
    assert Tariff([]).rate_for("+1") is None


@pytest.mark.parametrize(
    ("talk_s", "amount"),
    [
        (0.0, "0.03"),  # answered: the first minute has started
        (0.5, "0.03"),
        (60.0, "0.03"),
        (60.0004, "0.03"),
        (60.001, "0.05"),
        (120.0, "0.05"),
        (3600.0, "1.21"),
    ],
)
def test_connection_fee_and_started_minutes(talk_s: float, amount: str) -> None:
    assert charge(rate("+44", "0.02", "0.01"), talk_s) == usd(amount)


def test_an_unanswered_call_costs_nothing() -> None:
    assert charge(rate("+44", "0.02", "0.01"), None) == usd("0")


@pytest.mark.parametrize(
    ("per_minute", "increment_s", "micros"),
    [("0.02", 60, 20_000), ("0.02", 30, 10_000), ("0.02", 1, 333), ("0.03", 1, 500),
     ("0.00001", 1, 0), ("0.00003", 1, 1), ("0.00009", 1, 2), ("0.000001", 60, 1)],
)  # fmt: skip
def test_an_increment_is_rounded_half_up_to_a_micro(
    per_minute: str, increment_s: int, micros: int
) -> None:
    assert slice_reservation(rate("+", per_minute, increment_s=increment_s)).micros == micros


def test_a_call_may_begin_with_exactly_the_first_reservation() -> None:
    price = rate("+44", "0.02", "0.01")
    assert is_affordable(price, usd("0.03"))
    assert not is_affordable(price, usd("0.029999"))
    assert is_affordable(rate("+1", "0"), usd("0"))


def test_toll_free_needs_a_positive_balance_even_unpriced() -> None:
    assert not allows_toll_free_inbound(None, usd("0"))
    assert allows_toll_free_inbound(None, usd("0.000001"))
    assert not allows_toll_free_inbound(rate("+", "0.03"), usd("0.02"))
    assert allows_toll_free_inbound(rate("+", "0.03"), usd("0.03"))


RATES = st.builds(
    lambda per_minute, connect, increment_s: Rate(
        "+", Money(per_minute, "USD"), Money(connect, "USD"), increment_s
    ),
    st.integers(0, 10_000_000),
    st.integers(0, 1_000_000),
    st.integers(1, 120),
)
TALK_MS = st.integers(0, 36_000_000)


@given(RATES, TALK_MS)
def test_a_charge_is_the_connection_fee_and_whole_slices(price: Rate, talk_ms: int) -> None:
    """The reference is exact: no float takes part in it."""
    increments = max(1, ceil(Fraction(talk_ms, price.increment_s * 1000)))
    reserved = first_reservation(price) + slice_reservation(price) * (increments - 1)
    assert charge(price, talk_ms / 1000) == reserved


@given(RATES, TALK_MS, TALK_MS)
def test_talking_longer_never_costs_less(price: Rate, one_ms: int, other_ms: int) -> None:
    shorter, longer = sorted((one_ms / 1000, other_ms / 1000))
    assert charge(price, shorter) <= charge(price, longer)


@given(RATES)
def test_rounding_an_increment_moves_it_by_half_a_micro_at_most(price: Rate) -> None:
    exact = Fraction(price.per_minute.micros * price.increment_s, 60)
    assert abs(slice_reservation(price).micros - exact) <= Fraction(1, 2)


DIGITS = st.text("0123456789", min_size=0, max_size=6)


@given(st.sets(DIGITS, max_size=20), st.text("0123456789", min_size=1, max_size=14))
def test_longest_prefix_agrees_with_looking_at_every_rate(prefixes: set[str], number: str) -> None:
    tariff = Tariff(rate(f"+{prefix}", "0.01") for prefix in prefixes)
    matching = [prefix for prefix in prefixes if number.startswith(prefix)]
    found = tariff.rate_for(f"+{number}")
    assert (found and found.prefix) == (f"+{max(matching, key=len)}" if matching else None)
