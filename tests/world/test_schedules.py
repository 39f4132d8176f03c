"""Hours and holidays on the line: what callers meet at both sides of every edge (SPEC 6.2, 6.3)."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.world.contoso_scene import CONTOSO, File, contoso
from tests.world.lamp_scene import IDLE, lit
from yaml import safe_load

from callwright.domains.schedules.model import HolidaySpan, Override, Standing
from callwright.kernel.reason import Reason
from callwright.operations.organisation_file import Organisation, build_snapshot
from callwright.operations.organisation_file.soundness import mistakes
from callwright.operations.schedules.kept import Calendar, KeptSchedules, source_digest
from callwright.routing.snapshot import Snapshot
from callwright.testing.world import World, play

OPEN, CLOSED, HOLIDAY = "say: Open.", "say: Closed.", "say: Holiday."
TOWN = "https://contoso.test/town.ics"
FLOWS: dict[str, Any] = {
    "open": {"greeting": {"say": "Open."}, "then": "disconnect"},
    "closed": {"greeting": {"say": "Closed."}, "then": "disconnect"},
}
ON_HOLIDAY: dict[str, Any] = {"greeting": {"say": "Holiday."}, "then": "disconnect"}


def reception(
    hours: object,
    *,
    holidays: list[dict[str, Any]] | None = None,
    kept: KeptSchedules | None = None,
    **sections: object,
) -> Snapshot:
    """The demo organisation, with an attendant that says how it stands and hangs up."""
    file: File = safe_load(CONTOSO.read_text(encoding="utf-8"))
    file.update(sections)
    kept_holidays = [{**holiday, **ON_HOLIDAY} for holiday in holidays or []]
    own = {"hours": hours, "holidays": kept_holidays, **FLOWS}
    file["auto_attendants"]["reception"] = own
    organisation = Organisation.model_validate(file)
    found = list(mistakes(organisation))
    assert not found, found
    return build_snapshot(organisation, revision=1, base=None, kept=kept or KeptSchedules())


def heard(snapshot: Snapshot, *wall_times: str) -> list[str]:
    """What a caller hears first at each local time; ``+00:00`` behind one makes it an instant."""
    return [_heard_at(snapshot, _instant(text, snapshot)) for text in wall_times]


def _instant(text: str, snapshot: Snapshot) -> datetime:
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=snapshot.zone)).astimezone(UTC)


def _heard_at(snapshot: Snapshot, at: datetime) -> str:
    async def scene(world: World) -> str:
        call = world.carrier("sbc1").call("4255550150", calling="2065550123")
        await call.answered(within_s=1)
        sounds = {sound for sources in await call.listen(0.5) for sound in sources}
        (first,) = sounds & {OPEN, CLOSED, HOLIDAY}
        await call.ended(within_s=10)
        return first

    return play(scene, organisation=snapshot, started_at=at)


NINE_TO_FIVE = {"mon-fri": ["09:00-17:00"]}


@pytest.mark.row(170)
def test_outside_the_hours_the_closed_flow_runs() -> None:
    office = reception({"mon-fri": ["09:15-17:00"]})
    times = ("2026-03-02 09:14:58", "2026-03-02 09:15", "2026-03-02 16:59:58", "2026-03-02 17:00")
    assert heard(office, *times) == [CLOSED, OPEN, OPEN, CLOSED]
    assert heard(office, "2026-03-01 12:00") == [CLOSED]


def test_who_came_before_closing_time_is_served_by_the_open_flow() -> None:
    """Nobody is cut off in the middle of a menu; who calls at closing time itself is too late."""

    def change(file: File) -> None:
        menu = {"prompt": {"say": "Your choice, please."}, "keys": {"1": {"user": "bob"}}}
        file["auto_attendants"]["reception"] = {
            "hours": NINE_TO_FIVE,
            **FLOWS,
            "open": {"menu": menu},
        }

    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        early = world.carrier("sbc1").call("4255550150", calling="2065550123")
        await early.until_hears("say: Your choice, please.", within_s=0.9)
        await asyncio.sleep((closing - world.clock.utc()).total_seconds())
        late = world.carrier("sbc1").call("4255550150", calling="2065550124")
        await late.until_hears(CLOSED)
        await early.press("1")
        await bob.rings(within_s=10)

    closing = datetime(2026, 3, 3, 1, 0, tzinfo=UTC)  # 17:00 in Los Angeles
    play(scene, organisation=contoso(change), started_at=closing - timedelta(seconds=1))


@pytest.mark.row(171)
def test_a_lunch_break_is_closed_to_the_minute() -> None:
    office = reception({"mon-fri": ["09:00-12:00", "13:00-17:00"]})
    times = ("2026-03-02 11:59:58", "2026-03-02 12:00", "2026-03-02 12:59:58", "2026-03-02 13:00")
    assert heard(office, *times) == [OPEN, CLOSED, CLOSED, OPEN]


@pytest.mark.row(172)
def test_a_holiday_comes_before_open_and_closed_hours() -> None:
    office = reception(NINE_TO_FIVE, holidays=[{"name": "Christmas", "dates": ["2026-12-25"]}])
    times = ("2026-12-24 23:59:58", "2026-12-25 00:00", "2026-12-25 12:00", "2026-12-26 00:00")
    assert heard(office, *times) == [CLOSED, HOLIDAY, HOLIDAY, CLOSED]


@pytest.mark.row(174)
@pytest.mark.parametrize("written", ["00:00-00:00", "00:00-24:00"])
def test_midnight_to_midnight_is_the_whole_day(written: str) -> None:
    office = reception({"wed": [written]})
    times = ("2026-03-03 23:59:58", "2026-03-04 00:00", "2026-03-04 23:59:58", "2026-03-05 00:00")
    assert heard(office, *times) == [CLOSED, OPEN, OPEN, CLOSED]


@pytest.mark.row(175)
@pytest.mark.parametrize(
    ("utc", "expected"),
    [
        ("2026-03-06T16:59:58+00:00", CLOSED),  # PST: opens at 17:00 UTC
        ("2026-03-06T17:00:00+00:00", OPEN),
        ("2026-03-09T15:59:58+00:00", CLOSED),  # PDT from the Sunday between
        ("2026-03-09T16:00:00+00:00", OPEN),
        ("2026-10-30T16:00:00+00:00", OPEN),
        ("2026-11-02T16:59:58+00:00", CLOSED),  # PST again
        ("2026-11-02T17:00:00+00:00", OPEN),
    ],
)
def test_date_time_rules_are_evaluated_in_local_time_not_in_utc(utc: str, expected: str) -> None:
    """fusionpbx#7728, #7732: hours that were typed in local time held in UTC."""
    assert heard(reception(NINE_TO_FIVE), utc) == [expected]


