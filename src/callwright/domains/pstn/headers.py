"""Header fields of the first INVITE as a carrier wants them, or as we want the carrier's."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Fields = Sequence[tuple[str, str]]

PROTECTED = frozenset(
    {
        "Allow",
        "Authorization",
        "CSeq",
        "Call-ID",
        "Contact",
        "Content-Encoding",
        "Content-Length",
        "Content-Type",
        "Expires",
        "From",
        "Identity",
        "Max-Forwards",
        "Min-SE",
        "Path",
        "Privacy",
        "Proxy-Authenticate",
        "Proxy-Authorization",
        "Proxy-Require",
        "RAck",
        "RSeq",
        "Record-Route",
        "Replaces",
        "Require",
        "Route",
        "Session-Expires",
        "Session-ID",
        "Supported",
        "To",
        "Via",
        "WWW-Authenticate",
    }
)
"""What dialogs, transactions, proofs and a caller's privacy rest on: no rule touches these."""
PLACEHOLDERS = ("calling", "called", "call_id")


@dataclass(frozen=True, slots=True)
class SetHeader:
    """Replaces whatever there was of the name."""

    name: str
    value: str
    """``{calling}``, ``{called}`` and ``{call_id}`` stand for the call's."""


@dataclass(frozen=True, slots=True)
class RemoveHeader:
    name: str


@dataclass(frozen=True, slots=True)
class RenameHeader:
    """Moves each value to another name, beside what is there."""

    name: str
    to: str


HeaderRule = SetHeader | RemoveHeader | RenameHeader


def translated(
    rules: Iterable[HeaderRule], fields: Fields, words: Mapping[str, str]
) -> list[tuple[str, str]]:
    """The fields after all rules, in their order. ``words`` gives ``calling``, ``called`` and
    ``call_id``; names are in canonical spelling."""
    result = list(fields)
    for rule in rules:
        match rule:
            case SetHeader(name=name, value=value):
                result = [pair for pair in result if pair[0] != name]
                result.append((name, filled(value, words)))
            case RemoveHeader(name=name):
                result = [pair for pair in result if pair[0] != name]
            case RenameHeader(name=name, to=to):
                result = [(to, value) if n == name else (n, value) for n, value in result]
    return result


def filled(value: str, words: Mapping[str, str]) -> str:
    """``value`` with its placeholders replaced; what a caller sent cannot bring one."""
    pieces: list[str] = []
    rest = value
    while rest:
        before, brace, after = rest.partition("{")
        pieces.append(before)
        word, closed, behind = after.partition("}")
        if brace and closed and word in words:
            pieces.append(words[word])
            rest = behind
        else:
            pieces.append(brace)
            rest = after
    return "".join(pieces)
