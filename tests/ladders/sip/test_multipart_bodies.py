"""Offers and answers that come with something else in one body (RFC 5621 §4)."""

import pytest
from tests.ladders.sip.rig import ANSWER, OFFER, Pair

TYPE = b"Content-Type: application/sdp\r\n"


def wrapped(data: bytes, how: bytes = b"") -> bytes:
    """What a gateway sends: the SDP beside what the ISDN said."""
    head, _, body = data.partition(b"\r\n\r\n")
    if not body:
        return data
    body = (
        b"--gw\r\n" + TYPE + b"\r\n" + body + b"\r\n--gw\r\nContent-Type: application/ISUP\r\n"
        b"Content-Disposition: signal" + how + b"\r\n\r\n\x01\x00\x20\r\n--gw--\r\n"
    )
    lines = [
        b"Content-Type: multipart/mixed;boundary=gw"
        if line.startswith(b"Content-Type")
        else b"Content-Length: %d" % len(body)
        if line.startswith(b"Content-Length")
        else line
        for line in head.split(b"\r\n")
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def optional(data: bytes) -> bytes:
    return wrapped(data, how=b";handling=optional")


@pytest.mark.parametrize("is_offerless", [False, True])
def test_a_gateway_calls_and_its_description_is_read(is_offerless: bool) -> None:
    pair = Pair()
    pair.alice.rewrite = optional
    pair.bob.on_ring = lambda session: session.answer(OFFER if is_offerless else ANSWER)
    if is_offerless:
        pair.alice.listener.reactions["answered"] = lambda session: session.acknowledge(ANSWER)
    pair.alice.call(pair.bob, body=b"" if is_offerless else OFFER)
    pair.run()
    if is_offerless:
        assert pair.bob.listener.requests[-1].body == ANSWER
    [ring] = pair.bob.rings
    assert ring.request.body == (b"" if is_offerless else OFFER)


@pytest.mark.parametrize("status", [183, 200])
def test_a_gateway_is_called_and_its_answer_is_read(status: int) -> None:
    """Whatever is beside it: an answer is never refused."""
    pair = Pair()
    pair.bob.rewrite = wrapped
    pair.bob.on_ring = lambda session: (
        session.answer(ANSWER) if status == 200 else session.provisional(status, body=ANSWER)
    )
    pair.alice.call(pair.bob)
    pair.run()
    heard = {answer.status: answer.body for answer in pair.alice.listener.responses}
    assert heard == {100: b"", status: ANSWER}


def test_what_has_to_be_understood_and_is_not_is_refused() -> None:
    pair = Pair()
    pair.alice.rewrite = wrapped
    pair.alice.call(pair.bob)
    pair.run()
    assert pair.bob.rings == []
    assert pair.alice.last_response.status == 415
    assert pair.alice.last_response.header("Accept") == "application/sdp"


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_inside_a_call(method: str) -> None:
    pair = Pair()
    hers, _ = pair.answered_call()
    statuses: list[int] = []
    for rewrite in (wrapped, optional):
        pair.alice.rewrite = rewrite
        hers.send_request(
            method,
            headers=[("Contact", "<sip:alice@192.0.2.1>")],
            body=OFFER,
            content_type="application/sdp",
            on_response=lambda response: statuses.append(response.status),
        )
        pair.run()
    assert statuses[0] == 415
    assert pair.bob.listener.requests[-1].body == OFFER
