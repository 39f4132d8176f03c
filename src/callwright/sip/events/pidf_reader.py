"""Reads PIDF that a phone published; nothing in it can make us work hard or look elsewhere."""

from xml.parsers import expat

from callwright.kernel.limits.subscriptions import XML_DEPTH_MAX, XML_ELEMENTS_MAX
from callwright.kernel.plain_text import plain
from callwright.sip.events.pidf import ACTIVITIES, PublishedPresence

_SEPARATOR = " "
NAMESPACE = "urn:ietf:params:xml:ns:pidf"
RPID = "urn:ietf:params:xml:ns:pidf:rpid"
_TEXT_CHARS_MAX = 256


class PidfError(ValueError):
    """The body is no presence document, or more than one has to be."""


def read_pidf(body: bytes) -> PublishedPresence:
    """What the document says; elements of other namespaces are passed over.

    Any open tuple makes the user open. Raises PidfError: no XML, no ``presence``, a document type
    or entities (RFC 3470 §4.4), too deep or too many elements.
    """
    reading = _Reading()
    # Whatever it declares: Python's codecs are not for strangers to choose from.
    parser = expat.ParserCreate("utf-8", _SEPARATOR)
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.EntityDeclHandler = _refuse_entity
    parser.StartElementHandler = reading.begin
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.add_text
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise PidfError(f"The body is no XML: {error}") from None
    return reading.presence()


class _Reading:
    """Where the parser is, and what it met."""

    def __init__(self) -> None:
        self._path: list[str] = []
        self._elements = 0
        self._text = ""
        self._basics: list[str] = []
        self._notes: list[str] = []
        self._activities: set[str] = set()

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > XML_ELEMENTS_MAX or len(self._path) >= XML_DEPTH_MAX:
            raise PidfError("The document is too large")
        if not self._path and name != f"{NAMESPACE}{_SEPARATOR}presence":
            raise PidfError("The document is no presence")
        self._path.append(name)
        self._text = ""

    def end(self, name: str) -> None:
        namespace, _, local = name.rpartition(_SEPARATOR)
        parent = self._path[-2].rpartition(_SEPARATOR)[2] if len(self._path) > 1 else ""
        if local == "basic" and namespace == NAMESPACE:
            self._basics.append(self._text.strip().lower())
        elif local == "note" and parent in ("tuple", "person", "presence", "activities"):
            self._notes.append(self._text)
        elif parent == "activities" and namespace == RPID and local in ACTIVITIES:
            self._activities.add(local)
        self._path.pop()
        self._text = ""

    def add_text(self, text: str) -> None:
        if len(self._text) < _TEXT_CHARS_MAX:
            self._text += text[:_TEXT_CHARS_MAX]

    def presence(self) -> PublishedPresence:
        is_open = "open" in self._basics if self._basics else None
        note = next((note for note in map(plain, self._notes) if note), "")
        return PublishedPresence(is_open, frozenset(self._activities), note)


def _refuse_doctype(
    name: str, system_id: str | None, public_id: str | None, has_internal_subset: bool
) -> None:
    raise PidfError("A document type is not taken")


def _refuse_entity(*declaration: object) -> None:
    raise PidfError("Entities are not taken")
