"""Bounds of the database, and of what waits for it."""

from callwright.kernel.limits.calls import CALLS_MAX

DATABASE_BUSY_S = 10.0
"""How long a writer waits for another process that writes."""
DATABASE_CONNECTIONS_MAX = 32
SCHEMA_CONNECTIONS_MAX = 8
"""Of one organisation beside others in PostgreSQL, which takes 100 in all unless told otherwise."""
LEGS_RECORDED_MAX = 64
"""Of one call: whose audio its record tells of. Phones that only rang are not among them."""
LEG_NOTES_S = 10.0
"""A running call's quality is stored so often, so that others may read it."""
LEG_NOTES_SLOTS = 10
"""Not all of them at the same moment."""
STORAGE_GROUP_S = 0.05
"""What nobody waits for is collected so long, then written with one commit."""
STORAGE_GROUP_MAX = 500
STORAGE_WAITING_MAX = CALLS_MAX * 4
"""A start and an end of each call, twice; what comes on top while the disk is full is lost."""
STORAGE_RETRY_S = 1.0
VOICEMAIL_ATTEMPTS_MAX = 30
"""Of listing a message while the database refuses, a STORAGE_RETRY_S apart."""
