"""Where the organisations of a system are kept, all but the first one (ADR 0026).

With SQLite each has a folder with a database of its own, and the folders are the list. With
PostgreSQL each has a schema, and what the schemas' comments say is the list; the folder holds what
is no table. An organisation is removed in two steps: marked, so that a server lets it go, and then
put aside. Nothing is deleted here.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, text

from callwright.storage.database import (
    FILE_NAME,
    Database,
    alone,
    claim_directory,
    postgresql,
    read_url,
)
from callwright.storage.faults import CannotBeMade, DatabaseError, explained

ORGANISATIONS = "organisations"
ASIDE = ".removed"
"""Within ORGANISATIONS; no domain begins with a dot."""
_MAKING = ".making"
_MARK = "removed"
"""A file in an organisation's folder: it is to be put aside."""
_SCHEMA_PREFIX = "callwright_org_"
_ASIDE_PREFIX = "callwright_removed_"
_READABLE_CHARS = 24
"""Of a domain, in the name of its schema; PostgreSQL cuts names at 63 bytes."""
_COMMENT = re.compile(r"callwright (organisation|leaving) (\S+)")
_IS_DOMAIN = re.compile(r"[a-z0-9-][a-z0-9.-]*")
_LIST_LOCK = 0x63616C6D
"""Key of the advisory lock under which schemas come and go."""
_HAS_SCHEMA = text("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = :name)")
"""Reads the table: ``to_regnamespace`` may answer from before the lock was waited for."""
_HAS_TABLES = text("SELECT to_regclass('alembic_version') IS NOT NULL")
_LISTED = text(
    "SELECT nspname, obj_description(oid, 'pg_namespace') FROM pg_namespace"
    f" WHERE nspname LIKE '{_SCHEMA_PREFIX.replace('_', chr(92) + '_')}%'"
)


class Catalog(Protocol):
    """Domains are in small letters and well formed."""

    def has_first(self) -> bool:
        """Whether the first organisation has its tables."""
        ...

    def domains(self) -> dict[str, bool]:
        """Every organisation but the first; True: it is marked to be put aside."""
        ...

    def create(self, domain: str, version: str | None = None) -> None:
        """All of it or nothing. Raises DatabaseError where somebody else was quicker."""
        ...

    def mark(self, domain: str) -> None: ...

    def put_aside(self, domain: str, at: datetime) -> Path | None:
        """Takes it out of the list and returns where its files are now; None: somebody else was
        quicker. Raises DatabaseError while a server serves it."""
        ...

    def open(self, domain: str, *, read_only: bool, version: str | None = None) -> Database:
        """``version``: see `Database.open`."""
        ...

    def close(self) -> None: ...


class FolderCatalog:
    """SQLite: ``<data>/organisations/<domain>/callwright.db``."""

    def __init__(self, data: Path) -> None:
        self._first = data / FILE_NAME
        self._folder = data / ORGANISATIONS

    def has_first(self) -> bool:
        return self._first.exists()

    def domains(self) -> dict[str, bool]:
        try:
            with os.scandir(self._folder) as entries:
                names = sorted(
                    e.name for e in entries if _IS_DOMAIN.fullmatch(e.name) and e.is_dir()
                )
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise DatabaseError(f"{self._folder}: {error.strerror}", may_pass=True) from error
        return {name: (self._folder / name / _MARK).exists() for name in names}

    def create(self, domain: str, version: str | None = None) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with alone(self._folder):
            making = self._folder / _MAKING
            if making.exists():  # what a crash left is nobody's
                making.rename(_free_name(self._folder / ASIDE, "unfinished"))
            if (self._folder / domain).exists():
                raise CannotBeMade(f"{domain} is there already")
            Database.open(making, version=version).close()
            making.rename(self._folder / domain)
            _sync(self._folder)

    def mark(self, domain: str) -> None:
        (self._folder / domain / _MARK).touch(mode=0o600)
        _sync(self._folder / domain)

    def put_aside(self, domain: str, at: datetime) -> Path | None:
        return _move_aside(self._folder, domain, at)

    def open(self, domain: str, *, read_only: bool, version: str | None = None) -> Database:
        return Database.open(self._folder / domain, read_only=read_only, version=version)

    def close(self) -> None:
        """There is nothing open."""


