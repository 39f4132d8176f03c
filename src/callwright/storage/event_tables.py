"""The tables of events, webhooks, kept answers and jobs."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from callwright.storage.metadata import METADATA, ROW_NUMBER

EVENT = Table(
    "event",
    METADATA,
    Column("id", ROW_NUMBER, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("data", Text, nullable=False),
)
"""What happened, the newest EVENTS_KEPT_MAX; ``data`` is JSON."""

WEBHOOK = Table(
    "webhook",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("events", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("is_enabled", Boolean, nullable=False),
    Column("cursor", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("failing_since_us", BigInteger),
    Column("next_try_at_us", BigInteger),
    Column("created_at_us", BigInteger, nullable=False),
    Column("created_by", Text, nullable=False),
)

WEBHOOK_DELIVERY = Table(
    "webhook_delivery",
    METADATA,
    Column("id", ROW_NUMBER, primary_key=True),
    Column("webhook", Text, nullable=False),
    Column("event", BigInteger, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
    Column("status", Integer),
    Column("error", Text),
    Column("outcome", Text, nullable=False),
    Index(None, "webhook", "id"),
)

IDEMPOTENT_ANSWER = Table(
    "idempotent_answer",
    METADATA,
    Column("asker", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("headers", Text, nullable=False),
    Column("body", Text),
    Column("at_us", BigInteger, nullable=False),
    PrimaryKeyConstraint("asker", "key"),
    Index(None, "at_us"),
)
"""What requests with an Idempotency-Key were answered, for a day."""

JOB = Table(
    "job",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("work", Text, nullable=False),
    Column("results", Text, nullable=False),
    Column("created_at_us", BigInteger, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("ended_at_us", BigInteger),
    Column("is_cancel_wanted", Boolean, nullable=False),
    Index(None, "state"),
)
"""``work`` is what is still needed to go on; ``results`` what went wrong, both JSON."""
