"""Whatever a trunk writes about a caller is read or left out, and never breaks anything."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from callwright.kernel.limits.configuration import NAME_CHARS_MAX
from callwright.kernel.limits.identity import HISTORY_ENTRIES_MAX
from callwright.runtime.introduction import (
    hides_caller,
    name_from,
    number_from,
    of_gateway,
    of_user,
)
from callwright.sip.identity.passport import Passport, PassportError, parse_identity
from callwright.sip.identity.reason import last_words
from callwright.sip.identity.session_id import uuid_of
from callwright.sip.message import Request
from callwright.sip.parser import parse
from callwright.testing.builders import SBC1, contoso_snapshot

NAMES = (
    "P-Asserted-Identity",
    "Remote-Party-ID",
    "Privacy",
    "History-Info",
    "Diversion",
    "Answer-Mode",
    "Reason",
    "Session-ID",
    "Identity",
)
TRUSTED = replace(
    contoso_snapshot().sbcs[SBC1], trusted=True, forward_call_history=True, diversion=True
)
PIECES = st.sampled_from(
    [
        *'<>;,:@"\\.=?&% \t',
        "sip:",
        "tel:",
        "+12065550123",
        "index=1",
        "Reason=SIP%3Bcause%3D302",
        "reason=no-answer",
        "anonymous",
        "id",
        "full",
        "SIP",
        "cause=200",
        "\xff",
        "info=<https://x/>",
        "e30",
    ]
)
VALUES = st.one_of(
    st.lists(PIECES, max_size=12).map("".join),
    st.binary(max_size=60).map(lambda octets: octets.decode("latin-1")),
)


def invite(headers: list[tuple[str, str]]) -> Request:
    lines = [
        "INVITE sip:+14255550102@h SIP/2.0",
        "Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1",
        "From: <sip:+12065550123@h>;tag=1",
        "To: <sip:+14255550102@h>",
        "Call-ID: 1",
        "CSeq: 1 INVITE",
        *(f"{name}: {value}" for name, value in headers),
    ]
    message = parse("\r\n".join([*lines, "", ""]).encode("latin-1"))
    assert isinstance(message, Request)
    return message


def without_line_ends(value: str) -> str:
    return value.replace("\r", "").replace("\n", "").replace("\0", "")


@given(st.lists(st.tuples(st.sampled_from(NAMES), VALUES.map(without_line_ends)), max_size=6))
def test_nothing_that_arrives_breaks_the_reading(headers: list[tuple[str, str]]) -> None:
    request = invite(headers)
    number = number_from(TRUSTED, request)
    assert 0 < len(number) <= NAME_CHARS_MAX + 1
    assert number.isprintable()
    name = name_from(TRUSTED, request)
    assert name is None or (0 < len(name) <= NAME_CHARS_MAX and name.isprintable())
    hidden = hides_caller(request, TRUSTED)
    introduction = of_gateway(TRUSTED, request, "+14255550102", is_private=hidden)
    assert len(introduction.history) <= HISTORY_ENTRIES_MAX
    assert all(target.address.isprintable() for target in introduction.history)
    of_user(request, is_private=hidden)
    last_words(request)
    uuid_of(request)
    said = Passport(orig="1", dest=("2",), iat=3, x5u="")
    for value in request.header_values("Identity"):
        try:
            parse_identity(value, compact=said)
        except PassportError:
            continue


def test_an_untrusted_trunk_is_believed_in_from_only() -> None:
    plain = contoso_snapshot().sbcs[SBC1]
    request = invite([("P-Asserted-Identity", '"Eve" <sip:+19005550000@h>')])
    assert (number_from(plain, request), name_from(plain, request)) == ("+12065550123", None)
    assert (number_from(TRUSTED, request), name_from(TRUSTED, request)) == ("+19005550000", "Eve")