class SchemaCatalog:
    """PostgreSQL: a schema of the database at ``url`` for each."""

    def __init__(self, data: Path, url: str) -> None:
        self._url = url
        self._folder = data / ORGANISATIONS
        self._engine = postgresql(read_url(url), None, connections=1)

    def has_first(self) -> bool:
        with explained("the database"), self._engine.connect() as connection:
            return bool(connection.execute(_HAS_TABLES).scalar_one())

    def domains(self) -> dict[str, bool]:
        with explained("the database"), self._engine.connect() as connection:
            rows = connection.execute(_LISTED).all()
        found = [(name, _COMMENT.fullmatch(comment or "")) for name, comment in rows]
        return dict(
            sorted(
                (said[2], said[1] == "leaving")
                for name, said in found
                if said is not None and schema_of(said[2]) == name
            )
        )

    def create(self, domain: str, version: str | None = None) -> None:
        (self._folder / domain).mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._changing() as connection:
            if _has_schema(connection, domain):
                raise CannotBeMade(f"{domain} is there already")
            connection.execute(text(f"CREATE SCHEMA {schema_of(domain)}"))
            _say(connection, domain, "organisation")
        self.open(domain, read_only=False, version=version).close()

    def mark(self, domain: str) -> None:
        with self._changing() as connection:
            if _has_schema(connection, domain):
                _say(connection, domain, "leaving")

    def put_aside(self, domain: str, at: datetime) -> Path | None:
        """Files first: what a crash leaves is listed still, and the next try finishes it."""
        with self._changing() as connection:
            if not _has_schema(connection, domain):
                return None
            (self._folder / domain).mkdir(mode=0o700, parents=True, exist_ok=True)
            place = _move_aside(self._folder, domain, at)
            if place is not None:
                aside = f"{_ASIDE_PREFIX}{at:%Y%m%d%H%M%S}_{_digest(place.name)}"
                connection.execute(text(f"ALTER SCHEMA {schema_of(domain)} RENAME TO {aside}"))
            return place

    def open(self, domain: str, *, read_only: bool, version: str | None = None) -> Database:
        return Database.open(
            self._folder / domain,
            read_only=read_only,
            url=self._url,
            schema=schema_of(domain),
            version=version,
        )

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _changing(self) -> Iterator[Connection]:
        """One transaction on the list; whoever changes it meanwhile waits."""
        with explained("the database"), self._engine.begin() as connection:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_LIST_LOCK})"))
            yield connection


def schema_of(domain: str) -> str:
    """Readable, valid, and never the same for two domains."""
    readable = re.sub(r"[^a-z0-9]", "_", domain)[:_READABLE_CHARS].strip("_")
    return f"{_SCHEMA_PREFIX}{readable}_{_digest(domain)}"


def _digest(domain: str) -> str:
    return hashlib.sha256(domain.encode()).hexdigest()[:16]


def _has_schema(connection: Connection, domain: str) -> bool:
    asked = {"name": schema_of(domain)}
    return bool(connection.execute(_HAS_SCHEMA, asked).scalar_one())


def _say(connection: Connection, domain: str, state: str) -> None:
    """COMMENT takes no parameters; a domain has letters, digits, dots and hyphens only."""
    connection.execute(
        text(f"COMMENT ON SCHEMA {schema_of(domain)} IS 'callwright {state} {domain}'")
    )


def _move_aside(folder: Path, domain: str, at: datetime) -> Path | None:
    """None: somebody else did. Raises DatabaseError while a server serves it."""
    try:
        claim = claim_directory(folder / domain)
    except FileNotFoundError:
        return None
    try:
        place = _free_name(folder / ASIDE, f"{domain}.{at:%Y%m%d%H%M%S}")
        (folder / domain).rename(place)
        _sync(folder)
    except FileNotFoundError:
        return None
    finally:
        os.close(claim)
    return place


def _free_name(folder: Path, name: str) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    number, place = 1, folder / name
    while place.exists():
        number, place = number + 1, folder / f"{name}.{number}"
    return place


def _sync(folder: Path) -> None:
    """What was renamed or made in it survives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        raise DatabaseError(f"{folder}: {error.strerror}") from error
    finally:
        os.close(descriptor)
