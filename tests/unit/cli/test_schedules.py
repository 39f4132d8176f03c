"""`callwright schedules|attendants preview|override|lift`: what comes next, and night mode."""

import json
import shutil
from getpass import getuser
from pathlib import Path

import pytest
from tests.unit.cli.test_collections import CONTOSO, command
from typer.testing import Result


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("template") / "data"
    assert command("apply", CONTOSO, "--data", place).exit_code == 0
    hours = 'hours:={"mon-fri": ["09:00-17:00"]}'
    assert command("schedules", "add", "office", hours, "--data", place).exit_code == 0
    assert command("attendants", "set", "reception", "hours=office", "--data", place).exit_code == 0
    return place


@pytest.fixture
def data(template: Path, tmp_path: Path) -> Path:
    """An organisation of the test's own."""
    return shutil.copytree(template, tmp_path / "data")


def test_the_next_changes_are_a_table_in_the_zone_of_the_schedule(data: Path) -> None:
    at = ("--at", "2026-12-24T16:00", "--count", 3, "--data", data)
    lines = command("attendants", "preview", "reception", *at).stdout.splitlines()
    assert lines[0] == "reception is open: it is Thursday 2026-12-24 16:00 America/Los_Angeles"
    assert [line.split("  ")[0] for line in lines[2:]] == [
        "Thursday 2026-12-24 17:00 America/Los_Angeles",
        "Friday 2026-12-25 00:00 America/Los_Angeles",
        "Saturday 2026-12-26 00:00 America/Los_Angeles",
    ]
    assert "keeps the holiday Christmas" in lines[3]


def test_what_never_changes_is_said(data: Path) -> None:
    hours = 'hours:={"mon-sun": ["00:00-24:00"], "mon-fri": null}'
    command("schedules", "set", "office", hours, "--data", data)
    told = command("schedules", "preview", "office", "--data", data).stdout
    assert "it stays so for more than a year (America/Los_Angeles)" in told


def test_it_is_set_for_a_while_and_let_go(data: Path) -> None:
    def standing() -> str:
        found = command("schedules", "preview", "office", "--json", "--data", data)
        return str(json.loads(found.stdout)["now"]["because"])

    def act(*words: str) -> Result:
        return command(*words, "--data", data)

    override = ("schedules", "override", "office", "closed", "--until", "2099-01-01T08:00")
    would = act(*override, "--dry-run")
    assert "would change" in would.stdout
    assert "schedule office is set" not in standing()
    assert act(*override).stdout == "office is closed until 2099-01-01T08:00\n"
    assert "schedule office is set to closed until Thursday 2099-01-01 08:00 America" in standing()
    shown = act("schedules", "preview", "office").stdout.splitlines()
    assert shown[1] == f"schedule office was set by {getuser()}"
    caller = ("explain", "--from", "+12065550123", "--to", "+14255550150")
    assert "schedule office is set to closed" in act(*caller).stdout
    assert "was set by" not in act(*caller).stdout
    assert act("schedules", "lift", "office").stdout == "office follows its hours and holidays\n"
    assert "schedule office is set" not in standing()
    assert "schedule-override" in act("history", "--limit", "1").stdout


@pytest.mark.parametrize(
    ("words", "because"),
    [
        (("schedules", "override", "office", "ajar"), "standing"),
        (("schedules", "override", "office", "closed", "--until", "soon"), "is no time such as"),
        (("attendants", "preview", "nobody"), "there is no auto attendant 'nobody'"),
        (("schedules", "lift", "nobody"), "there is no schedule 'nobody'"),
    ],
)
def test_what_is_refused(data: Path, words: tuple[str, ...], because: str) -> None:
    refused = command(*words, "--data", data)
    assert refused.exit_code != 0
    assert because in refused.stderr


def test_the_next_holidays_of_a_set_are_listed(data: Path) -> None:
    """fusionpbx#1109: only American holidays were there, and nobody could see which."""
    country = 'country:={"code": "DE", "subdivision": "BW"}'
    command("holiday-sets", "add", "public", country, "--data", data)
    at = ("--at", "2026-12-25T12:00", "--count", 3, "--data", data)
    lines = command("holiday-sets", "preview", "public", *at).stdout.splitlines()
    assert [" ".join(line.split()) for line in lines[1:]] == [
        "Christmas Day Friday 2026-12-25 00:00 Saturday 2026-12-26 00:00",
        "Second Day of Christmas Saturday 2026-12-26 00:00 Sunday 2026-12-27 00:00",
        "New Year's Day Friday 2027-01-01 00:00 Saturday 2027-01-02 00:00",
    ]


def test_a_calendar_that_nobody_fetched_is_a_caution(data: Path) -> None:
    calendar = 'calendar:={"url": "https://contoso.test/town.ics"}'
    command("holiday-sets", "add", "town", calendar, "--data", data)
    told = command("holiday-sets", "preview", "town", "--data", data).stdout
    assert "caution: its calendar was never fetched, so it has no holidays" in told
    missing = command("holiday-sets", "preview", "nobody", "--data", data)
    assert "there is no holiday set 'nobody'" in missing.stderr
