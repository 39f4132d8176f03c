"""Calendars of holidays are fetched in time, kept when they fail, and told of."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.unit.operations.memory_repository import MemoryRepository
from tests.unit.operations.schedules.test_calendars import DAY, calendar
from tests.unit.runtime.test_webhooks import Watch

from callwright.domains.schedules.model import Standing
from callwright.kernel.limits.schedules import CALENDAR_RETRY_S_FIRST
from callwright.operations.actor import SYSTEM
from callwright.operations.administration import Administration
from callwright.operations.configuration import Configuration, Edit
from callwright.operations.organisation_file.schedule_record_schema import HOLIDAY_CALENDAR
from callwright.operations.schedules.kept import ATTENDANT, SCHEDULE
from callwright.operations.schedules.overriding import OverrideAct, WantedOverride, set_override
from callwright.operations.schedules.previewing import Preview, preview
from callwright.runtime.calendar_fetching import NotFetched
from callwright.runtime.schedule_keeping import ScheduleKeeping

PROFILE = {
    "name": "Contoso",
    "domain": "contoso.test",
    "country": "US",
    "timezone": "America/Los_Angeles",
    "language": "en-US",
}
HOUR_S = 3_600.0
URL = "https://contoso.test/secret-token/town.ics"
CHRISTMAS = datetime(2026, 12, 25, 20, 0, tzinfo=UTC)
"""A day in every zone of the United States."""


@dataclass
class Town:
    """Serves a calendar; None: it is not there."""

    content: bytes | None = field(default_factory=lambda: calendar(f"SUMMARY:Fair {DAY}"))
    asked: list[str] = field(default_factory=list)
    changed_at: str | None = None
    """The one place that has another calendar."""

    async def fetch(self, url: str) -> bytes:
        self.asked.append(url)
        if url == self.changed_at:
            return calendar("DTSTART;VALUE=DATE:20270101")
        if self.content is None:
            raise NotFetched("it answered 500")
        return self.content

    async def read(self, path: str) -> bytes:
        return await asyncio.to_thread(Path(path).read_bytes)


class Scene:
    def __init__(self, calendar_settings: dict[str, object] | None = None) -> None:
        self.repository = MemoryRepository()
        self.administration = Administration(self.repository)
        self.clock, self.town = Watch(), Town()
        self.keeping = self.anew()
        self.change(
            {
                ("organisation", "organisation"): PROFILE,
                ("user", "alice"): {"name": "Alice"},
                ("holiday-set", "town"): {"calendar": calendar_settings or {"url": URL}},
                ("auto-attendant", "front"): {
                    "open": {"then": {"user": "alice"}},
                    "holidays": [{"set": "town"}],
                },
            }
        )

    def anew(self) -> ScheduleKeeping:
        """As after a restart."""
        return ScheduleKeeping(self.administration, self.town, self.clock)

    def change(self, upserts: dict[tuple[str, str], object]) -> None:
        self.administration.change(Edit(upserts), by=SYSTEM)  # type: ignore[arg-type]

    def look(self, *, after_s: float = 0.0) -> None:
        self.clock.pass_by(after_s)
        asyncio.run(self.keeping.look())

    def at_christmas(self) -> Preview:
        return preview(self.administration.current(), ATTENDANT, "front", CHRISTMAS, count=1)

    @property
    def standing(self) -> str:
        return self.at_christmas().now.standing


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_a_calendar_that_was_never_fetched_has_no_holidays_and_says_so(scene: Scene) -> None:
    assert scene.standing == "open"
    assert scene.at_christmas().caveats == (
        "town: its calendar was never fetched, so it has no holidays",
    )


def test_what_was_fetched_counts_and_is_asked_for_again_in_time(scene: Scene) -> None:
    scene.look()
    found = scene.at_christmas()
    assert (found.now.standing, found.now.name, found.caveats) == ("holiday", "Fair", ())
    scene.look(after_s=11.9 * HOUR_S)
    assert len(scene.town.asked) == 1
    scene.town.content = calendar("DTSTART;VALUE=DATE:20270101")
    scene.look(after_s=0.2 * HOUR_S)
    assert len(scene.town.asked) == 2
    assert scene.standing == "open"


def test_holiday_feed_failure_keeps_the_last_good_copy_and_alerts(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    """FreePBX#916: a calendar that could not be read made the office open on holidays."""
    scene.look()
    scene.town.content = b"<html>sign in</html>"
    scene.look(after_s=12 * HOUR_S)
    assert scene.standing == "holiday"
    (caveat,) = scene.at_christmas().caveats
    assert "fails since 2026-03-10 21:30 UTC (is no iCalendar" in caveat
    assert "the copy of 2026-03-10 09:30 UTC counts" in caveat
    told = capsys.readouterr().out
    assert "its last good copy counts" in told
    assert "secret-token" not in told
    scene.keeping = scene.anew()
    assert scene.standing == "holiday"


