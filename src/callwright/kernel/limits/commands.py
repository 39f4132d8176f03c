"""Bounds of the command line, of files that describe an organisation, and of imports."""

CLIENT_TIMEOUT_S = 120.0
"""A plan of 50,000 users takes some 10 s of a small server."""
TOKEN_FILE_BYTES_MAX = 4_096
LISTED_MAX = 100_000
"""Entries that one command lists; two organisations of the size that is measured."""
LISTED_DEFAULT = 1_000
COMPLETIONS_MAX = 500
"""Nobody reads more in a shell."""
DRIFT_LOOKUPS_MAX = 1_000
"""Differences of which a drift report says who made them; the rest stands without."""
IMPORT_FILE_BYTES_MAX = 64 * 1024 * 1024
"""1,300 bytes for each of 50,000 users."""
IMPORT_ROWS_MAX = 50_000
"""As many as the API takes in one change."""
IMPORT_COLUMNS_MAX = 200
IMPORT_MISTAKES_SHOWN = 50
TEAMS_FILES_MAX = 100
"""Files of one directory; eleven exports make a whole organisation."""
INCLUDED_FILES_MAX = 1_000
INCLUDE_PATTERNS_MAX = 100
"""Files and patterns of one organisation file."""
SECRET_FILE_BYTES_MAX = 1_024
"""A password has at most 128 characters."""
