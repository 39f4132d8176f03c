"""Headers by name, responses to requests, and what goes onto the wire."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwright.sip.message import (
    Request,
    Response,
    encode,
    make_request,
    make_response,
)
from callwright.sip.parser import parse
from callwright.sip.uri import UriError


def _request(method: str = "INVITE", headers: tuple[tuple[str, str], ...] = ()) -> Request:
    return make_request(
        method,
        "sip:bob@example.org",
        via="SIP/2.0/UDP 10.0.0.1:5060;rport;branch=z9hG4bK1",
        from_="<sip:ann@example.org>;tag=a",
        to="<sip:bob@example.org>",
        call_id="call-1",
        cseq=7,
        headers=headers,
    )


def test_a_request_that_was_written_is_read_back() -> None:
    written = make_request(
        "INVITE",
        "sip:bob@example.org",
        via="SIP/2.0/UDP 10.0.0.1:5060;rport;branch=z9hG4bK1",
        from_='"Ann" <sip:ann@example.org>;tag=a',
        to="<sip:bob@example.org>",
        call_id="call-1",
        cseq=7,
        route=("<sip:p1.example.org;lr>", "<sip:p2.example.org;lr>"),
        contact="<sip:ann@10.0.0.1>",
        headers=(("Subject", "lunch"),),
        body=b"v=0\r\n",
        content_type="Application/SDP;charset=utf-8",
    )
    read = parse(encode(written))
    assert isinstance(read, Request)
    assert (read.method, read.uri, read.parsed_uri.user) == ("INVITE", "sip:bob@example.org", "bob")
    assert (read.call_id, read.cseq, read.max_forwards) == ("call-1", (7, "INVITE"), 70)
    assert (read.from_.display, read.from_tag, read.to_tag) == ("Ann", "a", None)
    assert read.header_values("Route") == ["<sip:p1.example.org;lr>", "<sip:p2.example.org;lr>"]
    assert [str(contact.uri) for contact in read.contacts] == ["sip:ann@10.0.0.1"]
    assert (read.content_type, read.body) == ("application/sdp", b"v=0\r\n")
    assert read.header("Subject") == "lunch"
    assert read.header("Organization") is None


def test_a_response_copies_what_names_the_transaction() -> None:
    request = _request(
        headers=(
            ("Via", "SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK0"),
            ("Record-Route", "<sip:p2.example.org;lr>"),
            ("Record-Route", "<sip:p1.example.org;lr>"),
            ("Subject", "not for the response"),
        )
    )
    response = make_response(request, 180, to_tag="b", headers=(("Server", "Callwright"),))
    assert (response.status, response.reason, response.is_local) == (180, "Ringing", False)
    assert response.header_values("Via") == request.header_values("Via")
    assert response.header("From") == request.header("From")
    assert response.header("To") == "<sip:bob@example.org>;tag=b"
    assert (response.call_id, response.cseq) == ("call-1", (7, "INVITE"))
    assert response.header_values("Record-Route") == [
        "<sip:p2.example.org;lr>",
        "<sip:p1.example.org;lr>",
    ]
    assert response.header("Subject") is None
    assert response.header("Server") == "Callwright"


@pytest.mark.parametrize(
    ("method", "status", "copied"),
    [
        ("INVITE", 100, False),
        ("INVITE", 183, True),
        ("INVITE", 200, True),
        ("INVITE", 486, False),
        ("SUBSCRIBE", 200, True),
        ("OPTIONS", 200, False),
        ("BYE", 200, False),
    ],
)
def test_record_route_goes_where_a_dialog_begins(method: str, status: int, copied: bool) -> None:
    request = _request(method, (("Record-Route", "<sip:p1.example.org;lr>"),))
    assert (make_response(request, status).header("Record-Route") is not None) is copied


def test_timestamp_comes_back_in_100_only() -> None:
    request = _request(headers=(("Timestamp", "54"),))
    assert make_response(request, 100).header("Timestamp") == "54"
    assert make_response(request, 180).header("Timestamp") is None


def test_a_tag_that_is_there_stays() -> None:
    request = _request("BYE")
    request.set_header("To", "<sip:bob@example.org>;tag=old")
    assert make_response(request, 200, to_tag="new").to_tag == "old"


def test_a_reason_of_its_own_and_a_status_without_phrase() -> None:
    assert make_response(_request(), 480, "Gone fishing").reason == "Gone fishing"
    assert encode(make_response(_request(), 299)).startswith(b"SIP/2.0 299 \r\n")


def test_a_line_end_in_a_value_starts_no_header() -> None:
    request = _request(headers=(("Subject", "x\r\nRoute: <sip:evil.example.org>\n\rX: y"),))
    request.uri = "sip:bob\r\nX-Evil: 1"
    lines = encode(request).split(b"\r\n")
    assert not [line for line in lines if line.startswith((b"Route", b"X"))]
    assert encode(request).count(b"\n") == encode(request).count(b"\r\n")
    response = make_response(_request(), 480, "No\r\nX-Evil: 1")
    assert b"\r\nX-Evil" not in encode(response)


def test_content_length_is_counted_not_copied() -> None:
    request = _request(headers=(("Content-Length", "9999"),))
    request.body = "ü".encode()
    assert encode(request).count(b"Content-Length") == 1
    assert encode(request).endswith(b"Content-Length: 2\r\n\r\n\xc3\xbc")


def test_octets_that_are_no_utf8_come_out_as_they_came_in() -> None:
    wire = encode(_request(headers=(("Subject", "x"),))).replace(b": x", b": \xff\xe9")
    assert b"Subject: \xff\xe9\r\n" in encode(parse(wire))


def test_text_that_no_encoding_has_is_still_sent() -> None:
    assert b"Subject: ?" in encode(_request(headers=(("Subject", "\ud800"),)))


def test_a_changed_header_is_read_anew() -> None:
    request = _request(headers=(("Contact", "<sip:a@h>"), ("Contact", "<sip:b@h>")))
    assert len(request.contacts) == 2
    request.set_header("Contact", "<sip:c@h>")
    assert [contact.uri.user for contact in request.contacts] == ["c"]
    request.add_header("Contact", "<sip:d@h>")
    assert [contact.uri.user for contact in request.contacts] == ["c", "d"]
    request.set_header("Expires", "60")
    assert request.expires == 60


def test_stamping_notes_the_source_in_the_top_via_only() -> None:
    request = _request()
    request.set_header(
        "Via", "SIP/2.0/UDP 10.0.0.1;rport;branch=z9hG4bK1, SIP/2.0/UDP h2;branch=z9hG4bK0"
    )
    request.stamp_via("203.0.113.7", 4001)
    assert (request.top_via.received, request.top_via.rport) == ("203.0.113.7", 4001)
    read = parse(encode(request))
    assert [(via.host, via.received) for via in read.vias] == [
        ("10.0.0.1", "203.0.113.7"),
        ("h2", None),
    ]


def test_lists_are_split_outside_quotes_and_brackets() -> None:
    request = _request(
        headers=(
            ("Contact", '"Bell, A" <sip:a@h;x=1,2>;q=0.1 , <sip:b@h>,'),
            ("Contact", "sip:c@h"),
            ("Subject", "a, b"),
        )
    )
    assert [contact.uri.user for contact in request.contacts] == ["a", "b", "c"]
    assert request.header_values("Subject") == ["a, b"]


@pytest.mark.parametrize(
    ("text", "expires"),
    [("60", 60), ("0", 0), ("4294967296", 2**32 - 1), ("9" * 5000, 2**32 - 1), ("-1", None),
     ("soon", None), ("1²", None)],
)  # fmt: skip
def test_expires_is_seconds_or_nothing(text: str, expires: int | None) -> None:
    assert _request("REGISTER", (("Expires", text),)).expires == expires


def test_a_hand_made_message_without_a_header_says_so() -> None:
    empty = Request("INVITE", "sip:x", [])
    assert (empty.from_tag, empty.to_tag, empty.contacts, empty.vias) == (None, None, (), ())
    with pytest.raises(UriError, match="Call-ID"):
        _ = empty.call_id
    with pytest.raises(UriError, match="Via"):
        _ = empty.top_via
    with pytest.raises(UriError, match="To"):
        _ = empty.to


TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r\n"), max_size=30)
TOKENS = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,10}", fullmatch=True).map(
    lambda name: "X-" + "-".join(part.capitalize() for part in name.split("-"))
)


@given(
    st.lists(st.tuples(TOKENS, TEXT.map(lambda text: text.strip(" \t")))),
    st.binary(max_size=60),
    st.integers(100, 699),
    TEXT.map(lambda text: text.strip(" \t")),
)
def test_any_message_survives_the_wire(
    headers: list[tuple[str, str]], body: bytes, status: int, reason: str
) -> None:
    request = _request(headers=tuple(headers))
    request.body = body
    read = parse(encode(request))
    assert isinstance(read, Request)
    assert read.body == body
    assert [pair for pair in read.headers if pair[0].startswith("X-")] == headers
    assert encode(read) == encode(request)

    response = make_response(request, status, reason, headers, body)
    answer = parse(encode(response))
    assert isinstance(answer, Response)
    assert (answer.status, answer.reason, answer.body) == (status, reason, body)
    assert encode(answer) == encode(response)


@given(st.text(max_size=20), st.lists(st.tuples(st.just("Z"), st.text(max_size=30)), max_size=5))
def test_no_value_breaks_the_framing(uri: str, headers: list[tuple[str, str]]) -> None:
    request = _request(headers=tuple(headers))
    request.uri = uri
    start, *lines, blank, end = encode(request).split(b"\r\n")
    assert start.startswith(b"INVITE ")
    assert [line.partition(b":")[0].decode() for line in lines] == [
        *[name for name, _ in request.headers],
        "Content-Length",
    ]
    assert (blank, end) == (b"", b"")
