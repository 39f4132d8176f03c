"""Mailboxes: who has which, how they answer, and who may listen (SPEC 8.9)."""
