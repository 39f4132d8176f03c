"""Which messages are mailed: those of before are, as far as anybody knows."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    mailed = sa.Column("is_mailed", sa.Boolean, nullable=False, server_default=sa.true())
    op.add_column("voicemail", mailed)
