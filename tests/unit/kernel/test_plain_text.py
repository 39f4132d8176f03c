"""Text from the network, before anybody looks at it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwright.kernel.limits.configuration import NAME_CHARS_MAX
from callwright.kernel.plain_text import plain, plain_address


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("+12065550199", "+12065550199"),
        ("Zoë 東京", "Zoë 東京"),
        ("東\u3000京", "東 京"),
        ("\x1b[31mred\x1b]0;title\x07", "[31mred]0;title"),
        ("a\r\nX: y", "a  X: y"),
        ("\u202egnp.exe", "gnp.exe"),
        ("\x9b2J", "2J"),
        ("half \udcff of it", "half  of it"),
        (" \t ", ""),
    ],
)
def test_what_is_left_of_it(text: str, shown: str) -> None:
    assert plain(text) == shown


@given(st.text(st.characters()))
def test_it_is_short_printable_and_fit_for_every_encoding(text: str) -> None:
    left = plain(text)
    assert left.isprintable()
    assert len(left) <= NAME_CHARS_MAX
    assert left.encode().decode() == left
    assert plain(left) == left.strip()


def test_what_is_too_long_to_be_an_address_stays_too_long() -> None:
    assert len(plain_address("1" * 1_000)) == NAME_CHARS_MAX + 1
    assert plain_address("1" * NAME_CHARS_MAX) == "1" * NAME_CHARS_MAX
