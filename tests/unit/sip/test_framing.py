"""Messages and keep-alives in a TCP stream."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwright.kernel.limits.signalling import SIP_MESSAGE_BYTES_MAX
from callwright.sip.framing import PING, FramingError, Ping, StreamFramer


def _message(body: bytes = b"", name: str = "Content-Length: ") -> bytes:
    head = f"OPTIONS sip:a@b SIP/2.0\r\nCall-ID: 1\r\n{name}{len(body)}\r\n\r\n"
    return head.encode() + body


def test_one_message_at_once() -> None:
    assert StreamFramer().feed(_message(b"hello")) == [_message(b"hello")]


@pytest.mark.parametrize(
    "name",
    [
        "Content-Length: ",
        "content-LENGTH : ",
        "l:",
        "L: ",
        "Content-Length:\r\n ",
        "CONTENT-LENGTH:00",
    ],
)
def test_content_length_in_every_spelling(name: str) -> None:
    assert StreamFramer().feed(_message(b"hello", name) + _message()) == [
        _message(b"hello", name),
        _message(),
    ]


def test_body_that_looks_like_a_header_end_stays_body() -> None:
    body = b"\r\n\r\nINVITE sip:x SIP/2.0\r\nContent-Length: 99\r\n\r\n"
    assert StreamFramer().feed(_message(body) + _message()) == [_message(body), _message()]


def test_two_line_ends_between_messages_are_a_ping() -> None:
    framer = StreamFramer()
    assert framer.feed(b"\r\n\r\n") == [PING]
    assert framer.feed(b"\r\n") == []
    assert framer.feed(b"\r\n") == [PING]
    assert framer.feed(_message() + b"\r\n\r\n" + _message()) == [_message(), PING, _message()]


def test_one_line_end_before_a_message_is_dropped() -> None:
    framer = StreamFramer()
    assert framer.feed(b"\r\n" + _message()) == [_message()]
    assert framer.feed(b"\r\n") == []
    assert not framer.has_partial
    assert framer.feed(_message()) == [_message()]


@pytest.mark.parametrize("stream", [b"\n\r\n\r\n\n", b"\r\r\n\r\n", b"\r\n\r\r\n\r\n\n\r\n\r\n"])
def test_line_ends_mean_the_same_however_they_are_divided(stream: bytes) -> None:
    pings = StreamFramer().feed(stream)
    framer = StreamFramer()
    assert [f for at in range(len(stream)) for f in framer.feed(stream[at : at + 1])] == pings
    assert len(pings) == stream.count(b"\r\n\r\n")


def test_a_begun_message_is_owed() -> None:
    framer = StreamFramer()
    assert not framer.has_partial
    framer.feed(b"\r\n")
    assert not framer.has_partial
    framer.feed(_message(b"hello")[:-1])
    assert framer.has_partial
    framer.feed(b"o")
    assert not framer.has_partial


@pytest.mark.parametrize(
    "stream",
    [
        b"OPTIONS sip:a@b SIP/2.0\r\nCall-ID: 1\r\n\r\n",
        _message(name="Content-Length: -"),
        _message(name="Content-Length: x"),
        _message(name=f"Content-Length: {SIP_MESSAGE_BYTES_MAX}"),
        _message(name="Content-Length: 99999999999999999999999"),
        b"x" * (SIP_MESSAGE_BYTES_MAX + 1),
    ],
)
def test_lost_boundary_ends_the_stream(stream: bytes) -> None:
    framer = StreamFramer()
    with pytest.raises(FramingError) as caught:
        framer.feed(_message() + stream)
    head = stream if b"\r\n\r\n" not in stream else stream.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    assert caught.value.frames == (_message(), head), "the head is there to be answered"
    with pytest.raises(FramingError):
        framer.feed(_message())


@pytest.mark.parametrize(
    "lines",
    [
        "Content-Length: 5\r\nContent-Length: 5",
        "Content-Length: 13\r\nX: y\r\nContent-Length: 5",
        "l: 0\r\nContent-Length: 5",
        "Content-Length: 5\r\nL : 0",
        "content-length: 5\r\nCONTENT-LENGTH :5",
        "Content-Length: 5\r\n 0",
        "Content-Length:\r\n\t5\r\nl: 5",
        "Content-Length: 5, 5",
        "Content-Length: +5",
        "Content-Length: 5 \r\n ;x",
    ],
)
def test_a_length_that_can_be_read_in_two_ways_ends_the_stream(lines: str) -> None:
    """Two readers of one stream that cut it differently would take a body for a request."""
    head = f"OPTIONS sip:a@b SIP/2.0\r\n{lines}\r\nCall-ID: 1\r\n\r\n".encode()
    with pytest.raises(FramingError) as caught:
        StreamFramer().feed(head + b"hello")
    assert caught.value.frames == (head,)


def test_other_headers_may_begin_like_the_length() -> None:
    head = "OPTIONS sip:a@b SIP/2.0\r\nLocation: x\r\nContent-Length: 5\r\nLx: 9\r\n\r\nhello"
    assert StreamFramer().feed(head.encode()) == [head.encode()]


def test_headers_without_end_are_bounded_however_slowly_they_come() -> None:
    framer = StreamFramer()
    line = b"Z: y\r\n"
    for _ in range(SIP_MESSAGE_BYTES_MAX // len(line)):
        assert framer.feed(line) == []
    with pytest.raises(FramingError):
        framer.feed(line)


@given(
    st.lists(st.binary(max_size=30).map(_message) | st.just(b"\r\n\r\n"), max_size=6),
    st.data(),
)
def test_pieces_do_not_matter(frames: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(frames)
    framer = StreamFramer()
    received: list[bytes | Ping] = []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        received += framer.feed(stream[:size])
        stream = stream[size:]
    assert received == [PING if frame == b"\r\n\r\n" else frame for frame in frames]
    assert not framer.has_partial


@given(st.lists(st.binary(max_size=40) | st.sampled_from([b"\r\n", b"l: 3\r\n\r\n"]), max_size=12))
def test_any_bytes_raise_nothing_else(pieces: list[bytes]) -> None:
    framer = StreamFramer()
    try:
        for piece in pieces:
            framer.feed(piece)
    except FramingError:
        with pytest.raises(FramingError):
            framer.feed(b"")
