"""The snapshot's attendants, and the targets and prompts that everything uses."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from callwright.domains.attendants.model import (
    Announce,
    AutoAttendant,
    CallFlow,
    Holiday,
    Menu,
    Operator,
)
from callwright.domains.schedules.model import (
    MINUTES_PER_DAY,
    HolidayDates,
    OpenRange,
    WeeklyHours,
)
from callwright.kernel.e164 import E164
from callwright.kernel.ids import AutoAttendantId, CallQueueId, MailboxId, UserId
from callwright.kernel.limits import CALL_PRIORITY_DEFAULT
from callwright.kernel.prompt import Prompt, Say, Sound
from callwright.kernel.target import (
    Disconnect,
    Target,
    ToAttendant,
    ToExternal,
    ToQueue,
    ToUser,
    ToVoicemail,
)
from callwright.operations.organisation_file import forms, schema
from callwright.operations.organisation_file.hours import DAYS, read_week

_ALWAYS = tuple((OpenRange(0, MINUTES_PER_DAY),) for _ in DAYS)


@dataclass(frozen=True, slots=True)
class Wording:
    """How prompts are made: the voice's language, and where relative sound files are."""

    language: str
    base: Path | None


def target(form: JsonValue) -> Target:
    """Returns what a form that the schema accepted leads to."""
    if form == forms.DISCONNECT:
        return Disconnect()
    assert isinstance(form, dict), f"{form!r} is no target"
    kind = next(kind for kind in forms.TARGET_KINDS if kind in form)
    key = str(form[kind])
    priority = form.get(forms.PRIORITY, CALL_PRIORITY_DEFAULT)
    assert isinstance(priority, int), "the schema takes nothing else"
    match kind:
        case "user":
            return ToUser(UserId(key))
        case "call_queue":
            return ToQueue(CallQueueId(key), priority)
        case "auto_attendant":
            return ToAttendant(AutoAttendantId(key), priority)
        case "external":
            return ToExternal(E164(key))
        case _:
            return ToVoicemail(MailboxId(key))


def own_target(form: JsonValue, user: str) -> Target:
    """Like ``target``, where ``voicemail`` is the user's own."""
    return ToVoicemail(MailboxId(user)) if form == forms.OWN_VOICEMAIL else target(form)


def prompt(form: JsonValue, wording: Wording) -> Prompt | None:
    """Returns what is heard; None for no form."""
    if form is None:
        return None
    assert isinstance(form, dict), f"{form!r} is no prompt"
    if "say" in form:
        return Say(str(form["say"]), wording.language)
    path = Path(str(form["file"]))
    return Sound(str(path if wording.base is None else wording.base.absolute() / path))


def build_attendants(
    organisation: schema.Organisation, wording: Wording
) -> Mapping[AutoAttendantId, AutoAttendant]:
    zone = organisation.organisation.timezone
    return {
        AutoAttendantId(key): _attendant(key, settings, zone, wording)
        for key, settings in organisation.auto_attendants.items()
    }


def _attendant(
    key: str, settings: schema.AttendantSettings, zone: str, wording: Wording
) -> AutoAttendant:
    wording = replace(wording, language=settings.language or wording.language)
    week = _ALWAYS if settings.hours is None else read_week(settings.hours)
    return AutoAttendant(
        id=AutoAttendantId(key),
        name=key,
        language=wording.language,
        operator=None if settings.operator is None else target(settings.operator),
        hours=WeeklyHours(week, ZoneInfo(settings.timezone or zone)),
        open=_flow(settings.open, wording),
        closed=_flow(settings.closed, wording),
        holidays=tuple(
            Holiday(
                HolidayDates(holiday.name, frozenset(map(date.fromisoformat, holiday.dates))),
                _flow(holiday, wording),
            )
            for holiday in settings.holidays
        ),
    )


def _flow(flow: schema.FlowSettings | schema.HolidaySettings, wording: Wording) -> CallFlow:
    then: Menu | Target | Operator
    if flow.menu is not None:
        then = _menu(flow.menu, wording)
    elif flow.then is None:
        then = Disconnect()
    else:
        then = Operator() if flow.then == forms.OPERATOR else target(flow.then)
    return CallFlow(prompt(flow.greeting, wording), then)


def _menu(menu: schema.MenuSettings, wording: Wording) -> Menu:
    return Menu(
        prompt=prompt(menu.prompt, wording),
        keys={key: _option(option, wording) for key, option in menu.keys.items()},
        directory_by_extension=menu.directory is not None,
        force_listen=menu.force_listen,
        round_wait_s=menu.round_wait_s,
    )


def _option(form: JsonValue, wording: Wording) -> Target | Announce | Operator:
    if form == forms.OPERATOR:
        return Operator()
    if isinstance(form, dict) and form.keys() <= set(forms.PROMPT_KINDS):
        spoken = prompt(form, wording)
        assert spoken is not None, "a form is a prompt"
        return Announce(spoken)
    return target(form)
