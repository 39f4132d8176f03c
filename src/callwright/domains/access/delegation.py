"""Which fields of an attendant or a queue an authorised user may change (SPEC 11.3, row 278).

He needs both: to be listed there, and a voice applications policy that allows each field.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest
from types import MappingProxyType

from callwright.kernel.decision import Decision, Step
from callwright.kernel.ids import UserId


class Flag(StrEnum):
    """What a voice applications policy allows; each is off unless it is switched on."""

    ATTENDANT_BUSINESS_GREETING = "attendant_business_greeting"
    ATTENDANT_AFTER_HOURS_GREETING = "attendant_after_hours_greeting"
    ATTENDANT_HOLIDAY_GREETING = "attendant_holiday_greeting"
    ATTENDANT_BUSINESS_HOURS = "attendant_business_hours"
    ATTENDANT_HOLIDAYS = "attendant_holidays"
    ATTENDANT_BUSINESS_ROUTING = "attendant_business_routing"
    ATTENDANT_AFTER_HOURS_ROUTING = "attendant_after_hours_routing"
    ATTENDANT_HOLIDAY_ROUTING = "attendant_holiday_routing"
    QUEUE_WELCOME_GREETING = "queue_welcome_greeting"
    QUEUE_HOLD_MUSIC = "queue_hold_music"
    QUEUE_OVERFLOW_GREETING = "queue_overflow_greeting"
    QUEUE_TIMEOUT_GREETING = "queue_timeout_greeting"
    QUEUE_NO_AGENT_GREETING = "queue_no_agent_greeting"
    QUEUE_MEMBERSHIP = "queue_membership"
    QUEUE_ROUTING_METHOD = "queue_routing_method"
    QUEUE_PRESENCE_ROUTING = "queue_presence_routing"
    QUEUE_OPT_OUT = "queue_opt_out"
    QUEUE_AGENT_OPT = "queue_agent_opt"
    QUEUE_OVERFLOW_ROUTING = "queue_overflow_routing"
    QUEUE_TIMEOUT_ROUTING = "queue_timeout_routing"
    QUEUE_NO_AGENT_ROUTING = "queue_no_agent_routing"


@dataclass(frozen=True, slots=True)
class Delegated:
    """An attendant or a queue, as far as it matters here."""

    kind: str
    """``auto-attendant``, ``call-queue``, ``schedule`` or ``holiday-set``."""
    key: str
    authorised: frozenset[UserId]
    shared_by: tuple[str, ...] | None = None
    """Of what attendants share, those that use it; ``authorised`` are the users that every one of
    them lists (row 280). None: it has a list of its own."""


FieldPath = tuple[str, ...]
"""Keys of the file inside the entity; a place in a list is ``*``."""

_ATTENDANT_FIELDS: Mapping[FieldPath, Flag] = {
    ("open", "greeting"): Flag.ATTENDANT_BUSINESS_GREETING,
    ("open", "menu", "prompt"): Flag.ATTENDANT_BUSINESS_GREETING,
    ("open", "menu"): Flag.ATTENDANT_BUSINESS_ROUTING,
    ("open", "then"): Flag.ATTENDANT_BUSINESS_ROUTING,
    ("closed", "greeting"): Flag.ATTENDANT_AFTER_HOURS_GREETING,
    ("closed", "menu", "prompt"): Flag.ATTENDANT_AFTER_HOURS_GREETING,
    ("closed", "menu"): Flag.ATTENDANT_AFTER_HOURS_ROUTING,
    ("closed", "then"): Flag.ATTENDANT_AFTER_HOURS_ROUTING,
    ("hours",): Flag.ATTENDANT_BUSINESS_HOURS,
    ("holidays", "*", "greeting"): Flag.ATTENDANT_HOLIDAY_GREETING,
    ("holidays", "*", "menu", "prompt"): Flag.ATTENDANT_HOLIDAY_GREETING,
    ("holidays", "*", "menu"): Flag.ATTENDANT_HOLIDAY_ROUTING,
    ("holidays", "*", "then"): Flag.ATTENDANT_HOLIDAY_ROUTING,
    ("holidays", "*", "name"): Flag.ATTENDANT_HOLIDAYS,
    ("holidays", "*", "dates"): Flag.ATTENDANT_HOLIDAYS,
    ("holidays",): Flag.ATTENDANT_HOLIDAYS,
}
_QUEUE_FIELDS: Mapping[FieldPath, Flag] = {
    ("greeting",): Flag.QUEUE_WELCOME_GREETING,
    ("music",): Flag.QUEUE_HOLD_MUSIC,
    ("overflow", "prompt"): Flag.QUEUE_OVERFLOW_GREETING,
    ("overflow",): Flag.QUEUE_OVERFLOW_ROUTING,
    ("max_waiting",): Flag.QUEUE_OVERFLOW_ROUTING,
    ("timeout", "prompt"): Flag.QUEUE_TIMEOUT_GREETING,
    ("timeout",): Flag.QUEUE_TIMEOUT_ROUTING,
    ("no_agents", "prompt"): Flag.QUEUE_NO_AGENT_GREETING,
    ("no_agents",): Flag.QUEUE_NO_AGENT_ROUTING,
    ("agents",): Flag.QUEUE_MEMBERSHIP,
    ("routing",): Flag.QUEUE_ROUTING_METHOD,
    ("presence_based",): Flag.QUEUE_PRESENCE_ROUTING,
    ("opt_out",): Flag.QUEUE_OPT_OUT,
}
_SCHEDULE_FIELDS: Mapping[FieldPath, Flag] = {
    ("hours",): Flag.ATTENDANT_BUSINESS_HOURS,
    ("grid_minutes",): Flag.ATTENDANT_BUSINESS_HOURS,
}
_HOLIDAY_SET_FIELDS: Mapping[FieldPath, Flag] = {
    ("name",): Flag.ATTENDANT_HOLIDAYS,
    ("dates",): Flag.ATTENDANT_HOLIDAYS,
    ("country",): Flag.ATTENDANT_HOLIDAYS,
    ("grid_minutes",): Flag.ATTENDANT_HOLIDAYS,
}
"""Not the calendar: the system itself fetches it."""
FIELDS: Mapping[str, Mapping[FieldPath, Flag]] = MappingProxyType(
    {
        "auto-attendant": _ATTENDANT_FIELDS,
        "call-queue": _QUEUE_FIELDS,
        "schedule": _SCHEDULE_FIELDS,
        "holiday-set": _HOLIDAY_SET_FIELDS,
    }
)


_BY_ROLE_ONLY = frozenset({("call-queue", ("agents", "*", "external"))})
"""Within what flags allow: agents outside are called at the organisation's expense."""


