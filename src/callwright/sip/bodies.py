"""Which part of a body is the session description (RFC 5621), and as much of MIME as that needs.

Phones that call for help send their location beside it (RFC 6442 §3.1), gateways what the ISDN said
(RFC 3204).
"""

from callwright.kernel.limits.bodies import BODY_DEPTH_MAX, BODY_PARTS_MAX
from callwright.kernel.value import value
from callwright.sip.message import Message, Request
from callwright.sip.syntax import Parameters, find_parameter, parse_parameters

SDP = "application/sdp"
LOCATION = "application/pidf+xml"
_OFFERS = frozenset({"INVITE", "UPDATE"})
"""Requests that are refused when their body is not understood."""
_NEVER_REFUSED = frozenset({"ACK", "PRACK"})
_NOT_ENCODED = frozenset({"", "identity", "binary", "8bit", "7bit"})
_BOUNDARY_CHARACTERS_MAX = 70
"""RFC 2046 §5.1.1."""


@value
class _Part:
    """A body, or a part of one."""

    kind: str
    """``application/sdp``: lower case, without parameters."""
    parameters: Parameters
    disposition: str
    is_required: bool
    """Whoever does not understand it may not go on as if it were not there."""
    is_encoded: bool
    content: bytes


@value
class _Meaning:
    """What can be made of a part."""

    sdp: bytes | None
    is_enough: bool
    """Everything was understood that has to be."""


def open_body(message: Message) -> None:
    """Leaves of the body of an offer or answer the session description alone, or nothing.

    A body that a request must not be taken without stays as it is, and ``screen_offer`` says so.
    """
    if not message.body:
        return
    kind = message.content_type
    if kind == SDP or kind is None:
        return
    method = message.cseq[1]
    if isinstance(message, Request) and method in _OFFERS:
        meaning = _meaning(_whole(message), BODY_DEPTH_MAX)
        if meaning.is_enough:
            _leave(message, meaning.sdp)
    elif method in _OFFERS or method in _NEVER_REFUSED:
        salvage_body(message)


def salvage_body(message: Message) -> None:
    """Leaves the session description, if one can be read, whatever else the body says: for what
    nobody may refuse."""
    _leave(message, _meaning(_whole(message), BODY_DEPTH_MAX).sdp)


def _leave(message: Message, sdp: bytes | None) -> None:
    message.body = sdp or b""
    if sdp:
        message.set_header("Content-Type", SDP)


def _whole(message: Message) -> _Part:
    return _part(
        message.header("Content-Type"),
        message.header("Content-Disposition"),
        message.header("Content-Encoding"),
        None,  # SIP has no transfer encoding of a whole body (RFC 3261 §7.4.2)
        message.body,
    )


def _part(
    kind: str | None,
    disposition: str | None,
    encoding: str | None,
    transfer: str | None,
    content: bytes,
) -> _Part:
    media_type, parameters = _read_field(kind)
    purpose, how = _read_field(disposition)
    is_encoded = any((one or "").lower() not in _NOT_ENCODED for one in (encoding, transfer))
    handling = find_parameter(how, "handling") or "required"  # RFC 3261 §20.11
    is_required = handling.lower() != "optional"
    return _Part(media_type, parameters, purpose, is_required, is_encoded, content)


def _read_field(text: str | None) -> tuple[str, Parameters]:
    first, semicolon, rest = (text or "").partition(";")
    try:
        parameters = parse_parameters(semicolon + rest)
    except ValueError:
        parameters = ()
    return first.strip(" \t").lower(), parameters


def _meaning(part: _Part, depth: int) -> _Meaning:
    if part.is_encoded:
        return _Meaning(None, not part.is_required)
    if part.kind.startswith("multipart/"):
        return _meaning_of_parts(part, depth)
    # RFC 3959: one for ``early-session`` describes another session.
    if part.kind == SDP and part.disposition in ("", "session"):
        return _Meaning(part.content, True)
    return _Meaning(None, part.kind == LOCATION or not part.is_required)


def _meaning_of_parts(part: _Part, depth: int) -> _Meaning:
    parts = _parts(part) if depth else None
    if not parts:
        return _Meaning(None, not part.is_required)
    meanings = [_meaning(one, depth - 1) for one in parts]
    found = [meaning.sdp for meaning in meanings if meaning.sdp is not None]
    enough = [meaning.is_enough for meaning in meanings]
    if part.kind == "multipart/alternative":
        # RFC 2046 §5.1.4: each says the same, the last one best.
        return _Meaning(found[-1] if found else None, any(enough) or not part.is_required)
    # RFC 2046 §5.1.3: kinds that nobody knows are mixed.
    return _Meaning(found[0] if found else None, all(enough) or not part.is_required)


def _parts(part: _Part) -> list[_Part] | None:
    """None: it cannot be taken apart."""
    boundary = find_parameter(part.parameters, "boundary") or ""
    if not 0 < len(boundary) <= _BOUNDARY_CHARACTERS_MAX:
        return None
    pieces = _pieces(part.content, boundary.encode("utf-8", "surrogateescape"))
    return None if pieces is None else [_read_part(piece) for piece in pieces]


def _pieces(content: bytes, boundary: bytes) -> list[bytes] | None:
    """What stands between the delimiters (RFC 2046 §5.1.1); None: there are too many.

    Where the last one is missing, Content-Length has told where the body ends.
    """
    data, delimiter = b"\r\n" + content, b"\r\n--" + boundary
    pieces: list[bytes] = []
    start = -1
    at = data.find(delimiter)
    while at >= 0:
        line_end = data.find(b"\r\n", at + len(delimiter))
        line_end = len(data) if line_end < 0 else line_end
        rest = data[at + len(delimiter) : line_end].strip(b" \t")
        if rest not in (b"", b"--"):  # the line begins like a delimiter only
            at = data.find(delimiter, line_end)
            continue
        if start >= 0:
            pieces.append(data[start:at])
        if rest:
            return pieces
        if len(pieces) >= BODY_PARTS_MAX:
            return None
        start = line_end + 2
        at = data.find(delimiter, line_end)
    if start >= 0:
        pieces.append(data[start:])
    return pieces


def _read_part(piece: bytes) -> _Part:
    head, _, content = (b"\r\n" + piece).partition(b"\r\n\r\n")
    text = head.decode("utf-8", "surrogateescape").replace("\r\n ", " ").replace("\r\n\t", " ")
    fields: dict[str, str] = {}
    for line in text.split("\r\n"):
        name, _, said = line.partition(":")
        fields.setdefault(name.strip(" \t").lower(), said.strip(" \t"))
    return _part(
        fields.get("content-type", "text/plain"),  # RFC 2046 §5.1
        fields.get("content-disposition"),
        fields.get("content-encoding"),
        fields.get("content-transfer-encoding"),
        content,
    )
