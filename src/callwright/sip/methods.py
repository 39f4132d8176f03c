"""The methods we take, and where they may stand."""

ALLOWED = (
    "INVITE",
    "ACK",
    "CANCEL",
    "BYE",
    "OPTIONS",
    "INFO",
    "UPDATE",
    "PRACK",
    "REFER",
    "NOTIFY",
    "SUBSCRIBE",
    "REGISTER",
    "MESSAGE",
    "PUBLISH",
)
ALLOW = ("Allow", ", ".join(ALLOWED))
"""Stands in INVITEs, their 2xx and each 405 (RFC 3261 §20.5)."""

KNOWN = frozenset(ALLOWED)
"""All that IANA lists. They reach the owner, who may still refuse; an unheard-of method is answered
501 (RFC 3261 §8.2.1 and §21.5.2)."""

IN_DIALOG_ONLY = frozenset({"BYE", "INFO", "PRACK", "UPDATE"})
"""Without a dialog they are about nothing: 481."""

SUPPORTED_IN_CALLS = ("100rel", "norefersub", "replaces", "timer")
SUPPORTED = ("Supported", ", ".join(SUPPORTED_IN_CALLS))
"""Stands in INVITEs and UPDATEs and their 2xx (RFC 3262, RFC 4488, RFC 3891, RFC
4028)."""

SUPPORTED_EXTENSIONS = frozenset({*SUPPORTED_IN_CALLS, "gruu", "outbound", "path"})
"""Option tags that a Require may name, those of registrations (RFC 3327, RFC 5626, RFC 5627), too;
all others are answered 420."""

SUPPORTED_ANYWHERE = ("Supported", ", ".join(sorted(SUPPORTED_EXTENSIONS)))
"""Stands in the answer to OPTIONS outside a dialog (RFC 3261 §11.2)."""
