"""A phone may be registered over several flows."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

KEPT = (
    "aor, contact, transport, local_host, local_port, remote_host, remote_port, call_id, cseq, q, "
    "path, user_agent, expires_at_us"
)


def upgrade() -> None:
    op.rename_table("registration", "registration_before")
    op.create_table(
        "registration",
        sa.Column("aor", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("contact", sa.Text, nullable=False),
        sa.Column("transport", sa.Text, nullable=False),
        sa.Column("local_host", sa.Text, nullable=False),
        sa.Column("local_port", sa.Integer, nullable=False),
        sa.Column("remote_host", sa.Text, nullable=False),
        sa.Column("remote_port", sa.Integer, nullable=False),
        sa.Column("call_id", sa.Text, nullable=False),
        sa.Column("cseq", sa.BigInteger, nullable=False),
        sa.Column("q", sa.Float, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("user_agent", sa.Text, nullable=False),
        sa.Column("expires_at_us", sa.BigInteger, nullable=False),
        sa.Column("instance", sa.Text, nullable=False, server_default=""),
        sa.Column("reg_id", sa.Integer, nullable=False, server_default="0"),
        sa.Column("is_behind_nat", sa.Boolean, nullable=False, server_default=sa.false()),
        # PostgreSQL still has the name of the former table's key.
        sa.PrimaryKeyConstraint("aor", "key", name="registration_flow"),
    )
    op.execute(
        f"INSERT INTO registration (key, {KEPT}) SELECT contact, {KEPT} FROM registration_before"
    )
    op.drop_table("registration_before")
