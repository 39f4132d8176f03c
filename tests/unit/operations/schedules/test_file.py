"""Schedules and holiday sets in the organisation file: what is taken, and what is refused where."""

import re
from pathlib import Path

import pytest
from tests.unit.operations.contoso_file import contoso_text, mistakes_in, read_text
from tests.unit.operations.schedules.test_calendars import DAY, calendar

from callwright.domains.schedules.model import OpenRange
from callwright.operations.organisation_file.holiday_dates import read_span
from callwright.operations.organisation_file.hours import read_week

HOURS = 'hours: {mon-fri: ["00:00-24:00"], sat-sun: ["00:00-24:00"]}'
GOOD = """
schedules:
  office:
    timezone: Europe/Berlin
    hours: {mon-fri: ["09:00-17:00"]}
    switch: {code: "1", by: [{user: alice}, {group: support-team}]}
  exact: {hours: {mon: ["09:07-17:00"]}, grid_minutes: 1}
  nights: {hours: {except: {mon-sun: ["06:00-22:00"]}}}
holiday_sets:
  own: {name: Our days, dates: ["2026-12-24", "2026-12-26..2026-12-28"]}
  public: {country: {code: DE, subdivision: BW}}
  town: {calendar: {url: "https://contoso.test/town.ics", every_h: 24}}
"""
SETS = "      - {set: own}\n      - {set: public}\n      - {set: town, name: Fair}\n"


def file(*edits: tuple[str, str], sections: str = GOOD) -> str:
    return (
        contoso_text(
            (HOURS, "hours: office"), ("    holidays:\n", f"    holidays:\n{SETS}"), *edits
        )
        + sections
    )


def test_attendants_use_them_by_name(tmp_path: Path) -> None:
    assert mistakes_in(tmp_path, file()) == ()


