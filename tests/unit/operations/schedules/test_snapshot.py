"""What follows a change is what would be built anew, of what is kept beside the file, too."""

from dataclasses import replace
from datetime import UTC, datetime

from tests.unit.operations.whole_file import whole_organisation

from callwright.domains.schedules.model import HolidaySpan, Override, Standing
from callwright.kernel.ids import UserId
from callwright.operations.organisation_file import Former, build_snapshot, follow_snapshot
from callwright.operations.organisation_file.revising import revise
from callwright.operations.schedules.kept import (
    NOTHING_KEPT,
    Calendar,
    KeptSchedules,
    calendar_entity,
    kept_schedules,
    source_digest,
)

WHOLE = whole_organisation()
TOWN = Calendar(
    source_digest("https://contoso.test/town.ics"),
    (HolidaySpan("Fair", datetime(2026, 5, 1), datetime(2026, 5, 2)),),  # noqa: DTZ001
    datetime(2026, 3, 1, tzinfo=UTC),
)
KEPT = KeptSchedules(
    {"schedule/office": Override(Standing.CLOSED, "schedule office", "alice")}, {"town": TOWN}
)
USES = {
    "open": {"then": {"user": "alice"}},
    "hours": "office",
    "holidays": [{"set": key} for key in ("own", "public", "town")],
}


def test_what_is_kept_and_what_is_written_are_followed_alike() -> None:
    upserts = {("auto-attendant", "front"): USES}
    organisation, findings = revise(WHOLE, upserts, ())  # type: ignore[arg-type]
    assert not findings
    first = build_snapshot(organisation, revision=1, base=None)
    former = Former(organisation, first, NOTHING_KEPT)
    followed = follow_snapshot(former, organisation, revision=2, kept=KEPT)
    assert followed == build_snapshot(organisation, revision=2, base=None, kept=KEPT)
    assert followed != replace(first, revision=2)
    office = {("schedule", "office"): {"hours": {"mon": ["09:00-10:00"]}}}
    changed, _ = revise(organisation, office, ())  # type: ignore[arg-type]
    again = follow_snapshot(Former(organisation, followed, KEPT), changed, revision=3, kept=KEPT)
    assert again == build_snapshot(changed, revision=3, base=None, kept=KEPT)


def test_who_may_switch_are_the_users_and_all_in_the_groups() -> None:
    switch = build_snapshot(WHOLE, revision=1, base=None).schedule_switches["*281"]
    members = WHOLE.groups["support-team"].members
    assert switch.users == {UserId("alice"), *map(UserId, map(str, members))}
    assert switch.schedule.zone.key == "America/Denver"


def test_what_is_kept_reads_back_to_the_same() -> None:
    address, record = calendar_entity("town", TOWN)
    override = {"standing": "closed", "by": "alice", "since": "2026-03-01T00:00:00+00:00"}
    entities = {address: record, ("schedule-override", "schedule/office"): override}
    assert kept_schedules(WHOLE, entities) == KEPT  # type: ignore[arg-type]
    gone = {("schedule-override", "schedule/gone"): override, ("holiday-calendar", "gone"): record}
    assert kept_schedules(WHOLE, gone) == NOTHING_KEPT  # type: ignore[arg-type]
