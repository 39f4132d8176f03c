"""Whether and how a user can be reached (RFC 3863), and what the user does (RFC 4480)."""

from dataclasses import dataclass

from callwright.sip.events.markup import DECLARATION, attributes, escaped

ON_THE_PHONE = "on-the-phone"
ACTIVITIES = frozenset(
    {
        "appointment",
        "away",
        "breakfast",
        "busy",
        "dinner",
        "holiday",
        "in-transit",
        "looking-for-work",
        "lunch",
        "meal",
        "meeting",
        ON_THE_PHONE,
        "performance",
        "permanent-absence",
        "playing",
        "presentation",
        "shopping",
        "sleeping",
        "spectator",
        "steering",
        "travel",
        "tv",
        "unknown",
        "vacation",
        "working",
        "worship",
    }
)
"""RFC 4480 §3.2, less ``other``, which needs a text."""

_NAMESPACES = (
    ' xmlns="urn:ietf:params:xml:ns:pidf"'
    ' xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"'
    ' xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid"'
)


@dataclass(frozen=True, slots=True)
class PublishedPresence:
    """What a phone says of its user, as far as we pass it on."""

    is_open: bool | None = None
    """None: the document does not say."""
    activities: frozenset[str] = frozenset()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Presence:
    """What watchers of a user are told."""

    entity: str
    """The user's SIP URI; there the user is reached."""
    is_open: bool
    activities: frozenset[str] = frozenset()
    note: str = ""

    def body(self, version: int) -> bytes:
        basic = "open" if self.is_open else "closed"
        note = f"<note>{escaped(self.note)}</note>" if self.note else ""
        person = ""
        if self.activities or note:
            activities = "".join([f"<rpid:{name}/>" for name in sorted(self.activities)])
            held = f"<rpid:activities>{activities}</rpid:activities>" if activities else ""
            shown = f"<dm:note>{escaped(self.note)}</dm:note>" if self.note else ""
            person = f'<dm:person id="person">{held}{shown}</dm:person>\n'
        return (
            f"{DECLARATION}<presence{_NAMESPACES}{attributes(('entity', self.entity))}>\n"
            f'<tuple id="phones"><status><basic>{basic}</basic></status>'
            f"<contact>{escaped(self.entity)}</contact>{note}</tuple>\n"
            f"{person}</presence>\n"
        ).encode()


def compose(
    entity: str,
    *,
    is_registered: bool,
    is_talking: bool,
    published: PublishedPresence | None,
) -> Presence:
    """One presence of what we know and what a phone published last (RFC 3856 §6.11.1).

    A phone may make its user look closed, never open without a phone to ring.
    """
    published = published or PublishedPresence()
    activities = published.activities
    if is_talking:
        activities |= {ON_THE_PHONE}
    is_open = is_registered and published.is_open is not False
    return Presence(entity, is_open, activities, published.note)
