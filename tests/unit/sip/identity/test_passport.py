"""PASSporTs as text, against vectors computed here with json and base64 alone."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwright.sip.identity.passport import (
    Passport,
    PassportError,
    UnknownPassport,
    canonical_number,
    identity_header,
    parse_identity,
)

URL = "https://cert.example.org/passport.cer"
CLAIMS = {
    "attest": "A",
    "dest": {"tn": ["12125551213"]},
    "iat": 1471375418,
    "orig": {"tn": "12155551212"},
    "origid": "123e4567-e89b-12d3-a456-426655440000",
}
HEADER = {"alg": "ES256", "ppt": "shaken", "typ": "passport", "x5u": URL}
SIGNATURE = bytes(range(64))


def packed(value: object) -> str:
    text = json.dumps(value, separators=(",", ":"), sort_keys=True)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def header_value(
    header: object = HEADER,
    claims: object = CLAIMS,
    tail: str = f";info=<{URL}>;alg=ES256;ppt=shaken",
) -> str:
    signature = base64.urlsafe_b64encode(SIGNATURE).decode().rstrip("=")
    return f"{packed(header)}.{packed(claims)}.{signature}{tail}"


def the_example() -> Passport:
    return Passport(
        orig="12155551212",
        dest=("12125551213",),
        iat=1471375418,
        x5u=URL,
        attest="A",
        origid="123e4567-e89b-12d3-a456-426655440000",
    )


def test_a_shaken_passport_is_what_the_rfc_says_it_is() -> None:
    """The header of RFC 8588 §6 in base64url, computed by hand."""
    assert the_example().signing_input == f"{packed(HEADER)}.{packed(CLAIMS)}"


def test_the_base_form_is_that_of_rfc_8225() -> None:
    """RFC 8225 §A.1: the header and the claims in canonical order, without blanks."""
    plain = Passport(orig="12155551212", dest=("12155551213",), iat=1443208345, x5u=URL)
    head, _, claims = plain.signing_input.partition(".")
    assert base64.urlsafe_b64decode(head + "==") == (
        b'{"alg":"ES256","typ":"passport","x5u":"' + URL.encode() + b'"}'
    )
    assert base64.urlsafe_b64decode(claims + "===") == (
        b'{"dest":{"tn":["12155551213"]},"iat":1443208345,"orig":{"tn":"12155551212"}}'
    )


def test_the_header_is_read() -> None:
    signed = parse_identity(header_value())
    assert signed.passport == the_example()
    assert signed.signed == f"{packed(HEADER)}.{packed(CLAIMS)}".encode()
    assert signed.signature == SIGNATURE


def test_what_is_signed_are_the_octets_that_came() -> None:
    """Whoever writes blanks or another order signs those."""
    text = json.dumps(CLAIMS)
    odd = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    value = header_value().split(".")
    signed = parse_identity(f"{value[0]}.{odd}.{'.'.join(value[2:])}")
    assert signed.signed.endswith(odd.encode())


def test_the_compact_form_is_completed_from_the_message() -> None:
    said = Passport(orig="1", dest=("2",), iat=3, x5u="")
    signed = parse_identity(f"..AAAA;info=<{URL}>", compact=said)
    assert signed.passport == Passport(orig="1", dest=("2",), iat=3, x5u=URL)
    assert signed.signed == signed.passport.signing_input.encode()


@pytest.mark.parametrize(
    "value",
    [
        "",
        "a.b",
        "a.b.c",
        "..AAAA;info=<x>",
        header_value(tail=";info=<https://other.example/>;ppt=shaken"),
        header_value(tail=f";info=<{URL}>"),
        header_value(tail=f";info=<{URL}>;alg=RS256;ppt=shaken"),
        header_value({**HEADER, "alg": "none"}),
        header_value({**HEADER, "typ": "JWT"}),
        header_value([]),
        header_value(claims={**CLAIMS, "iat": "now"}),
        header_value(claims={**CLAIMS, "iat": True}),
        header_value(claims={**CLAIMS, "iat": 10**400}),
        header_value(claims={**CLAIMS, "iat": -1}),
        header_value(claims={**CLAIMS, "attest": "D"}),
        header_value(claims={**CLAIMS, "origid": None}),
        header_value(claims={**CLAIMS, "orig": {}}),
        header_value(claims={**CLAIMS, "orig": "12155551212"}),
        header_value(claims={**CLAIMS, "dest": {"tn": [1]}}),
        header_value(claims={k: v for k, v in CLAIMS.items() if k != "dest"}),
        "A" * 5_000,
        "[" * 3_000 + ".a.b",
        header_value() + ";a=b" * 100,
    ],
)
def test_what_is_no_passport_is_refused(value: str) -> None:
    with pytest.raises(PassportError):
        parse_identity(value)


def test_a_passport_about_something_else_is_told_apart() -> None:
    with pytest.raises(UnknownPassport):
        parse_identity(header_value({**HEADER, "ppt": "div"}, tail=f";info=<{URL}>;ppt=div"))


@pytest.mark.parametrize(
    ("number", "canonical"),
    [
        ("+1-215-555-1212", "12155551212"),
        ("(215) 555.1212", "2155551212"),
        ("911", "911"),
        ("*67", "*67"),
        ("alice", None),
        ("", None),
        ("+", None),
        ("1" * 40, None),
    ],
)
def test_numbers_are_canonical(number: str, canonical: str | None) -> None:
    """RFC 8224 §8.3."""
    assert canonical_number(number) == canonical


DIGITS = st.from_regex(r"[0-9]{1,15}", fullmatch=True)


@given(
    st.builds(
        Passport,
        orig=DIGITS,
        dest=st.lists(DIGITS, min_size=1, max_size=3).map(tuple),
        iat=st.integers(0, 2**33),
        x5u=st.just(URL),
        attest=st.sampled_from("ABC"),
        origid=st.uuids().map(str),
    ),
    st.binary(min_size=64, max_size=64),
)
def test_what_is_written_is_read_again(passport: Passport, signature: bytes) -> None:
    text = identity_header(passport, passport.signing_input, signature)
    signed = parse_identity(text)
    assert (signed.passport, signed.signature) == (passport, signature)
    assert signed.signed == passport.signing_input.encode()


@given(st.text(max_size=200))
def test_nothing_else_than_its_own_error_escapes(text: str) -> None:
    for value in (text, f"{text}.{text}.{text};info=<x>", f"{packed(text)}.e30.AA"):
        with pytest.raises(PassportError):
            parse_identity(value)
