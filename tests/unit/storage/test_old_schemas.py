"""Data of every released schema is carried over, and all that people do goes on with it.

``organisation_of_0005.json`` are the entities of an organisation in the words of the program that
had schema 0005, the last one without a history of the configuration.
"""

import json
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, inspect

from callwright.calls.record import CallRecord, CallResult, Direction, LegRecord
from callwright.kernel.addresses import HostPort
from callwright.kernel.decision import Step
from callwright.kernel.ids import CallId, MailboxId
from callwright.kernel.money import Money
from callwright.kernel.reason import Reason
from callwright.media.events import LegStatistics
from callwright.operations.actor import SYSTEM
from callwright.operations.administration import Administration
from callwright.operations.configuration import Edit
from callwright.operations.history import HistoryFilter
from callwright.storage.call_records import CallRecords
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.database import Database
from callwright.storage.history import StoredHistory
from callwright.storage.ledger import Ledger
from callwright.storage.migration import SCRIPTS, VERSIONS
from callwright.storage.queue_recordings import StoredRecordings
from callwright.storage.recovery import Recovered, recover
from callwright.storage.registrations import StoredRegistrations
from callwright.storage.schema import to_us
from callwright.storage.shield import StoredShield
from callwright.storage.unfinished_messages import unmailed_within
from callwright.storage.voicemail import Voicemails

AT = datetime(2025, 3, 10, 9, 30, tzinfo=UTC)
OLD = CallRecord(
    id=CallId("call_old"),
    started_at=AT,
    answered_at=AT,
    ended_at=AT,
    caller="+14255550101",
    callee="102",
    direction=Direction.INBOUND,
    result=CallResult.ANSWERED,
    sip_status=200,
    reason=Reason.NORMAL,
    charge=Money(120_000, "USD"),
    steps=(Step("route r1", "matches"),),
)
ORGANISATION = Path(__file__).with_name("organisation_of_0005.json")
LATER = AT + timedelta(hours=1)
PHONE: dict[str, object] = {
    "aor": "alice",
    "contact": "sip:alice@192.0.2.7:5062",
    "transport": "udp",
    "local_host": "192.0.2.1",
    "local_port": 5060,
    "remote_host": "192.0.2.7",
    "remote_port": 5062,
    "call_id": "a84b4c76e66710",
    "cseq": 12,
    "q": 0.7,
    "path": "[]",
    "user_agent": "phone",
    "expires_at_us": to_us(LATER),
    "instance": "",
}
BLOCK: dict[str, object] = {
    "network": "198.51.100.7/32",
    "since_us": to_us(AT),
    "until_us": to_us(LATER),
    "offence": "wrong credentials",
    "failures": 30,
    "names": "[]",
    "offences": 2,
}
VOICEMAIL: dict[str, object] = {
    "id": "01JM",
    "mailbox": "alice",
    "caller": "+14255550199",
    "caller_name": None,
    "received_at_us": to_us(AT),
    "duration_ms": 3_000,
    "path": "alice/01JM.wav",
    "is_read": False,
}
TALK: dict[str, object] = {
    "id": "01JR",
    "call_id": OLD.id,
    "queue": "support",
    "agent": "alice",
    "caller": "+14255550199",
    "started_at_us": to_us(AT),
    "duration_ms": 61_500,
    "path": "support/01JR.wav",
}
COUNTED = LegStatistics(1, 2, 160, 320, 0, 0, None, None)


def write_old(folder: Path, version: str) -> None:
    """A database as the program of that schema left it, with one call of each kind."""
    engine = create_engine(f"sqlite:///{folder / 'callwright.db'}")
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)
        at_us = to_us(AT)
        connection.exec_driver_sql(
            "INSERT INTO call_record (id, started_at_us, answered_at_us, ended_at_us, caller, "
            "callee, direction, result, sip_status, reason, charge_micros, charge_currency, steps) "
            "VALUES (?, ?, ?, ?, '+14255550101', '102', 'inbound', 'answered', 200, 'normal', "
            "120000, 'USD', ?)",
            (OLD.id, at_us, at_us, at_us, json.dumps([["route r1", "matches"]])),
        )
        connection.exec_driver_sql(
            "INSERT INTO open_call VALUES ('call_cut_off', ?, '101', '102', 'internal')", (at_us,)
        )
        connection.exec_driver_sql("UPDATE configuration_revision SET revision = 7")
        for ordinal, (kind, key, settings) in enumerate(json.loads(ORGANISATION.read_text())):
            connection.exec_driver_sql(
                "INSERT INTO configuration_entity VALUES (?, ?, ?, ?)",
                (kind, key, ordinal, json.dumps(settings)),
            )
        insert(connection, "registration", PHONE)
        if version >= "0003":
            insert(connection, "shield_block", BLOCK)
        if version >= "0012":
            insert(connection, "queue_recording", TALK)
        money = (("opening-balance", "deposit", 0, "funding", "wallet", 50_000_000),
                 ("call_cut_off/0", "reserve", 0, "wallet", "reserved", 30_000))  # fmt: skip
        for transfer in money:
            connection.exec_driver_sql(
                "INSERT INTO ledger_transfer (key, act, slice_number, source, destination, micros, "
                "currency, at_us) VALUES (?, ?, ?, ?, ?, ?, 'USD', ?)",
                (*transfer, at_us),
            )
        connection.exec_driver_sql("INSERT INTO ledger_hold VALUES ('call_cut_off/0')")
        insert(connection, "voicemail", VOICEMAIL)
    engine.dispose()


