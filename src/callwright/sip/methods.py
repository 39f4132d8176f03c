"""The methods we take, and where they may stand."""

ALLOWED = (
    "INVITE",
    "ACK",
    "CANCEL",
    "BYE",
    "OPTIONS",
    "INFO",
    "UPDATE",
    "REFER",
    "NOTIFY",
    "SUBSCRIBE",
    "REGISTER",
)
ALLOW = ("Allow", ", ".join(ALLOWED))
"""Stands in INVITEs, their 2xx and each 405 (RFC 3261 §20.5)."""

KNOWN = frozenset({*ALLOWED, "MESSAGE"})
"""Reach the owner, who may still refuse; anything else is answered 405 here."""

IN_DIALOG_ONLY = frozenset({"BYE", "INFO", "UPDATE"})
"""Without a dialog they are about nothing: 481."""

SUPPORTED_EXTENSIONS = frozenset({"path"})
"""Option tags that a Require may name (RFC 3327); all others are answered 420."""
