"""Keys that come as INFO requests, from phones that do not send them in the audio (RFC 4733).

No RFC defines it; these are the two bodies that phones and gateways use.
"""

from callwright.sip.message import Request

RELAY = "application/dtmf-relay"
"""Lines of NAME=VALUE: ``Signal=5``, ``Duration=160``."""
DIGIT_ALONE = "application/dtmf"
KEYS = "0123456789*#ABCD"
_NUMBERED = {"10": "*", "11": "#", "12": "A", "13": "B", "14": "C", "15": "D"}
"""Some write the event numbers of RFC 4733 instead."""
_LINES_MAX = 8
_PRESSED_MS = 160


def key_of(request: Request) -> str | None:
    """The key that an INFO reports, a letter as a capital; None: it is about something else."""
    kind = request.content_type
    if request.method != "INFO" or kind not in (RELAY, DIGIT_ALONE):
        return None
    text = request.body.decode("ascii", "replace")
    if kind == RELAY:
        for line in text.splitlines()[:_LINES_MAX]:
            name, _, value = line.partition("=")
            if name.strip().lower() == "signal":
                text = value
                break
        else:
            return None
    key = text.strip().upper()
    key = _NUMBERED.get(key, key)
    return key if len(key) == 1 and key in KEYS else None


def relay_body(key: str) -> bytes:
    """Body of an INFO that reports the key."""
    return f"Signal={key}\r\nDuration={_PRESSED_MS}\r\n".encode()
