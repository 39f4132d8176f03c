"""Opens the database of a system and gives transactions on it.

SQLite at ``<data>/callwright.db`` in WAL mode: readers never wait, one process writes at a time,
and a commit that returned has reached the disk (synchronous=FULL). With ``url`` the tables live
in PostgreSQL instead, in one schema of it; messages stay files below ``<data>``.
"""

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError

from callwright.kernel.limits.storage import (
    DATABASE_BUSY_S,
    DATABASE_CONNECTIONS_MAX,
    SCHEMA_CONNECTIONS_MAX,
)
from callwright.storage.faults import DatabaseError, explained
from callwright.storage.migration import is_current, migrate

__all__ = ["Database", "DatabaseError"]

FILE_NAME = "callwright.db"
MIGRATION_LOCK = 0x63616C6C
"""Key of the advisory lock under which PostgreSQL is migrated."""
_POOLED = 4


class Database:
    """May be used from any thread; ``close`` it in the end."""

    def __init__(self, engine: Engine, data: Path, place: str) -> None:
        self.data = data
        """The directory of everything that a system keeps."""
        self._engine = engine
        self._place = place
        self._reader = engine.execution_options(
            **({} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"})
        )
        self._is_read_only = False
        self._turn = threading.Lock()
        self._watcher: sqlite3.Connection | None = None
        """Reads and writes nothing; it only sees that others did."""
        self._watching = threading.Lock()
        self._claim: int | None = None

    @classmethod
    def open(
        cls,
        data: Path,
        *,
        read_only: bool = False,
        url: str | None = None,
        schema: str | None = None,
        version: str | None = None,
    ) -> Self:
        """Makes the directory and the tables if need be, and migrates.

        ``read_only`` makes and migrates nothing. ``schema`` is one of the database at ``url``, and
        has to be there; without it the tables are where the database puts them. ``version`` is
        that of the tables to make, for what was backed up long ago; `upgrade` brings them to this
        program's. Raises DatabaseError.
        """
        file = data / FILE_NAME
        place_in = None if url is None else read_url(url)
        if not read_only:
            _make_places(data, file if url is None else None)
        if place_in is not None:
            place = shown_url(place_in)
            at_schema = place if schema is None else f"{place} (schema {schema})"
            most = DATABASE_CONNECTIONS_MAX if schema is None else SCHEMA_CONNECTIONS_MAX
            database = cls(postgresql(place_in, schema, connections=most), data, at_schema)
        else:
            if not file.exists():
                raise DatabaseError(f"{file} does not exist; `callwright apply` makes it")
            database = cls(_sqlite(file, mode="ro" if read_only else "rw"), data, str(file))
        try:
            database._check_schema() if read_only else database._bring_up(version)
        except BaseException:
            database.close()
            raise
        database._is_read_only = read_only
        return database

    def close(self) -> None:
        self._engine.dispose()
        with self._watching:
            if self._watcher is not None:
                self._watcher.close()
                self._watcher = None
        if self._claim is not None:
            os.close(self._claim)
            self._claim = None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view, whatever others write meanwhile."""
        with explained(self._place), self._reader.connect() as connection:
            _begin(connection, "BEGIN")
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction; it is durable when this block is left without an exception.

        Raises DatabaseError.
        """
        if self._is_read_only:
            raise DatabaseError(f"{self._place} was opened for reading only")
        with self._turn, explained(self._place), self._engine.begin() as connection:
            # At once: to find out at the first write that another process was quicker would be
            # too late for what was read before it.
            _begin(connection, "BEGIN IMMEDIATE")
            yield connection

    def version(self) -> int | None:
        """Another one whenever somebody committed, in any process; costs microseconds.

        None: it cannot be told (PostgreSQL, or a file that is locked just now).
        """
        if self._engine.dialect.name != "sqlite":
            return None
        try:
            with self._watching:
                if self._watcher is None:
                    self._watcher = _connected(self.data / FILE_NAME, mode="ro", timeout_s=0.0)
                row = self._watcher.execute("PRAGMA data_version").fetchone()
        except sqlite3.Error:
            return None
        return int(row[0])

    def claim(self) -> None:
        """Makes this process the one server of the directory until ``close``.

        Raises DatabaseError where another one serves it.
        """
        if self._claim is None:
            self._claim = claim_directory(self.data)

    def _check_schema(self) -> None:
        with self.reading() as connection:
            if not is_current(connection, self._place):
                raise DatabaseError(
                    f"{self._place} has the tables of an older Callwright; start the server or "
                    "run `callwright apply`, which brings them up to date"
                )

    def upgrade(self) -> None:
        """Brings tables of an earlier version to this program's. Raises DatabaseError."""
        self._bring_up(None)

    def _bring_up(self, version: str | None) -> None:
        with alone(self.data):
            if self._engine.dialect.name == "sqlite":
                with explained(self._place), self._engine.connect() as connection:
                    _use_wal(connection)
            with self.reading() as connection:
                if is_current(connection, self._place):
                    return
            with self.writing() as connection:
                if self._engine.dialect.name == "postgresql":
                    connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
                if not is_current(connection, self._place):
                    migrate(connection, version)


def claim_directory(data: Path) -> int:
    """Makes this process the one that serves the directory, until the descriptor is closed.

    Raises DatabaseError where another one serves it.
    """
    descriptor = os.open(data / "server.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise DatabaseError(f"another callwright serves {data} already", may_pass=True) from None
    return descriptor


def read_url(text: str) -> URL:
    """The address of a PostgreSQL database; no error shows what stands in it, for it may hold a
    password. Raises DatabaseError."""
    try:
        url = make_url(text)
        known = url.get_backend_name() == "postgresql"
    except (ArgumentError, ValueError):
        known = False
    if not known:
        raise DatabaseError(
            "the database is no PostgreSQL URL; write postgresql://USER:PASSWORD@HOST/NAME, or"
            " leave it out to keep everything in the data directory"
        )
    return url.set(drivername="postgresql+psycopg")


def shown_url(url: URL) -> str:
    """Which database it is, without anything that could be a secret."""
    query = {key: url.query[key] for key in ("host", "port") if key in url.query}
    shown = URL.create("postgresql", url.username, None, url.host, url.port, url.database, query)
    return shown.render_as_string()


def postgresql(url: URL, schema: str | None, *, connections: int) -> Engine:
    """``schema``: every connection finds its tables there, and nowhere else; few stay open, for
    there are many schemas."""
    options = {} if schema is None else {"options": f"-c search_path={schema}"}
    pooled = min(_POOLED if schema is None else 1, connections)
    return create_engine(
        url,
        connect_args=options,
        pool_size=pooled,
        max_overflow=connections - pooled,
        pool_pre_ping=True,
    )


@contextmanager
def alone(data: Path) -> Iterator[None]:
    """One process at a time makes tables; a crash lets the next one in."""
    descriptor = os.open(data, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _make_places(data: Path, file: Path | None) -> None:
    """What is in there is for its owner's eyes: numbers, conversations, secrets of phones."""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if file is not None:
            os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise DatabaseError(
            f"{error.filename} cannot be written to ({error.strerror}); make it writable, or name "
            "another directory with --data"
        ) from error


def _connected(file: Path, *, mode: str, timeout_s: float) -> sqlite3.Connection:
    return sqlite3.connect(
        f"file:{quote(str(file.absolute()))}?mode={mode}",
        uri=True,
        timeout=timeout_s,
        isolation_level=None,
        check_same_thread=False,
    )


def _sqlite(file: Path, *, mode: str) -> Engine:
    def connect() -> sqlite3.Connection:
        connection = _connected(file, mode=mode, timeout_s=DATABASE_BUSY_S)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    return create_engine(
        "sqlite://",
        creator=connect,
        poolclass=QueuePool,
        pool_size=_POOLED,
        max_overflow=DATABASE_CONNECTIONS_MAX - _POOLED,
    )


def _begin(connection: Connection, statement: str) -> None:
    """The driver of SQLite begins nothing by itself (isolation_level=None)."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(statement)


def _use_wal(connection: Connection) -> None:
    """Past SQLAlchemy, which would begin a transaction; the mode cannot change inside one."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.execute("PRAGMA journal_mode = WAL")
