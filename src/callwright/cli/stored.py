"""What is stored, for the commands that only read."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import typer

from callwright.cli.civil_time import utc_now
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.database import Database
from callwright.storage.faults import DatabaseError


@contextmanager
def stored(data: Path) -> Iterator[Database]:
    """The data for reading, also while a server runs on it.

    A DatabaseError becomes a line on stderr and exit status 1.
    """
    try:
        database = Database.open(data, read_only=True)
        try:
            yield database
        finally:
            database.close()
    except DatabaseError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from None


def zone_of(database: Database) -> ZoneInfo:
    """The organisation's zone; UTC where there is no organisation yet."""
    _, entities = StoredConfiguration(database, utc=utc_now).load()
    settings = entities.get(("organisation", "organisation"))
    name = settings.get("timezone") if isinstance(settings, dict) else None
    return ZoneInfo(name) if isinstance(name, str) else ZoneInfo(UTC.tzname(None))
