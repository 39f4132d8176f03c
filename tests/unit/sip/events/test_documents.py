"""What event documents look like to a reader of XML, and that names cannot break out of them."""

from xml.etree import ElementTree

import pytest

from callwright.sip.events.dialog_document import DialogInfo, DialogState, DialogTags, Identity
from callwright.sip.events.markup import escaped
from callwright.sip.events.message_summary import MessageSummary
from callwright.sip.events.package import same_event
from callwright.sip.events.pidf import Presence, PublishedPresence, compose
from callwright.sip.events.reginfo import ContactInfo, RegInfo

DIALOG = "{urn:ietf:params:xml:ns:dialog-info}"
PIDF = "{urn:ietf:params:xml:ns:pidf}"
DATA = "{urn:ietf:params:xml:ns:pidf:data-model}"
RPID = "{urn:ietf:params:xml:ns:pidf:rpid}"
REG = "{urn:ietf:params:xml:ns:reginfo}"
EVIL = """<&>"' \t\n]]>é\x00\x1b\ud800\U0001f600"""
EVIL_READ = EVIL.replace("\x00", "\ufffd").replace("\x1b", "\ufffd").replace("\ud800", "\ufffd")


def test_any_text_is_read_back_as_it_was() -> None:
    document = f'<a b="{escaped(EVIL)}">{escaped(EVIL)}</a>'.encode()
    read = ElementTree.fromstring(document)
    assert (read.get("b"), read.text) == (EVIL_READ, EVIL_READ)


def test_dialogs() -> None:
    ringing = DialogState(
        "d1",
        "early",
        "recipient",
        Identity("sip:bob@example.com", "Bob"),
        Identity("sip:alice@example.com", EVIL),
        DialogTags("c@h", None, "ours"),
    )
    hidden = DialogState("d2", "confirmed", "initiator", Identity("sip:bob@example.com"))
    root = ElementTree.fromstring(DialogInfo("sip:bob@example.com", (ringing, hidden)).body(7))
    assert root.tag == f"{DIALOG}dialog-info"
    assert root.attrib == {"version": "7", "state": "full", "entity": "sip:bob@example.com"}
    first, second = root
    assert first.attrib == {
        "id": "d1",
        "call-id": "c@h",
        "remote-tag": "ours",
        "direction": "recipient",
    }
    assert [child.tag for child in first] == [f"{DIALOG}{n}" for n in ("state", "local", "remote")]
    remote = first.find(f"{DIALOG}remote")
    assert remote is not None
    identity, target = remote
    assert (identity.get("display"), identity.text) == (EVIL_READ, "sip:alice@example.com")
    assert target.get("uri") == "sip:alice@example.com"
    assert second.attrib == {"id": "d2", "direction": "initiator"}
    assert second.find(f"{DIALOG}remote") is None


def test_no_call_is_told_as_one_that_ended() -> None:
    (only,) = ElementTree.fromstring(DialogInfo("sip:bob@example.com").body(0))
    assert only.findtext(f"{DIALOG}state") == "terminated"


def test_presence() -> None:
    body = Presence("sip:bob@example.com", True, frozenset({"busy", "away"}), EVIL).body(0)
    root = ElementTree.fromstring(body)
    assert (root.tag, root.get("entity")) == (f"{PIDF}presence", "sip:bob@example.com")
    tuple_, person = root
    assert [child.tag for child in tuple_] == [f"{PIDF}{n}" for n in ("status", "contact", "note")]
    assert tuple_.findtext(f"{PIDF}status/{PIDF}basic") == "open"
    assert tuple_.findtext(f"{PIDF}note") == EVIL_READ
    assert person.tag == f"{DATA}person"
    activities = person.find(f"{RPID}activities")
    assert activities is not None
    assert [child.tag for child in activities] == [f"{RPID}away", f"{RPID}busy"]


def test_presence_of_somebody_who_says_nothing() -> None:
    (only,) = ElementTree.fromstring(Presence("sip:bob@example.com", False).body(0))
    assert only.findtext(f"{PIDF}status/{PIDF}basic") == "closed"


@pytest.mark.parametrize(
    ("is_registered", "published", "is_open"),
    [
        (True, None, True),
        (False, None, False),
        (True, False, False),
        (True, True, True),
        (False, True, False),
    ],
)
def test_who_is_open(is_registered: bool, published: bool | None, is_open: bool) -> None:
    presence = compose(
        "sip:bob@example.com",
        is_registered=is_registered,
        is_talking=False,
        published=PublishedPresence(published),
    )
    assert presence.is_open is is_open


def test_registrations() -> None:
    contact = ContactInfo("c1", "sip:bob@h;x=<1>", "active", "registered", "call", "0.5", 60, 3)
    gone = ContactInfo("c2", "sip:bob@i", "terminated", "expired", "call", "1")
    root = ElementTree.fromstring(RegInfo("sip:bob@example.com", (contact, gone)).body(2))
    assert root.attrib == {"version": "2", "state": "full"}
    (registration,) = root
    assert (registration.get("aor"), registration.get("state")) == ("sip:bob@example.com", "active")
    first, second = registration
    assert first.attrib == {
        "id": "c1",
        "state": "active",
        "event": "registered",
        "expires": "60",
        "q": "0.5",
        "callid": "call",
        "cseq": "3",
    }
    assert first.findtext(f"{REG}uri") == "sip:bob@h;x=<1>"
    assert (second.get("event"), second.get("expires")) == ("expired", None)


@pytest.mark.parametrize(
    ("contacts", "state"),
    [
        ((), "init"),
        ((ContactInfo("c", "sip:b@h", "terminated", "expired", "i", "1"),), "terminated"),
    ],
)
def test_nobody_is_registered(contacts: tuple[ContactInfo, ...], state: str) -> None:
    (registration,) = ElementTree.fromstring(RegInfo("sip:bob@example.com", contacts).body(0))
    assert registration.get("state") == state


def test_messages() -> None:
    assert MessageSummary("sip:bob@example.com", 2, 5).body(0) == (
        b"Messages-Waiting: yes\r\n"
        b"Message-Account: sip:bob@example.com\r\n"
        b"Voice-Message: 2/5 (0/0)\r\n"
    )
    assert MessageSummary("sip:bob@example.com", 0, 5).body(0).startswith(b"Messages-Waiting: no")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("dialog", "Dialog", True),
        ("dialog;id=1", "dialog ; ID=1;sla", True),
        ("dialog;id=1", "dialog;id=2", False),
        ("dialog", "dialog;id=1", False),
        ("dialog", "presence", False),
    ],
)
def test_which_events_are_one_subscription(one: str, other: str, same: bool) -> None:
    assert same_event(one, other) is same
