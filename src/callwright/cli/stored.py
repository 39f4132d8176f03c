"""What is stored, for the commands that only read."""

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC
from zoneinfo import ZoneInfo

import typer

from callwright.cli.civil_time import utc_now
from callwright.cli.places import Where
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.database import Database
from callwright.storage.faults import DatabaseError
from callwright.storage.system import System


@contextmanager
def stored(where: Where) -> Iterator[Database]:
    """The data for reading, also while a server runs on it.

    A DatabaseError becomes a line on stderr and exit status 1.
    """
    try:
        with opened(where, read_only=True) as database:
            yield database
    except DatabaseError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from None


@contextmanager
def opened(where: Where, *, read_only: bool = False) -> Iterator[Database]:
    """The organisation's database. Raises DatabaseError."""
    with (
        closing(System.open(where.data, where.url)) as system,
        closing(system.open_organisation(where.organisation, read_only=read_only)) as database,
    ):
        yield database


def zone_of(database: Database) -> ZoneInfo:
    """The organisation's zone; UTC where there is no organisation yet."""
    _, entities = StoredConfiguration(database, utc=utc_now).load()
    settings = entities.get(("organisation", "organisation"))
    name = settings.get("timezone") if isinstance(settings, dict) else None
    return ZoneInfo(name) if isinstance(name, str) else ZoneInfo(UTC.tzname(None))
