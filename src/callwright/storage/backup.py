"""A whole system in one file, as data: rows as JSON lines, messages as they are (ADR 0032).

The file is a ZIP archive. For the organisation number N: ``N/tables/TABLE.jsonl``, and its
messages and waiting mail below ``N/files/``. ``manifest.json``, written last, names the
organisations, the version of the tables, and size and SHA-256 of everything else. Nothing in it is
a program, and no path in it is absolute.
"""

import hashlib
import io
import json
import os
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from callwright.storage.database import Database
from callwright.storage.dump import lines_of, tables_of, version_of
from callwright.storage.faults import DatabaseError
from callwright.storage.system import System, called, configured_domain

FORMAT = "callwright-backup-1"
MANIFEST = "manifest.json"
WITH_SOUND = ("voicemail", "queue_recording")
"""Tables whose rows name a file by its path below its folder."""
FILE_FOLDERS = ("voicemail", "greetings", "recordings", "outbox")
"""What an organisation keeps beside its tables and cannot make again."""
MANIFEST_BYTES_MAX = 256_000_000
_CHUNK_BYTES = 1 << 20
_NAME = re.compile(r"[0-9]{1,3}/(tables/[a-z_]{1,60}\.jsonl|files/[^/\\:\0]+(/[^/\\:\0]+){1,3})")

Progress = Callable[[str, int, int], None]
"""What is done now, how much of it is, and of how much."""


@dataclass(frozen=True, slots=True)
class Content:
    """One file of the archive."""

    name: str
    octets: int
    sha256: str
    rows: int | None = None
    """Of a table."""


@dataclass(frozen=True, slots=True)
class Part:
    """One organisation's share."""

    number: int
    domain: str | None
    """None: the first one, which was told nothing yet."""
    version: str
    """Of its tables."""


@dataclass(frozen=True, slots=True)
class Manifest:
    made_at: str
    parts: tuple[Part, ...]
    contents: tuple[Content, ...]

    def of(self, part: Part, kind: str) -> list[Content]:
        """Its ``tables`` or ``files``."""
        prefix = f"{part.number}/{kind}/"
        return [content for content in self.contents if content.name.startswith(prefix)]


def unseen(what: str, done: int, of: int) -> None:
    """Progress that nobody looks at."""


def write_backup(
    system: System, organisation: str | None, file: Path, at: datetime, progress: Progress = unseen
) -> Manifest:
    """Writes everything of one organisation, or of all, as it is at one instant each; servers may
    run. The file appears when it is whole. Raises DatabaseError and OSError.
    """
    making = file.with_name(f".{file.name}.part")
    making.unlink(missing_ok=True)
    try:
        with open(making, "xb", opener=_private) as target:
            with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
                manifest = _Writer(archive, progress).write(system, organisation, at)
            target.flush()
            os.fsync(target.fileno())
        making.rename(file)
    finally:
        making.unlink(missing_ok=True)
    return manifest


class _Writer:
    def __init__(self, archive: zipfile.ZipFile, progress: Progress) -> None:
        self._archive = archive
        self._progress = progress
        self._contents: list[Content] = []

    def write(self, system: System, organisation: str | None, at: datetime) -> Manifest:
        parts = []
        for number, domain in enumerate(_wanted(system, organisation)):
            with closing(system.open_seat(domain, read_only=True)) as database:
                parts.append(self._write_part(number, database))
        manifest = Manifest(at.isoformat(), tuple(parts), tuple(self._contents))
        self._archive.writestr(MANIFEST, _manifest_text(manifest))
        return manifest

    def _write_part(self, number: int, database: Database) -> Part:
        domain = configured_domain(database)
        with database.reading() as connection:
            version = version_of(connection)
            is_gone = self._write_files(number, database.data)
            tables = tables_of(connection)
            for done, table in enumerate(tables):
                self._progress(called(domain), done, len(tables))
                lines = lines_of(connection, table)
                if table.name in WITH_SOUND:
                    lines = (line for line in lines if not is_gone(line))
                self._write_table(f"{number}/tables/{table.name}.jsonl", lines)
            self._progress(called(domain), len(tables), len(tables))
        return Part(number, domain, version)

    def _write_table(self, name: str, lines: Iterable[str]) -> None:
        sums = hashlib.sha256()
        octets = rows = 0
        with self._archive.open(name, "w", force_zip64=True) as target:
            for line in lines:
                written = f"{line}\n".encode()
                target.write(written)
                sums.update(written)
                octets, rows = octets + len(written), rows + 1
        self._contents.append(Content(name, octets, sums.hexdigest(), rows))

    def _write_files(self, number: int, data: Path) -> Callable[[str], bool]:
        """Returns what tells a row whose sound is gone: somebody deleted it meanwhile."""
        kept = set()
        for folder in FILE_FOLDERS:
            root = data / folder
            for path in sorted(root.rglob("*")) if root.is_dir() else ():
                if path.is_file() and not path.is_symlink():
                    relative = path.relative_to(data).as_posix()
                    if self._write_file(f"{number}/files/{relative}", path):
                        kept.add(path.relative_to(root).as_posix())

        def is_gone(line: str) -> bool:
            return json.loads(line)["path"] not in kept

        return is_gone

    def _write_file(self, name: str, path: Path) -> bool:
        sums, octets = hashlib.sha256(), 0
        try:
            source = path.open("rb")
        except FileNotFoundError:
            return False
        with source, self._archive.open(name, "w", force_zip64=True) as target:
            while chunk := source.read(_CHUNK_BYTES):
                target.write(chunk)
                sums.update(chunk)
                octets += len(chunk)
        self._contents.append(Content(name, octets, sums.hexdigest()))
        return True


