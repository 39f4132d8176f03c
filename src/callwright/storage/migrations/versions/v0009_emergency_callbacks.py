"""Numbers that lead the emergency centre back to whoever called."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "emergency_callback",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("caller", sa.Text, nullable=False),
        sa.Column("until_us", sa.BigInteger, nullable=False),
    )
