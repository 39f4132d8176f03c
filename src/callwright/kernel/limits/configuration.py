"""Bounds of configuration: files, names, edits, and how many organisations there are."""

NAME_CHARS_MAX = 64
ORGANISATION_FILE_BYTES_MAX = 32 * 1024 * 1024
"""A user takes about 300 bytes: room for 100,000."""
ORGANISATION_NODES_MAX = 2_000_000
"""Keys, values and list items after aliases are followed; stops files that unfold without end."""
ORGANISATION_DEPTH_MAX = 50
APPLY_ATTEMPTS_MAX = 3
"""When two people apply at once, the later one compares again."""
SECRET_CHARS_MAX = 128
EMAIL_CHARS_MAX = 254
"""RFC 5321 §4.5.3.1.3, without the brackets."""
POSTAL_ADDRESS_CHARS_MAX = 256
CONFIGURATION_POLL_S = 0.25
"""How often a node asks for a new revision; an apply holds within a second (ADR 0003)."""
CONFIGURATION_FOLLOWED_MAX = 5_000
"""Changed entities that a running node takes over one by one; of more it reads the whole."""
NARROW_EDIT_USERS_MAX = 1_000
"""An edit of more users than this is checked as if all had changed."""
UNDO_DAYS = 30
"""How long an edit of the configuration can be taken back (ADR 0025)."""
CONFIGURATION_RETRY_S = 2.0
"""How soon a revision is tried again that could not be taken over."""
ORGANISATIONS_MAX = 100
"""On one system; each has a node of its own, with a thread that writes (ADR 0026)."""
ORGANISATIONS_POLL_S = 0.25
"""How often a server looks for organisations that were made or removed."""
ORGANISATION_LEAVES_S = 30.0
"""How long the command that removes one waits for a server to let it go: its calls are given
SHUTDOWN_GRACE_S."""
CONTACTS_MAX = 50_000
CONTACT_PHONES_MAX = 10
WEB_PAGES_MAX = 20
"""Of one service, whose visitors may call it."""
