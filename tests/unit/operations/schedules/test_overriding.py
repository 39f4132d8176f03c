"""What somebody sets holds at once, is written with its author, and shows in what comes next."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.operations.memory_repository import MemoryRepository

from callwright.domains.schedules.model import Standing
from callwright.operations.actor import Actor
from callwright.operations.administration import Administration
from callwright.operations.configuration import Edit, EditRefused
from callwright.operations.schedules.kept import ATTENDANT, SCHEDULE
from callwright.operations.schedules.overriding import (
    OverrideAct,
    SubjectUnknown,
    WantedOverride,
    lift_override,
    set_override,
)
from callwright.operations.schedules.previewing import Preview, preview

MONDAY = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)
"""Noon in Los Angeles."""
ACT = OverrideAct(Actor("account", "alice@contoso.test"), MONDAY, "snow")
CLOSED = WantedOverride(Standing.CLOSED)


@pytest.fixture
def office() -> Administration:
    administration = Administration(MemoryRepository())
    profile = {
        "name": "Contoso",
        "domain": "contoso.test",
        "country": "US",
        "timezone": "America/Los_Angeles",
        "language": "en-US",
    }
    flow = {"open": {"then": {"user": "alice"}}}
    edit = Edit(
        {
            ("organisation", "organisation"): profile,
            ("user", "alice"): {"name": "Alice"},
            ("schedule", "office"): {"hours": {"mon-fri": ["09:00-17:00"]}},
            ("holiday-set", "eve"): {"dates": ["2026-03-03"], "name": "Eve"},
            ("auto-attendant", "front"): {**flow, "hours": "office", "holidays": [{"set": "eve"}]},
            ("auto-attendant", "back"): {**flow, "hours": "office", "timezone": "Asia/Tokyo"},
        }
    )
    administration.change(edit, by=ACT.by)
    return administration


def seen(office: Administration, kind: str, key: str, *, count: int = 3) -> Preview:
    return preview(office.current(), kind, key, MONDAY, count=count)


def test_the_next_changes_are_told_with_their_instants(office: Administration) -> None:
    found = seen(office, ATTENDANT, "front")
    assert found.zone.key == "America/Los_Angeles"
    assert found.now.text == "is open"
    assert [(f"{c.at:%d %H:%M}", c.situation.text) for c in found.changes] == [
        ("03 01:00", "is closed"),
        ("03 08:00", "keeps the holiday Eve"),
        ("04 08:00", "is closed"),
    ]


def test_what_is_set_of_a_schedule_holds_for_all_that_share_it(office: Administration) -> None:
    set_override(office, SCHEDULE, "office", CLOSED, ACT)
    for kind, key in ((SCHEDULE, "office"), (ATTENDANT, "front"), (ATTENDANT, "back")):
        found = seen(office, kind, key)
        assert found.now.standing == "closed"
        assert "schedule office is set to closed until it is lifted" in found.now.because
        assert found.override is not None
        assert found.override.by == "alice@contoso.test"
        assert found.changes == ()
    lift_override(office, SCHEDULE, "office", ACT)
    assert seen(office, ATTENDANT, "front").now.standing == "open"


def test_an_attendants_own_setting_counts_before_that_of_its_schedule(
    office: Administration,
) -> None:
    set_override(office, SCHEDULE, "office", CLOSED, ACT)
    set_override(office, ATTENDANT, "front", WantedOverride(Standing.OPEN), ACT)
    assert seen(office, ATTENDANT, "front").now.standing == "open"
    assert seen(office, ATTENDANT, "back").now.standing == "closed"


def test_it_ends_by_itself_at_its_time(office: Administration) -> None:
    until = MONDAY + timedelta(hours=2)
    set_override(office, SCHEDULE, "office", replace(CLOSED, until=until), ACT)
    found = seen(office, SCHEDULE, "office", count=2)
    assert "until Monday 2026-03-02 14:00 America/Los_Angeles" in found.now.because
    assert [(c.at, c.situation.text) for c in found.changes] == [
        (until, "is open"),
        (datetime(2026, 3, 3, 1, 0, tzinfo=UTC), "is closed"),
    ]


def test_a_holiday_is_kept_when_somebody_says_so(office: Administration) -> None:
    wanted = WantedOverride(Standing.HOLIDAY, holiday="Eve")
    set_override(office, ATTENDANT, "front", wanted, ACT)
    assert seen(office, ATTENDANT, "front").now.text == "keeps the holiday Eve"
    office.change(
        Edit({("auto-attendant", "front"): {"open": {"then": {"user": "alice"}}}}), by=ACT.by
    )
    gone = seen(office, ATTENDANT, "front").now
    assert (gone.standing, "none of its holidays any longer" in gone.because) == ("closed", True)


@pytest.mark.parametrize(
    ("kind", "key", "wanted", "words"),
    [
        (SCHEDULE, "office", replace(CLOSED, until=MONDAY), "is over; write a later time"),
        (SCHEDULE, "office", WantedOverride(Standing.HOLIDAY), "a schedule has no holidays"),
        (SCHEDULE, "office", replace(CLOSED, holiday="Eve"), "goes with standing holiday"),
        (ATTENDANT, "front", WantedOverride(Standing.HOLIDAY), "names no holiday; write one"),
        (
            ATTENDANT, "front", WantedOverride(Standing.HOLIDAY, holiday="Evo"),
            "front keeps no holiday 'Evo'; did you mean Eve?",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_set(
    office: Administration, kind: str, key: str, wanted: WantedOverride, words: str
) -> None:
    before = office.current().revision
    with pytest.raises(EditRefused) as refused:
        set_override(office, kind, key, wanted, ACT)
    assert words in str(refused.value)
    assert office.current().revision == before


def test_whose_address_is_long_may_set_it_too(office: Administration) -> None:
    address = f"{'a' * 80}@contoso.test"
    set_override(office, SCHEDULE, "office", CLOSED, replace(ACT, by=Actor("account", address)))
    found = seen(office, SCHEDULE, "office").override
    assert found is not None
    assert found.by == address


def test_of_nothing_nothing_is_set_or_seen(office: Administration) -> None:
    with pytest.raises(SubjectUnknown):
        set_override(office, SCHEDULE, "front", CLOSED, ACT)
    with pytest.raises(SubjectUnknown):
        lift_override(office, ATTENDANT, "office", ACT)
    with pytest.raises(SubjectUnknown):
        seen(office, ATTENDANT, "office")


def test_a_dry_run_changes_nothing(office: Administration) -> None:
    before = office.current().revision
    applied = set_override(office, SCHEDULE, "office", CLOSED, replace(ACT, dry_run=True))
    assert [(change.kind, change.key) for change in applied.changes] == [
        ("schedule-override", "schedule/office")
    ]
    assert office.current().revision == before


SHOP = ("schedule", "shop")
HOURS = {"hours": {"mon-fri": ["09:00-17:00"]}}


@pytest.mark.parametrize("way", ["an edit", "the file"])
def test_what_is_made_again_under_the_same_name_is_not_what_was_set_of_the_former(
    office: Administration, way: str
) -> None:
    before = office.current().organisation
    office.change(Edit({SHOP: HOURS}), by=ACT.by)
    set_override(office, SCHEDULE, "shop", CLOSED, ACT)
    if way == "an edit":
        gone = office.change(Edit(removals=[SHOP]), by=ACT.by)
    else:
        assert before is not None
        gone = office.replace(before, by=ACT.by)
    assert ("schedule-override", "schedule/shop") in {(c.kind, c.key) for c in gone.changes}
    office.change(Edit({SHOP: HOURS}), by=ACT.by)
    assert seen(office, SCHEDULE, "shop").now.standing == "open"


def test_what_is_changed_keeps_what_was_set(office: Administration) -> None:
    set_override(office, SCHEDULE, "office", CLOSED, ACT)
    later = {"hours": {"mon-fri": ["10:00-17:00"]}}
    office.change(Edit({("schedule", "office"): later}), by=ACT.by)
    assert seen(office, SCHEDULE, "office").now.standing == "closed"
    again = office.current().organisation
    assert again is not None
    office.replace(again, by=ACT.by)
    assert seen(office, SCHEDULE, "office").now.standing == "closed"


def test_a_schedule_in_use_cannot_be_removed(office: Administration) -> None:
    with pytest.raises(EditRefused, match="there is no schedule 'office'"):
        office.change(Edit(removals=[("schedule", "office")]), by=ACT.by)
    with pytest.raises(EditRefused, match="there is no holiday set 'eve'"):
        office.change(Edit(removals=[("holiday-set", "eve")]), by=ACT.by)