def insert(connection: Connection, table: str, row: dict[str, object]) -> None:
    """Columns that a schema does not have yet are left out; those it has besides are empty."""
    names = {column["name"]: column for column in inspect(connection).get_columns(table)}
    kept = {name: value for name, value in row.items() if name in names}
    for name, column in names.items():
        if name not in kept and not column["nullable"] and column["default"] is None:
            kept[name] = row["contact"] if name == "key" else 0
    words = ", ".join(kept), ", ".join("?" * len(kept))
    statement = f"INSERT INTO {table} ({words[0]}) VALUES ({words[1]})"
    connection.exec_driver_sql(statement, tuple(kept.values()))


@pytest.mark.parametrize("version", VERSIONS)
def test_old_calls_are_there_and_new_ones_can_be_added(tmp_path: Path, version: str) -> None:
    write_old(tmp_path, version)
    new = CallRecord(
        id=CallId("call_new"),
        started_at=AT,
        answered_at=None,
        ended_at=AT,
        caller="101",
        callee="102",
        direction=Direction.INTERNAL,
        result=CallResult.MISSED,
        sip_status=480,
        reason=Reason.NOT_ANSWERED,
        charge=None,
        legs=(LegRecord(1, "101", None, None, "PCMU", COUNTED),),
    )
    with closing(Database.open(tmp_path)) as database:
        records = CallRecords(database)
        assert records.get(OLD.id) == OLD
        assert [call.id for call in records.open_calls()] == ["call_cut_off"]
        assert records.close_orphans(AT) == 1
        records.add([new])
        assert records.get(new.id) == new


@pytest.mark.parametrize("version", VERSIONS)
def test_an_old_organisation_is_read_changed_and_followed(tmp_path: Path, version: str) -> None:
    """Its history begins with the first edit; whoever was at an older revision reads it whole."""
    write_old(tmp_path, version)
    with closing(Database.open(tmp_path)) as database:
        stored = StoredConfiguration(database, utc=lambda: AT)
        administration, other = Administration(stored), Administration(stored)
        before = administration.current()
        assert before.revision == 7
        assert before.organisation is not None
        assert before.organisation.users["alice"].extension == "101"
        assert other.current().revision == 7

        alice = before.entities["user", "alice"]
        assert isinstance(alice, dict)
        edit = Edit({("user", "alice"): {**alice, "name": "Alice Ash"}}, ())
        assert administration.change(edit, by=SYSTEM).revision == 8
        followed = other.current().organisation
        assert followed is not None
        assert followed.users["alice"].name == "Alice Ash"
        assert stored.changed_since(6) is None
        (entry,) = StoredHistory(database).page(HistoryFilter(), before=None, limit=10)
        assert (entry.revision, entry.before) == (8, alice)


@pytest.mark.parametrize("version", VERSIONS)
def test_old_phones_blocks_messages_and_money_are_there(tmp_path: Path, version: str) -> None:
    """FreePBX#63: the first update broke a fresh installation."""
    write_old(tmp_path, version)
    with closing(Database.open(tmp_path)) as database:
        (phone,) = StoredRegistrations(database).load(AT)
        assert (phone.aor, phone.contact, phone.cseq) == ("alice", PHONE["contact"], 12)
        assert phone.remote == HostPort("192.0.2.7", 5062)
        moved = replace(phone, cseq=13, remote=HostPort("192.0.2.8", 5062))
        StoredRegistrations(database).save(moved)
        assert StoredRegistrations(database).load(AT) == [moved]

        blocks = StoredShield(database).holding(AT, limit=10)
        expected = [] if version < "0003" else ["198.51.100.7/32"]
        assert [block.network for block in blocks] == expected
        voicemails = Voicemails(database, new_id=str)
        (message,) = voicemails.list(MailboxId("alice"))
        assert (message.id, message.duration_s) == ("01JM", 3.0)
        with database.reading() as connection:  # nobody gets old messages by mail once more
            left = unmailed_within(connection, voicemails, before=LATER, after=None, limit=9)
        assert left == []

        assert Ledger(database).available() == Money(49_970_000, "USD")
        talks = StoredRecordings(database, new_id=str).page(None, before=None, limit=10)
        expected_s = [] if version < "0012" else [61.5]
        assert [talk.duration_s for talk in talks] == expected_s
        assert recover(database, AT) == Recovered(calls=1, reservations=1)
        assert Ledger(database).available() == Money(50_000_000, "USD")
