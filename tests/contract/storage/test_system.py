"""Several organisations on one system: listed, made, opened, removed, and strictly apart."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, text, update

from callwright.operations.actor import Actor
from callwright.operations.configuration import Configuration
from callwright.storage.database import Database, DatabaseError
from callwright.storage.organisation_catalogs import schema_of
from callwright.storage.schema import CONFIGURATION_ENTITY, CONFIGURATION_REVISION
from callwright.storage.system import NoSuchOrganisation, Seat, System

AT = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
OpenSystem = Callable[[], System]


@pytest.fixture(params=["sqlite", "postgresql"])
def open_system(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenSystem]:
    """Each call is like another process that comes to the system."""
    url = None
    if request.param == "postgresql":
        url = request.getfixturevalue("cluster").new_url()
    opened: list[System] = []

    def open_it() -> System:
        opened.append(System.open(tmp_path / "system", url))
        return opened[-1]

    yield open_it
    for system in opened:
        system.close()


@pytest.fixture
def system(open_system: OpenSystem) -> System:
    """With a first organisation, ``first.test``."""
    system = open_system()
    with closing(system.open_first()) as database:
        name(database, "first.test")
    return system


def name(database: Database, domain: str) -> None:
    """As applying a file would, however that is done."""
    profile = {"kind": "organisation", "key": "organisation", "ordinal": 0}
    with database.writing() as connection:
        connection.execute(delete(CONFIGURATION_ENTITY))
        connection.execute(
            insert(CONFIGURATION_ENTITY).values(**profile, settings=f'{{"domain":"{domain}"}}')
        )
        number = CONFIGURATION_REVISION.c.revision
        connection.execute(update(CONFIGURATION_REVISION).values(revision=number + 1))


def revision(database: Database) -> int:
    with database.reading() as connection:
        return int(connection.execute(select(CONFIGURATION_REVISION.c.revision)).scalar_one())


def test_the_first_comes_with_its_file_and_others_are_made(
    open_system: OpenSystem, system: System
) -> None:
    assert system.seats() == (Seat("first.test", is_first=True),)
    system.create("second.test")
    system.create("a.second.test")
    expected = ("a.second.test", "second.test")
    assert open_system().further() == expected
    assert [seat.domain for seat in open_system().seats()] == ["first.test", *expected]


def test_nothing_of_one_is_in_the_other(system: System) -> None:
    system.create("second.test")
    with (
        closing(system.open_first()) as first,
        closing(system.open_further("second.test")) as second,
    ):
        assert revision(second) == 0
        name(second, "second.test")
        name(second, "other.test")
        assert (revision(first), revision(second)) == (1, 2)
        assert first.data != second.data
        second.claim()
        first.claim()


def test_a_domain_serves_once_and_has_to_be_one(system: System) -> None:
    system.create("second.test")
    for taken in ("first.test", "second.test"):
        with pytest.raises(DatabaseError, match=f"{taken} is there already"):
            system.create(taken)
    for wrong in ("", "..", "../x", "Second.test", "a b", ".removed", "a/b", "x" * 64, "a'; --"):
        with pytest.raises(DatabaseError, match="is no domain"):
            system.create(wrong)
    assert system.further() == ("second.test",)


def test_others_need_a_first(open_system: OpenSystem, tmp_path: Path) -> None:
    with closing(open_system().open_first()):
        pass
    with pytest.raises(DatabaseError, match="apply its file before"):
        open_system().create("second.test")


def test_which_one_is_meant_is_told_or_asked_for(system: System) -> None:
    with closing(system.open_organisation(None)) as database:
        assert database.data == system.data
    system.create("second.test")
    with pytest.raises(
        NoSuchOrganisation, match=r"--organisation DOMAIN: first\.test, second\.test"
    ):
        system.open_organisation(None)
    for domain in ("first.test", "second.test"):
        with closing(system.open_organisation(domain)) as database:
            assert (database.data == system.data) is (domain == "first.test")
    with pytest.raises(NoSuchOrganisation, match=r"there is no organisation third\.test"):
        system.open_organisation("third.test")


@pytest.mark.parametrize("open_system", ["sqlite"], indirect=True)
def test_what_is_no_organisation_is_not_listed(system: System) -> None:
    system.create("second.test")
    folder = system.data / "organisations"
    (folder / "lost+found").mkdir()
    (folder / "notes.txt").touch()
    assert system.further() == ("second.test",)
    with closing(system.open_organisation("Second.Test")) as database:
        assert database.data == folder / "second.test"


def test_a_file_goes_where_its_domain_is(open_system: OpenSystem) -> None:
    system = open_system()
    for domain in ("first.test", "renamed.test"):  # alone it may change its name
        with closing(system.open_for_file(domain)) as database:
            assert database.data == system.data
            name(database, domain)
    system.create("second.test")
    with closing(system.open_for_file("second.test")) as database:
        assert database.data != system.data
    with closing(system.open_for_file("renamed.test")) as database:
        assert database.data == system.data
    with pytest.raises(NoSuchOrganisation, match="organisations create"):
        system.open_for_file("third.test")


def test_it_is_removed_in_two_steps_and_kept_aside(open_system: OpenSystem, system: System) -> None:
    system.create("second.test")
    with closing(system.open_further("second.test")) as served:
        name(served, "second.test")
        served.claim()
        with pytest.raises(NoSuchOrganisation):
            system.put_aside("second.test", AT)  # nobody asked for that
        system.remove("second.test")
        assert open_system().further() == ()
        assert open_system().leaving() == ("second.test",)
        with pytest.raises(DatabaseError, match="another callwright serves") as caught:
            open_system().put_aside("second.test", AT)
        assert caught.value.may_pass
        assert revision(served) == 1
    place = open_system().put_aside("second.test", AT)
    assert place.is_dir()
    assert system.seats() == (Seat("first.test", is_first=True),)
    system.create("second.test")  # the name is free
    with closing(system.open_further("second.test")) as database:
        assert revision(database) == 0
    system.remove("second.test")
    assert system.put_aside("second.test", AT) != place
    with pytest.raises(DatabaseError, match="operates the system"):
        system.remove("first.test")


@pytest.mark.parametrize("open_system", ["sqlite"], indirect=True)
def test_what_was_put_aside_can_be_read(system: System) -> None:
    system.create("second.test")
    with closing(system.open_further("second.test")) as database:
        name(database, "second.test")
    system.remove("second.test")
    place = system.put_aside("second.test", AT)
    with closing(Database.open(place, read_only=True)) as database:
        assert revision(database) == 1


def test_a_password_is_never_shown(tmp_path: Path) -> None:
    secret = "kept-to-itself"
    for url in (
        f"postgresql://someone:{secret}@127.0.0.1:1/nowhere",
        f"postgresql://127.0.0.1:1/nowhere?password={secret}&user=someone",
        f"mysql://someone:{secret}@127.0.0.1/nowhere",
        f"postgresql//{secret}",
        f"postgresql://someone:{secret}@127.0.0.1:port/nowhere",
    ):
        with pytest.raises(DatabaseError) as caught:
            System.open(tmp_path, url).open_first()
        assert secret not in str(caught.value)


def test_schemas_have_exact_and_separate_names() -> None:
    domains = ("a-b.test", "a.b.test", "a_b.test", "x" * 60 + ".test", "x" * 61 + ".test")
    names = {schema_of(domain) for domain in domains}
    assert len(names) == len(domains)
    assert all(len(name) <= 63 for name in names)


def test_a_schema_sees_no_other(cluster: object, tmp_path: Path) -> None:
    """Whatever a statement of one organisation says, another's tables are not found by it."""
    system = System.open(tmp_path, cluster.new_url())  # type: ignore[attr-defined]
    with closing(system), closing(system.open_first()) as first:
        name(first, "first.test")
        system.create("second.test")
        with (
            closing(system.open_further("second.test")) as second,
            second.reading() as connection,
        ):
            path = connection.execute(text("SELECT current_schemas(false)")).scalar_one()
            assert path == [schema_of("second.test")]