def test_a_calendar_that_fails_is_asked_for_again_sooner_and_heals(scene: Scene) -> None:
    scene.town.content = None
    scene.look()
    revision = scene.repository.stored_at
    scene.look(after_s=CALENDAR_RETRY_S_FIRST - 1)
    assert len(scene.town.asked) == 1
    scene.look(after_s=1)
    assert (len(scene.town.asked), scene.repository.stored_at) == (2, revision)  # no news
    scene.town.content = calendar(DAY)
    scene.look(after_s=2 * CALENDAR_RETRY_S_FIRST)
    assert (scene.standing, scene.at_christmas().caveats) == ("holiday", ())


def test_a_restart_asks_no_sooner(scene: Scene) -> None:
    scene.look()
    scene.keeping = scene.anew()
    scene.look(after_s=HOUR_S)
    assert len(scene.town.asked) == 1
    scene.look(after_s=11 * HOUR_S)
    assert len(scene.town.asked) == 2


def test_a_calendar_that_does_not_change_makes_no_revision(scene: Scene) -> None:
    scene.look()
    revision = scene.repository.stored_at
    for days in range(1, 8):
        scene.look(after_s=24 * HOUR_S)
        assert (len(scene.town.asked), scene.repository.stored_at) == (1 + days, revision)
    scene.keeping = scene.anew()
    scene.look()
    assert scene.repository.stored_at == revision


def test_a_calendar_that_changes_is_all_that_is_written(scene: Scene) -> None:
    scene.change({("holiday-set", "city"): {"calendar": {"url": "https://city.test/a.ics"}}})
    scene.look()
    scene.town.changed_at = "https://city.test/a.ics"
    revision = scene.repository.stored_at
    scene.look(after_s=24 * HOUR_S)
    assert scene.repository.stored_at == revision + 1
    assert scene.repository.applies[-1] == ({(HOLIDAY_CALENDAR, "city")}, set())


def test_of_another_place_nothing_is_believed(scene: Scene) -> None:
    scene.look()
    scene.change({("holiday-set", "town"): {"calendar": {"url": "https://other.test/a.ics"}}})
    assert scene.standing == "open"
    scene.look()
    assert scene.standing == "holiday"


def test_a_file_is_read_again_within_minutes(tmp_path: Path) -> None:
    file = tmp_path / "town.ics"
    file.write_bytes(calendar(DAY))
    scene = Scene({"file": str(file)})
    scene.look()
    assert scene.standing == "holiday"
    file.write_bytes(calendar())
    scene.look(after_s=300)
    assert scene.standing == "open"


