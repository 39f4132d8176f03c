"""Where phones are, over a restart."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from pydantic import JsonValue
from sqlalchemy import create_engine

from callwright.kernel.addresses import HostPort
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.database import Database
from callwright.storage.migration import SCRIPTS
from callwright.storage.registrations import StoredBinding, StoredRegistrations
from callwright.storage.schema import to_us

NOW = datetime(2025, 3, 10, 9, 30, tzinfo=UTC)
DESK = StoredBinding(
    aor="alice@contoso.test",
    contact="sip:alice@192.0.2.7:5062;transport=tcp",
    transport="tcp",
    local=HostPort("192.0.2.1", 5060),
    remote=HostPort("2001:db8::7", 49_152),
    call_id="a84b4c76e66710",
    cseq=1826,
    q=0.7,
    path=("<sip:edge.contoso.test;lr>",),
    user_agent="Desk/1.0",
    expires_at=NOW + timedelta(hours=1),
)
MOBILE = replace(DESK, contact="sip:alice@192.0.2.8", transport="udp", path=())


def test_bindings_come_back_after_a_restart(open_again: Callable[[], Database]) -> None:
    before = StoredRegistrations(open_again())
    before.save(DESK)
    before.save(MOBILE)
    assert StoredRegistrations(open_again()).load(NOW) == [DESK, MOBILE]


def test_a_refresh_replaces_the_binding(database: Database) -> None:
    registrations = StoredRegistrations(database)
    refreshed = replace(DESK, cseq=1827, expires_at=NOW + timedelta(hours=2))
    registrations.save(DESK)
    registrations.save(refreshed)
    assert registrations.load(NOW) == [refreshed]


def test_a_removed_binding_is_gone_and_another_phone_stays(database: Database) -> None:
    registrations = StoredRegistrations(database)
    registrations.save(DESK)
    registrations.save(MOBILE)
    registrations.remove(DESK.aor, DESK.contact)
    assert registrations.load(NOW) == [MOBILE]


def test_two_flows_of_a_phone_are_two_rows_though_their_contact_is_one(
    open_again: Callable[[], Database],
) -> None:
    registrations = StoredRegistrations(open_again())
    first = replace(DESK, instance="urn:uuid:1", reg_id=1, is_behind_nat=True)
    second = replace(first, reg_id=2, transport="udp")
    registrations.save(first, second)
    assert StoredRegistrations(open_again()).load(NOW) == [first, second]
    registrations.remove(first.aor, first.key)
    assert registrations.load(NOW) == [second]


def test_phones_of_a_database_from_before_flows_are_kept(tmp_path: Path) -> None:
    """As the program before wrote it: one row for each contact."""
    engine = create_engine(f"sqlite:///{tmp_path / 'callwright.db'}")
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        connection.exec_driver_sql(
            "INSERT INTO registration VALUES ('alice', 'sip:alice@192.0.2.8', 'udp', "
            "'192.0.2.1', 5060, '192.0.2.8', 5060, 'c1', 7, 1.0, '[]', 'Desk', ?)",
            (to_us(NOW + timedelta(hours=1)),),
        )
    engine.dispose()
    with closing(Database.open(tmp_path)) as database:
        [phone] = StoredRegistrations(database).load(NOW)
    assert (phone.aor, phone.key, phone.reg_id) == ("alice", "sip:alice@192.0.2.8", 0)


def test_an_expired_binding_is_not_loaded(database: Database) -> None:
    registrations = StoredRegistrations(database)
    registrations.save(DESK)
    assert registrations.load(DESK.expires_at) == []
    assert registrations.remove_expired(NOW) == 0
    assert registrations.remove_expired(DESK.expires_at) == 1


@pytest.mark.parametrize(
    ("settings", "stays"),
    [
        (None, False),
        ({"name": "Alice"}, False),
        ({"name": "Alice", "sip": {"password": "new"}}, False),
        ({"name": "Alice Adams", "sip": {"password": "old"}}, True),
    ],
)
def test_a_phone_is_not_known_any_more_once_its_password_is_no_longer_its_users(
    database: Database, settings: JsonValue, stays: bool
) -> None:
    """Also when no server runs: the next one does not bring the phone back."""
    configuration = StoredConfiguration(database, utc=lambda: NOW)
    registrations = StoredRegistrations(database)
    alice, bob = replace(DESK, aor="alice"), replace(DESK, aor="bob")
    before: JsonValue = {"name": "Alice", "sip": {"password": "old"}}
    entities = {("user", "alice"): before, ("user", "bob"): before, ("queue", "alice"): before}
    configuration.apply(entities, (), expected_revision=0, opening_balance=None)
    registrations.save(alice)
    registrations.save(bob)
    configuration.apply(
        {} if settings is None else {("user", "alice"): settings},
        [("user", "alice")] if settings is None else (),
        expected_revision=1,
        opening_balance=None,
    )
    assert registrations.load(NOW) == ([alice, bob] if stays else [bob])
