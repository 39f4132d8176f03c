"""Bounds of the outbox."""

MAIL_WAITING_MAX = 10_000
"""Mails in the outbox; more are dropped with an error in the log."""
MAIL_BATCH_MAX = 100
MAIL_SET_ASIDE_MAX = 1_000
"""Mails that no server will ever take, kept for a person to look at; the oldest go first."""
MAIL_RETRY_S = 60.0
