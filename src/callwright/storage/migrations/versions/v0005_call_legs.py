"""How each leg of a call sounded."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "call_leg",
        sa.Column("call_id", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("user", sa.Text),
        sa.Column("gateway", sa.Text),
        sa.Column("codec", sa.Text),
        sa.Column("packets_received", sa.BigInteger, nullable=False),
        sa.Column("packets_sent", sa.BigInteger, nullable=False),
        sa.Column("bytes_received", sa.BigInteger, nullable=False),
        sa.Column("bytes_sent", sa.BigInteger, nullable=False),
        sa.Column("packets_lost", sa.BigInteger, nullable=False),
        sa.Column("packets_rejected", sa.BigInteger, nullable=False),
        sa.Column("jitter_ms", sa.Float),
        sa.Column("round_trip_ms", sa.Float),
        sa.Column("received_packets", sa.BigInteger),
        sa.Column("received_lost", sa.BigInteger),
        sa.Column("received_jitter_ms", sa.Float),
        sa.Column("received_late", sa.BigInteger),
        sa.Column("received_mos", sa.Float),
        sa.Column("sent_packets", sa.BigInteger),
        sa.Column("sent_lost", sa.BigInteger),
        sa.Column("sent_jitter_ms", sa.Float),
        sa.Column("sent_late", sa.BigInteger),
        sa.Column("sent_mos", sa.Float),
        sa.PrimaryKeyConstraint("call_id", "number"),
        sqlite_with_rowid=False,
    )
