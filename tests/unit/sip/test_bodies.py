"""The session description among the parts of a body (RFC 5621), and bodies that are no good."""

import random

import pytest

from callwright.kernel.limits.bodies import BODY_DEPTH_MAX, BODY_PARTS_MAX
from callwright.sip.bodies import open_body, salvage_body
from callwright.sip.message import Request, Response, make_response

SDP = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
PLACE = b"<presence><geopriv/></presence>"
MIXED = "multipart/mixed;boundary=b1"


def part(kind: str, content: bytes, *fields: str) -> bytes:
    return "\r\n".join([f"Content-Type: {kind}", *fields, "", ""]).encode() + content


def parts(*each: bytes, boundary: str = "b1") -> bytes:
    mark = f"--{boundary}".encode()
    return b"".join(mark + b"\r\n" + one + b"\r\n" for one in each) + mark + b"--\r\n"


OFFER = part("application/sdp", SDP)
LOCATION = part("application/pidf+xml", PLACE, "Content-ID: <loc@alice>")
ISUP = part("application/ISUP;version=itu-t92+", b"\x01\x00\x20")
OPTIONAL = "Content-Disposition: signal;handling=optional"


def invite(body: bytes, kind: str | None = MIXED, method: str = "INVITE", **fields: str) -> Request:
    headers = [("CSeq", f"1 {method}"), *((n.replace("_", "-"), v) for n, v in fields.items())]
    if kind is not None:
        headers.append(("Content-Type", kind))
    return Request(method, "sip:911@node", headers, body)


def opened(message: Request) -> tuple[bytes, str | None]:
    open_body(message)
    return message.body, message.content_type


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (parts(OFFER, LOCATION), MIXED),
        (parts(LOCATION, OFFER), MIXED),
        (b"for people without MIME\r\n" + parts(OFFER) + b"and more", MIXED),
        (parts(OFFER, boundary="b 1"), 'Multipart/Mixed; charset=x; boundary="b 1"'),
        (parts(OFFER).replace(b"--b1\r\n", b"--b1 \t\r\n"), MIXED),
        (parts(OFFER).removesuffix(b"--b1--\r\n"), MIXED),
        (parts(OFFER).replace(b"Content-Type: ", b"content-type:\r\n "), MIXED),
        (parts(part("application/sdp", SDP, "Content-Disposition: Session")), MIXED),
        (parts(part("application/sdp", SDP, "Content-Transfer-Encoding: BINARY")), MIXED),
        (parts(OFFER, part("application/ISUP", b"\x01", OPTIONAL)), MIXED),
        (parts(part("application/sdp", b"v=1", OPTIONAL.replace("signal", "early-session")), OFFER),
         MIXED),
        (parts(part("text/plain", b"one"), OFFER, ISUP), "multipart/alternative;boundary=b1"),
        (parts(part("application/sdp", b"v=0 worse"), OFFER), "multipart/alternative;boundary=b1"),
        (parts(part("multipart/related;boundary=in", parts(OFFER, boundary="in"))), MIXED),
        (parts(part("multipart/mixed;boundary=b1-in", parts(OFFER, boundary="b1-in")), LOCATION),
         MIXED),
    ],
)  # fmt: skip
def test_the_session_description_is_found(body: bytes, kind: str) -> None:
    content, content_type = opened(invite(body, kind))
    assert content.rstrip(b"\r\n") == SDP.rstrip(b"\r\n")
    assert content_type == "application/sdp"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (parts(LOCATION), MIXED),
        (PLACE, "application/pidf+xml"),
        (parts(part("application/ISUP", b"\x01", OPTIONAL)), MIXED),
    ],
)
def test_without_one_there_is_no_offer(body: bytes, kind: str) -> None:
    assert opened(invite(body, kind))[0] == b""


def test_an_unknown_body_that_is_optional_is_passed_over() -> None:
    asked = invite(b"<x/>", "text/xml", Content_Disposition="render;handling=OPTIONAL")
    assert opened(asked)[0] == b""


