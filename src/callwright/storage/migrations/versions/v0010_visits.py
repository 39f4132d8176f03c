"""What calls met in attendants and queues."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "attendant_visit",
        sa.Column("call_id", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("attendant", sa.Text, nullable=False),
        sa.Column("account", sa.Text),
        sa.Column("started_at_us", sa.BigInteger, nullable=False),
        sa.Column("ended_at_us", sa.BigInteger, nullable=False),
        sa.Column("result", sa.Text, nullable=False),
        sa.Column("flow", sa.Text, nullable=False),
        sa.Column("actions", sa.Integer, nullable=False),
        sa.Column("chain_index", sa.Integer, nullable=False),
        sa.Column("search", sa.Text),
        sa.Column("transfer", sa.Text),
        sa.Column("target", sa.Text),
        sa.PrimaryKeyConstraint("call_id", "number"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_attendant_visit_started_at_us_call_id_number",
        "attendant_visit",
        ["started_at_us", "call_id", "number"],
    )
    op.create_index(
        "ix_attendant_visit_report",
        "attendant_visit",
        ["attendant", "result", "started_at_us", "ended_at_us"],
    )
    has_transfer = sa.text("transfer IS NOT NULL")
    op.create_index(
        "ix_attendant_visit_destination",
        "attendant_visit",
        ["attendant", "transfer", "target", "started_at_us"],
        sqlite_where=has_transfer,
        postgresql_where=has_transfer,
    )
    _make_queue_visit()
    _make_agent_offer()


def _make_queue_visit() -> None:
    op.create_table(
        "queue_visit",
        sa.Column("call_id", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("queue", sa.Text, nullable=False),
        sa.Column("account", sa.Text),
        sa.Column("started_at_us", sa.BigInteger, nullable=False),
        sa.Column("ended_at_us", sa.BigInteger, nullable=False),
        sa.Column("result", sa.Text, nullable=False),
        sa.Column("chain_index", sa.Integer, nullable=False),
        sa.Column("agent_count", sa.Integer, nullable=False),
        sa.Column("opted_in_count", sa.Integer, nullable=False),
        sa.Column("waiting_before", sa.Integer, nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("agent", sa.Text),
        sa.Column("final_action", sa.Text),
        sa.Column("target_type", sa.Text),
        sa.Column("target", sa.Text),
        sa.Column("callback_of", sa.Text),
        sa.PrimaryKeyConstraint("call_id", "number"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_queue_visit_started_at_us_call_id_number",
        "queue_visit",
        ["started_at_us", "call_id", "number"],
    )
    op.create_index(
        "ix_queue_visit_report",
        "queue_visit",
        ["queue", "result", "started_at_us", "ended_at_us", "opted_in_count"],
    )
    has_final_action = sa.text("final_action IS NOT NULL")
    op.create_index(
        "ix_queue_visit_destination",
        "queue_visit",
        ["queue", "result", "final_action", "target_type", "target", "started_at_us"],
        sqlite_where=has_final_action,
        postgresql_where=has_final_action,
    )


def _make_agent_offer() -> None:
    op.create_table(
        "agent_offer",
        sa.Column("call_id", sa.Text, nullable=False),
        sa.Column("visit_number", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("queue", sa.Text, nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("offered_at_us", sa.BigInteger, nullable=False),
        sa.Column("ended_at_us", sa.BigInteger, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("talk_us", sa.BigInteger),
        sa.PrimaryKeyConstraint("call_id", "visit_number", "number"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_agent_offer_report",
        "agent_offer",
        ["agent", "queue", "outcome", "offered_at_us", "talk_us"],
    )
