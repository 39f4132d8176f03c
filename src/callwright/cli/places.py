"""Options that many commands share, and how their failures are told."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from callwright.cli.civil_time import utc_now
from callwright.kernel.addresses import HostPort
from callwright.operations.organisation_file import OrganisationFileError
from callwright.operations.revision import RevisionConflict
from callwright.runtime.server import AddressTaken
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.database import Database
from callwright.storage.faults import DatabaseError

DATA = Path("data")

DataOption = Annotated[
    Path, typer.Option("--data", metavar="DIR", help="Directory that holds everything.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="For programs: JSON on stdout.")]
OrganisationArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help="The organisation file.")
]


@contextmanager
def told() -> Iterator[None]:
    """Turns what can go wrong into lines on stderr and exit status 1."""
    try:
        yield
    except OrganisationFileError as error:
        for mistake in error.mistakes:
            print(mistake, file=sys.stderr)
        count = len(error.mistakes)
        print(f"nothing was changed: {count} mistake{'s' * (count > 1)}", file=sys.stderr)
    except RevisionConflict:
        print("somebody else applied a file at the same time; try again", file=sys.stderr)
    except (DatabaseError, AddressTaken) as error:
        print(error, file=sys.stderr)
    else:
        return
    raise typer.Exit(1)


def port_range(text: str) -> tuple[int, int]:
    """Reads ``20000-20999``; raises typer.BadParameter."""
    low, dash, high = text.partition("-")
    if not (dash and low.isdecimal() and high.isdecimal()):
        raise typer.BadParameter(f"{text!r} is not LOW-HIGH, such as 20000-20999")
    if not 1024 <= int(low) < int(high) <= 65_535:
        raise typer.BadParameter(f"{text!r}: use ports from 1024 to 65535, the lower one first")
    return int(low), int(high)


def host_port(text: str) -> HostPort:
    """Reads ``127.0.0.1:5060``; raises typer.BadParameter."""
    try:
        return HostPort.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


@contextmanager
def stored(data: Path) -> Iterator[Database]:
    """The data for reading, also while a server runs on it."""
    database = Database.open(data, read_only=True)
    try:
        yield database
    finally:
        database.close()


def zone_of(database: Database) -> ZoneInfo:
    """The organisation's zone; UTC where there is no organisation yet."""
    _, entities = StoredConfiguration(database, utc=utc_now).load()
    settings = entities.get(("organisation", "organisation"))
    name = settings.get("timezone") if isinstance(settings, dict) else None
    return ZoneInfo(name) if isinstance(name, str) else ZoneInfo(UTC.tzname(None))
