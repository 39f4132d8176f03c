"""What a call is told while there is no time to read it."""

import pytest

from callwright.kernel.addresses import HostPort
from callwright.sip.flow import Flow
from callwright.sip.hasty_refusal import (
    RETRY_AFTER_S,
    called_uri,
    hasty_refusal,
    is_acknowledgement,
)
from callwright.sip.message import Response
from callwright.sip.parser import parse

FLOW = Flow("udp", HostPort("192.0.2.1", 5060), HostPort("198.51.100.7", 40_000))
INVITE = (
    b"INVITE sip:102@contoso.test SIP/2.0\r\n"
    b"v: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKa;rport\r\n"
    b"Via: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bKb\r\n"
    b"From: <sip:alice@contoso.test>;tag=1\r\nTo: <sip:102@contoso.test>\r\n"
    b"i: a84b4c76\r\nCSeq: 7 INVITE\r\nMax-Forwards: 70\r\n"
    b"Contact: <sip:alice@10.0.0.1>\r\nContent-Length: 4\r\n\r\nv=0\n"
)


def told(data: bytes) -> Response:
    refusal = hasty_refusal(data)
    assert refusal is not None
    response = parse(refusal.written(FLOW, "Callwright"))
    assert isinstance(response, Response)
    return response


def test_it_is_a_whole_response_that_goes_back_the_way_it_came() -> None:
    response = told(INVITE)
    assert response.status == 503
    assert response.call_id == "a84b4c76"
    assert response.cseq == (7, "INVITE")
    assert response.from_tag == "1"
    top, below = response.vias
    assert (top.branch, top.received, top.rport) == ("z9hG4bKa", "198.51.100.7", 40_000)
    assert (below.branch, below.received) == ("z9hG4bKb", None)
    assert RETRY_AFTER_S[0] <= int(response.header("Retry-After") or 0) < RETRY_AFTER_S[1]


def test_each_copy_is_told_the_same_and_each_caller_another_time() -> None:
    assert told(INVITE).headers == told(INVITE).headers
    waits = {told(INVITE.replace(b"a84b4c76", b"%d" % n)).header("Retry-After") for n in range(50)}
    assert len(waits) == RETRY_AFTER_S[1] - RETRY_AFTER_S[0]


def test_its_ack_is_known_without_reading_it() -> None:
    tag = told(INVITE).to_tag or ""
    ack = INVITE.replace(b"INVITE", b"ACK").replace(
        b"To: <sip:102@contoso.test>", f"To: <sip:102@contoso.test>;tag={tag}".encode()
    )
    assert is_acknowledgement(ack)
    assert not is_acknowledgement(INVITE.replace(b"INVITE", b"ACK"))


@pytest.mark.parametrize(
    "data",
    [
        INVITE.replace(b"To: <sip:102@contoso.test>", b"To: <sip:102@contoso.test>;TAG=x"),
        INVITE.replace(b"INVITE", b"BYE"),
        INVITE.replace(b"i: a84b4c76\r\n", b""),
        INVITE.replace(b"i: a84b4c76", b"i:"),
        INVITE.replace(b"i: a84b4c76", b"i: a84b4c76\r\nCall-ID: other"),
        INVITE.replace(b"From: ", b"From:\r\n "),
        b"INVITE",
        b"",
    ],
    ids=["in a dialog", "a BYE", "no Call-ID", "empty", "two Call-IDs", "folded", "cut", "nothing"],
)
def test_what_wants_care_is_left_to_the_parser(data: bytes) -> None:
    assert hasty_refusal(data) is None


def test_whom_it_calls() -> None:
    assert called_uri(INVITE) == "sip:102@contoso.test"
    assert called_uri(INVITE.replace(b"SIP/2.0\r\nv", b"SIP/3.0\r\nv")) is None
    assert called_uri(b"BYE sip:102@contoso.test SIP/2.0\r\n") is None
