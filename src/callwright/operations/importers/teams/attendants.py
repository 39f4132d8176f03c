"""Auto attendants (SPEC 6)."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from callwright.operations.importers.teams import schedules
from callwright.operations.importers.teams.names import shown_name
from callwright.operations.importers.teams.reading import (
    Exported,
    Thing,
    list_of,
    part_of,
    text_of,
    word_of,
)
from callwright.operations.importers.teams.targets import Targets

_ACTIONS = ("DisconnectCall", "TransferCallToOperator", "TransferCallToTarget", "Announcement")
_TONES = (*(f"Tone{digit}" for digit in range(10)), "ToneStar", "TonePound", "Automatic")
_KEYS = {f"Tone{digit}": str(digit) for digit in range(10)} | {"ToneStar": "*", "TonePound": "#"}
_OCCASIONS = ("Holiday", "AfterHours")
_SUFFIXES = ("None", "Office", "Department")
_SEARCHES = ("None", "ByName", "ByExtension")


def auto_attendants(exported: Exported, targets: Targets) -> dict[str, Any]:
    shared = {text_of(each, "Id"): each for each in exported.of("CsOnlineSchedule")}
    return {
        targets.keys.attendants[text_of(each, "Identity")]: dict(_attendant(each, targets, shared))
        for each in exported.of("CsAutoAttendant")
    }


def _attendant(
    attendant: Thing, targets: Targets, shared: Mapping[str, Thing]
) -> Iterator[tuple[str, Any]]:
    name = text_of(attendant, "Name")
    label = f"auto attendant {name}"
    key = targets.keys.attendants[text_of(attendant, "Identity")]
    if name:
        yield "name", shown_name(name)
    if text_of(attendant, "LanguageId"):
        yield "language", text_of(attendant, "LanguageId")
    named_zone = text_of(attendant, "TimeZoneId")
    if named_zone:
        zone = schedules.zone(named_zone)
        if zone is None:
            targets.ledger.lose(label, f"the time zone {named_zone} is not known; write timezone")
        else:
            yield "timezone", zone
    if part_of(attendant, "Operator"):
        entity = part_of(attendant, "Operator")
        operator = targets.of(entity, f"{label}, operator", mailbox=key)
        if operator:
            yield "operator", operator
    yield from _flows(attendant, label, key, targets, shared)
    if attendant.get("VoiceResponseEnabled") is True:
        yield "speech", True
    suffix = word_of(attendant, "UserNameExtension", _SUFFIXES).lower()
    if suffix in ("office", "department"):
        yield "name_suffix", suffix
    if part_of(attendant, "DirectoryLookupScope"):
        why = "its dial scope names groups that no cmdlet shows; write dial_scope"
        targets.ledger.lose(label, why)


def _flows(
    attendant: Thing, label: str, key: str, targets: Targets, shared: Mapping[str, Thing]
) -> Iterator[tuple[str, Any]]:
    default = part_of(attendant, "DefaultCallFlow")
    yield "open", dict(_flow(default, f"{label}, open", key, targets))
    flows = {
        text_of(each, "Id"): each
        for each in list_of(attendant, "CallFlows")
        if isinstance(each, dict)
    }
    own = {
        text_of(each, "Id"): each
        for each in list_of(attendant, "Schedules")
        if isinstance(each, dict)
    }
    known = {**shared, **own}
    holidays: list[dict[str, Any]] = []
    for each in list_of(attendant, "CallHandlingAssociations"):
        flow = flows.get(text_of(each, "CallFlowId"))
        schedule = known.get(text_of(each, "ScheduleId"))
        if each.get("Enabled") is False:
            targets.ledger.lose(label, "a flow of it is switched off; it is left out")
        elif flow is None or schedule is None:
            targets.ledger.lose(label, "a flow or schedule of it is not in the exports")
        elif word_of(each, "Type", _OCCASIONS) == "AfterHours":
            yield "hours", schedules.business_hours(schedule)
            yield "closed", dict(_flow(flow, f"{label}, closed", key, targets))
        else:
            title = text_of(schedule, "Name") or text_of(flow, "Name") or "holiday"
            place = f"{label}, holiday {title}"
            dates = schedules.holiday_dates(schedule, place, targets.ledger)
            if dates:
                content = dict(_flow(flow, place, key, targets))
                name = _own_name(title, [holiday["name"] for holiday in holidays])
                holidays.append({"name": name, "dates": dates, **content})
    if holidays:
        yield "holidays", holidays


def _own_name(title: str, taken: Collection[str]) -> str:
    """Teams tells holidays of one name apart by their ids."""
    count, name = 2, title
    while name in taken:
        count, name = count + 1, f"{title} ({count})"
    return name


def _flow(flow: Thing, label: str, key: str, targets: Targets) -> Iterator[tuple[str, Any]]:
    said = [targets.prompt(each, label) for each in list_of(flow, "Greetings") if each]
    greetings = [each["say"] for each in said if each]
    if greetings:
        yield "greeting", {"say": " ".join(greetings)}
    menu = part_of(flow, "Menu")
    options = [each for each in list_of(menu, "MenuOptions") if isinstance(each, dict)]
    chosen = {word_of(each, "DtmfResponse", _TONES): each for each in options}
    if set(chosen) == {"Automatic"}:
        end = _option(chosen["Automatic"], label, key, targets)
        yield "then", "disconnect" if end is None or "say" in end else end
        return
    found = dict(_menu(menu, chosen, label, key, targets))
    if "keys" in found or "directory" in found:
        yield "menu", found
    else:
        yield "then", "disconnect"


def _menu(
    menu: Thing, chosen: Mapping[str, Thing], label: str, key: str, targets: Targets
) -> Iterator[tuple[str, Any]]:
    said = [targets.prompt(each, f"{label}, menu") for each in list_of(menu, "Prompts") if each]
    spoken = [each["say"] for each in said if each]
    if spoken:
        yield "prompt", {"say": " ".join(spoken)}
    keys = {}
    for tone, option in chosen.items():
        place = f"{label}, key {_KEYS.get(tone, tone)}"
        found = _option(option, place, key, targets)
        if tone not in _KEYS:
            targets.ledger.lose(place, "is no key; it is left out")
        elif found is not None:
            keys[_KEYS[tone]] = found
    if keys:
        yield "keys", keys
    search = word_of(menu, "DirectorySearchMethod", _SEARCHES)
    if search == "ByExtension":
        yield "directory", "by-extension"
    elif search == "ByName" or menu.get("DialByNameEnabled") is True:
        yield "directory", "by-name"
    if menu.get("ForceListenMenuEnabled") is True:
        yield "force_listen", True


def _option(option: Thing, label: str, key: str, targets: Targets) -> Any:
    """None: it leads nowhere, which has been told."""
    found = _choice(option, label, key, targets)
    said = [str(each) for each in list_of(option, "VoiceResponses") if each]
    if not said:
        return found
    if isinstance(found, dict):
        if said[1:]:
            why = f"one may be said for it, so {', '.join(said[1:])} are left out"
            targets.ledger.lose(label, why)
        return {**found, "command": said[0]}
    if found is not None:
        targets.ledger.lose(label, f"what is said for it is left out: {', '.join(said)}")
    return found


def _choice(option: Thing, label: str, key: str, targets: Targets) -> Any:
    action = word_of(option, "Action", _ACTIONS)
    if action == "DisconnectCall":
        return "disconnect"
    if action == "TransferCallToOperator":
        return "operator"
    if action == "TransferCallToTarget":
        return targets.of(part_of(option, "CallTarget"), label, mailbox=key)
    if action == "Announcement":
        return targets.prompt(part_of(option, "Prompt"), label)
    targets.ledger.lose(label, f"{action or 'no action'} is not known here")
    return None
