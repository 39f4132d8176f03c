"""Which paid legs were answered."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "ledger_answer",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("answered_at_us", sa.BigInteger, nullable=False),
        sa.Column("slice_s", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
