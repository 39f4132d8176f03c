"""Bounds of history and reports."""

REPORT_DAYS_MAX = 366
"""SPEC 10.4: up to a year."""
REPORT_BINS_MAX = 800
"""Hours or days of one report: more than a month of hours, more than two years of days."""
REPORT_TEAM_BINS_MAX = 50
"""Hours or days of all agents: two days of hours. Their calls are sorted for it."""
REPORT_LINES_MAX = 50_000
"""Of one timeline; an hour of an agent in a queue has up to four."""
REPORT_ROWS_MAX = 200_000
"""Calls in one archive of usage: a busy month, some seconds of one core and 150 MB."""
USAGE_ARCHIVES_AT_ONCE = 2
"""Of a whole system: each may take a core and the 150 MB of REPORT_ROWS_MAX."""
USAGE_ARCHIVE_RETRY_S = 5
"""When who finds them taken is asked to come back."""
REPORT_READ_AT_ONCE = 5_000
"""Rows between two looks at the database while a file is written."""
HISTORY_DAYS = 28
"""SPEC 10.1, row 265: how long what a call met is kept unless the file says otherwise."""
CALL_RECORD_DAYS = 366
"""SPEC 10.4: usage of up to a year."""
RETENTION_DAYS_RANGE = (1, 3_660)
RETENTION_ROWS_AT_ONCE = 500
"""Deleted in one transaction of some 20 ms, so that no call waits long for its turn."""
RETENTION_LOOK_S = 3_600.0
"""Between two sweeps: nothing is kept much longer than the file says."""
SERVICE_LEVEL_S_DEFAULT = 20
"""Of reports on a queue that sets none: what the trade calls 80/20."""
POOR_PACKETS_MIN = 500
"""SPEC 10.7: no stream is classified that has not more."""
POOR_ROUND_TRIP_MS = 500.0
POOR_LOSS_SHARE = 0.10
POOR_JITTER_MS = 30.0
"""SPEC 10.7: a stream with more of one of them is poor."""
EFFECTIVENESS_CALLS_MIN = 100
"""SPEC 10.6: below it the ratio is weak."""
