"""Lists are taken apart where no quotes and no brackets stand around the separator."""

import pytest

from callwright.sip.syntax import split_outside_quotes


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a,b", ["a", "b"]),
        ('"x,y" <sip:a,b>,c', ['"x,y" <sip:a,b>', "c"]),
        ('"a\\",b",c', ['"a\\",b"', "c"]),
        ('a,"b,c', ["a", '"b,c']),
        ('a,"b\\', ["a", '"b\\']),
        ("<a,b", ["<a,b"]),
        ('"",', ['""', ""]),
        (',"",', ["", '""', ""]),
        ('"<",">"', ['"<"', '">"']),
    ],
)
def test_splitting(text: str, parts: list[str]) -> None:
    assert split_outside_quotes(text, ",") == parts


def test_what_never_closes_takes_no_longer_than_it_is_long() -> None:
    assert split_outside_quotes('"\\' * 30_000 + ",", ",") == ['"\\' * 30_000 + ","]
