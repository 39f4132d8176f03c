"""The snapshot's attendants."""

from collections.abc import Mapping
from dataclasses import replace

from pydantic import JsonValue

from callwright.domains.attendants.model import (
    Announce,
    AutoAttendant,
    CallFlow,
    DialScope,
    Holiday,
    Menu,
    NameSuffix,
    Operator,
    OptionWords,
    SearchBy,
)
from callwright.kernel.ids import AutoAttendantId, GroupId
from callwright.kernel.target import Disconnect, Target
from callwright.operations.organisation_file import forms, schema
from callwright.operations.organisation_file.attendant_schema import (
    AttendantSettings,
    DialScopeSettings,
    FlowSettings,
    HolidaySettings,
    MenuSettings,
)
from callwright.operations.organisation_file.snapshot_apps import Wording, prompt, target
from callwright.operations.organisation_file.snapshot_schedules import ScheduleBook


def build_attendants(
    organisation: schema.Organisation, wording: Wording, book: ScheduleBook
) -> Mapping[AutoAttendantId, AutoAttendant]:
    return {
        AutoAttendantId(key): _attendant(key, settings, book, wording)
        for key, settings in organisation.auto_attendants.items()
    }


def _attendant(
    key: str, settings: AttendantSettings, book: ScheduleBook, wording: Wording
) -> AutoAttendant:
    wording = replace(wording, language=settings.language or wording.language)
    return AutoAttendant(
        id=AutoAttendantId(key),
        name=settings.name or key,
        language=wording.language,
        operator=None if settings.operator is None else target(settings.operator),
        hours=book.hours_of(key, settings),
        open=_flow(settings.open, wording),
        closed=_flow(settings.closed, wording),
        holidays=tuple(
            Holiday(book.holiday_set_of(holiday), _flow(holiday, wording))
            for holiday in settings.holidays
        ),
        takes_speech=settings.speech,
        dial_scope=_dial_scope(settings.dial_scope),
        name_suffix=NameSuffix(settings.name_suffix),
    )


def _dial_scope(settings: DialScopeSettings) -> DialScope:
    include = settings.include
    return DialScope(
        None if include is None else tuple(map(GroupId, include)),
        tuple(map(GroupId, settings.exclude)),
    )


def _flow(flow: FlowSettings | HolidaySettings, wording: Wording) -> CallFlow:
    then: Menu | Target | Operator
    if flow.menu is not None:
        then = _menu(flow.menu, wording)
    elif flow.then is None:
        then = Disconnect()
    else:
        then = Operator() if flow.then == forms.OPERATOR else target(flow.then)
    return CallFlow(prompt(flow.greeting, wording), then)


def _menu(menu: MenuSettings, wording: Wording) -> Menu:
    return Menu(
        prompt=prompt(menu.prompt, wording),
        keys={key: _option(option, wording) for key, option in menu.keys.items()},
        words={key: words for key, form in menu.keys.items() if (words := _words(form))},
        search=None if menu.directory is None else SearchBy(menu.directory),
        force_listen=menu.force_listen,
        round_wait_s=menu.round_wait_s,
    )


def _option(form: JsonValue, wording: Wording) -> Target | Announce | Operator:
    if form == forms.OPERATOR:
        return Operator()
    if isinstance(form, dict) and not form.keys().isdisjoint(forms.PROMPT_KINDS):
        spoken = prompt(form, wording)
        assert spoken is not None, "a form is a prompt"
        return Announce(spoken)
    return target(form)


def _words(form: JsonValue) -> OptionWords | None:
    """What the file calls an option; None where it says nothing."""
    if not isinstance(form, dict) or form.keys().isdisjoint((forms.NAME, forms.COMMAND)):
        return None
    name, command = form.get(forms.NAME), form.get(forms.COMMAND)
    return OptionWords(
        None if name is None else str(name), None if command is None else str(command)
    )
