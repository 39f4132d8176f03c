"""Bounds of schedules, holidays and calendars."""

SCHEDULE_STEP_MINUTES = 15
"""SPEC 6.3: weekly ranges lie on quarters of an hour (row 176), unless the schedule says else."""
HOLIDAY_STEP_MINUTES = 30
"""SPEC 6.3: times of holidays lie on half hours, unless the set says else."""
GRID_MINUTES = (1, 5, 15, 30, 60)
"""What a schedule or a holiday set may say else; 1 is "to the minute" (ADR 0034)."""
SCHEDULES_MAX = 1_000
HOLIDAY_SETS_MAX = 1_000
HOLIDAY_RANGE_DAYS_MAX = 366
HOLIDAY_YEARS = range(2020, 2051)
"""Of which public holidays are worked out and calendars are read."""
RANGES_PER_DAY_MAX = 24
SCHEDULE_LOOK_AHEAD_DAYS = 400
"""More than a year, so that the next Christmas is always in sight."""
CHANGES_SHOWN_DEFAULT = 12
CHANGES_SHOWN_MAX = 100
SWITCHERS_MAX = 50
"""Users and groups that may switch a schedule from their phones."""
SWITCH_CODE_DIGITS_MAX = 4
SWITCH_PREFIX = "*28"
"""What is dialled before a schedule's code; no other feature code begins so."""
CALENDAR_BYTES_MAX = 524_288
CALENDAR_LINES_MAX = 20_000
"""Ten for each event; a reader that is kept busy for seconds keeps calls waiting."""
CALENDARS_MAX = 50
"""Of an organisation; they are fetched one after the other."""
CALENDAR_EVENTS_MAX = 2_000
CALENDAR_SPANS_MAX = 2_000
"""Holidays of one calendar over all of HOLIDAY_YEARS."""
CALENDAR_STEPS_MAX = 50_000
"""Months that the rules of one calendar are looked up in, over all years: half a second of work."""
CALENDAR_NAME_CHARS_MAX = 64
CALENDAR_URL_CHARS_MAX = 2_000
CALENDAR_HOURS_RANGE = (1, 168)
CALENDAR_HOURS_DEFAULT = 12
CALENDAR_FILE_S = 300.0
"""How often a calendar that is a file is read."""
CALENDAR_LOOK_S = 60.0
"""How often it is looked which calendars are due."""
CALENDAR_RETRY_S_FIRST = 300.0
CALENDAR_RETRY_S_MAX = 3_600.0
CALENDAR_ANSWER_S = 20.0
"""For one calendar, with name look-up and redirections."""
CALENDAR_REDIRECTS_MAX = 3
