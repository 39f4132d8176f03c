"""A refusal of a call that is written without reading it, for when there is no time to (ADR 0021).

What a refusal copies (RFC 3261 §8.2.6) is taken from the lines as they came. Nothing is remembered
(§8.2.7): the tag tells the ACK, which is not read either.
"""

from zlib import crc32

from callwright.sip.flow import Flow
from callwright.sip.syntax import split_list
from callwright.sip.via import Via, parse_via

TAG = b"hurry"
RETRY_AFTER_S = (3, 12)
"""From, and below: each caller is told another time, so that they do not come back together."""
_COPIED = {
    b"via": b"Via", b"v": b"Via", b"from": b"From", b"f": b"From", b"to": b"To", b"t": b"To",
    b"call-id": b"Call-ID", b"i": b"Call-ID", b"cseq": b"CSeq",
}  # fmt: skip
_NEEDED = frozenset({b"Via", b"From", b"To", b"Call-ID", b"CSeq"})
_ACK_MARK = b";tag=" + TAG


def is_acknowledgement(data: bytes) -> bool:
    """The ACK of such a refusal: nobody waits for it."""
    return data.startswith(b"ACK ") and _ACK_MARK in data


def called_uri(data: bytes) -> str | None:
    """The Request-URI of an INVITE; None: it is something else, or not written as usual."""
    if not data.startswith(b"INVITE "):
        return None
    uri, space, rest = data[7:].partition(b" ")
    if not space or not rest.startswith(b"SIP/2.0\r\n"):
        return None
    return uri.decode("utf-8", "surrogateescape")


class HastyRefusal:
    """503 with Retry-After for an INVITE outside a dialog."""

    __slots__ = ("_lines", "_via", "call_id")

    def __init__(self, lines: list[bytes], via: bytes, call_id: bytes) -> None:
        self._lines = lines
        self._via = via
        self.call_id = call_id.decode("utf-8", "surrogateescape")

    @property
    def via(self) -> Via:
        """Of the hop that sent it. Raises UriError."""
        return parse_via(split_list(self._via.decode("utf-8", "surrogateescape"))[0])

    def written(self, flow: Flow, user_agent: str) -> bytes:
        key = crc32(self._via, crc32(self.call_id.encode("utf-8", "surrogateescape")))
        tag = b";tag=%s%08x" % (TAG, key)
        told = [line + tag if line.startswith(b"To: ") else line for line in self._lines]
        told[1] = b"Via: " + _stamped(self._via, flow)
        least_s, most_s = RETRY_AFTER_S
        retry_s = least_s + key % (most_s - least_s)
        end = f"Retry-After: {retry_s}\r\nServer: {user_agent}\r\nContent-Length: 0\r\n\r\n"
        return b"\r\n".join(told) + b"\r\n" + end.encode()


def hasty_refusal(data: bytes) -> HastyRefusal | None:
    """None: it is no INVITE, is inside a dialog, or has something in it that wants to be read with
    care."""
    head = data.partition(b"\r\n\r\n")[0]
    if b"\r\n " in head or b"\r\n\t" in head or not head.startswith(b"INVITE "):
        return None
    found: dict[bytes, bytes] = {}
    rest: list[bytes] = []
    for line in head.split(b"\r\n")[1:]:
        raw_name, colon, value = line.partition(b":")
        name = _COPIED.get(raw_name.strip(b" \t").lower())
        if name is None:
            continue
        value = value.strip(b" \t")
        if name not in found:
            found[name] = value
        elif name != b"Via":
            return None
        if name != b"Via" or value is not found[name]:
            rest.append(name + b": " + value)
        if not colon or not value or (name == b"To" and b"tag" in value.lower()):
            return None
    if len(found) < len(_NEEDED):
        return None
    lines = [b"SIP/2.0 503 Service Unavailable", b"Via: " + found[b"Via"], *rest]
    return HastyRefusal(lines, found[b"Via"], found[b"Call-ID"])


def _stamped(value: bytes, flow: Flow) -> bytes:
    """RFC 3581 §4, where the sender asks for it."""
    before, asked, after = value.partition(b";rport")
    if not asked or after[:1] not in (b"", b";", b","):
        return value
    host, port = flow.remote
    return b"%s;received=%s;rport=%d%s" % (before, host.encode(), port, after)
