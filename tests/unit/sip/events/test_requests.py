"""Which SUBSCRIBEs and PUBLISHes are refused, whoever sends them."""

import pytest

from callwright.kernel.limits.subscriptions import PUBLICATION_BYTES_MAX, SUBSCRIPTION_EXPIRES_S_MAX
from callwright.sip.events.package import (
    DIALOG,
    PACKAGES,
    granted_s,
    screen_publish,
    screen_subscribe,
)
from callwright.sip.message import Request
from callwright.sip.parser import parse
from callwright.sip.screening import Refusal

PIDF = "application/pidf+xml"


def request(method: str, *lines: str, body: bytes = b"") -> Request:
    text = "\r\n".join(
        [
            f"{method} sip:bob@contoso.test SIP/2.0",
            "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1",
            "From: <sip:bob@contoso.test>;tag=1",
            "To: <sip:bob@contoso.test>",
            "Call-ID: 1",
            f"CSeq: 1 {method}",
            *lines,
            f"Content-Length: {len(body)}",
            "",
            "",
        ]
    )
    parsed = parse(text.encode() + body)
    assert isinstance(parsed, Request)
    return parsed


def status(refusal: Refusal | None) -> int | None:
    return None if refusal is None else refusal.status


@pytest.mark.parametrize("name", sorted(PACKAGES))
def test_what_can_be_watched(name: str) -> None:
    assert screen_subscribe(request("SUBSCRIBE", f"Event: {name}")) is None
    assert screen_subscribe(request("SUBSCRIBE", f"o: {name.upper()} ; id=4")) is None


@pytest.mark.parametrize(
    "event", ["Event: weather", "Event: presence.winfo", "X: y", "Event: refer"]
)
def test_what_cannot_is_refused_with_what_can(event: str) -> None:
    refusal = screen_subscribe(request("SUBSCRIBE", event))
    assert refusal is not None
    assert refusal.status == 489
    assert refusal.headers == (("Allow-Events", "dialog, message-summary, presence, reg"),)


@pytest.mark.parametrize(
    ("accept", "told"),
    [
        ("application/dialog-info+xml", None),
        ("text/plain, application/dialog-info+xml;q=0.3", None),
        ("*/*", None),
        ("application/*", None),
        ("", None),
        ("Application/Dialog-Info+XML", None),
        ("application/xpidf+xml", 406),
    ],
)
def test_a_phone_says_which_documents_it_reads(accept: str, told: int | None) -> None:
    asked = request("SUBSCRIBE", "Event: dialog", f"Accept: {accept}")
    assert status(screen_subscribe(asked)) == told


@pytest.mark.parametrize(("expires", "told"), [(0, None), (1, 423), (59, 423), (60, None)])
def test_a_brief_subscription_is_refused(expires: int, told: int | None) -> None:
    refusal = screen_subscribe(request("SUBSCRIBE", "Event: dialog", f"Expires: {expires}"))
    assert status(refusal) == told
    assert refusal is None or refusal.headers == (("Min-Expires", "60"),)


def test_how_long_a_subscription_lasts() -> None:
    assert granted_s(request("SUBSCRIBE"), DIALOG) == 3_600
    assert granted_s(request("SUBSCRIBE", "Expires: 600"), DIALOG) == 600
    longest = granted_s(request("SUBSCRIBE", "Expires: 999999999"), DIALOG)
    assert longest == SUBSCRIPTION_EXPIRES_S_MAX


# -- PUBLISH (RFC 3903 §6) -------------------------------------------------------------------------


BODY = b'<presence xmlns="urn:ietf:params:xml:ns:pidf"/>'


@pytest.mark.parametrize(
    ("lines", "body", "told"),
    [
        (("Event: presence", f"Content-Type: {PIDF}"), BODY, None),
        (("Event: presence",), b"", None),
        (("Event: dialog", f"Content-Type: {PIDF}"), BODY, 489),
        ((), b"", 489),
        (("Event: presence", "Content-Type: text/plain"), b"x", 415),
        (("Event: presence", f"Content-Type: {PIDF}"), b" " * (PUBLICATION_BYTES_MAX + 1), 413),
        (("Event: presence", "Expires: 10"), b"", 423),
    ],
)
def test_which_publications_are_refused(
    lines: tuple[str, ...], body: bytes, told: int | None
) -> None:
    assert status(screen_publish(request("PUBLISH", *lines, body=body))) == told
