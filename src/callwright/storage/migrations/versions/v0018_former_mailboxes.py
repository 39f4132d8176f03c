"""Mailboxes that went with their owners, kept apart from namesakes until they are erased."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "former_mailbox",
        sa.Column("mailbox", sa.Text, primary_key=True),
        sa.Column("since_us", sa.BigInteger, nullable=False),
    )
