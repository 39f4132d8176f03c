"""Messages that callers are speaking, so that a start lists what a kill cut short."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "begun_message",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("mailbox", sa.Text, nullable=False),
        sa.Column("caller", sa.Text, nullable=False),
        sa.Column("caller_name", sa.Text),
        sa.Column("received_at_us", sa.BigInteger, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("is_protected", sa.Boolean, nullable=False),
        sa.Column("transcript_state", sa.Text, nullable=False),
    )
