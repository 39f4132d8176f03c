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
    _index("attendant_visit", "started_at_us", "call_id", "number")
    _index("attendant_visit", "attendant", "result", "started_at_us", "ended_at_us")
    _make_queue_visit()
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
    _index("agent_offer", "offered_at_us")
    _index("agent_offer", "agent", "queue", "outcome", "offered_at_us", "talk_us")


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
    _index("queue_visit", "started_at_us", "call_id", "number")
    _index("queue_visit", "queue", "result", "started_at_us", "ended_at_us")


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))
