"""Who may do what: accounts, sessions, links that sign in once, tokens, and their history."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_WORDS = "the log of access is append-only"


def upgrade() -> None:
    accounts()
    sessions()
    tokens()
    events()


def accounts() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("display_name", sa.Text, nullable=False),
        sa.Column("email", sa.Text),
        sa.Column("user", sa.Text),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("is_enabled", sa.Boolean, nullable=False),
        sa.Column("password_hash", sa.Text),
        sa.Column("totp_secret", sa.Text),
        sa.Column("totp_step", sa.BigInteger, nullable=False),
        sa.Column("issuer", sa.Text),
        sa.Column("subject", sa.Text),
        sa.Column("made_at_us", sa.BigInteger, nullable=False),
        sa.Column("signed_in_at_us", sa.BigInteger),
        sa.UniqueConstraint("name", name="uq_account_name"),
        sa.UniqueConstraint("email", name="uq_account_email"),
        sa.UniqueConstraint("issuer", "subject", name="uq_account_issuer_subject"),
    )
    op.create_table(
        "account_recovery",
        _account("account_recovery", nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("account", "hash"),
        sqlite_with_rowid=False,
    )


def sessions() -> None:
    op.create_table(
        "account_session",
        sa.Column("hash", sa.Text, primary_key=True),
        _account("account_session", nullable=False),
        sa.Column("method", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("began_at_us", sa.BigInteger, nullable=False),
        sa.Column("used_at_us", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_account_session_account_used_at_us", "account_session", ["account", "used_at_us"]
    )
    op.create_table(
        "sign_in_link",
        sa.Column("hash", sa.Text, primary_key=True),
        _account("sign_in_link", nullable=False),
        sa.Column("expires_at_us", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )


def tokens() -> None:
    op.create_table(
        "api_token",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        _account("api_token", nullable=True),
        sa.Column("permissions", sa.Text, nullable=False),
        sa.Column("made_at_us", sa.BigInteger, nullable=False),
        sa.Column("expires_at_us", sa.BigInteger, nullable=False),
        sa.Column("used_at_us", sa.BigInteger),
        sa.Column("revoked_at_us", sa.BigInteger),
        sa.UniqueConstraint("hash", name="uq_api_token_hash"),
    )
    op.create_index("ix_api_token_account", "api_token", ["account"])


def events() -> None:
    op.create_table(
        "access_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("at_us", sa.BigInteger, nullable=False),
        sa.Column("actor_kind", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
    )
    if op.get_context().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER access_event_no_{act.lower()} BEFORE {act} "
                f"ON access_event BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION refuse_access_event_change() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN RAISE EXCEPTION '{_WORDS}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER access_event_append_only BEFORE UPDATE OR DELETE "
        "ON access_event FOR EACH ROW EXECUTE FUNCTION refuse_access_event_change()"
    )


def _account(table: str, *, nullable: bool) -> sa.Column[str]:
    name = f"fk_{table}_account"
    key = sa.ForeignKey("account.id", ondelete="CASCADE", name=name)
    return sa.Column("account", sa.Text, key, nullable=nullable)
