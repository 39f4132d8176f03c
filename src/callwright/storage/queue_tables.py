"""The tables of queue agents and of waiting callers."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    false,
)

from callwright.storage.metadata import METADATA

AGENT_ABSENCE = Table(
    "agent_absence",
    METADATA,
    Column("agent", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("since_us", BigInteger, nullable=False),
    Column("reason", Text),
    PrimaryKeyConstraint("agent", "queue"),
)
"""Queues that agents opted out of; an empty ``queue`` is a pause, in all of them."""

WAITING_PLACE = Table(
    "waiting_place",
    METADATA,
    Column("call_id", Text, primary_key=True),
    Column("queue", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("since_us", BigInteger, nullable=False),
)
"""Callers who wait, to know them again when a restart cut them off."""

QUEUE_CALLBACK = Table(
    "queue_callback",
    METADATA,
    Column("call_id", Text, primary_key=True),
    Column("queue", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("name", Text),
    Column("joined_at_us", BigInteger, nullable=False),
    Column("expires_at_us", BigInteger, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before_us", BigInteger),
)
"""Customers who were promised a call, by the call that they asked in."""

QUEUE_RECORDING = Table(
    "queue_recording",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("call_id", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("agent", Text),
    Column("caller", Text, nullable=False),
    Column("started_at_us", BigInteger, nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
    Column("path", Text, nullable=False),
    Column("is_running", Boolean, nullable=False, server_default=false()),
    Index("queue_recording_by_time", "started_at_us", "id"),
    Index("queue_recording_of_queue", "queue", "started_at_us", "id"),
)
"""Talks that were recorded, or are just now; the sound is in the file."""
