"""The tables of queue agents and of waiting callers."""

from sqlalchemy import BigInteger, Column, PrimaryKeyConstraint, Table, Text

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
