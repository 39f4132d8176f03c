"""JSON as `ConvertTo-Json` writes it: one object or a list, names in any case, enums as numbers."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Thing = Mapping[str, Any]
"""One object, as the cmdlet gave it."""

_MARKS: Mapping[str, tuple[str, ...]] = {
    "CsCallQueue": ("RoutingMethod", "AgentAlertTime"),
    "CsAutoAttendant": ("DefaultCallFlow",),
    "CsOnlineSchedule": ("WeeklyRecurrentSchedule", "FixedSchedule"),
    "CsOnlineVoiceRoute": ("NumberPattern", "OnlinePstnUsages"),
    "CsOnlineVoiceRoutingPolicy": ("OnlinePstnUsages",),
    "CsOnlinePstnUsage": ("Usage",),
    "CsTenantDialPlan": ("NormalizationRules",),
    "CsOnlinePSTNGateway": ("SipSignalingPort",),
    "CsPhoneNumberAssignment": ("TelephoneNumber", "NumberType"),
    "CsOnlineApplicationInstance": ("ApplicationId", "ObjectId"),
    "CsOnlineUser": ("UserPrincipalName", "DisplayName"),
}
"""What tells the objects of a cmdlet from others; the first that fits counts."""
_CUT_OFF = re.compile(r"@\{.*\}|System\.[\w.\[\]]+|Microsoft\.[\w.\[\]]+", re.DOTALL)


class BadExport(Exception):
    """A file that holds nothing of Teams; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Exported:
    """Objects by the noun of the cmdlet that gave them."""

    things: Mapping[str, Sequence[Thing]] = field(default_factory=dict)

    def of(self, noun: str) -> Sequence[Thing]:
        return self.things.get(noun, ())


def read_exports(files: Mapping[str, bytes]) -> Exported:
    """``files`` by name. Raises BadExport."""
    found: dict[str, list[Thing]] = {}
    for name, content in files.items():
        for thing in _things(name, content):
            noun = next(
                (noun for noun, marks in _MARKS.items() if all(m in thing for m in marks)), None
            )
            if noun is None:
                raise BadExport(f"{name}: holds objects of no known cmdlet; leave the file out")
            if any(_is_cut_off(value) for value in thing.values()):
                raise BadExport(f"{name}: is cut off; write it with ConvertTo-Json -Depth 10")
            found.setdefault(noun, []).append(thing)
    return Exported(found)


def _things(name: str, content: bytes) -> Iterator[Thing]:
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        tree = json.loads(content.decode(encoding))
    except (ValueError, RecursionError) as error:
        raise BadExport(f"{name}: is no JSON: {error}; write it with ConvertTo-Json") from None
    if isinstance(tree, dict) and set(tree) == {"value", "Count"}:  # as PowerShell 5 wraps a list
        tree = tree["value"]
    for thing in tree if isinstance(tree, list) else [tree]:
        if not isinstance(thing, dict):
            raise BadExport(f"{name}: holds no objects; write a cmdlet's answer into it")
        yield thing


def _is_cut_off(value: object) -> bool:
    """Beyond its depth ConvertTo-Json writes the name of a type instead of what is in it."""
    if isinstance(value, str):
        return _CUT_OFF.fullmatch(value) is not None
    if isinstance(value, dict):
        return any(map(_is_cut_off, value.values()))
    return isinstance(value, list) and any(map(_is_cut_off, value))


def text_of(thing: Thing, name: str) -> str:
    """Empty where it says nothing."""
    value = thing.get(name)
    if isinstance(value, dict):  # a policy that is a name with its source
        value = value.get("Name")
    return "" if value is None else str(value).strip()


def list_of(thing: Thing, name: str) -> list[Any]:
    value = thing.get(name)
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def part_of(thing: Thing, name: str) -> Thing:
    value = thing.get(name)
    return value if isinstance(value, dict) else {}


def word_of(thing: Thing, name: str, words: Sequence[str]) -> str:
    """An enum, which PowerShell writes as its word or as its number."""
    value = thing.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(words):
        return words[value]
    return "" if value is None else str(value)


def seconds_of(value: object) -> int | None:
    """Of a TimeSpan: text as ``1.00:00:00``, or an object with ``Ticks``; None: neither."""
    if isinstance(value, dict) and isinstance(value.get("Ticks"), int):
        return int(value["Ticks"]) // 10_000_000
    found = re.fullmatch(r"(?:(\d+)\.)?(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?", str(value))
    if found is None:
        return int(value) if isinstance(value, int) and not isinstance(value, bool) else None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
