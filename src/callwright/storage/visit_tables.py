"""The tables of what callers met in attendants and queues, and whom queues rang for them.

A row is written with its call's record and never changed. The indexes of reports hold all that a
report sums up, in the order in which it groups: a month is added up without reading a row of it.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, PrimaryKeyConstraint, Table, Text, text

from callwright.storage.metadata import METADATA

_HAS_TRANSFER = text("transfer IS NOT NULL")
_HAS_FINAL_ACTION = text("final_action IS NOT NULL")

ATTENDANT_VISIT = Table(
    "attendant_visit",
    METADATA,
    Column("call_id", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("attendant", Text, nullable=False),
    Column("account", Text),
    Column("started_at_us", BigInteger, nullable=False),
    Column("ended_at_us", BigInteger, nullable=False),
    Column("result", Text, nullable=False),
    Column("flow", Text, nullable=False),
    Column("actions", Integer, nullable=False),
    Column("chain_index", Integer, nullable=False),
    Column("search", Text),
    Column("transfer", Text),
    Column("target", Text),
    PrimaryKeyConstraint("call_id", "number"),
    Index(None, "started_at_us", "call_id", "number"),
    Index("ix_attendant_visit_report", "attendant", "result", "started_at_us", "ended_at_us"),
    Index(
        "ix_attendant_visit_destination",
        *("attendant", "transfer", "target", "started_at_us"),
        sqlite_where=_HAS_TRANSFER,
        postgresql_where=_HAS_TRANSFER,
    ),
    sqlite_with_rowid=False,
)
"""``number`` counts what the call met, attendants and queues alike, from 1."""

QUEUE_VISIT = Table(
    "queue_visit",
    METADATA,
    Column("call_id", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("queue", Text, nullable=False),
    Column("account", Text),
    Column("started_at_us", BigInteger, nullable=False),
    Column("ended_at_us", BigInteger, nullable=False),
    Column("result", Text, nullable=False),
    Column("chain_index", Integer, nullable=False),
    Column("agent_count", Integer, nullable=False),
    Column("opted_in_count", Integer, nullable=False),
    Column("waiting_before", Integer, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("agent", Text),
    Column("final_action", Text),
    Column("target_type", Text),
    Column("target", Text),
    Column("callback_of", Text),
    PrimaryKeyConstraint("call_id", "number"),
    Index(None, "started_at_us", "call_id", "number"),
    Index(
        "ix_queue_visit_report",
        *("queue", "result", "started_at_us", "ended_at_us", "opted_in_count"),
    ),
    Index(
        "ix_queue_visit_destination",
        *("queue", "result", "final_action", "target_type", "target", "started_at_us"),
        sqlite_where=_HAS_FINAL_ACTION,
        postgresql_where=_HAS_FINAL_ACTION,
    ),
    sqlite_with_rowid=False,
)

AGENT_OFFER = Table(
    "agent_offer",
    METADATA,
    Column("call_id", Text, nullable=False),
    Column("visit_number", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("queue", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("offered_at_us", BigInteger, nullable=False),
    Column("ended_at_us", BigInteger, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("talk_us", BigInteger),
    PrimaryKeyConstraint("call_id", "visit_number", "number"),
    Index("ix_agent_offer_report", "agent", "queue", "outcome", "offered_at_us", "talk_us"),
    sqlite_with_rowid=False,
)
"""``visit_number`` is the ``number`` of the queue's visit."""