def _wanted(system: System, organisation: str | None) -> Sequence[str | None]:
    """Domains of the organisations to write; None: the first."""
    first, others = system.first_domain(), system.further()
    if organisation is None:
        return (None, *others) if system.has_first else others
    if organisation == first:
        return (None,)
    if organisation in others:
        return (organisation,)
    system.open_organisation(organisation, read_only=True).close()  # which says what there is
    raise AssertionError("an unknown organisation is refused")


class Backup:
    """An archive whose manifest was read; ``close`` it in the end."""

    def __init__(self, file: Path) -> None:
        """Raises DatabaseError for what is no backup."""
        self.file = file
        try:
            self._archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError) as error:
            raise DatabaseError(f"{file} is no backup: {error}") from None
        try:
            self.manifest = self._read_manifest()
        except BaseException:
            self._archive.close()
            raise

    def close(self) -> None:
        self._archive.close()

    def verify(self, progress: Progress = unseen) -> None:
        """Raises DatabaseError where anything is missing, added or another than was written."""
        listed = {content.name for content in self.manifest.contents}
        found = set(self._archive.namelist()) - {MANIFEST}
        if listed != found:
            odd = sorted(listed ^ found)[0]
            raise DatabaseError(f"{self.file} is damaged: {odd} is missing or not listed")
        for done, content in enumerate(self.manifest.contents):
            progress("verifying", done, len(listed))
            sums, octets = hashlib.sha256(), 0
            for chunk in self.chunks(content):
                sums.update(chunk)
                octets += len(chunk)
            if (octets, sums.hexdigest()) != (content.octets, content.sha256):
                raise DatabaseError(f"{self.file} is damaged: {content.name} is another")
        progress("verifying", len(listed), len(listed))

    def chunks(self, content: Content) -> Iterator[bytes]:
        """Never more than its stated size. Raises DatabaseError."""
        left = content.octets + 1
        try:
            with self._archive.open(content.name) as source:
                while left > 0 and (chunk := source.read(min(_CHUNK_BYTES, left))):
                    left -= len(chunk)
                    yield chunk
        except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError) as error:
            raise DatabaseError(f"{self.file} is damaged: {content.name}: {error}") from None

    def lines(self, content: Content) -> Iterator[str]:
        with self._archive.open(content.name) as source:
            for line in io.TextIOWrapper(source, encoding="utf-8", newline="\n"):
                yield line.rstrip("\n")

    def _read_manifest(self) -> Manifest:
        try:
            with self._archive.open(MANIFEST) as source:
                text = source.read(MANIFEST_BYTES_MAX + 1)
            tree = json.loads(text[:MANIFEST_BYTES_MAX])
            if tree["format"] != FORMAT:
                raise DatabaseError(
                    f"{self.file} is a backup of another kind ({tree['format']}); "
                    "a newer Callwright wrote it"
                )
            return _manifest_of(tree)
        except (KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
            raise DatabaseError(f"{self.file} is no backup of Callwright ({error})") from None


def _manifest_text(manifest: Manifest) -> str:
    tree = {
        "format": FORMAT,
        "made_at": manifest.made_at,
        "organisations": [
            {"number": part.number, "domain": part.domain, "version": part.version}
            for part in manifest.parts
        ],
        "contents": [
            {"name": c.name, "octets": c.octets, "sha256": c.sha256, "rows": c.rows}
            for c in manifest.contents
        ],
    }
    return json.dumps(tree, indent=1)


def _manifest_of(tree: Any) -> Manifest:
    """Raises KeyError, TypeError and ValueError."""
    contents = []
    for entry in tree["contents"]:
        name = str(entry["name"])
        if _NAME.fullmatch(name) is None or ".." in name.split("/"):
            raise ValueError(f"{name!r} is no name of it")
        rows = entry["rows"]
        contents.append(
            Content(
                name,
                int(entry["octets"]),
                str(entry["sha256"]),
                None if rows is None else int(rows),
            )
        )
    parts = tuple(
        Part(int(part["number"]), part["domain"], str(part["version"]))
        for part in tree["organisations"]
    )
    return Manifest(str(tree["made_at"]), parts, tuple(contents))


def _private(path: str, flags: int) -> int:
    """There are passwords of phones in it."""
    return os.open(path, flags, 0o600)
