"""The Reason header (RFC 3326): why a peer ended or refused, in more words than a status."""

import re
from dataclasses import dataclass

from callwright.kernel.plain_text import plain
from callwright.sip.message import Message
from callwright.sip.syntax import find_parameter, parse_parameters, quote, read_number

_CAUSE_MAX = 999
_REASONS_SHOWN = 2
_PROTOCOL = re.compile(r"[A-Za-z0-9.-]{1,32}")


@dataclass(frozen=True, slots=True)
class ReasonValue:
    protocol: str
    """``SIP`` or ``Q.850``, as written."""
    cause: int | None
    text: str

    @property
    def is_sip(self) -> bool:
        return self.protocol.upper() == "SIP"

    def __str__(self) -> str:
        cause = "" if self.cause is None else f";cause={self.cause}"
        text = f";text={quote(self.text)}" if self.text else ""
        return f"{self.protocol}{cause}{text}"


COMPLETED_ELSEWHERE = 200
"""The cause of a CANCEL whose call another phone answered (RFC 3326 §3.1)."""


def reasons(message: Message) -> list[ReasonValue]:
    """All readable ones, in order; what cannot be read is left out."""
    return [r for r in map(parse_reason, message.header_values("Reason")) if r is not None]


def parse_reason(text: str) -> ReasonValue | None:
    protocol, semicolon, rest = text.partition(";")
    protocol = protocol.strip(" \t")
    if _PROTOCOL.fullmatch(protocol) is None:
        return None
    try:
        parameters = parse_parameters(semicolon + rest)
    except ValueError:
        return None
    cause = find_parameter(parameters, "cause")
    number = None if cause is None else read_number(cause, most=_CAUSE_MAX)
    return ReasonValue(protocol, number, find_parameter(parameters, "text") or "")


def last_words(message: Message) -> str | None:
    """What a peer says of its end, for a record; None: nothing."""
    if message.header("Reason") is None:
        return None
    said = [plain(str(reason)) for reason in reasons(message)[:_REASONS_SHOWN]]
    return ", ".join(said) or None


def is_answered_elsewhere(request: Message) -> bool:
    """A CANCEL because another phone took the call: nobody missed it (row 78)."""
    return any(r.cause == COMPLETED_ELSEWHERE for r in reasons(request) if r.is_sip)
