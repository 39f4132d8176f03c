"""Is it open now, and when does that change (SPEC 6.2, 6.3).

A schedule is local wall time: a range that a clock change skips does not happen, one that it
repeats happens twice, and a shop that opens at 09:00 opens at 09:00 all year.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from callwright.domains.schedules.model import (
    MINUTES_PER_DAY,
    Change,
    HolidaySet,
    Override,
    Schedule,
    Situation,
    Standing,
)
from callwright.kernel.limits.schedules import SCHEDULE_LOOK_AHEAD_DAYS

WEEK_LOOK_AHEAD_DAYS = 15
"""Two weeks and a day: a weekly range may fall into the hour that a clock change skips."""


def is_open(schedule: Schedule, at: datetime) -> bool:
    """Whether the aware instant ``at`` lies in a weekly range, by the schedule's own wall clock."""
    return _is_in_week(schedule, at.astimezone(schedule.zone))


def _is_in_week(schedule: Schedule, local: datetime) -> bool:
    minute = local.hour * 60 + local.minute
    return any(
        open_range.from_minute <= minute < open_range.to_minute
        for open_range in schedule.week[local.weekday()]
    )


def situation_at(schedule: Schedule, holidays: Sequence[HolidaySet], at: datetime) -> Situation:
    """Returns how it stands: what somebody told, then a holiday, then the week (SPEC 6.2).

    Of sets that have the same day the first counts.
    """
    local = at.astimezone(schedule.zone)
    override = holding(schedule, at)
    if override is not None:
        return _overridden(schedule, override, holidays, local)
    naive = local.replace(tzinfo=None)
    for holiday in holidays:
        span = holiday.at(naive)
        if span is not None:
            because = f"it is {wall_text(local)}"
            return Situation(Standing.HOLIDAY, because, holiday, span.name)
    if _is_in_week(schedule, local):
        return Situation(Standing.OPEN, f"it is {wall_text(local)}")
    hours = "its hours" if schedule.name is None else f"the hours of schedule {schedule.name}"
    return Situation(Standing.CLOSED, f"{wall_text(local)} is outside {hours}")


def holding(schedule: Schedule, at: datetime) -> Override | None:
    """The override that counts at ``at``."""
    for override in schedule.overrides:
        if override.until is None or at < override.until:
            return override
    return None


def switched(schedule: Schedule, at: datetime) -> Standing | None:
    """What a switch makes of it: the other way than its hours say now; None: what somebody set is
    lifted, and its hours count again."""
    if holding(schedule, at) is not None:
        return None
    return Standing.CLOSED if is_open(schedule, at) else Standing.OPEN


def _overridden(
    schedule: Schedule, override: Override, holidays: Sequence[HolidaySet], local: datetime
) -> Situation:
    """A holiday that is there no longer counts as closed. Who set it stands in the history and not
    here: a call's record has more readers."""
    until = "until it is lifted"
    if override.until is not None:
        until = f"until {wall_text(override.until.astimezone(schedule.zone))}"
    because = f"{override.subject} is set to {override.standing} {until}"
    because = f"{because}; it is {wall_text(local)}"
    if override.standing is not Standing.HOLIDAY:
        return Situation(override.standing, because)
    for holiday in holidays:
        if holiday.name == override.holiday:
            return Situation(Standing.HOLIDAY, because, holiday, holiday.name)
    gone = f"{override.holiday} is none of its holidays any longer"
    return Situation(Standing.CLOSED, f"{because}, but {gone}")


def wall_text(local: datetime) -> str:
    """``Friday 2026-12-25 09:00 America/Los_Angeles`` of an instant in a zone of its own."""
    zone = local.tzinfo
    name = zone.key if isinstance(zone, ZoneInfo) else str(zone)
    return f"{local:%A %Y-%m-%d %H:%M} {name}"


def next_change(schedule: Schedule, at: datetime) -> datetime | None:
    """Returns the first instant (UTC) after ``at`` with the other answer of ``is_open``.

    None: the schedule is always open or never.
    """
    before = is_open(schedule, at)
    for instant in _instants(schedule, (), at, days=WEEK_LOOK_AHEAD_DAYS):
        if is_open(schedule, instant) is not before:
            return instant
    return None


def next_changes(
    schedule: Schedule, holidays: Sequence[HolidaySet], at: datetime, *, count: int
) -> tuple[Change, ...]:
    """Returns the next changes that callers would notice, at most ``count``, of at most
    SCHEDULE_LOOK_AHEAD_DAYS."""
    found: list[Change] = []
    before = situation_at(schedule, holidays, at)
    for instant in _instants(schedule, holidays, at, days=SCHEDULE_LOOK_AHEAD_DAYS):
        if len(found) >= count:
            break
        situation = situation_at(schedule, holidays, instant)
        if not situation.is_like(before):
            found.append(Change(instant, situation))
            before = situation
    return tuple(found)


def _instants(
    schedule: Schedule, holidays: Sequence[HolidaySet], at: datetime, *, days: int
) -> Iterator[datetime]:
    """Every instant (UTC) after ``at`` at which an answer can change, ascending."""
    zone = schedule.zone
    edges = [edge for holiday in holidays for s in holiday.spans for edge in (s.begin, s.end)]
    first_day = at.astimezone(zone).date()
    last_day = first_day + timedelta(days=days + 1)
    by_day: dict[date, list[datetime]] = {}
    for edge in edges:
        if first_day <= edge.date() <= last_day:
            by_day.setdefault(edge.date(), []).append(edge)
    pending = {o.until for o in schedule.overrides if o.until is not None}
    for offset in range(days + 1):
        day = first_day + timedelta(days=offset)
        pending.update(_turning_points(schedule, day, by_day.get(day, ())))
        ripe_at = _midnight(day + timedelta(days=1), zone)
        ripe = sorted(instant for instant in pending if instant <= ripe_at)
        pending.difference_update(ripe)
        yield from (instant for instant in ripe if instant > at)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant (UTC) at which a local day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _turning_points(schedule: Schedule, day: date, edges: Sequence[datetime]) -> Iterator[datetime]:
    """Every instant of the local day at which an answer can change.

    A wall time that a clock change skips is no instant: the change itself stands for it.
    """
    zone = schedule.zone
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    walls = {midnight}
    for open_range in schedule.week[day.weekday()]:
        walls.add(midnight + timedelta(minutes=open_range.from_minute))
        walls.add(midnight + timedelta(minutes=open_range.to_minute))
    walls.update(edge.replace(tzinfo=zone) for edge in edges)
    for wall in walls:
        for fold in (0, 1):  # its second time, when clocks go back
            instant = wall.replace(fold=fold).astimezone(UTC)
            if instant.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
                yield instant
    change = clock_change(zone, day)
    if change is not None:
        yield change


def clock_change(zone: ZoneInfo, day: date) -> datetime | None:
    """Finds the instant (UTC) of the local day's clock change, to the minute, by halving it."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    first = midnight.astimezone(UTC)
    last = (midnight + timedelta(minutes=MINUTES_PER_DAY)).astimezone(UTC)
    old_offset = first.astimezone(zone).utcoffset()
    if last.astimezone(zone).utcoffset() == old_offset:
        return None
    minute = timedelta(minutes=1)
    low, high = 0, (last - first) // minute
    while high - low > 1:
        middle = (low + high) // 2
        changed = (first + middle * minute).astimezone(zone).utcoffset() != old_offset
        low, high = (low, middle) if changed else (middle, high)
    return first + high * minute
