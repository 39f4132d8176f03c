"""Both databases for the suite; PostgreSQL where its server programs are installed."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import psycopg
import pytest

from callwright.calls.record import CallRecord, CallResult, Direction
from callwright.kernel.ids import CallId
from callwright.kernel.reason import Reason
from callwright.storage.database import Database
from callwright.storage.organisation_catalogs import SchemaCatalog, schema_of

AT = datetime(2025, 3, 10, 9, 30, tzinfo=UTC)
_names = count()


class Cluster:
    """A PostgreSQL server of our own in a temporary directory, reached by a Unix socket."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self.directory = Path(tempfile.mkdtemp(prefix="callwright-pg-"))
        self._user = None if os.geteuid() else _unprivileged_user()
        if self._user is not None:
            shutil.chown(self.directory, self._user)
        self._run("initdb", "--auth=trust", "--username=postgres", "--no-sync")
        self.start()
        Database.open(self.directory / "unused", url=self.url("template1")).close()

    def url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self.directory}"

    def new_url(self) -> str:
        """A database of its own with the tables in it."""
        return self._create("template1")

    def empty_url(self) -> str:
        """A database of its own with nothing in it."""
        return self._create("template0")

    def _create(self, template: str) -> str:
        name = f"callwright_{next(_names)}"
        where = f"host={self.directory} user=postgres dbname=postgres"
        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        return self.url(name)

    def start(self) -> None:
        options = f"-c listen_addresses='' -c fsync=off -k {self.directory}"
        self._run("pg_ctl", "start", "--wait", "--log", str(self.directory / "log"), "-o", options)

    def crash(self) -> None:
        """Every process of the server ends at once; `start` replays what was committed."""
        self._run("pg_ctl", "stop", "--wait", "--mode", "immediate")

    def stop(self) -> None:
        self.crash()
        shutil.rmtree(self.directory)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._programs / program, "-D", self.directory / "cluster", *arguments],
            check=True,
            cwd=self.directory,
            user=self._user,
            stdout=subprocess.DEVNULL,
        )


def _unprivileged_user() -> str:
    """PostgreSQL refuses to run as root."""
    import pwd

    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def server_programs() -> Path | None:
    found = shutil.which("initdb")
    candidates = [Path(found).resolve().parent] if found else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in candidates:
        if all((folder / name).exists() for name in ("initdb", "pg_ctl", "postgres")):
            return folder
    return None


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Skips the test where its programs are not installed."""
    programs = server_programs()
    if programs is None:
        pytest.skip("initdb, pg_ctl and postgres are not installed")
    started = Cluster(programs)
    try:
        yield started
    finally:
        started.stop()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with running_cluster() as started:
        yield started


@pytest.fixture(params=["sqlite", "postgresql", "postgresql-schema"])
def open_again(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Database]]:
    """Opens the test's database; each call is like another process that comes to it."""
    data, url, schema = tmp_path / "system", None, None
    if request.param != "sqlite":
        url = request.getfixturevalue("cluster").new_url()
    if request.param == "postgresql-schema":
        with closing(SchemaCatalog(data, url)) as catalog:
            catalog.create("contoso.test")
        schema = schema_of("contoso.test")
    opened: list[Database] = []

    def open_it() -> Database:
        opened.append(Database.open(data, url=url, schema=schema))
        return opened[-1]

    yield open_it
    for database in opened:
        database.close()


@pytest.fixture
def database(open_again: Callable[[], Database]) -> Database:
    return open_again()


RecordMaker = Callable[..., CallRecord]


@pytest.fixture
def make_record() -> RecordMaker:
    """A missed internal call at AT, but for what is said."""
    numbers = count(1)

    def make(**changes: object) -> CallRecord:
        record = CallRecord(
            id=CallId(f"call_{next(numbers):026d}"),
            started_at=AT,
            answered_at=None,
            ended_at=AT,
            caller="+14255550101",
            callee="102",
            direction=Direction.INTERNAL,
            result=CallResult.MISSED,
            sip_status=480,
            reason=Reason.NOT_ANSWERED,
            charge=None,
        )
        return replace(record, **changes)  # type: ignore[arg-type]

    return make