def test_a_week_that_wraps_around_has_exactly_one_announcement() -> None:
    """fusionpbx#2868: weekdays 6-1 and hours over midnight were silently invalid, and callers heard
    two announcements."""
    nights = reception({"sat-mon": ["22:00-06:00"]})
    times = ("2026-03-07 21:59:58", "2026-03-07 22:00", "2026-03-08 05:59:58", "2026-03-08 06:00",
             "2026-03-10 05:59:58", "2026-03-10 06:00", "2026-03-10 22:00")  # fmt: skip
    assert heard(nights, *times) == [CLOSED, OPEN, OPEN, CLOSED, OPEN, CLOSED, CLOSED]


def test_hours_may_be_written_as_those_in_which_it_is_closed() -> None:
    office = reception(
        {
            "except": {
                "mon-sun": ["12:00-13:00"],
            }
        }
    )
    assert heard(office, "2026-03-02 12:30", "2026-03-02 03:00") == [CLOSED, OPEN]


def test_a_schedule_may_be_to_the_minute() -> None:
    """Teams rounds to quarters of an hour."""
    office = reception(
        "exact", schedules={"exact": {"hours": {"mon": ["09:07-17:00"]}, "grid_minutes": 1}}
    )
    assert heard(office, "2026-03-02 09:06:58", "2026-03-02 09:07") == [CLOSED, OPEN]


def test_one_place_decides_the_zone() -> None:
    """kazoo#587, #2797: the menu, the account and the mailbox each had a zone of their own."""
    own = {"timezone": "Asia/Kolkata", "hours": NINE_TO_FIVE}
    utc = "2026-03-02T04:00:00+00:00"
    assert heard(reception("desk", schedules={"desk": own}), utc) == [OPEN]
    assert heard(reception("desk", schedules={"desk": {"hours": NINE_TO_FIVE}}), utc) == [CLOSED]


def test_holidays_are_shared_by_name_and_may_have_times() -> None:
    sets = {"eve": {"name": "Christmas Eve", "dates": ["2026-12-24 13:00..2026-12-24 18:00"]}}
    office = reception(NINE_TO_FIVE, holidays=[{"set": "eve"}], holiday_sets=sets)
    times = ("2026-12-24 12:59:58", "2026-12-24 13:00", "2026-12-24 17:59:58", "2026-12-24 18:00")
    assert heard(office, *times) == [OPEN, HOLIDAY, HOLIDAY, CLOSED]


def test_a_country_brings_its_holidays_for_years_ahead() -> None:
    """fusionpbx#1109: only holidays of the United States were preset."""
    sets = {"public": {"country": {"code": "DE", "subdivision": "BW"}}}
    office = reception(NINE_TO_FIVE, holidays=[{"set": "public"}], holiday_sets=sets)
    times = ("2027-01-06 12:00", "2027-01-07 12:00", "2035-10-03 12:00")
    assert heard(office, *times) == [HOLIDAY, OPEN, HOLIDAY]


def fetched(day: int) -> KeptSchedules:
    span = HolidaySpan("Fair", datetime(2026, 3, day), datetime(2026, 3, day + 1))  # noqa: DTZ001
    calendar = Calendar(source_digest(TOWN), (span,), datetime(2026, 3, 1, tzinfo=UTC))
    return KeptSchedules(calendars={"town": calendar})


