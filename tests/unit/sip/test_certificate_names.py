"""Names in certificates against names of hosts."""

import pytest

from callwright.sip.certificate_names import matches, speaks_for


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("sbc1.a.com", "sbc1.a.com", True),
        ("SBC1.A.com", "sbc1.a.COM.", True),
        ("*.a.com", "sbc1.a.com", True),
        ("*.a.com", "sbc.b.a.com", False),
        ("*.a.com", "a.com", False),
        ("*.a.com", ".a.com", False),
        ("*.com", "a.com", False),
        ("s*.a.com", "sbc1.a.com", False),
        ("*", "a.com", False),
        ("", "", False),
        ("sbc1.a.com", "sbc2.a.com", False),
    ],
)
def test_one_level_matches_a_star(pattern: str, name: str, expected: bool) -> None:
    assert matches(pattern, name) is expected


def test_any_name_of_a_certificate_will_do() -> None:
    assert speaks_for(("x.test", "*.a.com"), "b.a.com")
    assert not speaks_for((), "b.a.com")
