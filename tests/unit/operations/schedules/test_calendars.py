"""Holidays out of calendars: understood whole, or refused with the event that is not."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from callwright.domains.schedules.model import HolidaySpan
from callwright.kernel.limits.schedules import CALENDAR_BYTES_MAX
from callwright.operations.schedules.calendars import CalendarError, read_calendar

PARIS = ZoneInfo("Europe/Paris")


def calendar(*events: str) -> bytes:
    """Each event is its lines, separated by blanks."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//contoso//test"]
    for event in events:
        lines += ["BEGIN:VEVENT", "UID:1", *event.split(), "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def spans(*events: str) -> list[tuple[str, str]]:
    found = read_calendar(calendar(*events), PARIS)
    return [(f"{s.begin:%Y-%m-%d %H:%M}", f"{s.end:%Y-%m-%d %H:%M}") for s in found]


DAY = "DTSTART;VALUE=DATE:20261225"


def test_a_date_is_a_whole_day_and_an_end_is_excluded() -> None:
    assert spans(f"SUMMARY:Christmas {DAY}") == [("2026-12-25 00:00", "2026-12-26 00:00")]
    two = f"{DAY} DTEND;VALUE=DATE:20261227"
    assert spans(two) == [("2026-12-25 00:00", "2026-12-27 00:00")]
    assert read_calendar(calendar(f"SUMMARY:Noël {DAY}"))[0].name == "Noël"


@pytest.mark.parametrize(
    ("times", "begin"),
    [
        ("DTSTART:20261224T120000Z DTEND:20261224T170000Z", "13:00"),
        ("DTSTART:20261224T120000 DTEND:20261224T170000", "12:00"),
        ("DTSTART;TZID=America/New_York:20261224T080000 DURATION:PT5H", "14:00"),
    ],
)
def test_times_become_wall_times_of_the_organisation(times: str, begin: str) -> None:
    ((found, _),) = spans(times)
    assert found == f"2026-12-24 {begin}"


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("RRULE:FREQ=YEARLY;COUNT=3", ["2026-12-25", "2027-12-25", "2028-12-25"]),
        ("RRULE:FREQ=YEARLY;INTERVAL=2;UNTIL=20310101", ["2026-12-25", "2028-12-25", "2030-12-25"]),
        ("RRULE:FREQ=YEARLY;COUNT=2 EXDATE;VALUE=DATE:20271225", ["2026-12-25"]),
        ("RDATE;VALUE=DATE:20270106,20270107", ["2026-12-25", "2027-01-06", "2027-01-07"]),
    ],
)
def test_what_repeats_every_year(rule: str, days: list[str]) -> None:
    assert [begin.partition(" ")[0] for begin, _ in spans(f"{DAY} {rule}")] == days


def test_the_fourth_thursday_and_the_last_monday() -> None:
    fourth = "DTSTART;VALUE=DATE:20261126 RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;COUNT=3"
    last = "DTSTART;VALUE=DATE:20260525 RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO;COUNT=2"
    assert [b[:10] for b, _ in spans(fourth)] == ["2026-11-26", "2027-11-25", "2028-11-23"]
    assert [b[:10] for b, _ in spans(last)] == ["2026-05-25", "2027-05-31"]


def test_a_weekday_may_be_bound_to_days_of_the_month() -> None:
    """The first Tuesday after the first Monday, and a last Friday that is also the last day."""
    election = "DTSTART;VALUE=DATE:20261103 RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=TU;COUNT=2"
    assert [b[:10] for b, _ in spans(f"{election};BYMONTHDAY=2,3,4,5,6,7,8")] == [
        "2026-11-03",
        "2027-11-02",
    ]
    last = "DTSTART;VALUE=DATE:20260731 RRULE:FREQ=YEARLY;BYMONTH=7;BYDAY=FR;BYMONTHDAY=-1;COUNT=2"
    assert [b[:10] for b, _ in spans(last)] == ["2026-07-31", "2037-07-31"]


def test_a_leap_day_waits_for_its_years() -> None:
    leap = "DTSTART;VALUE=DATE:20240229 RRULE:FREQ=YEARLY;COUNT=3"
    assert [b[:10] for b, _ in spans(leap)] == ["2024-02-29", "2028-02-29", "2032-02-29"]


def test_a_cancelled_event_is_no_holiday() -> None:
    assert spans(f"{DAY} STATUS:CANCELLED") == []


