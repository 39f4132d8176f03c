"""Who is kept out, and what an administrator told a running server about that."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "shield_block",
        sa.Column("network", sa.Text, primary_key=True),
        sa.Column("since_us", sa.BigInteger, nullable=False),
        sa.Column("until_us", sa.BigInteger, nullable=False),
        sa.Column("offence", sa.Text, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("names", sa.Text, nullable=False),
        sa.Column("offences", sa.Integer, nullable=False),
    )
    op.create_table(
        "shield_order",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("network", sa.Text, nullable=False),
        sa.Column("given_at_us", sa.BigInteger, nullable=False),
        sa.Column("until_us", sa.BigInteger, nullable=False),
    )