def test_what_a_calendar_brought_is_kept() -> None:
    sets = {"town": {"calendar": {"url": TOWN}}}
    office = reception(NINE_TO_FIVE, holidays=[{"set": "town"}], holiday_sets=sets, kept=fetched(3))
    assert heard(office, "2026-03-03 12:00", "2026-03-04 12:00") == [HOLIDAY, OPEN]


def test_what_somebody_set_holds_until_its_time() -> None:
    until = datetime(2026, 3, 2, 23, 0, tzinfo=UTC)  # 15:00 in Los Angeles
    kept = KeptSchedules(
        {"schedule/office": Override(Standing.CLOSED, "schedule office", "alice", until)}
    )
    office = reception("office", schedules={"office": {"hours": NINE_TO_FIVE}}, kept=kept)
    assert heard(office, "2026-03-02 12:00", "2026-03-02 15:00") == [CLOSED, OPEN]


def test_who_set_it_is_not_in_the_records_of_calls() -> None:
    """Whoever may read records of calls need not know who administers."""
    told = Override(Standing.CLOSED, "schedule office", "alice.adams@contoso.test")
    kept = KeptSchedules({"schedule/office": told})

    async def scene(world: World) -> None:
        call = world.carrier("sbc1").call("4255550150", calling="2065550123")
        await call.until_hears(CLOSED)
        await call.ended(within_s=10)
        record = await world.record()
        assert any("schedule office is set to closed" in step.because for step in record.steps)
        assert "adams" not in str(record.steps)

    play(
        scene,
        organisation=reception("office", schedules={"office": {"hours": NINE_TO_FIVE}}, kept=kept),
    )


SWITCHED: dict[str, Any] = {
    "office": {
        "hours": NINE_TO_FIVE,
        "switch": {"code": "1", "by": [{"user": "alice"}, {"group": "support-team"}]},
    }
}


def switched(file: File) -> None:
    file["schedules"] = SWITCHED
    file["auto_attendants"]["reception"] |= {"hours": "office", **FLOWS}


def following(world: World) -> Snapshot:
    """The snapshot after what was switched."""
    file: File = safe_load(CONTOSO.read_text(encoding="utf-8"))
    switched(file)
    organisation = Organisation.model_validate(file)
    return build_snapshot(organisation, revision=2, base=None, kept=world.schedules.kept)


def test_night_mode_is_switched_by_phone_and_said_aloud() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        call = await alice.dial("*281")
        await call.answered()
        await call.until_hears("say: office is now closed, until you dial this code again.")
        await call.ended(within_s=10)
        override = world.schedules.overrides["schedule/office"]
        assert (override.standing, override.by) == (Standing.CLOSED, "alice")
        await world.node.use(following(world))
        again = await alice.dial("*281")
        await again.until_hears("say: office follows its hours again. It is open.")
        await again.ended(within_s=10)
        assert world.schedules.overrides == {}

    play(scene, organisation=contoso(switched), started_at=datetime(2026, 3, 2, 20, 0, tzinfo=UTC))


def test_who_may_not_switch_is_refused_and_nothing_changes() -> None:
    async def scene(world: World) -> None:
        erin = await world.phone("erin")
        call = await erin.dial("*281")
        assert await call.settled() == 403
        assert world.schedules.overrides == {}
        record = await world.record()
        assert record.reason is Reason.SCHEDULE_SWITCH_FORBIDDEN

    play(scene, organisation=contoso(switched))


def test_what_cannot_be_stored_is_not_promised() -> None:
    async def scene(world: World) -> None:
        world.schedules.is_failing = True
        call = await (await world.phone("alice")).dial("*281")
        await call.until_hears("say: That could not be stored. Nothing was changed.")
        await call.ended(within_s=10)
        record = await world.record()
        assert record.reason is Reason.SCHEDULE_NOT_SWITCHED

    play(scene, organisation=contoso(switched))


def test_nobody_outside_switches_anything() -> None:
    async def scene(world: World) -> None:
        call = world.carrier("sbc1").call("*281", calling="2065550123")
        assert await call.settled() == 404
        assert world.schedules.overrides == {}

    play(scene, organisation=contoso(switched))


def test_the_lamp_of_the_key_is_lit_while_something_is_set() -> None:
    async def scene(world: World) -> None:
        alice, erin = await world.phone("alice"), await world.phone("erin")
        lamp = await lit(world, alice, "*281")
        call = await alice.dial("*281")
        await call.ended(within_s=20)
        await world.node.use(following(world))
        await lamp.until_lit("confirmed")
        ((subject, override),) = world.schedules.overrides.items()
        until = world.clock.utc() + timedelta(minutes=5)
        world.schedules.overrides[subject] = replace(override, until=until)
        await world.node.use(following(world))
        await asyncio.sleep(299)
        assert lamp.states == ["confirmed"]
        await lamp.until_lit(IDLE, within_s=10)
        refused = erin.watch("dialog", "*281")
        await refused.until_over()
        assert refused.refused == 403

    play(scene, organisation=contoso(switched))
