"""The history of the configuration: who changed what, when and why."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_WORDS = "the history of the configuration is append-only"


def upgrade() -> None:
    op.create_table(
        "configuration_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("at_us", sa.BigInteger, nullable=False),
        sa.Column("actor_kind", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("why", sa.Text),
        sa.Column("undoes", sa.BigInteger),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
    )
    op.create_index("ix_configuration_change_revision", "configuration_change", ["revision"])
    op.create_index(
        "ix_configuration_change_kind_key_id", "configuration_change", ["kind", "key", "id"]
    )
    if op.get_context().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER configuration_change_no_{act.lower()} BEFORE {act} "
                f"ON configuration_change BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION refuse_history_change() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN RAISE EXCEPTION '{_WORDS}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER configuration_change_append_only BEFORE UPDATE OR DELETE "
        "ON configuration_change FOR EACH ROW EXECUTE FUNCTION refuse_history_change()"
    )
