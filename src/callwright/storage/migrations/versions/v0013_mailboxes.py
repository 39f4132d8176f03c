"""What messages have beside their sound, and what owners of mailboxes chose."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    for column in (
        sa.Column("is_saved", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("is_protected", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("transcript", sa.Text),
        sa.Column("transcript_state", sa.Text, nullable=False, server_default="none"),
        sa.Column("forwarded_by", sa.Text),
    ):
        op.add_column("voicemail", column)
    op.create_table(
        "mailbox_choice",
        sa.Column("mailbox", sa.Text, primary_key=True),
        sa.Column("pin_hash", sa.Text),
        sa.Column("rule", sa.Text),
        sa.Column("out_of_office", sa.Boolean),
        sa.Column("until", sa.Text),
        sa.Column("greeting", sa.Text),
        sa.Column("out_of_office_greeting", sa.Text),
    )
