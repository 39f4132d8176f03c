"""Patterns that people need are taken, and none that keeps a server busy is."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwright.kernel.limits.configuration import NAME_CHARS_MAX
from callwright.operations.organisation_file.pattern_cost import is_slow

USUAL = (
    r"^\+1\d{10}$", r"^\+\d{7,15}$", r"^(\d{7})$", r"^(\d{3})(\d{4})$", r"^9?(\d{3,5})$", "0118$",
    r"^(\+1)?(425|206)(\d{7})$", r"^00(.*)$", r"^(?:0|00)(\d+)$", r"^\+?1?(\d{3})?(\d{7})$",
    r"^(112|911|933)$", r"(?<!\d)1425555\d{4}", r".*(\d{4}).*", r"^(\+44\d+|\+1\d+|\+49\d+)$",
    r"^(1|2|3){4}$", r"", r"^anonymous$", r"^(?=\+1425)\+\d+$",
)  # fmt: skip
SLOW = (
    r"^(\d+)+x", r"^(\d*)*x", r"(\d|\d\d)+x", r"^(\d{1,2}){0,30}x", r"^((\d+)?)*x",
    r"^(1|11|111)*x", r"\d*\d*\d*\d*x", r"^(.*)(.*)(.*)(.*)x", r"^(?:(?:\d+)+)+$",
    r"^(?=(\d+)+x)", r"^((((\d+)*)*)*)*x",
)  # fmt: skip


@pytest.mark.parametrize("pattern", USUAL)
def test_what_numbers_need_is_taken(pattern: str) -> None:
    assert not is_slow(pattern)


@pytest.mark.parametrize("pattern", SLOW)
def test_what_tries_for_ever_is_not(pattern: str) -> None:
    assert is_slow(pattern)


PIECES = st.recursive(
    st.sampled_from([r"\d", "1", ".", "(1|2)", "[0-9]", r"\d\d", "1?", r"\d*", ".+"]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"(?:{pair[0]}|{pair[1]})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{0,3}", "{2}", "{1,9}"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        ),
    ),
    max_leaves=6,
)


@given(PIECES, st.booleans())
def test_whatever_is_taken_ends_soon(piece: str, is_anchored: bool) -> None:
    pattern = f"{'^' if is_anchored else ''}{piece}x"
    if is_slow(pattern):
        return
    began_s = time.process_time()
    assert re.compile(pattern).search("1" * NAME_CHARS_MAX) is None
    assert time.process_time() - began_s < 5
