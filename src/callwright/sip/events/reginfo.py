"""A user's registrations as a document (RFC 3680 §5)."""

from dataclasses import dataclass, field

from callwright.sip.events.markup import DECLARATION, attributes, escaped


@dataclass(frozen=True, slots=True)
class ContactInfo:
    id: str
    uri: str
    state: str
    """``active`` or ``terminated``."""
    event: str
    """``registered``; of a terminated one ``expired``, ``unregistered`` or ``deactivated``."""
    call_id: str
    q: str
    expires_s: int | None = field(compare=False, default=None)
    """How long an active one still holds; a refresh alone is no news."""
    cseq: int = field(compare=False, default=0)

    def element(self) -> str:
        expires = None if self.expires_s is None else str(self.expires_s)
        named = attributes(
            ("id", self.id),
            ("state", self.state),
            ("event", self.event),
            ("expires", expires),
            ("q", self.q),
            ("callid", self.call_id),
            ("cseq", str(self.cseq)),
        )
        return f"<contact{named}><uri>{escaped(self.uri)}</uri></contact>\n"


@dataclass(frozen=True, slots=True)
class RegInfo:
    """All contacts of one address of record; always whole."""

    aor: str
    contacts: tuple[ContactInfo, ...] = ()

    def body(self, version: int) -> bytes:
        is_active = any(contact.state == "active" for contact in self.contacts)
        state = "active" if is_active else ("terminated" if self.contacts else "init")
        named = attributes(("aor", self.aor), ("id", "registration"), ("state", state))
        contacts = "".join([contact.element() for contact in self.contacts])
        return (
            f'{DECLARATION}<reginfo xmlns="urn:ietf:params:xml:ns:reginfo"'
            f' version="{version}" state="full">\n'
            f"<registration{named}>\n{contacts}</registration>\n</reginfo>\n"
        ).encode()
