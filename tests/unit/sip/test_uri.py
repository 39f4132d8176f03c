"""URIs and name-addr values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwright.sip.uri import NameAddr, Uri, UriError, parse_name_addr, parse_uri


@pytest.mark.parametrize(
    ("text", "uri"),
    [
        ("sip:example.org", Uri("sip", host="example.org")),
        ("SIP:ann@example.org", Uri("sip", "ann", host="example.org")),
        ("sips:ann:pw@example.org:5071", Uri("sips", "ann", "pw", "example.org", 5071)),
        ("sip:ann:@example.org", Uri("sip", "ann", "", "example.org")),
        ("sip:ann@[2001:db8::1]:5070", Uri("sip", "ann", None, "2001:db8::1", 5070)),
        ("sip:[::1]", Uri("sip", host="::1")),
        ("sip:10.0.0.1;lr", Uri("sip", host="10.0.0.1", parameters=(("lr", None),))),
        (
            "sip:+4930123@example.org;user=phone;transport=tcp",
            Uri(
                "sip",
                "+4930123",
                host="example.org",
                parameters=(("user", "phone"), ("transport", "tcp")),
            ),
        ),
        (
            "sip:ann@example.org?Replaces=a%40b%3Bto-tag%3D1&Subject=hi",
            Uri(
                "sip",
                "ann",
                host="example.org",
                headers=(("Replaces", "a@b;to-tag=1"), ("Subject", "hi")),
            ),
        ),
        ("sip:%61nn%20b@example.org", Uri("sip", "ann b", host="example.org")),
        ("sip:*43%23@example.org", Uri("sip", "*43#", host="example.org")),
        ("sip:user;par=u%40example.net@example.com", None),
        ("tel:+1-201-555-0123", Uri("tel", "+12015550123")),
        (
            "tel:7042;phone-context=example.com",
            Uri("tel", "7042", parameters=(("phone-context", "example.com"),)),
        ),
        ("urn:service:sos", Uri("urn", opaque="service:sos")),
    ],
)
def test_uri_comes_apart_and_together(text: str, uri: Uri | None) -> None:
    parsed = parse_uri(text)
    if uri is not None:
        assert parsed == uri
    assert parse_uri(str(parsed)) == parsed


def test_user_part_keeps_its_own_semicolon() -> None:
    uri = parse_uri("sip:user;par=u%40example.net@example.com")
    assert (uri.user, uri.host, uri.parameters) == ("user;par=u@example.net", "example.com", ())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sip",
        "sip:",
        "sip:@example.org",
        "sip:ann@",
        "sip:ann@example.org:",
        "sip:ann@example.org:0",
        "sip:ann@example.org:65536",
        "sip:ann@example.org:50x",
        "sip:ann@exa mple.org",
        "sip:ann@example.org ",
        " sip:ann@example.org",
        "sip:a%4@example.org",
        "sip:a%zz@example.org",
        "sip:ann@[::1",
        "sip:ann@[::g]",
        "sip:ann@[fe80::1%eth0]",
        "sip:ann@[::1]5060",
        "sip:ann@-example.org",
        "sip:ann@example.org;",
        "sip:ann@example.org;=x",
        "sip:ann@example.org;x=",
        "sip:ann@example.org?",
        "sip:ann@example.org?x",
        "<sip:ann@example.org>",
        'sip:"ann"@example.org',
        "sip:an\nn@example.org",
        "sip:an\x00n@example.org",
        "tel:",
        "tel:+",
        "tel:+49x",
        "tel:123;",
        "1tel:123",
        ":x",
        "urn:",
    ],
)
def test_what_is_not_a_uri(text: str) -> None:
    with pytest.raises(UriError):
        parse_uri(text)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("sip:ann@example.org", "sip:ann@EXAMPLE.org", True),
        ("sip:ann@example.org", "sip:%61nn@example.org", True),
        ("sip:ann@example.org", "sip:Ann@example.org", False),
        ("sip:ann@example.org", "sip:ann@example.org:5060", True),
        ("sips:ann@example.org", "sips:ann@example.org:5061", True),
        ("sip:ann@example.org", "sip:ann@example.org:5061", False),
        ("sip:ann@example.org", "sips:ann@example.org", False),
        ("sip:ann@example.org;rinstance=1", "sip:ann@example.org;rinstance=2", False),
        ("sip:ann@example.org;newparam=5", "sip:ann@example.org", True),
        ("sip:ann@example.org;transport=udp", "sip:ann@example.org;Transport=UDP", True),
        ("sip:ann@example.org;user=phone", "sip:ann@example.org", False),
        ("sip:ann@example.org;maddr=10.0.0.1", "sip:ann@example.org", False),
        ("sip:ann@example.org?Subject=x", "sip:ann@example.org", False),
        ("sip:ann@example.org;a=1;b=2", "sip:ann@example.org;b=2;a=1", True),
        ("tel:+49-30-123", "tel:+4930123", True),
        ("tel:+4930123", "tel:+4930124", False),
    ],
)
def test_equal_addresses(one: str, other: str, same: bool) -> None:
    assert parse_uri(one).matches(parse_uri(other)) is same
    assert parse_uri(other).matches(parse_uri(one)) is same


@pytest.mark.parametrize(
    ("text", "display", "user", "tag"),
    [
        ("<sip:ann@example.org>", "", "ann", None),
        ("sip:ann@example.org;tag=1", "", "ann", "1"),
        ("Ann <sip:ann@example.org>;tag=1", "Ann", "ann", "1"),
        ("Ann<sip:ann@example.org>;tag=1", "Ann", "ann", "1"),
        ("Ann of Example <sip:ann@example.org> ; tag = 1", "Ann of Example", "ann", "1"),
        ('"Ann" <sip:ann@example.org>;x;TAG=1', "Ann", "ann", "1"),
        ('"Ann"<sip:ann@example.org;tag=no>', "Ann", "ann", None),
        ('"A \\"B\\" \\\\, <C>" <sip:ann@example.org>', 'A "B" \\, <C>', "ann", None),
        ('"" <sip:ann@example.org>;tag="a;b"', "", "ann", "a;b"),
        ("O'Brien (Sales) <sip:ann@example.org>", "O'Brien (Sales)", "ann", None),
        ("Jürgen <sip:ann@example.org>", "Jürgen", "ann", None),
        ("<tel:+4930123>;tag=9", "", "+4930123", "9"),
        ('">;tag=1" <sip:ann@example.org>;tag=2', ">;tag=1", "ann", "2"),
        ("<sip:ann@example.org>;tag=1;x=2", "", "ann", "1"),
        ("<sip:ann@example.org>;tag=1-a.b", "", "ann", "1-a.b"),
        ("<sip:ann@example.org>;tag=é", "", "ann", "é"),
    ],
)
def test_name_addr_comes_apart_and_together(
    text: str, display: str, user: str, tag: str | None
) -> None:
    parsed = parse_name_addr(text)
    assert (parsed.display, parsed.uri.user, parsed.tag) == (display, user, tag)
    assert parse_name_addr(str(parsed)) == parsed


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<>",
        "<sip:ann@example.org",
        '"Ann <sip:ann@example.org>',
        '"Ann\\" <sip:ann@example.org>',
        '"Ann" sip:ann@example.org',
        "Bell, Ann <sip:ann@example.org>",
        'An"n <sip:ann@example.org>',
        "< sip:ann@example.org>",
        "<sip:ann@example.org> x",
        "<sip:ann@example.org>;;",
        "<sip:ann@example.org>;tag=",
        '<sip:ann@example.org>;tag="x',
        '<sip:ann@example.org>;x="a>;tag=1',
        "<sip:ann@example.org>>;tag=1",
        "sip:ann@example.org>;tag=1",
        "sip:ann@example.org?Route=%3Csip:x%3E",
        "sip:ann@example.org,sip:bob@example.org",
        "*",
    ],
)
def test_what_is_not_a_name_addr(text: str) -> None:
    with pytest.raises(UriError):
        parse_name_addr(text)


def test_a_parameter_without_value_is_told_from_an_absent_one() -> None:
    route = parse_name_addr("<sip:proxy.example.org;lr>;x")
    assert route.uri.parameter("lr") == ""
    assert route.uri.parameter("maddr") is None
    assert route.parameter("x") == ""
    assert route.parameter("y") is None


def test_a_display_name_cannot_end_its_line() -> None:
    written = str(NameAddr("Eve\r\nRoute: <sip:evil>", parse_uri("sip:eve@example.org")))
    assert "\r" not in written
    assert "\n" not in written


NAMES = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=8)
HOSTS = st.one_of(
    st.from_regex(r"[a-z0-9]{1,8}(\.[a-z0-9]{1,8}){0,3}", fullmatch=True),
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(str),
)
ANY_TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
URIS = st.builds(
    Uri,
    scheme=st.sampled_from(["sip", "sips"]),
    user=ANY_TEXT.filter(bool),
    password=st.none() | ANY_TEXT,
    host=HOSTS,
    port=st.none() | st.integers(1, 65_535),
    parameters=st.lists(st.tuples(NAMES, st.none() | NAMES), max_size=3).map(tuple),
    headers=st.lists(st.tuples(NAMES, ANY_TEXT), max_size=3).map(tuple),
)


@given(URIS)
def test_any_uri_survives_being_written(uri: Uri) -> None:
    assert parse_uri(str(uri)) == uri


@given(
    st.text(st.characters(exclude_characters="\r\n", exclude_categories=("Cs",)), max_size=20),
    URIS,
    st.lists(st.tuples(NAMES, st.none() | st.text("ab ;,<>\"\\='ü", max_size=8)), max_size=3),
)
def test_any_name_addr_survives_being_written(
    display: str, uri: Uri, parameters: list[tuple[str, str | None]]
) -> None:
    written = NameAddr(display, uri, tuple(parameters))
    assert parse_name_addr(str(written)) == written


@given(st.text(max_size=60) | st.text('sip:tel@<>;"\\%=?&,[].0a \t', max_size=60))
def test_any_other_text_is_refused_with_one_error(text: str) -> None:
    for parse in (parse_uri, parse_name_addr):
        try:
            parsed = parse(text)
        except UriError:
            continue
        assert parse(str(parsed)) == parsed
