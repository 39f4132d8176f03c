"""What Teams' cmdlets say becomes an organisation that can be applied, and a list of the rest."""

import json
from pathlib import Path
from typing import Any

import pytest

from callwright.operations.importers.teams import BadExport, converted, read_exports
from callwright.operations.importers.teams.names import Ledger
from callwright.operations.importers.teams.schedules import business_hours, holiday_dates
from callwright.operations.organisation_file import Organisation, read_organisation_text
from callwright.operations.organisation_file.holiday_dates import read_span
from callwright.operations.organisation_file.layout import laid_out
from callwright.operations.organisation_file.queue_schema import QueueSettings

EXPORTS = Path(__file__).parent / "teams_exports"
PROFILE = {
    "name": "Contoso",
    "domain": "contoso.example",
    "country": "US",
    "timezone": "America/New_York",
    "language": "en-US",
}


def convert(files: dict[str, bytes]) -> tuple[Organisation, list[str]]:
    found = converted(read_exports(files), PROFILE, new_password=lambda: "made-secret")
    text = "\n".join(laid_out(name, content) for name, content in found.tree.items())
    organisation = read_organisation_text(text, name="made", base=None)
    return organisation, [str(loss) for loss in found.losses]


@pytest.fixture(scope="module")
def made() -> tuple[Organisation, list[str]]:
    return convert({path.name: path.read_bytes() for path in EXPORTS.glob("*.json")})


def test_people_keep_numbers_licences_and_policies(made: tuple[Organisation, list[str]]) -> None:
    users = made[0].users
    assert list(users) == ["adele.vance", "alex.wilber", "lee.gu"]
    adele = users["adele.vance"]
    assert (adele.name, adele.number) == ("Adele Vance", "+14255550101")
    assert (adele.licences, adele.policies.routing) == (["phone-system"], "us-only")
    assert users["alex.wilber"].number == "+14255550199;ext=1002"
    assert not users["lee.gu"].enabled
    assert made[0].seats == {"phone-system": 2}


def test_routing_goes_the_same_ways(made: tuple[Organisation, list[str]]) -> None:
    routing = made[0].pstn.direct_routing
    sbc = routing.sbcs["sbc1.contoso.example"]
    assert (sbc.address, sbc.transport) == ("sbc1.contoso.example:5067", "tls")
    assert (sbc.forward_pai, sbc.failover.after_s) == (True, 8)
    (route,) = routing.routes
    assert (route.pattern, route.usage) == (r"^\+1(425|206)(\d{7})$", "us-and-canada")
    assert [rule.to for rule in made[0].dial_plans["redmond"]] == ["+1425555$1", "+1425$1"]


def test_queues_and_attendants_lead_to_the_same_places(
    made: tuple[Organisation, list[str]],
) -> None:
    organisation = made[0]
    queue = organisation.call_queues["support-service"]
    assert (queue.routing, queue.alert_s, queue.max_waiting) == ("round-robin", 30, 50)
    assert queue.agents == [{"user": "adele.vance"}, {"user": "alex.wilber"}]
    assert queue.timeout.to == {"voicemail": "support-service"}
    attendant = organisation.auto_attendants["reception"]
    assert (attendant.name, attendant.timezone) == ("Reception", "America/Los_Angeles")
    assert attendant.hours is not None
    assert attendant.hours["mon"] == ["09:00-12:00", "13:00-17:00"]
    assert (attendant.hours["sat"], "sun" in attendant.hours) == (["00:00-24:00"], False)
    assert attendant.open.menu is not None
    assert attendant.open.menu.keys["1"] == {
        "call_queue": "support-service", "priority": 1, "command": "Support",
    }  # fmt: skip
    assert (attendant.speech, attendant.open.menu.directory) == (True, "by-name")
    assert attendant.name_suffix == "department"
    assert attendant.open.menu.keys["2"] == {"external": "+12065550123"}
    half_a_day = "2026-12-31 00:00..2026-12-31 12:00"
    assert attendant.holidays[0].dates == ["2026-12-25..2026-12-26", half_a_day]
    answers = organisation.resource_accounts["main-line"].answers
    assert answers == {"auto_attendant": "reception"}


@pytest.mark.parametrize(
    "loss",
    [
        "call queue Support & Service: its music is in no cmdlet; write music: {file: PATH}",
        "auto attendant Reception, open, key 4: its target User "
        "00000000-0000-4000-8000-00000000dead is not in the exports",
        "user alex.wilber: its routing policy gone is not in the exports; it is left out",
        "voice route LocalRoute: has no gateway or no usage; it is left out",
    ],
)
def test_what_could_not_be_carried_over_is_told(
    made: tuple[Organisation, list[str]], loss: str
) -> None:
    assert loss in made[1]


def test_holidays_of_one_name_are_told_apart() -> None:
    files = {path.name: path.read_bytes() for path in EXPORTS.glob("*.json")}
    schedules = json.loads(files["Get-CsOnlineSchedule.json"])
    eve = {"Start": "2026-11-26T00:00:00", "End": "2026-11-27T00:00:00"}
    fixed = {"DateTimeRanges": [eve]}
    schedules.append({**schedules[0], "Id": "another", "FixedSchedule": fixed})
    attendants = json.loads(files["Get-CsAutoAttendant.json"])
    occasions = attendants[0]["CallHandlingAssociations"]
    occasions.append({**occasions[-1], "ScheduleId": "another"})
    files["Get-CsOnlineSchedule.json"] = json.dumps(schedules).encode()
    files["Get-CsAutoAttendant.json"] = json.dumps(attendants).encode()
    holidays = convert(files)[0].auto_attendants["reception"].holidays
    assert [holiday.name for holiday in holidays] == ["Christmas", "Christmas (2)"]


