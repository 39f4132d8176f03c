"""The Replaces header: a dialog that a new one takes the place of (RFC 3891)."""

from dataclasses import dataclass

from callwright.sip.message import Request
from callwright.sip.syntax import parse_parameters


@dataclass(frozen=True, slots=True)
class Replaces:
    """The dialog as whoever receives the header sees it (§3)."""

    call_id: str
    to_tag: str
    """The receiver's own tag."""
    from_tag: str
    is_early_only: bool = False
    """True: only while it is not answered."""


def parse_replaces(text: str) -> Replaces:
    """Reads ``call-id;to-tag=a;from-tag=b;early-only``; raises ValueError."""
    call_id, semicolon, rest = text.strip().partition(";")
    try:
        given = parse_parameters(semicolon + rest)
    except ValueError:
        raise ValueError("Replaces cannot be read") from None
    names = [name.lower() for name, _ in given]
    tags = {name.lower(): value for name, value in given}
    to_tag, from_tag = tags.get("to-tag"), tags.get("from-tag")
    if not call_id or not to_tag or not from_tag or len(set(names)) != len(names):
        raise ValueError("Replaces names a Call-ID, a to-tag and a from-tag")
    return Replaces(call_id, to_tag, from_tag, "early-only" in names)


def replaces_of(request: Request) -> Replaces | None:
    """What an INVITE wants to replace; None: nothing. Raises ValueError for what is no Replaces,
    and for more than one (§3)."""
    if request.header("Replaces") is None:
        return None
    values = [value for name, value in request.headers if name.lower() == "replaces"]
    if len(values) > 1:
        raise ValueError("Only one dialog can be replaced")
    return parse_replaces(values[0])