def test_what_is_over_is_taken_away(scene: Scene) -> None:
    scene.change({("schedule", "office"): {"hours": {"mon-sun": ["00:00-24:00"]}}})
    act = OverrideAct(SYSTEM, scene.clock.utc())
    until = scene.clock.utc() + timedelta(hours=1)
    set_override(
        scene.administration, SCHEDULE, "office", WantedOverride(Standing.CLOSED, until), act
    )
    set_override(scene.administration, ATTENDANT, "front", WantedOverride(Standing.CLOSED), act)
    scene.administration.change(Edit(removals=[("auto-attendant", "front")]), by=SYSTEM)
    scene.look(after_s=HOUR_S)
    kinds = {kind for kind, _ in scene.administration.current().entities}
    assert "schedule-override" not in kinds
    assert HOLIDAY_CALENDAR in kinds
    scene.administration.change(Edit(removals=[("holiday-set", "town")]), by=SYSTEM)
    scene.look()
    assert HOLIDAY_CALENDAR not in {kind for kind, _ in scene.administration.current().entities}


class Odd(Town):
    """Fails at one place as nobody foresaw."""

    async def fetch(self, url: str) -> bytes:
        if url == URL:
            raise RuntimeError("out of order")
        return await super().fetch(url)


def test_what_nobody_foresaw_in_one_calendar_does_not_stop_the_others(scene: Scene) -> None:
    others = {key: f"https://{key}.test/a.ics" for key in ("a", "z")}
    scene.change({("holiday-set", key): {"calendar": {"url": url}} for key, url in others.items()})
    scene.keeping.fetcher = odd = Odd()
    scene.look()
    assert sorted(odd.asked) == sorted(others.values())
    (caveat,) = scene.at_christmas().caveats
    assert "never fetched" in caveat
    assert "RuntimeError" in caveat


def test_what_is_set_anew_while_the_former_is_taken_away_stays(scene: Scene) -> None:
    """Somebody closes the shop again in the very moment in which the last closing is over."""
    act = OverrideAct(SYSTEM, scene.clock.utc())
    until = scene.clock.utc() + timedelta(hours=1)
    administration = scene.administration

    class Late(Administration):
        """Lets somebody write right after the look."""

        def current(self) -> Configuration:
            found = administration.current()
            scene.clock.pass_by(1)
            again = OverrideAct(SYSTEM, scene.clock.utc())
            set_override(administration, ATTENDANT, "front", WantedOverride(Standing.CLOSED), again)
            return found

    wanted = WantedOverride(Standing.CLOSED, until)
    set_override(administration, ATTENDANT, "front", wanted, act)
    scene.keeping.administration = Late(scene.repository)
    scene.look(after_s=HOUR_S)
    assert scene.at_christmas().override is not None
    assert scene.town.asked


def test_a_set_that_is_there_again_is_fetched_at_once(scene: Scene) -> None:
    """Somebody removes it by mistake, and takes that back: no holiday may be missing meanwhile."""
    scene.look()
    flow = {"open": {"then": {"user": "alice"}}}
    gone = Edit({("auto-attendant", "front"): flow}, removals=[("holiday-set", "town")])
    scene.administration.change(gone, by=SYSTEM)
    scene.look(after_s=60)
    back = {**flow, "holidays": [{"set": "town"}]}
    town = {"calendar": {"url": URL}}
    scene.change({("holiday-set", "town"): town, ("auto-attendant", "front"): back})
    scene.look(after_s=60)
    assert scene.standing == "holiday"


def test_an_organisation_that_moves_has_its_calendars_read_anew(scene: Scene) -> None:
    """Times are kept as its clocks show them: three hours of a fair are others elsewhere."""
    scene.town.content = calendar("SUMMARY:Fair DTSTART:20261225T190000Z DURATION:PT3H")
    scene.look()
    assert scene.standing == "holiday"
    moved = {**PROFILE, "timezone": "Asia/Tokyo"}
    scene.change({("organisation", "organisation"): moved})
    scene.keeping = scene.anew()
    scene.look(after_s=60)
    assert scene.standing == "holiday"
    scene.look(after_s=60)
    assert len(scene.town.asked) == 2
