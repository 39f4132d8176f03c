"""Which mailboxes ever held a message: their lamps may be lit on phones that were away."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table("lit_mailbox", sa.Column("mailbox", sa.Text, primary_key=True))
    op.execute("INSERT INTO lit_mailbox (mailbox) SELECT DISTINCT mailbox FROM voicemail")
