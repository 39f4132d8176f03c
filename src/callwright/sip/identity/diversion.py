"""Diversion (RFC 5806): what many carriers still want instead of History-Info."""

from collections.abc import Sequence
from dataclasses import dataclass

from callwright.kernel.limits.identity import HISTORY_ENTRIES_MAX
from callwright.sip.identity.numbers import number_of, phone_uri
from callwright.sip.message import Message
from callwright.sip.syntax import read_number
from callwright.sip.uri import NameAddr, Uri, UriError, parse_name_addr

DIVERSION = "Diversion"
_CAUSES = {
    "unconditional": 302,
    "user-busy": 486,
    "no-answer": 408,
    "deflection": 480,
    "unavailable": 503,
}
"""The causes that say the same in History-Info (RFC 7544 §7.2); all other reasons are 404."""
_OTHER_CAUSE = 404
_REASONS = {cause: reason for reason, cause in _CAUSES.items()}
_UNKNOWN = "unknown"
_COUNT_MAX = 99


@dataclass(frozen=True, slots=True)
class DiversionValue:
    uri: Uri
    """Who diverted the call."""
    reason: str = _UNKNOWN
    counter: int = 1

    @property
    def number(self) -> str:
        return number_of(self.uri)

    @property
    def cause(self) -> int:
        """The SIP status that means the same."""
        return _CAUSES.get(self.reason, _OTHER_CAUSE)

    def __str__(self) -> str:
        parameters = (("reason", self.reason), ("counter", str(self.counter)))
        return str(NameAddr("", self.uri, parameters))


def diversions_of(message: Message) -> list[DiversionValue]:
    """The readable ones, the newest first as they stand."""
    found = []
    for text in message.header_values(DIVERSION)[:HISTORY_ENTRIES_MAX]:
        try:
            value = parse_name_addr(text)
        except UriError:
            continue
        counter = read_number(value.parameter("counter") or "1", most=_COUNT_MAX)
        reason = (value.parameter("reason") or _UNKNOWN).lower()
        found.append(DiversionValue(value.uri, reason, counter or 1))
    return found


def diversions(targets: Sequence[tuple[str, int]], *, host: str) -> list[DiversionValue]:
    """From who was left and for which status, the oldest first, to headers, the newest first."""
    return [
        DiversionValue(phone_uri(address, host), _REASONS.get(cause, _UNKNOWN))
        for address, cause in reversed(targets)
    ]
