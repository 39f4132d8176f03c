"""What the commands of ``keeping`` do."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import Progress as Bar

from callwright.cli.civil_time import utc_now
from callwright.cli.failures import told
from callwright.cli.places import Where
from callwright.cli.tables import print_json, print_table
from callwright.storage.backup import Backup, Progress, write_backup
from callwright.storage.faults import DatabaseError
from callwright.storage.move import move
from callwright.storage.restore import restore
from callwright.storage.system import System

FILES = "files"


def write(where: Where, file: Path, *, as_json: bool) -> None:
    with told(OSError), closing(System.open(where.data, where.url)) as system:
        if not system.seats():
            raise DatabaseError(f"there is nothing in {where.data} to back up; see --data")
        if file.exists():
            raise DatabaseError(f"{file} is there already; name another file")
        with _shown() as progress:
            manifest = write_backup(system, where.organisation, file, utc_now(), progress)
    rows = sum(content.rows or 0 for content in manifest.contents)
    files = sum(content.rows is None for content in manifest.contents)
    domains = [part.domain for part in manifest.parts]
    if as_json:
        print_json({"file": str(file), "organisations": domains, "rows": rows, "files": files})
        return
    whose = ", ".join(domain or "(no file applied yet)" for domain in domains)
    print(f"{file}: {rows:,} rows and {files:,} files of {whose}; it holds passwords, keep it safe")


def read(file: Path, data: Path, url: str | None) -> None:
    with told(OSError), closing(Backup(file)) as backup:
        with _shown() as progress:
            restore(backup, data, url, progress)
        whose = ", ".join(part.domain or "-" for part in backup.manifest.parts)
    print(f"{whose}: as of {backup.manifest.made_at}; start the server with --data {data}")


def move_tables(data: Path, url: str | None, to: str, *, as_json: bool) -> None:
    target_url = None if to == FILES else to
    if target_url == url:
        with told():
            raise DatabaseError("the data is there already; name another database with --to")
    with (
        told(),
        closing(System.open(data, url)) as source,
        closing(System.open(data, target_url)) as target,
    ):
        if not source.seats():
            raise DatabaseError(f"there is nothing in {data} to move; see --data")
        with _shown() as progress:
            moved = move(source, target, progress)
    if as_json:
        print_json(
            [
                {"domain": one.domain, "tables": one.tables, "rows": one.rows}
                | {"was_there": one.was_there}
                for one in moved
            ]
        )
        return
    print_table(
        ("organisation", "tables", "rows", "state"),
        (
            (one.domain, str(one.tables), f"{one.rows:,}", _state(was_there=one.was_there))
            for one in moved
        ),
    )
    print("every row was compared; start the server with", end=" ")
    print("--data alone" if target_url is None else "--database, or CALLWRIGHT_DATABASE")


def _state(*, was_there: bool) -> str:
    return "was there, the same" if was_there else "moved"


@contextmanager
def _shown() -> Iterator[Progress]:
    """A bar on a terminal; nothing where nobody looks."""
    console = Console(stderr=True)
    with Bar(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("")

        def progress(what: str, done: int, of: int) -> None:
            bar.update(task, description=what, completed=done, total=of)

        yield progress
