"""What can be seen of a message without reading it: for whoever watches and must not cost time."""

import re

_CALL_ID = re.compile(rb"\n(?:call-id|i)[ \t]*:([^\r\n]*)", re.IGNORECASE)
_PROOF = re.compile(rb"""(?:response|rspauth)\s*=\s*"?([^"\s,;]+)""", re.IGNORECASE)
_MEDIA_KEY = re.compile(rb"(?:inline|ice-pwd):([^\s|;]+)", re.IGNORECASE)
_PRESSED_KEY = re.compile(rb"(?:^|[\r\n])[ \t]*signal[ \t]*=[ \t]*([^\s])", re.IGNORECASE)
_BARE_KEY = re.compile(rb"\r\n\r\n\s*([0-9*#A-Da-d])\s*\Z")
MASK = b"x"


def call_id_of(data: bytes) -> bytes:
    """The Call-ID as it stands there; b"" where none is found."""
    at = data.find(b"\nCall-ID:")
    if at >= 0:
        return data[at + 9 : data.find(b"\r", at + 9)].strip()
    found = _CALL_ID.search(data)
    return b"" if found is None else found[1].strip()


def without_secrets(data: bytes) -> bytes:
    """The message, as long as before, with an ``x`` for each octet that proves or opens something.

    That is: digest responses (they let somebody try passwords at leisure), the keys of media
    (RFC 4568) and of its checks (RFC 8839 §5.4), and pressed keys (RFC 6086), which may be a PIN or
    the number of a card.
    """
    is_response = data[:4] == b"SIP/"
    lowered = data if is_response else data.lower()
    if (b"rspauth" if is_response else b"uthorization") in lowered:
        head, gap, body = data.partition(b"\r\n\r\n")
        data = _masked(_PROOF, head) + gap + body
    if data[-4:] == b"\r\n\r\n" and data.find(b"\r\n\r\n") == len(data) - 4:
        return data  # no body; one may end in an empty line, too
    if data[:5] == b"INFO ":
        data = _masked(_BARE_KEY, _masked(_PRESSED_KEY, data))
    has_keys = b"inline:" in lowered or b"ice-pwd:" in lowered
    return _masked(_MEDIA_KEY, data) if has_keys else data


def _masked(secret: re.Pattern[bytes], data: bytes) -> bytes:
    """Covers group 1 wherever the pattern stands."""
    pieces, end = [], 0
    for found in secret.finditer(data):
        start, stop = found.span(1)
        pieces += [data[end:start], MASK * (stop - start)]
        end = stop
    return b"".join([*pieces, data[end:]]) if pieces else data
