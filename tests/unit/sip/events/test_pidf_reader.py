"""PIDF from phones: what is understood of it, and what never is."""

import time
from random import Random

import pytest

from callwright.kernel.limits.subscriptions import XML_DEPTH_MAX, XML_ELEMENTS_MAX
from callwright.sip.events.pidf import PublishedPresence
from callwright.sip.events.pidf_reader import PidfError, read_pidf

HEAD = (
    "<presence xmlns='urn:ietf:params:xml:ns:pidf'"
    " xmlns:dm='urn:ietf:params:xml:ns:pidf:data-model'"
    " xmlns:r='urn:ietf:params:xml:ns:pidf:rpid' entity='pres:bob@example.com'>"
)


def read(inside: str, *, before: str = "") -> PublishedPresence:
    return read_pidf(f"{before}{HEAD}{inside}</presence>".encode())


@pytest.mark.parametrize(
    ("inside", "is_open"),
    [
        ("", None),
        ("<tuple id='a'><status><basic>open</basic></status></tuple>", True),
        ("<tuple id='a'><status><basic> CLOSED </basic></status></tuple>", False),
        (
            "<tuple id='a'><status><basic>closed</basic></status></tuple>"
            "<tuple id='b'><status><basic>open</basic></status></tuple>",
            True,
        ),
        ("<x:basic xmlns:x='urn:else'>open</x:basic>", None),
    ],
)
def test_open_or_closed(inside: str, is_open: bool | None) -> None:
    assert read(inside).is_open is is_open


def test_activities_and_notes() -> None:
    activities = "<r:activities><r:busy/><r:away/><r:unheard-of/></r:activities>"
    found = read(f"<dm:person id='p'>{activities}<dm:note>In a meeting</dm:note></dm:person>")
    assert found == PublishedPresence(None, frozenset({"busy", "away"}), "In a meeting")


def test_a_note_is_plain_and_short() -> None:
    found = read(f"<note>a&#x202e;b{'c' * 500}</note>")
    assert found.note == ("ab" + "c" * 62)


@pytest.mark.parametrize("declared", ["UTF-8", "ISO-8859-1", "rot13", "utf-7", "unicode_escape"])
def test_it_is_utf_8_whatever_it_declares(declared: str) -> None:
    before = f"<?xml version='1.0' encoding='{declared}'?>"
    assert read("<note>späte Grüße \\d</note>", before=before).note == "späte Grüße \\d"
    with pytest.raises(PidfError):
        read_pidf(f"{before}{HEAD}<note>Grüße</note></presence>".encode("latin-1"))


WHOLE = (
    f"<?xml version='1.0'?>{HEAD}<tuple id='t'><status><basic>open</basic></status></tuple>"
    "<dm:person id='p'><r:activities><r:busy/></r:activities></dm:person></presence>"
).encode()


def test_whatever_happens_to_a_document_only_one_error_comes_of_it() -> None:
    random = Random(18)
    understood = 0
    for _ in range(3_000):
        body = bytearray(WHOLE)
        for _ in range(random.randint(1, 4)):
            at = random.randrange(len(body))
            body[at : at + random.randint(0, 6)] = random.randbytes(random.randint(0, 3))
        try:
            read_pidf(bytes(body))
            understood += 1
        except PidfError:
            continue
    assert understood > 10


LAUGHS = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"open",
        b"<presence",
        b"<presence/>",
        b"<tuple xmlns='urn:ietf:params:xml:ns:pidf'/>",
        b"\xff\xfe<",
        f"<!DOCTYPE p [<!ENTITY l0 'ha'>{LAUGHS}]>{HEAD}<note>&l9;</note></presence>".encode(),
        f"<!DOCTYPE p SYSTEM 'file:///etc/passwd'>{HEAD}</presence>".encode(),
        f"<!DOCTYPE p [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>{HEAD}&x;</presence>".encode(),
        f"{HEAD}&unknown;</presence>".encode(),
        f"{HEAD}{'<a>' * XML_DEPTH_MAX}{'</a>' * XML_DEPTH_MAX}</presence>".encode(),
        f"{HEAD}{'<a/>' * XML_ELEMENTS_MAX}</presence>".encode(),
    ],
)
def test_what_is_refused(body: bytes) -> None:
    started_s = time.process_time()
    with pytest.raises(PidfError):
        read_pidf(body)
    assert time.process_time() - started_s < 0.5