WRONG = {
    "a schedule that is not there": (
        ("hours: office", "hours: offcie"), "auto_attendants.reception.hours",
        "there is no schedule 'offcie'; did you mean office?",
    ),
    "a set that is not there": (
        ("{set: own}", "{set: owm}"), "auto_attendants.reception.holidays[0].set",
        "there is no holiday set 'owm'; did you mean own?",
    ),
    "a set twice": (
        ("{set: public}", "{set: own}"), "auto_attendants.reception.holidays[1].set",
        "name each set once",
    ),
    "a set with dates": (
        ("{set: own}", '{set: own, dates: ["2026-01-01"]}'),
        "auto_attendants.reception.holidays[0]", "has a set and dates",
    ),
    "a holiday without a name": (
        ("{set: own}", '{dates: ["2026-01-01"]}'), "auto_attendants.reception.holidays[0]",
        "needs a name; write name: Christmas",
    ),
    "a holiday without dates": (
        ("{set: own}", "{name: Own}"), "auto_attendants.reception.holidays[0]",
        "needs dates; write dates:",
    ),
    "a code that is none": (
        ('code: "1"', 'code: "12345"'), "schedules.office.switch.code", "write 1 to 4 digits",
    ),
    "nobody may switch": (("by: [{user: alice}, {group: support-team}]", "by: []"),
                          "schedules.office.switch.by", "at least one"),
    "a switcher who is not there": (
        ("{user: alice}, {group: s", "{user: alicia}, {group: s"),
        "schedules.office.switch.by[0].user", "did you mean alice?",
    ),
    "a zone that is none": (
        ("Europe/Berlin", "Europe/Berlim"), "schedules.office.timezone", "no time zone is called",
    ),
    "off the grid": (
        ('office:\n    timezone: Europe/Berlin\n    hours: {mon-fri: ["09:00',
         'office:\n    timezone: Europe/Berlin\n    hours: {mon-fri: ["09:10'),
        "schedules.office.hours.mon-fri[0]", "write 09:15, or grid_minutes: 1",
    ),
    "off the grid in what is closed": (
        ("06:00-22:00", "06:05-22:00"), "schedules.nights.hours.except.mon-sun[0]", "write 06:00",
    ),
    "a grid that is none": (
        ("grid_minutes: 1}", "grid_minutes: 7}"), "schedules.exact.grid_minutes",
        "7 is not offered; write 1, 5, 15, 30, 60",
    ),
    "hours that are a list": (
        ('exact: {hours: {mon: ["09:07-17:00"]}', "exact: {hours: [9]"), "schedules.exact.hours",
        "is no hours; write days and ranges",
    ),
    "ranges that are text": (
        ('{mon: ["09:07-17:00"]}', '{mon: "09:07-17:00"}'), "schedules.exact.hours.mon",
        "is no list of ranges",
    ),
    "a range that is a number": (
        ('{mon: ["09:07-17:00"]}', "{mon: [9]}"), "schedules.exact.hours.mon[0]", "as a number",
    ),
    "nothing but hours beside except": (
        ("{except: {mon-sun", "{mon: [], except: {mon-sun"), "schedules.nights.hours.except",
        "is no list of ranges",
    ),
    "a country that is none": (
        ("code: DE", "code: ZZ"), "holiday_sets.public.country.code", "no holidays are known",
    ),
    "a part that is none": (
        ("subdivision: BW", "subdivision: XX"), "holiday_sets.public.country.subdivision",
        "DE has no part 'XX'",
    ),
    "no holidays at all": (
        ("public: {country: {code: DE, subdivision: BW}}", "public: {name: Public}"),
        "holiday_sets.public", "write dates:, country: or calendar:",
    ),
    "a date that is none": (
        ('["2026-12-24",', '["2026-02-30",'), "holiday_sets.own.dates[0]", "is not a date",
    ),
    "somebody outside who switches": (
        ("by: [{user: alice}", 'by: [{external: "+12065550199"}'),
        "schedules.office.switch.by[0].external", "does not fit here",
    ),
    "days twice": (
        ('["2026-12-24",', '["2026-12-27",'), "holiday_sets.own.dates[1]",
        "overlaps 2026-12-27 of holiday_sets.own.dates[0]",
    ),
    "a time off the half hour": (
        ('["2026-12-24",', '["2026-12-24 13:10..2026-12-24 18:00",'), "holiday_sets.own.dates[0]",
        "is not on half an hour; write 13:00",
    ),
    "no URL": (
        ("https://contoso.test/town.ics", "ftp://contoso.test"), "holiday_sets.town.calendar.url",
        "is no URL",
    ),
    "file and URL": (
        ("{url:", "{file: town.ics, url:"), "holiday_sets.town.calendar.file", "cannot be read",
    ),
    "neither file nor URL": (
        ('{url: "https://contoso.test/town.ics", every_h: 24}', "{every_h: 24}"),
        "holiday_sets.town.calendar", "needs file: or url:",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("edit", "path", "words"), WRONG.values(), ids=WRONG)
def test_each_mistake_has_its_place_and_remedy(
    edit: tuple[str, str], path: str, words: str, tmp_path: Path
) -> None:
    text = file()
    assert edit[0] in text
    (mistake,) = mistakes_in(tmp_path, text.replace(*edit, 1))
    assert mistake.path == path
    assert words in mistake.text


@pytest.mark.row(173)
def test_the_21st_set_is_refused_shared_or_not(tmp_path: Path) -> None:
    def sets(count: int) -> str:
        shared = "".join(f'  s{n}: {{dates: ["2027-03-{n:02d}"]}}\n' for n in range(1, count))
        used = "".join(f"      - {{set: s{n}}}\n" for n in range(1, count))
        return contoso_text(("    holidays:\n", f"    holidays:\n{used}")) + (
            f"holiday_sets:\n{shared}"
        )

    assert mistakes_in(tmp_path, sets(20)) == ()
    (mistake,) = mistakes_in(tmp_path, sets(21))
    assert "has 21 holidays; write at most 20" in mistake.text


@pytest.mark.row(173)
def test_a_day_of_two_sets_of_one_attendant_is_refused(tmp_path: Path) -> None:
    twice = file(("{set: public}", '{name: Eve, dates: ["2026-12-24"]}'))
    (mistake,) = mistakes_in(tmp_path, twice)
    assert mistake.path == "auto_attendants.reception.holidays[1].dates[0]"
    assert "is also auto_attendants.reception.holidays[0].set" in mistake.text
    in_between = file(
        ("{set: public}", '{name: Eve, dates: ["2026-12-27 12:00..2026-12-27 13:00"]}')
    )
    (mistake,) = mistakes_in(tmp_path, in_between)
    assert "overlaps 2026-12-26..2026-12-28 of" in mistake.text


def test_two_holidays_of_one_attendant_have_names_of_their_own(tmp_path: Path) -> None:
    """Somebody who says which one to keep today means one of them."""
    both = '{set: public, name: Break}\n      - {name: Break, dates: ["2026-10-05"]}'
    twice = file(("{set: public}", both))
    (mistake,) = mistakes_in(tmp_path, twice)
    assert mistake.path == "auto_attendants.reception.holidays[2].name"
    assert "Break is also auto_attendants.reception.holidays[1].name; give each" in mistake.text


def test_a_day_of_a_country_may_be_written_too_and_the_first_set_counts(tmp_path: Path) -> None:
    christmas = file(("{set: own}", '{name: Party, dates: ["2026-10-03"]}'))
    assert mistakes_in(tmp_path, christmas) == ()


def test_51_dates_are_too_many(tmp_path: Path) -> None:
    def dates(count: int) -> str:
        days = ", ".join(f'"20{20 + n // 28}-01-{n % 28 + 1:02d}"' for n in range(count))
        return contoso_text() + f"holiday_sets: {{many: {{dates: [{days}]}}}}\n"

    assert mistakes_in(tmp_path, dates(50)) == ()
    (mistake,) = mistakes_in(tmp_path, dates(51))
    assert "has 51 dates; write at most 50" in mistake.text


def test_a_code_is_one_schedules_own(tmp_path: Path) -> None:
    text = file().replace(
        "grid_minutes: 1}", 'grid_minutes: 1, switch: {code: "1", by: [{user: bob}]}}'
    )
    (mistake,) = mistakes_in(tmp_path, text)
    assert mistake.path == "schedules.exact.switch.code"
    assert "*281 is also schedules.office.switch.code" in mistake.text


def test_a_calendar_file_is_looked_at_when_the_file_is_read(tmp_path: Path) -> None:
    def with_file(content: bytes) -> str:
        (tmp_path / "town.ics").write_bytes(content)
        return file(sections=GOOD.replace('url: "https://contoso.test/town.ics"', "file: town.ics"))

    read = read_text(tmp_path, with_file(calendar(DAY)))
    calendar_settings = read.holiday_sets["town"].calendar
    assert calendar_settings is not None
    assert calendar_settings.file == str(tmp_path / "town.ics")
    (mistake,) = mistakes_in(tmp_path, with_file(calendar(f"{DAY} RRULE:FREQ=DAILY")))
    assert mistake.path == "holiday_sets.town.calendar.file"
    assert "repeats otherwise than every year; list its dates instead" in mistake.text


def test_a_complement_is_open_when_the_written_hours_are_not() -> None:
    week = read_week({"except": {"mon-fri": ["09:00-12:00", "13:00-17:00"]}})
    assert week[0] == (OpenRange(0, 540), OpenRange(720, 780), OpenRange(1_020, 1_440))
    assert week[6] == (OpenRange(0, 1_440),)


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("2026-12-25", "2026-12-25T00:00", "2026-12-26T00:00"),
        ("2026-12-24..2026-12-26", "2026-12-24T00:00", "2026-12-27T00:00"),
        ("2026-12-24 13:00..2026-12-24 18:30", "2026-12-24T13:00", "2026-12-24T18:30"),
        ("2026-12-24 13:00..2026-12-24 24:00", "2026-12-24T13:00", "2026-12-25T00:00"),
        ("2026-12-24 13:00..2026-12-26", "2026-12-24T13:00", "2026-12-27T00:00"),
    ],
)
def test_dates_days_and_times(text: str, begin: str, end: str) -> None:
    span = read_span(text, "Name")
    assert (f"{span.begin:%Y-%m-%dT%H:%M}", f"{span.end:%Y-%m-%dT%H:%M}") == (begin, end)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2026-12-24 13:00", 'has no end; write "2026-12-24 13:00..2026-12-24 24:00"'),
        ("2026-12-26..2026-12-24", "ends before it begins"),
        ("2026-12-24 13:00..2026-12-24 13:00", "ends before it begins"),
        ("2020-01-01..2029-01-01", "longer than 366 days"),
        ("0001-01-01", "is not a date"),
        ("9999-12-31", "is not a date"),
        ("2026-12-24 25:00..2026-12-26", "is no time"),
        ("tomorrow", "is not a date"),
    ],
)
def test_what_is_no_date(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        read_span(text, "Name")


def test_a_code_is_not_that_of_voicemail(tmp_path: Path) -> None:
    text = file() + 'voicemail: {dial: "*281"}\n'
    (mistake,) = mistakes_in(tmp_path, text)
    assert mistake.path == "schedules.office.switch.code"
    assert "*281 is also voicemail.dial" in mistake.text


def test_51_calendars_are_too_many(tmp_path: Path) -> None:
    def calendars(count: int) -> str:
        sets = "".join(f"  s{n}: {{calendar: {{url: 'http://a.test'}}}}\n" for n in range(count))
        return contoso_text() + f"holiday_sets:\n{sets}"

    assert mistakes_in(tmp_path, calendars(50)) == ()
    (mistake,) = mistakes_in(tmp_path, calendars(51))
    assert (mistake.path, "50 may be" in mistake.text) == ("holiday_sets.s50.calendar", True)
