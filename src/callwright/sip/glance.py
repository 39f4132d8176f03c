"""What can be seen of a message without reading it: for whoever watches and must not cost time."""

import re

_USUAL_CALL_ID = b"\nCall-ID:"
_CALL_ID = re.compile(rb"\n(?:call-id|i)[ \t]*:([^\r\n]*)", re.IGNORECASE)
_BRANCH = re.compile(rb"\n(?:via|v)[ \t]*:[^\r\n,]*?;[ \t]*branch[ \t]*=[ \t]*([^;,\s]+)", re.I)
_TO = re.compile(rb"\n(?:to|t)[ \t]*:((?:[^\r\n]|\r\n[ \t])*)", re.I)
_TAG = re.compile(rb";\s*tag\s*=\s*([^;,\s]+)", re.I)
_PROOFS = (b"response", b"rspauth")
_PROOF_VALUE = re.compile(rb"""\s*=\s*"?([^"\s,;]+)""")
_MEDIA_KEY = re.compile(rb"(?:inline|ice-pwd):([^\s|;]+)", re.IGNORECASE)
_PRESSED_KEY = re.compile(rb"(?:^|[\r\n])[ \t]*signal[ \t]*=[ \t]*([^\s])", re.IGNORECASE)
_BARE_KEY = re.compile(rb"\r\n\r\n\s*([0-9*#A-Da-d])\s*\Z")
MASK = b"x"


def call_id_of(data: bytes) -> bytes:
    """The Call-ID as it stands there; b"" where none is found."""
    at = data.find(_USUAL_CALL_ID)
    if at >= 0:
        at += len(_USUAL_CALL_ID)
        end = data.find(b"\r", at)
        return data[at : end if end >= 0 else None].strip()
    found = _CALL_ID.search(data)
    return b"" if found is None else found[1].strip()


def branch_of(data: bytes) -> bytes:
    """The branch of the topmost Via; b"" where none is found."""
    found = _BRANCH.search(data)
    return b"" if found is None else found[1]


def to_tag_of(data: bytes) -> bytes | None:
    """None: To has none, as outside of dialogs."""
    line = _TO.search(data)
    if line is None:
        return None
    tag = _TAG.search(line[1].rpartition(b">")[2])
    return None if tag is None else tag[1]


def shows_business(message: bytes) -> bool:
    """Whether what we say shows that the peer is somebody to us: it has registered or subscribed,
    is in a call that was let in, or we ask it something ourselves."""
    if message[:8] != b"SIP/2.0 ":
        return message[:1] > b" "  # a keep-alive is answered to everybody
    at = message.find(b"\r\nCSeq: ") + 8
    method = message[at : message.find(b"\r\n", at)].rpartition(b" ")[2]
    if message[8:10] == b"18":
        return method == b"INVITE"
    return message[8:9] == b"2" and method not in (b"OPTIONS", b"CANCEL")


def without_secrets(data: bytes) -> bytes:
    """The message, as long as before, with an ``x`` for each octet that proves or opens something.

    That is: digest responses (they let somebody try passwords at leisure), the keys of media
    (RFC 4568) and of its checks (RFC 8839 §5.4), and pressed keys (RFC 6086), which may be a PIN or
    the number of a card.
    """
    if data[:1] in (b"\r", b"\n"):  # the parser skips them, too
        message = data.lstrip(b"\r\n")
        return data[: len(data) - len(message)] + without_secrets(message)
    head, gap, body = data.partition(b"\r\n\r\n")
    # ``find``: ``in`` first tries the word as a number, which costs as much again as the search.
    is_response = data[:4] == b"SIP/"
    proof_at = head.find(b"rspauth") if is_response else head.lower().find(b"uthorization")
    if proof_at >= 0:
        data = _without_proofs(head) + gap + body
    if not body:
        return data
    if data[:5] == b"INFO ":
        data = _masked(_BARE_KEY, _masked(_PRESSED_KEY, data))
    lowered = body.lower()
    has_keys = lowered.find(b"inline:") >= 0 or lowered.find(b"ice-pwd:") >= 0
    return _masked(_MEDIA_KEY, data) if has_keys else data


def _without_proofs(head: bytes) -> bytes:
    """Looks for the words first, which costs a tenth of trying a pattern at each octet."""
    lowered, covered = head.lower(), bytearray(head)
    for word in _PROOFS:
        at = lowered.find(word)
        while at >= 0:
            at += len(word)
            value = _PROOF_VALUE.match(head, at)
            if value is not None:
                start, stop = value.span(1)
                covered[start:stop] = MASK * (stop - start)
            at = lowered.find(word, at)
    return bytes(covered)


def _masked(secret: re.Pattern[bytes], data: bytes) -> bytes:
    """Covers group 1 wherever the pattern stands."""
    pieces, end = [], 0
    for found in secret.finditer(data):
        start, stop = found.span(1)
        pieces += [data[end:start], MASK * (stop - start)]
        end = stop
    return b"".join([*pieces, data[end:]]) if pieces else data
