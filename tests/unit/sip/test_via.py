"""The Via header and where responses go."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwright.sip.syntax import Parameters
from callwright.sip.uri import UriError
from callwright.sip.via import Via, parse_via


@pytest.mark.parametrize(
    ("text", "transport", "host", "port", "branch"),
    [
        ("SIP/2.0/UDP 10.0.0.1:5062;branch=z9hG4bK1", "UDP", "10.0.0.1", 5062, "z9hG4bK1"),
        ("SIP/2.0/tcp example.org;rport;branch=z9hG4bK1", "TCP", "example.org", None, "z9hG4bK1"),
        ("SIP / 2.0 / UDP   10.0.0.1 : 5062 ; branch = x", "UDP", "10.0.0.1", 5062, "x"),
        ("SIP/2.0/UDP [2001:db8::9]:5070;branch=x", "UDP", "2001:db8::9", 5070, "x"),
        ("SIP/2.0/UDP [2001:db8::9] : 5070", "UDP", "2001:db8::9", 5070, ""),
        ("sip/2.0/UNKNOWN 10.0.0.1", "UNKNOWN", "10.0.0.1", None, ""),
    ],
)
def test_via_comes_apart_and_together(
    text: str, transport: str, host: str, port: int | None, branch: str
) -> None:
    via = parse_via(text)
    assert (via.transport, via.host, via.port, via.branch) == (transport, host, port, branch)
    assert parse_via(str(via)) == via


@pytest.mark.parametrize(
    ("rest", "parameters"),
    [
        (";branch=z9hG4bK-1", (("branch", "z9hG4bK-1"),)),
        (";branch=z9hG4bK1;rport", (("branch", "z9hG4bK1"), ("rport", None))),
        (";branch=z9hG4bK1;rport=9", (("branch", "z9hG4bK1"), ("rport", "9"))),
        (";branch=z9hG4bK1;rporter", (("branch", "z9hG4bK1"), ("rporter", None))),
        (";branch=a;rport;branch=b", (("branch", "a"), ("rport", None), ("branch", "b"))),
        (";branch=a;ttl=1;rport", (("branch", "a"), ("ttl", "1"), ("rport", None))),
        (";ttl=1;branch=a", (("ttl", "1"), ("branch", "a"))),
    ],
)
def test_a_sent_by_that_is_known_is_read_like_a_new_one(rest: str, parameters: Parameters) -> None:
    for _ in range(2):
        assert parse_via(f"SIP/2.0/UDP 192.0.2.44:5099{rest}").parameters == parameters


@pytest.mark.parametrize(
    "text",
    [
        "",
        "UDP 10.0.0.1",
        "SIP/2.0/UDP",
        "SIP/2.0/ 10.0.0.1",
        "SIP/3.0/UDP 10.0.0.1",
        "SIP/2.0/UDP 10.0.0.1:x",
        "SIP/2.0/UDP 10.0.0.1;;branch=1",
        "SIP/2.0/UDP 10.0.0.1;branch=",
        "SIP/2.0/UDP 10.0.0.1;branch=;rport",
        'SIP/2.0/UDP 10.0.0.1;branch="a"b',
        "SIP/2.0/U P 10.0.0.1",
        "HTTP/2.0/TCP 10.0.0.1",
    ],
)
def test_what_is_not_a_via(text: str) -> None:
    with pytest.raises(UriError):
        parse_via(text)


def test_rport_that_was_asked_for_is_filled_in_with_received() -> None:
    via = parse_via("SIP/2.0/UDP 10.0.0.1:5060;rport;branch=z9hG4bK1")
    assert via.wants_rport
    assert via.rport is None
    stamped = via.stamped("203.0.113.7", 40_001)
    assert (stamped.received, stamped.rport, stamped.branch) == ("203.0.113.7", 40_001, "z9hG4bK1")
    assert parse_via(str(stamped)) == stamped


def test_received_is_noted_only_where_the_source_differs() -> None:
    via = parse_via("SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1")
    assert via.stamped("10.0.0.1", 40_001) is via
    stamped = via.stamped("203.0.113.7", 40_001)
    assert stamped.received == "203.0.113.7"
    assert stamped.rport is None


def test_received_that_the_sender_made_up_does_not_stay() -> None:
    via = parse_via("SIP/2.0/UDP 10.0.0.1;received=198.51.100.9;rport=9;branch=z9hG4bK1")
    stamped = via.stamped("203.0.113.7", 40_001)
    assert str(stamped).count("received=") == 1
    assert (stamped.received, stamped.rport) == ("203.0.113.7", 40_001)


@pytest.mark.parametrize(
    ("branch", "unique"),
    [("z9hG4bK1", True), ("Z9HG4BK1", True), ("z9hG4bK", False), ("1", False), ("", False)],
)
def test_a_bare_cookie_identifies_nothing(branch: str, unique: bool) -> None:
    assert Via("UDP", "h", None, (), branch).has_unique_branch is unique


@given(st.text('SIP/2.0UDP []:;,="\\<>a1\t', max_size=50).map(lambda rest: "SIP/2.0/UDP " + rest))
def test_any_other_text_is_refused_with_one_error(text: str) -> None:
    try:
        via = parse_via(text)
    except UriError:
        return
    assert parse_via(str(via)) == via
