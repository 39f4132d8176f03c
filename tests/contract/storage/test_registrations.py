"""Where phones are, over a restart."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import JsonValue

from callwright.kernel.addresses import HostPort
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.database import Database
from callwright.storage.registrations import StoredBinding, StoredRegistrations

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
