"""The tables. A change here is a new file in ``migrations/versions``, and a test compares both.

Instants are integer microseconds since 1970 in UTC (``_us``): exact, sortable and the same in
every database. Amounts are integer micro-units of a currency. The SQL of this room keeps to what
SQLite and PostgreSQL both understand.
"""

from datetime import UTC, datetime, timedelta
from functools import cache

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    Float,
    ForeignKey,
    Index,
    Insert,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    false,
    true,
)
from sqlalchemy.dialects import sqlite

from callwright.kernel.plain_text import mended
from callwright.storage import access_tables as access_tables  # their tables are among ours
from callwright.storage import event_tables as event_tables
from callwright.storage import queue_tables as queue_tables
from callwright.storage import visit_tables as visit_tables
from callwright.storage.metadata import METADATA as METADATA
from callwright.storage.metadata import ROW_NUMBER

CONFIGURATION_REVISION = Table(
    "configuration_revision",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)

CONFIGURATION_ENTITY = Table(
    "configuration_entity",
    METADATA,
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("ordinal", Integer, nullable=False),
    Column("settings", Text, nullable=False),
)
"""One row per entity (ADR 0003); ``settings`` is JSON as the file words it."""

CONFIGURATION_CHANGE = Table(
    "configuration_change",
    METADATA,
    Column("id", ROW_NUMBER, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("actor_kind", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("why", Text),
    Column("undoes", BigInteger),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("before", Text),
    Column("after", Text),
    Index(None, "revision"),
    Index(None, "kind", "key", "id"),
)
"""Append-only; triggers refuse anything else. One row per entity and revision: the audit log, what
a running node follows, and what can be undone (ADR 0025). Null: was not there, is not there."""

LEDGER_ACCOUNT = Table(
    "ledger_account",
    METADATA,
    Column("name", Text, primary_key=True),
)

LEDGER_TRANSFER = Table(
    "ledger_transfer",
    METADATA,
    Column("id", ROW_NUMBER, primary_key=True),
    Column("key", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("slice_number", Integer, nullable=False),
    Column("source", Text, ForeignKey("ledger_account.name"), nullable=False),
    Column("destination", Text, ForeignKey("ledger_account.name"), nullable=False),
    Column("micros", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("note", Text),
    UniqueConstraint("key", "act", "slice_number"),
    CheckConstraint("micros >= 0", name="amount"),
    CheckConstraint("source <> destination", name="two_sides"),
)
"""Append-only; triggers refuse anything else. One row has both sides, so none can be missing."""

LEDGER_HOLD = Table(
    "ledger_hold",
    METADATA,
    Column("key", Text, primary_key=True),
    sqlite_with_rowid=False,
)
"""Keys with reservations that are not yet settled: finds them without reading all transfers."""

LEDGER_ANSWER = Table(
    "ledger_answer",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("answered_at_us", BigInteger, nullable=False),
    Column("slice_s", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""Keys with reservations whose leg was answered: after a crash only these have begun slices."""

CALL_RECORD = Table(
    "call_record",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("started_at_us", BigInteger, nullable=False),
    Column("answered_at_us", BigInteger),
    Column("ended_at_us", BigInteger, nullable=False),
    Column("caller", Text, nullable=False),
    Column("callee", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("sip_status", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("charge_micros", BigInteger),
    Column("charge_currency", Text),
    Column("caller_user", Text),
    Column("callee_user", Text),
    Column("gateway", Text),
    Column("via", Text),
    Column("steps", Text, nullable=False),
    Index(None, "started_at_us", "id"),
    Index(None, "caller", "started_at_us"),
    Index(None, "callee", "started_at_us"),
)

CALL_LEG = Table(
    "call_leg",
    METADATA,
    Column("call_id", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("party", Text, nullable=False),
    Column("user", Text),
    Column("gateway", Text),
    Column("codec", Text),
    Column("packets_received", BigInteger, nullable=False),
    Column("packets_sent", BigInteger, nullable=False),
    Column("bytes_received", BigInteger, nullable=False),
    Column("bytes_sent", BigInteger, nullable=False),
    Column("packets_lost", BigInteger, nullable=False),
    Column("packets_rejected", BigInteger, nullable=False),
    Column("jitter_ms", Float),
    Column("round_trip_ms", Float),
    Column("received_packets", BigInteger),
    Column("received_lost", BigInteger),
    Column("received_jitter_ms", Float),
    Column("received_late", BigInteger),
    Column("received_mos", Float),
    Column("sent_packets", BigInteger),
    Column("sent_lost", BigInteger),
    Column("sent_jitter_ms", Float),
    Column("sent_late", BigInteger),
    Column("sent_mos", Float),
    PrimaryKeyConstraint("call_id", "number"),
    sqlite_with_rowid=False,
)
"""Audio of calls that are over, and of those that run, as it was a few seconds ago. All columns of
a direction are null when nothing is known about it."""

OPEN_CALL = Table(
    "open_call",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("started_at_us", BigInteger, nullable=False),
    Column("caller", Text, nullable=False),
    Column("callee", Text, nullable=False),
    Column("direction", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""The journal of calls that run; what is in it at start-up was cut off by a crash."""

VOICEMAIL = Table(
    "voicemail",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("mailbox", Text, nullable=False),
    Column("caller", Text, nullable=False),
    Column("caller_name", Text),
    Column("received_at_us", BigInteger, nullable=False),
    Column("duration_ms", Integer, nullable=False),
    Column("path", Text, nullable=False),
    Column("is_read", Boolean, nullable=False),
    Column("is_saved", Boolean, nullable=False, server_default=false()),
    Column("is_protected", Boolean, nullable=False, server_default=false()),
    Column("transcript", Text),
    Column("transcript_state", Text, nullable=False, server_default="none"),
    Column("forwarded_by", Text),
    Column("is_mailed", Boolean, nullable=False, server_default=true()),
    Index(None, "mailbox", "received_at_us"),
)
"""``path`` is relative to the directory of messages, so that a backup can live elsewhere."""

BEGUN_MESSAGE = Table(
    "begun_message",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("mailbox", Text, nullable=False),
    Column("caller", Text, nullable=False),
    Column("caller_name", Text),
    Column("received_at_us", BigInteger, nullable=False),
    Column("path", Text, nullable=False),
    Column("is_protected", Boolean, nullable=False),
    Column("transcript_state", Text, nullable=False),
)
"""Messages that callers are speaking now, or were when a server was killed."""

LIT_MAILBOX = Table("lit_mailbox", METADATA, Column("mailbox", Text, primary_key=True))
"""Mailboxes that ever held a message: their lamps may be lit on phones that were away."""

FORMER_MAILBOX = Table(
    "former_mailbox",
    METADATA,
    Column("mailbox", Text, primary_key=True),
    Column("since_us", BigInteger, nullable=False),
)
"""What held the things of who is gone, by the name that they have now (`former_mailboxes`)."""

MAILBOX_CHOICE = Table(
    "mailbox_choice",
    METADATA,
    Column("mailbox", Text, primary_key=True),
    Column("pin_hash", Text),
    Column("rule", Text),
    Column("out_of_office", Boolean),
    Column("until", Text),
    Column("greeting", Text),
    Column("out_of_office_greeting", Text),
)
"""What owners of mailboxes chose; null is what the file says. Greetings are relative paths."""

WRONG_PIN = Table(
    "wrong_pin",
    METADATA,
    Column("mailbox", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_us", BigInteger, nullable=False),
)
"""Wrong PINs of mailboxes in a row: a restart lets nobody guess on."""

REGISTRATION = Table(
    "registration",
    METADATA,
    Column("aor", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("contact", Text, nullable=False),
    Column("transport", Text, nullable=False),
    Column("local_host", Text, nullable=False),
    Column("local_port", Integer, nullable=False),
    Column("remote_host", Text, nullable=False),
    Column("remote_port", Integer, nullable=False),
    Column("call_id", Text, nullable=False),
    Column("cseq", BigInteger, nullable=False),
    Column("q", Float, nullable=False),
    Column("path", Text, nullable=False),
    Column("user_agent", Text, nullable=False),
    Column("expires_at_us", BigInteger, nullable=False),
    Column("instance", Text, nullable=False, server_default=""),
    Column("reg_id", Integer, nullable=False, server_default="0"),
    Column("is_behind_nat", Boolean, nullable=False, server_default=false()),
    PrimaryKeyConstraint("aor", "key", name="registration_flow"),
)

SHIELD_BLOCK = Table(
    "shield_block",
    METADATA,
    Column("network", Text, primary_key=True),
    Column("since_us", BigInteger, nullable=False),
    Column("until_us", BigInteger, nullable=False),
    Column("offence", Text, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("names", Text, nullable=False),
    Column("offences", Integer, nullable=False),
)
"""Blocks that hold, and those that are over but make the next one longer; ``names`` is JSON."""

SHIELD_ORDER = Table(
    "shield_order",
    METADATA,
    Column("id", ROW_NUMBER, primary_key=True),
    Column("act", Text, nullable=False),
    Column("network", Text, nullable=False),
    Column("given_at_us", BigInteger, nullable=False),
    Column("until_us", BigInteger, nullable=False),
)
"""What a command changed in ``shield_block`` and a running server has not taken over yet."""

EMERGENCY_CALLBACK = Table(
    "emergency_callback",
    METADATA,
    Column("number", Text, primary_key=True),
    Column("caller", Text, nullable=False),
    Column("until_us", BigInteger, nullable=False),
)
"""Numbers that emergency centres were shown, and whom a call to them rings until when."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_us(instant: datetime) -> int:
    """Raises TypeError for an instant without a zone."""
    return (instant - EPOCH) // _MICROSECOND


def from_us(micros: int) -> datetime:
    return EPOCH + timedelta(microseconds=micros)


def storable(text: str) -> str:
    """What a database takes as text: names from the network may hold anything."""
    return mended(text)


def storable_or_none(text: str | None) -> str | None:
    return None if text is None else storable(text)


def insert_once(connection: Connection, table: Table) -> Insert:
    """An insert that does nothing where the row is there already."""
    return _insert_once(connection.dialect.name, table)


@cache
def _insert_once(dialect: str, table: Table) -> Insert:
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql  # large, and most systems are SQLite's

        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def insert_latest(connection: Connection, table: Table) -> Insert:
    """An insert that takes the place of a row that is there already."""
    return _insert_latest(connection.dialect.name, table)


@cache
def _insert_latest(dialect: str, table: Table) -> Insert:
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql

        kept = {column.name for column in table.primary_key}
        latest = postgresql.insert(table)
        changed = {c.name: latest.excluded[c.name] for c in table.c if c.name not in kept}
        return latest.on_conflict_do_update(index_elements=list(table.primary_key), set_=changed)
    return table.insert().prefix_with("OR REPLACE")


def lock_row(connection: Connection, table: Table) -> None:
    """Lets one transaction at a time past this line, by the table's first row.

    SQLite has one writer anyway (BEGIN IMMEDIATE), and is not asked.
    """
    if connection.dialect.name != "sqlite":
        first = table.select().order_by(*table.primary_key).limit(1)
        connection.execute(first.with_for_update())