@pytest.mark.parametrize("open_system", ["sqlite"], indirect=True)
def test_two_processes_make_one_organisation(system: System) -> None:
    """Of several that make the same one, one does; the others are told."""
    script = (
        "import sys; from pathlib import Path\n"
        "from callwright.storage.system import System\n"
        "from callwright.storage.faults import DatabaseError\n"
        "try:\n    System.open(Path(sys.argv[1])).create('second.test')\n"
        "except DatabaseError as error:\n    print(error); raise SystemExit(1)\n"
    )
    makers = [
        subprocess.Popen(
            [sys.executable, "-c", script, system.data], stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    said = [maker.communicate(timeout=30)[0] for maker in makers]
    assert sorted(maker.returncode for maker in makers) == [0, 1, 1]
    assert all("second.test is there already" in text for text in said if text)
    assert system.further() == ("second.test",)


def test_of_two_that_put_it_aside_one_does(open_system: OpenSystem, system: System) -> None:
    """A server and the command that removes an organisation are ready in the same instant."""
    for _ in range(3):
        system.create("second.test")
        system.remove("second.test")
        with ThreadPoolExecutor(2) as pool:
            tries = [pool.submit(open_system().put_aside, "second.test", AT) for _ in range(2)]
        failures = [attempt.exception() for attempt in tries]
        assert failures.count(None) == 1
        for failure in failures:
            assert failure is None or isinstance(failure, DatabaseError)
        assert not system.leaving()


def test_who_administers_it_over_the_network_names_only_its_own_files(system: System) -> None:
    """Another organisation's messages are files, too; at the machine anybody reads them anyway."""
    system.create("second.test")
    entities = {("call-queue", "support"): {"greeting": {"file": "/var/voicemail/alice/1.wav"}}}
    after = Configuration(1, entities, None)
    for seat in (None, "second.test"):
        outside = system.outside(seat)
        for kind in ("local", "system", "account", "token", "scim"):
            found = list(outside(after, [*entities], Actor(kind, "x")))  # type: ignore[arg-type]
            assert bool(found) is (seat is not None and kind not in ("local", "system"))


def test_the_first_ones_administrators_name_no_message_over_the_network(system: System) -> None:
    """Whoever may change one greeting could else have everybody's messages read out."""
    private = [
        system.data / "voicemail" / "alice" / "1.wav",
        system.data / "organisations" / "second.test" / "voicemail" / "bob" / "1.wav",
        system.data / "files" / ".." / "secrets" / "oidc",
    ]
    free = [system.data / "files" / "welcome.wav", Path("/srv/sounds/welcome.wav")]
    outside = system.outside(None)
    for path in (*private, *free):
        entities = {("call-queue", "support"): {"greeting": {"file": str(path)}}}
        after = Configuration(1, entities, None)
        assert not list(outside(after, [*entities], Actor("local", "x")))
        found = list(outside(after, [*entities], Actor("account", "x")))
        assert bool(found) is (path in private), path
