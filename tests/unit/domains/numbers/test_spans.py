"""Ranges are split and joined without losing or inventing a number."""

from hypothesis import given
from hypothesis import strategies as st

from callwright.domains.numbers.spans import Span, first_overlap, joined, without
from callwright.kernel.e164 import E164

NUMBERS = st.integers(90, 130).map(lambda value: E164(f"+{value}"))


def span(first: int, last: int) -> Span:
    return Span(E164(f"+{first}"), E164(f"+{last}"))


@given(st.lists(NUMBERS))
def test_joined_spans_hold_exactly_the_numbers(numbers: list[E164]) -> None:
    spans = joined(numbers)
    held = [number for one in spans for number in one]
    assert sorted(held) == sorted(set(numbers))
    assert len(held) == sum(map(len, spans))


SPANS = st.lists(
    st.tuples(st.integers(100, 130), st.integers(0, 9), st.booleans()).map(
        lambda ends: span(ends[0], ends[0] + ends[1]) if ends[2] else span(ends[1], ends[1])
    )
)
"""Some of three digits, some of one, which are apart."""


@given(SPANS, SPANS)
def test_an_overlap_is_found_where_there_is_one(added: list[Span], present: list[Span]) -> None:
    apart = all(
        one.overlap(other) is None
        for position, one in enumerate(added)
        for other in (*present, *added[:position])
    )
    found = first_overlap(added, present)
    assert (found is None) is apart
    if found is not None:
        assert found[0] in added
        assert found[0].overlap(found[1]) is not None


@given(st.lists(NUMBERS))
def test_what_is_taken_out_is_gone_and_the_rest_stays(numbers: list[E164]) -> None:
    whole = span(100, 120)
    left = {number for one in without(whole, numbers) for number in one}
    assert left == set(whole) - set(numbers)
    assert without(whole, numbers) == joined(left)


def test_a_prefix_is_cut_out_of_a_span() -> None:
    whole = span(14255550100, 14255560199)
    assert str(whole.with_prefix("+1425556")) == "+14255560000..+14255560199"
    assert whole.with_prefix("+1206") is None
    assert whole.with_prefix("+14255550100") == span(14255550100, 14255550100)
    assert whole.with_prefix("+142555501001") is None


def test_spans_of_different_length_have_nothing_in_common() -> None:
    assert span(100, 200).overlap(span(1000, 2000)) is None
    assert span(100, 200).overlap(span(150, 250)) == span(150, 200)
    assert "+150" in span(100, 200)
    assert "+1500" not in span(100, 200)
