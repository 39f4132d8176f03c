"""Events are written with what they tell about, and numbered as they become visible."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from callwright.apps.services import Message
from callwright.calls.record import CallRecord
from callwright.kernel.ids import MailboxId
from callwright.kernel.limits.api import EVENT_CHANGES_MAX
from callwright.kernel.money import Money
from callwright.operations.actor import Actor
from callwright.operations.administration import Note
from callwright.storage import events as event_table
from callwright.storage.call_records import CallRecords
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.database import Database
from callwright.storage.events import Bounds, EventKind, Events, News
from callwright.storage.ledger import Ledger
from callwright.storage.voicemail import Voicemails

AT = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
BY_ANNA = Note(Actor("account", "anna"), "she married")


def told(database: Database) -> list[tuple[str, object]]:
    return [(event.kind, event.data) for event in Events(database).after(0, limit=100)]


def test_a_call_is_told_with_its_record(
    database: Database, make_record: Callable[..., CallRecord]
) -> None:
    record = make_record()
    CallRecords(database).add([record])
    ((kind, data),) = told(database)
    assert kind == "call.ended"
    assert isinstance(data, dict)
    assert (data["id"], data["caller"]) == (record.id, record.caller)
    assert "steps" not in data


def test_an_edit_is_told_with_who_and_why_but_without_settings(database: Database) -> None:
    stored = StoredConfiguration(database, utc=lambda: AT)
    users = {("user", f"u{number}"): {"sip": {"password": "hush"}} for number in range(120)}
    stored.apply(users, (), expected_revision=0, opening_balance=None, note=BY_ANNA)
    ((kind, data),) = told(database)
    assert kind == "configuration.changed"
    assert isinstance(data, dict)
    assert (data["revision"], data["why"], data["count"]) == (1, "she married", 120)
    assert data["by"] == {"kind": "account", "name": "anna"}
    assert len(data["changes"]) == EVENT_CHANGES_MAX
    assert "hush" not in str(data)


def test_an_edit_that_fails_is_not_told(database: Database) -> None:
    stored = StoredConfiguration(database, utc=lambda: AT)

    def fail(connection: object, told: object) -> None:
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        stored.apply(
            {("user", "a"): {}},
            (),
            expected_revision=0,
            opening_balance=None,
            note=BY_ANNA,
            beside=[fail],
        )
    assert told(database) == []


def test_a_message_and_a_deposit_are_told(database: Database) -> None:
    voicemails = Voicemails(database, new_id=lambda: "m1")
    path = voicemails.new_path(MailboxId("alice"))
    path.write_bytes(b"RIFF")
    voicemails.add(Message(MailboxId("alice"), "+1", "Bob", AT, 3.5, path))
    with database.writing() as connection:
        Ledger(database).deposit_within(connection, "t1", Money(5_000_000, "USD"), "top-up", AT)
    (left, message), (deposited, money) = told(database)
    assert (left, deposited) == ("voicemail.left", "credits.deposited")
    assert isinstance(message, dict)
    assert isinstance(money, dict)
    assert (message["mailbox"], message["duration_s"]) == ("alice", 3.5)
    assert (money["amount"], money["currency"]) == ("5.00", "USD")


def test_the_oldest_go_and_who_comes_late_can_tell(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_table, "EVENTS_KEPT_MAX", 10)
    monkeypatch.setattr(event_table, "EVENTS_SWEEP_EVERY", 5)
    events = Events(database)
    for number in range(25):
        events.add(News(EventKind.WEBHOOK_TEST, AT, {"number": number}))
    bounds = events.bounds()
    assert bounds == Bounds(oldest=16, newest=25)
    assert bounds.misses(14)
    assert not bounds.misses(15)
    assert [event.id for event in events.after(20, limit=3)] == [21, 22, 23]
    assert events.after(0, limit=9, kinds=["call.ended"]) == []


def test_numbers_go_on_after_a_restart(open_again: Callable[[], Database], tmp_path: Path) -> None:
    Events(open_again()).add(News(EventKind.WEBHOOK_TEST, AT, None))
    again = Events(open_again())
    again.add(News(EventKind.WEBHOOK_TEST, AT, None))
    assert [event.id for event in again.after(0, limit=9)] == [1, 2]