def flag_for(kind: str, field: FieldPath) -> Flag | None:
    """The flag of the nearest enclosing field; None: no flag allows it, only a role does."""
    fields = FIELDS.get(kind, {})
    for length in range(len(field), 0, -1):
        if (kind, field[:length]) in _BY_ROLE_ONLY:
            return None
        if field[:length] in fields:
            return fields[field[:length]]
    return None


def may_change(
    fields: Iterable[FieldPath], thing: Delegated, user: UserId | None, flags: Collection[Flag]
) -> Decision[bool]:
    """Whether ``user`` may change these fields by delegation; ``flags`` are his policy's."""
    subject = f"{thing.kind} {thing.key}"
    if user is None or user not in thing.authorised:
        return _refused(f"change {subject}", f"{user or 'who asks'} {_lacks(thing)}")
    steps = [Step(f"{user} is authorised", f"{_lists(thing)} him")]
    for field in fields:
        name = ".".join(field)
        flag = flag_for(thing.kind, field)
        if flag is None:
            why = "no voice applications policy can allow it; it takes a role with services:write"
            return _refused(f"change {name}", why)
        if flag not in flags:
            return _refused(f"change {name}", f"his voice applications policy leaves {flag} off")
        steps.append(Step(f"may change {name}", f"his voice applications policy allows {flag}"))
    return Decision(True, tuple(steps))


def _lacks(thing: Delegated) -> str:
    if thing.shared_by is None:
        return "is not in its list authorised"
    if not thing.shared_by:
        return "is authorised nowhere, since no attendant uses it"
    return f"is not authorised on every attendant that uses it: {', '.join(thing.shared_by)}"


def _lists(thing: Delegated) -> str:
    if thing.shared_by is None:
        return f"{thing.kind} {thing.key} lists"
    return f"every attendant that uses {thing.kind} {thing.key} lists"


def _refused(what: str, why: str) -> Decision[bool]:
    return Decision(False, (Step(f"refuse to {what}", why),))


def changed_fields(before: object, after: object, path: FieldPath = ()) -> tuple[FieldPath, ...]:
    """Where two settings differ, down to single values, each place once.

    What is added or taken away counts with all that is in it: who adds a holiday with a greeting
    needs to be allowed both.
    """
    if before == after:
        return ()
    pairs: list[tuple[str, object, object]] = []
    if _is_like(dict, before, after):
        old, new = _as_dict(before), _as_dict(after)
        pairs = [(str(key), old.get(key), new.get(key)) for key in dict.fromkeys((*old, *new))]
    elif _is_like(list, before, after):
        pairs = [("*", *pair) for pair in zip_longest(_as_list(before), _as_list(after))]
    found = (each for key, old, new in pairs for each in changed_fields(old, new, (*path, key)))
    return tuple(dict.fromkeys(found)) or (path,)


def _is_like(kind: type, *sides: object) -> bool:
    return all(side is None or isinstance(side, kind) for side in sides)


def _as_dict(side: object) -> dict[object, object]:
    return side if isinstance(side, dict) else {}


def _as_list(side: object) -> list[object]:
    return side if isinstance(side, list) else []