REQUIRED = [
    (parts(OFFER, ISUP), MIXED),
    (parts(OFFER, part("text/plain", b"hello", "Content-Disposition: render;handling=odd")), MIXED),
    (parts(OFFER, b"no header at all"), MIXED),
    (parts(part("application/sdp", SDP, "Content-Encoding: gzip")), MIXED),
    (parts(part("application/sdp", SDP, "Content-Transfer-Encoding: base64")), MIXED),
    (parts(part("application/sdp", SDP, "Content-Disposition: early-session")), MIXED),
    (parts(OFFER), "multipart/mixed"),
    (parts(OFFER), "multipart/mixed;boundary="),
    (parts(OFFER), 'multipart/mixed;boundary="b1'),
    (parts(OFFER), "multipart/mixed;boundary=" + "b" * 71),
    (parts(OFFER), "multipart/mixed;boundary=other"),
    (parts(*[OFFER] * (BODY_PARTS_MAX + 1)), MIXED),
    (b"", "multipart/mixed;boundary=b1"),
    (SDP, "text/plain"),
]


@pytest.mark.parametrize(("body", "kind"), REQUIRED[:-2] + REQUIRED[-1:])
def test_what_must_be_understood_and_is_not_stays_as_it_came(body: bytes, kind: str) -> None:
    asked = invite(body, kind)
    assert opened(asked) == (body, kind.partition(";")[0])


@pytest.mark.parametrize(("body", "kind"), REQUIRED)
def test_what_nobody_may_refuse_is_salvaged(body: bytes, kind: str) -> None:
    asked = invite(body, kind)
    salvage_body(asked)
    is_readable = (body, kind) in REQUIRED[:3]
    assert (asked.body, asked.body and asked.content_type) == (
        (SDP, "application/sdp") if is_readable else (b"", b"")
    )


def nested(depth: int) -> tuple[bytes, str]:
    body, kind = SDP, "application/sdp"
    for level in range(depth):
        body, kind = parts(part(kind, body), boundary=f"n{level}"), f"multipart/x;boundary=n{level}"
    return body, kind


def test_bodies_inside_each_other_are_bounded() -> None:
    assert opened(invite(*nested(BODY_DEPTH_MAX)))[1] == "application/sdp"
    assert opened(invite(*nested(BODY_DEPTH_MAX + 1)))[1] == "multipart/x"


@pytest.mark.parametrize("method", ["ACK", "PRACK"])
def test_an_answer_that_a_request_brings(method: str) -> None:
    assert opened(invite(parts(ISUP, OFFER), method=method))[1] == "application/sdp"


@pytest.mark.parametrize("method", ["MESSAGE", "INFO", "PUBLISH", "NOTIFY", "OPTIONS"])
def test_other_bodies_are_nobody_s_business_here(method: str) -> None:
    body = parts(OFFER, LOCATION)
    assert opened(invite(body, method=method)) == (body, "multipart/mixed")


@pytest.mark.parametrize("status", [183, 200])
def test_an_answer_of_a_gateway(status: int) -> None:
    def answer(body: bytes, kind: str) -> Response:
        made = make_response(invite(b"", None), status, body=body, content_type=kind)
        open_body(made)
        return made

    assert answer(parts(ISUP, OFFER), MIXED).body == SDP
    assert answer(b"\x01\x00", "application/ISUP").body == b"", "which is no answer"
    assert answer(SDP, "application/sdp").body == SDP


def test_a_description_without_a_type_is_left_to_whoever_reads_it() -> None:
    assert opened(invite(SDP, None)) == (SDP, None)


def test_nothing_that_comes_raises() -> None:
    chance = random.Random(5621)
    whole = parts(part("multipart/mixed;boundary=in", parts(OFFER, ISUP, boundary="in")), LOCATION)
    scraps = [b"--b1", b"--in", b"--", b"\r\n", b"\r", b":", b"\r\n\r\n", b";", b'"', b"\xff", b" "]
    for _ in range(3_000):
        body = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(body))
            body[at : at + chance.choice((0, 1, 5, 40))] = chance.choice(scraps)
        kind = chance.choice((MIXED, MIXED + "\udcff", "multipart/;boundary=-", "multipart/x", ";"))
        for read in (open_body, salvage_body):
            asked = invite(bytes(body), kind)
            read(asked)
            assert len(asked.body) <= len(body)
