"""The snapshot's queues and attendants, and the targets and prompts that everything uses."""

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
from callwright.domains.queues.model import CallQueue, ExceptionAction, RoutingMethod
from callwright.domains.schedules.model import (
    MINUTES_PER_DAY,
    HolidayDates,
    OpenRange,
    WeeklyHours,
)
from callwright.kernel.e164 import E164
from callwright.kernel.ids import AutoAttendantId, CallQueueId, MailboxId, UserId
from callwright.kernel.limits import QUEUE_GROUP_AGENTS_MAX, QUEUE_TIMEOUT_S_STEP
from callwright.kernel.prompt import Prompt, Say, Sound, Tune
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
from callwright.operations.organisation_file.membership import users_by_group

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
    (kind, content) = next(iter(form.items()))
    key = str(content)
    match kind:
        case "user":
            return ToUser(UserId(key))
        case "call_queue":
            return ToQueue(CallQueueId(key))
        case "auto_attendant":
            return ToAttendant(AutoAttendantId(key))
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


def build_queues(
    organisation: schema.Organisation, wording: Wording
) -> Mapping[CallQueueId, CallQueue]:
    return {
        CallQueueId(key): _queue(key, queue, organisation, wording)
        for key, queue in organisation.call_queues.items()
    }


def _queue(
    key: str, queue: schema.QueueSettings, organisation: schema.Organisation, wording: Wording
) -> CallQueue:
    wording = replace(wording, language=queue.language or wording.language)
    overflow = _exception(queue.overflow, wording)
    return CallQueue(
        id=CallQueueId(key),
        name=key,
        agents=_agents(queue, organisation),
        routing=RoutingMethod(queue.routing),
        greeting=prompt(queue.greeting, wording),
        music=_music(queue.music, wording),
        alert_s=queue.alert_s,
        presence_based=queue.presence_based,
        max_waiting=queue.max_waiting,
        overflow=ExceptionAction(Disconnect()) if overflow is None else overflow,
        timeout_s=rounded_timeout_s(queue.timeout.after_s),
        timeout=ExceptionAction(target(queue.timeout.to), prompt(queue.timeout.prompt, wording)),
        no_agents=_exception(queue.no_agents, wording),
    )


def rounded_timeout_s(after_s: int) -> int:
    """Returns the nearest multiple of 15 seconds; 47 is 45 (SPEC 5.2)."""
    step = QUEUE_TIMEOUT_S_STEP
    return (after_s + step // 2) // step * step


def _exception(
    settings: schema.ExceptionSettings | None, wording: Wording
) -> ExceptionAction | None:
    if settings is None:
        return None
    return ExceptionAction(target(settings.to), prompt(settings.prompt, wording))


def _music(form: JsonValue, wording: Wording) -> Prompt:
    chosen = None if form == forms.DEFAULT_MUSIC else prompt(form, wording)
    return Tune.DEFAULT_MUSIC if chosen is None else chosen


def _agents(queue: schema.QueueSettings, organisation: schema.Organisation) -> tuple[UserId, ...]:
    """Users and group members in the order written, each once.

    Of more than 200 group members the first 200 by name take part (SPEC 5.2).
    """
    members = users_by_group(organisation.groups) if _names_groups(queue) else {}
    by_group = dict.fromkeys(user for agent in queue.agents for user in _members(agent, members))
    if len(by_group) > QUEUE_GROUP_AGENTS_MAX:
        users = organisation.users
        by_name = sorted(by_group, key=lambda key: (users[key].name.casefold(), key))
        by_group = dict.fromkeys(by_name[:QUEUE_GROUP_AGENTS_MAX])
    agents: dict[str, None] = {}
    for agent in queue.agents:
        assert isinstance(agent, dict), "the schema takes nothing else"
        if "user" in agent:
            agents[str(agent["user"])] = None
        else:
            taking_part = (key for key in _members(agent, members) if key in by_group)
            agents |= dict.fromkeys(taking_part)
    return tuple(map(UserId, agents))


def _names_groups(queue: schema.QueueSettings) -> bool:
    return any(isinstance(agent, dict) and "group" in agent for agent in queue.agents)


def _members(agent: JsonValue, members: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    if not isinstance(agent, dict) or "group" not in agent:
        return ()
    return members[str(agent["group"])]


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