def test_nothing_but_users_is_an_organisation_too() -> None:
    content = (EXPORTS / "Get-CsOnlineUser.json").read_bytes()
    organisation, _ = convert({"users.json": content.decode().encode("utf-16")})
    assert list(organisation.users) == ["adele.vance", "alex.wilber", "lee.gu"]
    assert not organisation.call_queues


@pytest.mark.parametrize(
    ("content", "because"),
    [
        (b"Identity : 1\n", "is no JSON"),
        (b'[{"Colour": "red"}]', "no known cmdlet"),
        (b'[{"DefaultCallFlow": "@{Id=1; Menu=}"}]', "-Depth 10"),
        (b"[" * 100_000, "is no JSON"),
    ],
)
def test_what_is_no_export_is_refused(content: bytes, because: str) -> None:
    with pytest.raises(BadExport, match=because):
        read_exports({"file.json": content})


def test_hours_without_complement_are_those_in_which_it_is_closed() -> None:
    schedule: dict[str, Any] = {
        "ComplementEnabled": False,
        "MondayHours": [{"Start": "12:00:00", "End": "13:00:00"}],
    }
    hours = business_hours(schedule)
    assert hours["mon"] == ["00:00-12:00", "13:00-24:00"]
    assert hours["tue"] == ["00:00-24:00"]


def test_a_holiday_of_months_is_one_range_and_fits_into_the_file() -> None:
    ranges = [{"Start": "2026-06-15T00:00:00", "End": "2026-09-14T00:00:00"}]
    ledger = Ledger()
    dates = holiday_dates({"DateTimeRanges": ranges}, "summer", ledger)
    assert dates == ["2026-06-15..2026-09-13"]
    endless = [{"Start": "2026-06-15T00:00:00", "End": "2036-06-15T00:00:00"}]
    (kept,) = holiday_dates({"DateTimeRanges": endless}, "for ever", ledger)
    assert read_span(kept, "")
    assert len(ledger.losses) == 1


def test_further_words_for_an_option_are_told() -> None:
    files = {path.name: path.read_bytes() for path in EXPORTS.glob("*.json")}
    name = "Get-CsAutoAttendant.json"
    files[name] = files[name].replace(b'["Support"]', b'["Support", "Help", "Aid"]')
    losses = convert(files)[1]
    assert (
        "auto attendant Reception, open, key 1: one may be said for it, so Help, Aid are left out"
        in losses
    )


def test_times_that_powershell_5_moved_to_utc_are_told() -> None:
    """Midnight in Berlin is 23:00 of the day before there, and nobody can see that it was not."""
    moved = [{"Start": "/Date(1798153200000)/", "End": "/Date(1798239600000)/"}]
    ledger = Ledger()
    assert holiday_dates({"DateTimeRanges": moved}, "Christmas", ledger)
    assert "PowerShell 5" in str(ledger.losses[0])


def queue_with(**fields: object) -> tuple[QueueSettings, list[str]]:
    """The exports with other settings of the call queue."""
    files = {path.name: path.read_bytes() for path in EXPORTS.glob("*.json")}
    queue = json.loads(files["Get-CsCallQueue.json"])
    files["Get-CsCallQueue.json"] = json.dumps(queue | fields).encode()
    organisation, losses = convert(files)
    return organisation.call_queues["support-service"], losses


CALLBACK = {
    "IsCallbackEnabled": True,
    "CallbackOfferTextToSpeechPrompt": "Press 1.",
    "CallbackRequestDtmf": "Tone1",
    "CallbackEmailNotificationTarget": "support@contoso.example",
    "WaitTimeBeforeOfferingCallbackInSecond": 60,
    "CallToAgentRatioThresholdBeforeOfferingCallback": 2,
}


def test_callbacks_of_queues_are_offered_as_before() -> None:
    callback = queue_with(**CALLBACK)[0].callback
    assert callback is not None
    assert (callback.offer, callback.key) == ({"say": "Press 1."}, "1")
    assert (callback.mail_to, callback.after_wait_s) == ("support@contoso.example", 60)
    assert (callback.at_waiting, callback.over_ratio) == (None, 2)


def test_a_callback_whose_mail_goes_to_an_unknown_group_is_told() -> None:
    group = {"CallbackEmailNotificationTarget": "99000000-0000-4000-8000-000000000001"}
    queue, losses = queue_with(**CALLBACK | group)
    assert queue.callback is None
    assert any("mail_to" in loss for loss in losses)


def test_exceptions_keep_the_prompt_of_their_action_and_what_their_mailbox_is_to_do() -> None:
    queue, _ = queue_with(
        OverflowDisconnectTextToSpeechPrompt="All lines are taken.",
        NoAgentRedirectPersonTextToSpeechPrompt="You will be connected.",
        NoAgentSharedVoicemailTextToSpeechPrompt="Of an action that is not chosen.",
        EnableTimeoutSharedVoicemailTranscription=True,
        EnableTimeoutSharedVoicemailSystemPromptSuppression=True,
    )
    assert queue.overflow is not None
    assert queue.overflow.prompt == {"say": "All lines are taken."}
    assert queue.no_agents is not None
    assert queue.no_agents.prompt == {"say": "You will be connected."}
    assert queue.timeout.to == {
        "voicemail": "support-service", "transcription": True, "skip_greeting": True,
    }  # fmt: skip


def test_numbers_that_a_queue_lends_and_a_legacy_mode() -> None:
    lent = ["5a7c0000-0000-4000-8000-0000000000a2", "gone"]
    queue, losses = queue_with(OboResourceAccountIds=lent, ConferenceMode=False)
    assert len(queue.caller_ids) == 1
    assert any("the account gone" in loss for loss in losses)
    assert any("conference mode" in loss for loss in losses)
