"""History-Info (RFC 7044; RFC 4244 wrote it without ``rc``, ``mp`` and ``np``).

An entry is a target that the call had; the reason in its URI says why the call left it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from callwright.kernel.limits.identity import HISTORY_ENTRIES_MAX
from callwright.sip.identity.numbers import number_of, phone_uri
from callwright.sip.identity.reason import ReasonValue, parse_reason
from callwright.sip.message import Message
from callwright.sip.reason_phrases import REASON_PHRASES
from callwright.sip.uri import NameAddr, Uri, UriError, parse_name_addr

HISTORY_INFO = "History-Info"
_INDEX = re.compile(r"[0-9]{1,4}(\.[0-9]{1,4}){0,31}")


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    uri: Uri
    """Of the target, without headers."""
    index: str
    """``1.1``: the first target that came of target ``1``."""
    cause: int | None = None
    """The SIP status for which the call left this target; None: it did not, or none was said."""
    is_private: bool = False
    """``Privacy=history``: for trusted peers only (RFC 7044 §10.1)."""
    is_mapped: bool = False
    """Another user stands in for the target before it (``mp``, RFC 7044 §9.1)."""

    @property
    def number(self) -> str:
        return number_of(self.uri)

    def __str__(self) -> str:
        headers = []
        if self.cause is not None:
            phrase = REASON_PHRASES.get(self.cause, "")
            headers.append(("Reason", str(ReasonValue("SIP", self.cause, phrase))))
        if self.is_private:
            headers.append(("Privacy", "history"))
        parameters = [("index", self.index)]
        if self.is_mapped:
            parameters.append(("mp", self.index.rpartition(".")[0]))
        return str(NameAddr("", replace(self.uri, headers=tuple(headers)), tuple(parameters)))


def history_of(message: Message) -> list[HistoryEntry]:
    """The readable entries in the order of their indices, at most HISTORY_ENTRIES_MAX."""
    entries = [_parse(value) for value in message.header_values(HISTORY_INFO)]
    known = sorted((e for e in entries if e is not None), key=lambda e: _place(e.index))
    return known[-HISTORY_ENTRIES_MAX:]


def line_of(targets: Sequence[tuple[str, int]], last: str, *, host: str) -> list[HistoryEntry]:
    """The history of a call that went from target to target, each left for a cause, to ``last``.

    It is one line, ``1``, ``1.1``, ``1.1.1``: what other branches there were is our affair.
    """
    entries: list[HistoryEntry] = []
    index = ""
    known = (*targets[-(HISTORY_ENTRIES_MAX - 1) :], (last, None))
    for address, cause in known:
        is_mapped = bool(index)
        index = f"{index}.1" if index else "1"
        entries.append(HistoryEntry(phone_uri(address, host), index, cause, is_mapped=is_mapped))
    return entries


def _parse(text: str) -> HistoryEntry | None:
    try:
        entry = parse_name_addr(text)
    except UriError:
        return None
    index = entry.parameter("index") or ""
    if _INDEX.fullmatch(index) is None:
        return None
    cause, is_private = None, False
    for name, value in entry.uri.headers:
        if name.lower() == "reason":
            reason = parse_reason(value)
            if reason is not None and reason.is_sip:
                cause = reason.cause
        elif name.lower() == "privacy":
            is_private = "history" in value.lower()
    is_mapped = entry.parameter("mp") is not None
    return HistoryEntry(replace(entry.uri, headers=()), index, cause, is_private, is_mapped)


def _place(index: str) -> tuple[int, ...]:
    return tuple(map(int, index.split(".")))
