"""The number, and the line of it, that a URI of any shape means (RFC 3966)."""

import pytest

from callwright.sip.identity.numbers import line_of, number_of
from callwright.sip.uri import parse_uri

LINES = {
    "sip:+14255388701@sbc.test": ("+14255388701", "+14255388701"),
    "sip:+14255388701;ext=1001@sbc.test": ("+14255388701", "+14255388701;ext=1001"),
    "sip:+14255388701;EXT=1001@sbc.test;user=phone": ("+14255388701", "+14255388701;ext=1001"),
    "sip:+14255388701%3Bext=1001@sbc.test": ("+14255388701", "+14255388701;ext=1001"),
    "sip:+1425538-8701;ext=10-01@sbc.test": ("+1425538-8701", "+1425538-8701;ext=1001"),
    "sip:5388701;phone-context=+1425;ext=7@sbc.test": ("+14255388701", "+14255388701;ext=7"),
    "sip:+14255388701;next=7@sbc.test": ("+14255388701", "+14255388701"),
    "sip:+14255388701;ext=@sbc.test": ("+14255388701", "+14255388701"),
    "sip:alice;ext=7@sbc.test": ("alice;ext=7", "alice;ext=7"),
    "sip:sbc.test": ("", ""),
    "tel:+14255388701;ext=1001": ("+14255388701", "+14255388701;ext=1001"),
    "tel:+1-425-538-8701;ext=10.01": ("+14255388701", "+14255388701;ext=1001"),
    "tel:5388701;phone-context=+1425;ext=7": ("+14255388701", "+14255388701;ext=7"),
    "mailto:alice@contoso.test": ("", ""),
}


@pytest.mark.parametrize(("uri", "meaning"), LINES.items())
def test_an_extension_is_kept_beside_the_number(uri: str, meaning: tuple[str, str]) -> None:
    parsed = parse_uri(uri)

    assert (number_of(parsed), line_of(parsed)) == meaning
