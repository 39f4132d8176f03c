"""Configuration, ledger, call records, voicemail and registrations."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    configuration()
    ledger()
    append_only()
    calls()
    messages_and_phones()


def configuration() -> None:
    revisions = op.create_table(
        "configuration_revision",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.CheckConstraint("id = 1", name="one_row"),
    )
    op.bulk_insert(revisions, [{"id": 1, "revision": 0}])
    op.create_table(
        "configuration_entity",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("settings", sa.Text, nullable=False),
    )


def ledger() -> None:
    accounts = op.create_table("ledger_account", sa.Column("name", sa.Text, primary_key=True))
    names = ("funding", "wallet", "reserved", "carrier")
    op.bulk_insert(accounts, [{"name": name} for name in names])
    op.create_table(
        "ledger_transfer",
        sa.Column("id", ROW_NUMBER, primary_key=True),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("slice_number", sa.Integer, nullable=False),
        sa.Column("source", sa.Text, sa.ForeignKey("ledger_account.name"), nullable=False),
        sa.Column("destination", sa.Text, sa.ForeignKey("ledger_account.name"), nullable=False),
        sa.Column("micros", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("at_us", sa.BigInteger, nullable=False),
        sa.Column("note", sa.Text),
        sa.UniqueConstraint("key", "act", "slice_number"),
        sa.CheckConstraint("micros >= 0", name="amount"),
        sa.CheckConstraint("source <> destination", name="two_sides"),
    )
    op.create_table(
        "ledger_hold",
        sa.Column("key", sa.Text, primary_key=True),
        sqlite_with_rowid=False,
    )


def append_only() -> None:
    """What was posted stays as it was posted, whoever asks."""
    if op.get_context().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER ledger_transfer_no_{act.lower()} BEFORE {act} ON ledger_transfer "
                "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER ledger_transfer_append_only BEFORE UPDATE OR DELETE ON ledger_transfer "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def calls() -> None:
    op.create_table(
        "call_record",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("started_at_us", sa.BigInteger, nullable=False),
        sa.Column("answered_at_us", sa.BigInteger),
        sa.Column("ended_at_us", sa.BigInteger, nullable=False),
        sa.Column("caller", sa.Text, nullable=False),
        sa.Column("callee", sa.Text, nullable=False),
        sa.Column("direction", sa.Text, nullable=False),
        sa.Column("result", sa.Text, nullable=False),
        sa.Column("sip_status", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("charge_micros", sa.BigInteger),
        sa.Column("charge_currency", sa.Text),
        sa.Column("caller_user", sa.Text),
        sa.Column("callee_user", sa.Text),
        sa.Column("gateway", sa.Text),
        sa.Column("via", sa.Text),
        sa.Column("steps", sa.Text, nullable=False),
    )
    for columns in (("started_at_us", "id"), ("caller", "started_at_us"),
                    ("callee", "started_at_us")):  # fmt: skip
        op.create_index(f"ix_call_record_{'_'.join(columns)}", "call_record", list(columns))
    op.create_table(
        "open_call",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("started_at_us", sa.BigInteger, nullable=False),
        sa.Column("caller", sa.Text, nullable=False),
        sa.Column("callee", sa.Text, nullable=False),
        sa.Column("direction", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )


def messages_and_phones() -> None:
    op.create_table(
        "voicemail",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("mailbox", sa.Text, nullable=False),
        sa.Column("caller", sa.Text, nullable=False),
        sa.Column("caller_name", sa.Text),
        sa.Column("received_at_us", sa.BigInteger, nullable=False),
        sa.Column("duration_ms", sa.Integer, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("is_read", sa.Boolean, nullable=False),
    )
    op.create_index(
        "ix_voicemail_mailbox_received_at_us", "voicemail", ["mailbox", "received_at_us"]
    )
    op.create_table(
        "registration",
        sa.Column("aor", sa.Text, primary_key=True),
        sa.Column("contact", sa.Text, primary_key=True),
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
    )
