"""Bounds, faults and robustness of the parser; the torture cases have a file of their own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwright.kernel.limits.signalling import (
    SIP_HEADER_BYTES_MAX,
    SIP_HEADERS_MAX,
    SIP_MESSAGE_BYTES_MAX,
)
from callwright.sip.message import Request, Response, encode, make_response
from callwright.sip.parser import ParseError, parse

HEAD = (
    b"INVITE sip:bob@example.org SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1\r\n"
    b"Max-Forwards: 70\r\n"
    b"From: <sip:ann@example.org>;tag=a\r\n"
    b"To: <sip:bob@example.org>\r\n"
    b"Call-ID: call-1\r\n"
    b"CSeq: 1 INVITE\r\n"
)
RESPONSE = (
    b"SIP/2.0 200 OK\r\n"
    b"Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1\r\n"
    b"From: <sip:ann@example.org>;tag=a\r\n"
    b"To: <sip:bob@example.org>;tag=b\r\n"
    b"Call-ID: call-1\r\n"
    b"CSeq: 1 INVITE\r\n"
)


def _refused(data: bytes) -> ParseError:
    with pytest.raises(ParseError) as caught:
        parse(data)
    return caught.value


def test_without_content_length_the_body_is_the_rest() -> None:
    assert parse(HEAD + b"\r\nv=0\r\n").body == b"v=0\r\n"


def test_a_body_beyond_content_length_is_cut() -> None:
    assert parse(HEAD + b"Content-Length: 3\r\n\r\nv=0\r\n").body == b"v=0"


def test_a_body_short_of_content_length_is_an_error_that_is_answered() -> None:
    error = _refused(HEAD + b"Content-Length: 99\r\n\r\nv=0")
    assert error.status == 400
    assert error.partial is not None
    answer = parse(encode(make_response(error.partial, error.status, to_tag="t")))
    assert isinstance(answer, Response)
    assert (answer.status, answer.call_id, answer.to_tag) == (400, "call-1", "t")


def test_line_ends_before_the_start_line_are_skipped() -> None:
    assert isinstance(parse(b"\r\n\r\n" + HEAD + b"\r\n"), Request)


@pytest.mark.parametrize("name", [b"Via", b"From", b"To", b"Call-ID", b"CSeq"])
def test_a_header_that_names_the_transaction_is_needed(name: bytes) -> None:
    for message in (HEAD, RESPONSE):
        lines = [line for line in message.split(b"\r\n") if not line.startswith(name + b":")]
        error = _refused(b"\r\n".join(lines) + b"\r\n")
        assert name.decode() in error.text
        assert (error.partial is not None) is (message is HEAD and name != b"Via")


def test_max_forwards_may_be_absent_as_it_once_was() -> None:
    request = parse(HEAD.replace(b"Max-Forwards: 70\r\n", b"") + b"\r\n")
    assert isinstance(request, Request)
    assert request.max_forwards is None


@pytest.mark.parametrize(
    "line",
    [
        b"CSeq: 1 INVITE",
        b"i: other",
        b"Call-ID: call-1",
        b"f: <sip:eve@example.org>;tag=e",
        b"To: <sip:eve@example.org>",
        b"Max-Forwards: 5",
        b"Content-Length: 0\r\nl: 0",
        b"no colon",
        b": no name",
        b"b\xc3\xa4d: name",
        b"two words: value",
        b"Contact: <sip:x",
        b'Contact: <sip:a@h>, "x',
        b"Via: SIP/2.0/UDP",
        b"Via: SIP/2.0/UDP h;branch=1, x",
        b"Z: a\nb",
        b"Z: a\rb",
        b"Z: " + b"y" * SIP_HEADER_BYTES_MAX,
        b"\r\n".join([b"Z: y"] * (SIP_HEADERS_MAX + 1)),
    ],
    ids=lambda line: line[:30].decode("latin-1").replace("\r\n", "|"),
)
def test_a_fault_in_a_header_is_answered_400(line: bytes) -> None:
    error = _refused(HEAD + line + b"\r\n\r\n")
    assert error.status == 400
    assert error.partial is not None
    assert b"Call-ID: call-1\r\n" in encode(make_response(error.partial, error.status))


def test_bounds_are_those_of_the_limits() -> None:
    count = SIP_HEADERS_MAX - HEAD.count(b"\r\n") + 1
    assert len(parse(HEAD + b"Z: y\r\n" * count + b"\r\n").headers) == SIP_HEADERS_MAX
    assert _refused(HEAD + b"Z: y\r\n" * (count + 1) + b"\r\n").text == "Too many headers"
    line = b"Z: ".ljust(SIP_HEADER_BYTES_MAX, b"y")
    assert parse(HEAD + line + b"\r\n\r\n").header("Z") == "y" * (SIP_HEADER_BYTES_MAX - 3)
    assert _refused(HEAD + line + b"y\r\n\r\n").text == "A header is too long"
    assert _refused(HEAD.ljust(SIP_MESSAGE_BYTES_MAX + 1, b"x")).status == 513


@pytest.mark.parametrize(
    "line",
    [
        b"INVITE sip:bob@example.org",
        b"INVITE  SIP/2.0",
        b"INVITE sip:bob@example.org HTTP/1.1",
        b"INVITE sip:bob@example.org SIP/x.y.z",
        b"IN(VITE sip:bob@example.org SIP/2.0",
        b"INVITE",
        b" INVITE sip:bob@example.org SIP/2.0",
    ],
)
def test_a_request_line_that_is_none(line: bytes) -> None:
    assert _refused(HEAD.replace(HEAD.split(b"\r\n")[0], line) + b"\r\n").status == 400


@pytest.mark.parametrize(
    "line",
    [
        b"SIP/2.0",
        b"SIP/2.0 ",
        b"SIP/2.0 OK",
        b"SIP/2.0 20 OK",
        b"SIP/2.0 099 OK",
        b"SIP/2.0 700 OK",
        b"SIP/2.0 2000 OK",
        b"SIP/2.0  200 OK",
        b"SIP/3.0 200 OK",
        "SIP/2.0 ２００ OK".encode(),
    ],
)
def test_a_status_line_that_is_none_is_not_answered(line: bytes) -> None:
    assert _refused(RESPONSE.replace(b"SIP/2.0 200 OK", line) + b"\r\n").partial is None


def test_an_ack_is_never_answered() -> None:
    ack = HEAD.replace(b"INVITE", b"ACK")
    assert isinstance(parse(ack + b"\r\n"), Request)
    assert _refused(ack + b"Content-Length: 9\r\n\r\n").partial is None


def test_names_are_canonical_however_they_came() -> None:
    message = parse(
        HEAD + b"cOnTaCt: <sip:a@h>\r\ns: hi\r\nwww-authenticate: x\r\nx-my-OWN \t: 1\r\n\r\n"
    )
    assert [name for name, _ in message.headers[-4:]] == [
        "Contact",
        "Subject",
        "WWW-Authenticate",
        "X-My-Own",
    ]


def test_a_star_is_no_contact_address() -> None:
    message = parse(HEAD.replace(b"INVITE", b"REGISTER") + b"Contact: *\r\nExpires: 0\r\n\r\n")
    assert message.contacts == ()
    assert message.header_values("Contact") == ["*"]


def _read_everything(message: Request | Response) -> None:
    assert message.call_id
    assert message.cseq[0] >= 0
    assert message.top_via.host
    assert message.from_.uri.scheme
    assert message.to.uri.scheme
    for contact in message.contacts:
        assert str(contact)
    _ = (message.from_tag, message.to_tag, message.content_type, message.expires, repr(message))
    parse(encode(message))


@given(st.binary(max_size=400))
def test_any_bytes_raise_nothing_else(data: bytes) -> None:
    for candidate in (data, data + b"\r\n\r\n", HEAD + data, RESPONSE + data + b"\r\n\r\n"):
        try:
            message = parse(candidate)
        except ParseError as error:
            if error.partial is not None:
                encode(make_response(error.partial, error.status, error.text, to_tag="t"))
            continue
        _read_everything(message)


@given(
    st.sampled_from([HEAD, RESPONSE]),
    st.lists(
        st.tuples(
            st.integers(0, len(HEAD)),
            st.integers(0, 4),
            st.binary(max_size=3)
            | st.sampled_from([b"\r\n", b":", b";", b"<", b">", b'"', b"%", b",", b" ", b"\\"]),
        ),
        min_size=1,
        max_size=4,
    ),
)
def test_a_damaged_message_raises_nothing_else(
    message: bytes, damages: list[tuple[int, int, bytes]]
) -> None:
    for position, length, replacement in damages:
        message = message[:position] + replacement + message[position + length :]
    try:
        read = parse(message + b"\r\n")
    except ParseError as error:
        if error.partial is not None:
            encode(make_response(error.partial, error.status, error.text, to_tag="t"))
        return
    _read_everything(read)


@pytest.mark.parametrize(
    "line",
    [
        "Via: SIP/2.0/UDP h;branch=z9hG4bK2{}",
        "Contact: <sip:a@b>{}",
        "Contact: <sip:a@b{}>",
        "Contact: <tel:+1{}>",
    ],
)
def test_parameters_are_bounded(line: str) -> None:
    """Of 7,000 semicolons each costs us more than the sender."""
    head = (
        "OPTIONS sip:bob@example.org SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n"
        "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n"
    )
    assert parse(f"{head}{line.format(';a' * 60)}\r\n\r\n".encode()).call_id == "x"
    with pytest.raises(ParseError, match="too many parameters"):
        parse(f"{head}{line.format(';a' * 3_500)}\r\n\r\n".encode())