def test_years_that_nobody_calls_in_are_left_out() -> None:
    assert spans("DTSTART;VALUE=DATE:19991225 RRULE:FREQ=YEARLY;UNTIL=20221231") == [
        ("2020-12-25 00:00", "2020-12-26 00:00"),
        ("2021-12-25 00:00", "2021-12-26 00:00"),
        ("2022-12-25 00:00", "2022-12-26 00:00"),
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<html>sign in first</html>", "no iCalendar"),
        (b"", "no iCalendar"),
        (b"\xff\xfe\x00", "no iCalendar"),
        (b"x" * (CALENDAR_BYTES_MAX + 1), "bytes; take a smaller"),
        (b"BEGIN:VCALENDAR" + b"\n" * 20_001, "lines; take a smaller"),
        (b"BEGIN:VEVENT\n" * 19_000, "no iCalendar"),
        (calendar(f"SUMMARY:Standup {DAY} RRULE:FREQ=WEEKLY"), "'Standup' repeats otherwise"),
        (calendar(f"SUMMARY:Odd {DAY} RRULE:FREQ=YEARLY;BYWEEKNO=20"), "'Odd' repeats otherwise"),
        (calendar("DTSTART;TZID=Europe:20261225T130000"), "no iCalendar"),
        (calendar("SUMMARY:Never"), "'Never' cannot be understood"),
        (calendar(f"SUMMARY:Back {DAY} DTEND;VALUE=DATE:20261224"), "'Back' does not last"),
        (calendar(f"SUMMARY:Long {DAY} DTEND;VALUE=DATE:20291224"), "'Long' lasts longer"),
        (calendar(f"SUMMARY:Zero {DAY} RRULE:FREQ=YEARLY;BYMONTH=13"), "'Zero'"),
        (calendar(f"SUMMARY:All {DAY} RRULE:FREQ=YEARLY;BYDAY=FR"), "'All' .* write BYMONTH"),
        (calendar(f"SUMMARY:All {DAY} RRULE:FREQ=YEARLY;BYMONTHDAY=25"), "write BYMONTH"),
        (calendar(f"SUMMARY:Huge {DAY} DURATION:P999999999999W"), "'Huge'|no iCalendar"),
        (calendar(*[DAY] * 2_001), "2000 may be"),
        (calendar(*[f"{DAY} RRULE:FREQ=YEARLY"] * 200), "more than 2000 holidays"),
    ],
)
def test_what_is_not_understood_is_refused_whole(content: bytes, words: str) -> None:
    with pytest.raises(CalendarError, match=words.replace("(", r"\(")):
        read_calendar(content)


def test_a_zone_that_the_calendar_makes_up_is_not_believed() -> None:
    """It would be kept for the next calendar, of whomever; and one whose rule repeats every second
    keeps whoever follows it busy for hours, and fills the memory."""
    own = [
        "BEGIN:VTIMEZONE",
        "TZID:Made up",
        "BEGIN:STANDARD",
        "DTSTART:20261224T000000",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0200",
        "RRULE:FREQ=MINUTELY",
        "END:STANDARD",
        "END:VTIME\r\n ZONE",
    ]
    whole = calendar("SUMMARY:Late DTSTART;TZID=Made_up:20261225T130000 DURATION:PT5H")
    lines = "\r\n".join(own).encode()
    content = whole.replace(b"Made_up", b"Made up").replace(
        b"BEGIN:VEVENT", lines + b"\r\nBEGIN:VEVENT"
    )
    with pytest.raises(CalendarError, match="'Late' names the time zone 'Made up', which is not"):
        read_calendar(content)


def test_a_zone_by_its_name_needs_no_definition() -> None:
    for name in ("America/New_York", "Eastern Standard Time"):
        event = "DTSTART;TZID=XX:20261225T130000 DURATION:PT5H"
        content = calendar(event).replace(b"XX", f'"{name}"'.encode())
        assert read_calendar(content, PARIS)[0].begin.hour == 19


def test_rules_that_keep_one_busy_are_refused() -> None:
    days = ",".join(f"{number}MO" for number in range(6, 54))
    rule = f"{DAY} RRULE:FREQ=YEARLY;BYMONTH=1,2,3,4,5,6,7,8,9,10,11,12;BYDAY={days}"
    content = calendar(*[rule.replace("20261225", "00010101")] * 2)
    with pytest.raises(CalendarError, match="repeats too often"):
        read_calendar(content)


def test_spans_are_by_their_beginning() -> None:
    later, earlier = DAY, "DTSTART;VALUE=DATE:20260101"
    found = read_calendar(calendar(later, earlier))
    assert found == tuple(sorted(found, key=lambda span: span.begin))
    assert found[0] == HolidaySpan("holiday", datetime(2026, 1, 1), datetime(2026, 1, 2))  # noqa: DTZ001
