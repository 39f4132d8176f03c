"""What a dialog remembers of the messages that began it (RFC 3261 §12)."""

import pytest

from callwright.kernel.addresses import HostPort
from callwright.sip.dialog import Dialog, contact_text, contact_uri
from callwright.sip.flow import Flow
from callwright.sip.message import Request, make_request, make_response

FLOW = Flow("udp", HostPort("192.0.2.1", 5060), HostPort("192.0.2.2", 5060))


def invite(*headers: tuple[str, str], contact: str | None = "<sip:a@192.0.2.2:5060>") -> Request:
    return make_request(
        "INVITE",
        "sip:b@example.com",
        via="SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK1",
        from_='"A" <sip:a@example.com>;tag=f',
        to="<sip:b@example.com>",
        call_id="c",
        cseq=7,
        contact=contact,
        headers=headers,
    )


@pytest.mark.parametrize(
    ("contact", "uri"),
    [
        ("<sip:a@h:5060>", "sip:a@h:5060"),
        ("<sip:a@h;ob;x=%20>;expires=60", "sip:a@h;ob;x=%20"),
        ('"A <b>" <sip:a@h>;q=0.5', "sip:a@h"),
        ("sip:a@h;q=0.5", "sip:a@h"),
        ("<sip:a@h?Subject=x>", "sip:a@h"),
        ("<sip:a@h>, <sip:b@h>", "sip:a@h"),
        ("<sip:a@[2001:db8::1]:5070>", "sip:a@[2001:db8::1]:5070"),
    ],
)
def test_the_target_is_the_first_contact(contact: str, uri: str) -> None:
    assert contact_uri(invite(contact=contact)) == uri


def test_no_contact_no_target() -> None:
    assert contact_uri(invite(contact=None)) is None
    assert contact_uri(invite(contact="*")) is None


@pytest.mark.parametrize("empty", ["", ", ", ","])
def test_an_empty_contact_before_the_first_one(empty: str) -> None:
    request = invite(("Contact", "<sip:a@h>"), contact=empty)
    assert contact_uri(request) == "sip:a@h"


def test_our_contact_says_how_we_are_reached() -> None:
    assert contact_text(FLOW, "a") == "<sip:a@192.0.2.1:5060>"
    assert contact_text(Flow("tcp", FLOW.local, FLOW.remote, 3)) == (
        "<sip:192.0.2.1:5060;transport=tcp>"
    )
    six = Flow("udp", HostPort("2001:db8::1", 5060), FLOW.remote)
    assert contact_text(six) == "<sip:[2001:db8::1]:5060>"


def test_the_server_side() -> None:
    routes = (("Record-Route", "<sip:p2;lr>"), ("Record-Route", "<sip:p1;lr>"))
    dialog = Dialog.of_server(invite(*routes), "t")
    bye = dialog.make_request("BYE", flow=FLOW, branch="z9hG4bK2", cseq=dialog.next_cseq())
    assert bye.uri == "sip:a@192.0.2.2:5060"
    assert bye.header("From") == "<sip:b@example.com>;tag=t"
    assert bye.header("To") == '"A" <sip:a@example.com>;tag=f'
    assert bye.header_values("Route") == ["<sip:p2;lr>", "<sip:p1;lr>"]
    assert bye.cseq == (1, "BYE")
    assert dialog.is_between("c", "f")
    assert not dialog.is_between("c", None)
    assert not dialog.is_between("d", "f")


def test_the_client_side() -> None:
    request = invite()
    response = make_response(
        request,
        200,
        headers=(
            ("Record-Route", "<sip:p2;lr>"),
            ("Record-Route", "<sip:p1;lr>"),
            ("Contact", "<sip:b@192.0.2.9>"),
        ),
        to_tag="t",
    )
    dialog = Dialog.of_client(request, "f", response)
    bye = dialog.make_request("BYE", flow=FLOW, branch="z9hG4bK2", cseq=dialog.next_cseq())
    assert bye.uri == "sip:b@192.0.2.9"
    assert bye.header("To") == "<sip:b@example.com>;tag=t"
    assert bye.header_values("Route") == ["<sip:p1;lr>", "<sip:p2;lr>"]
    assert bye.cseq == (8, "BYE")


def test_an_answer_without_contact_leaves_the_uri_that_was_called() -> None:
    request = invite()
    dialog = Dialog.of_client(request, "f", make_response(request, 200, to_tag="t"))
    assert dialog.target == "sip:b@example.com"


def test_order() -> None:
    dialog = Dialog.of_server(invite(), "t")
    request = invite()
    assert dialog.accept_order(request)
    request.set_header("CSeq", "6 INFO")
    assert not dialog.accept_order(request)
    request.set_header("CSeq", "9 INFO")
    assert dialog.accept_order(request)
    assert dialog.remote_cseq == 9
