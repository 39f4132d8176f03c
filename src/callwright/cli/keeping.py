"""`callwright backup`, `restore` and `db move`: the data in a file, and in another database."""

from pathlib import Path
from typing import Annotated

import typer

from callwright.cli.places import DATA, DatabaseOption, DataOption, JsonOption, Where, placed

BackupArgument = Annotated[Path, typer.Argument(metavar="FILE", help="A ZIP archive.")]
db_app = typer.Typer(name="db", help="Where the data is.", no_args_is_help=True)


@placed
def backup(where: Where, file: BackupArgument, as_json: JsonOption = False) -> None:
    """Write everything into one file, while the server runs; of all organisations, or of one."""
    from callwright.cli import safekeeping

    safekeeping.write(where, file, as_json=as_json)


def restore(file: BackupArgument, data: DataOption = DATA, database: DatabaseOption = None) -> None:
    """Make a system of a backup, in a directory (and a database) that is empty."""
    from callwright.cli import safekeeping

    safekeeping.read(file, data, database)


@db_app.command("move")
def db_move(
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="URL",
            envvar="CALLWRIGHT_MOVE_TO",
            help="PostgreSQL, or the word files; a password belongs into the environment.",
        ),
    ],
    data: DataOption = DATA,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Copy all tables to another database and compare them; the server must not run meanwhile.

    Recordings stay in --data. What is there now stays, too, until you remove it."""
    from callwright.cli import safekeeping

    safekeeping.move_tables(data, database, to, as_json=as_json)
