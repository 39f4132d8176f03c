"""The tables of who may do what: accounts, sessions, tokens. Secrets are kept as hashes."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from callwright.storage.metadata import METADATA, ROW_NUMBER

ACCOUNT = Table(
    "account",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("display_name", Text, nullable=False),
    Column("email", Text),
    Column("user", Text),
    Column("roles", Text, nullable=False),
    Column("is_enabled", Boolean, nullable=False),
    Column("password_hash", Text),
    Column("totp_secret", Text),
    Column("totp_step", BigInteger, nullable=False),
    Column("issuer", Text),
    Column("subject", Text),
    Column("made_at_us", BigInteger, nullable=False),
    Column("signed_in_at_us", BigInteger),
    UniqueConstraint("name"),
    UniqueConstraint("email"),
    UniqueConstraint("issuer", "subject"),
)
"""``roles`` is JSON. ``totp_step`` is that of the last one-time code taken. ``issuer`` and
``subject`` are who it is at an identity provider."""

ACCOUNT_RECOVERY = Table(
    "account_recovery",
    METADATA,
    Column("account", Text, ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    Column("hash", Text, nullable=False),
    PrimaryKeyConstraint("account", "hash"),
    sqlite_with_rowid=False,
)
"""Recovery codes that were not used yet."""

ACCOUNT_SESSION = Table(
    "account_session",
    METADATA,
    Column("hash", Text, primary_key=True),
    Column("account", Text, ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    Column("method", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("began_at_us", BigInteger, nullable=False),
    Column("used_at_us", BigInteger, nullable=False),
    Index(None, "account", "used_at_us"),
    sqlite_with_rowid=False,
)

SIGN_IN_LINK = Table(
    "sign_in_link",
    METADATA,
    Column("hash", Text, primary_key=True),
    Column("account", Text, ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    Column("expires_at_us", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

API_TOKEN = Table(
    "api_token",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("hash", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("account", Text, ForeignKey("account.id", ondelete="CASCADE")),
    Column("permissions", Text, nullable=False),
    Column("made_at_us", BigInteger, nullable=False),
    Column("expires_at_us", BigInteger, nullable=False),
    Column("used_at_us", BigInteger),
    Column("revoked_at_us", BigInteger),
    UniqueConstraint("hash"),
    Index(None, "account"),
)
"""``account`` made it and bounds it; null when it was made on the data directory."""

ACCESS_EVENT = Table(
    "access_event",
    METADATA,
    Column("id", ROW_NUMBER, primary_key=True),
    Column("at_us", BigInteger, nullable=False),
    Column("actor_kind", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
)
"""Who signed in and who gave whom access; append-only by triggers."""
