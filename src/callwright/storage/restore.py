"""Makes a system of a backup, in a new place; of whichever database, and of earlier versions."""

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from callwright.storage.backup import Backup, Content, Part, Progress, unseen
from callwright.storage.database import Database
from callwright.storage.dump import tables_of, write_lines
from callwright.storage.faults import DatabaseError
from callwright.storage.migration import VERSIONS
from callwright.storage.system import System, called

_TABLES = "tables"
_FILES = "files"


def restore(backup: Backup, data: Path, url: str | None, progress: Progress = unseen) -> None:
    """Restores everything into ``data``, and into the database at ``url`` where one is named.

    Whatever is damaged, or was there already, is refused before anything is written. With files
    alone the directory appears when it is whole; an attempt that was cut off leaves none. Raises
    DatabaseError and OSError.
    """
    _must_be_known(backup)
    _must_be_empty(data, url)
    backup.verify(progress)
    if url is not None:
        _restore_parts(backup, data, url, progress)
        return
    making = data.with_name(f".{data.name}.restoring")
    if making.exists():
        raise DatabaseError(
            f"{making} is left of an attempt that was cut off; remove it and try again"
        )
    _restore_parts(backup, making, None, progress)
    if data.exists():
        data.rmdir()
    making.rename(data)


def _must_be_known(backup: Backup) -> None:
    for part in backup.manifest.parts:
        if part.version not in VERSIONS:
            raise DatabaseError(
                f"{backup.file} was written by a newer Callwright (schema {part.version}); "
                "install that version"
            )
    if not backup.manifest.parts:
        raise DatabaseError(f"{backup.file} holds no organisation")


def _must_be_empty(data: Path, url: str | None) -> None:
    if data.exists() and any(data.iterdir()):
        raise DatabaseError(f"{data} is not empty; name a new directory with --data")
    if url is not None:
        with closing(System.open(data, url)) as system:
            if system.has_first:
                raise DatabaseError("the database has tables already; name an empty one")


def _restore_parts(backup: Backup, data: Path, url: str | None, progress: Progress) -> None:
    with closing(System.open(data, url)) as system:
        for place, part in enumerate(backup.manifest.parts):
            is_first = place == 0
            with closing(_made(system, part, is_first=is_first)) as database:
                _restore_part(backup, part, database, progress)


def _made(system: System, part: Part, *, is_first: bool) -> Database:
    """Its database with tables of the version that was backed up, and nothing in them."""
    if is_first:
        return system.open_first(version=part.version)
    assert part.domain is not None, "only the first can be without a file"
    system.create(part.domain, version=part.version)
    return system.open_further(part.domain, version=part.version)


def _restore_part(backup: Backup, part: Part, database: Database, progress: Progress) -> None:
    tables = {_stem(content): content for content in backup.manifest.of(part, _TABLES)}
    name = called(part.domain)
    with database.writing() as connection:
        known = tables_of(connection)
        unknown = sorted(tables.keys() - {table.name for table in known})
        if unknown:
            raise DatabaseError(f"{backup.file} holds a table {unknown[0]} that nobody knows")
        for done, table in enumerate(known):
            progress(name, done, len(known))
            content = tables.get(table.name)
            if content is not None:
                written = write_lines(connection, table, backup.lines(content))
                _must_be_all(backup, content, written)
    database.upgrade()
    _restore_files(backup, part, database.data, lambda done, of: progress(name, done, of))


def _must_be_all(backup: Backup, content: Content, written: int) -> None:
    if written != content.rows:
        raise DatabaseError(
            f"{backup.file} is damaged: {content.name} has {written} rows of {content.rows}"
        )


def _restore_files(
    backup: Backup, part: Part, data: Path, progress: Callable[[int, int], None]
) -> None:
    files: Sequence[Content] = backup.manifest.of(part, _FILES)
    for done, content in enumerate(files):
        progress(done, len(files))
        path = data / content.name.partition(f"/{_FILES}/")[2]
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("xb") as target:
            path.chmod(0o600)
            for chunk in backup.chunks(content):
                target.write(chunk)
    progress(len(files), len(files))


def _stem(content: Content) -> str:
    return content.name.rpartition("/")[2].removesuffix(".jsonl")
