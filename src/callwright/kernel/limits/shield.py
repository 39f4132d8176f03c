"""Bounds of what strangers and guessers are granted."""

STRANGER_RECORDS_S = 60.0
STRANGER_RECORDS_MAX = 60
STRANGER_RECORDS_PER_ADDRESS_MAX = 10
"""Calls of strangers that leave a record in each such span; the others are only counted."""
SHIELD_WRONG_SHORT = (20, 600.0)
"""Wrong credentials of one source and in how many seconds: a phone with a wrong password tries
twice a minute at most, a program that guesses twenty times a second."""
SHIELD_WRONG_LONG = (60, 86_400.0)
"""The same for who tries several names and takes his time."""
SHIELD_WRONG_ONE_NAME = (300, 86_400.0)
"""The same for one name only: a phone that was forgotten with its old password, every 5 minutes."""
SHIELD_WRONG_NETWORK = (100, 86_400.0)
"""Of a whole /24 (IPv6: /48) that changes its address with each guess."""
SHIELD_NETWORK_SOURCES_MIN = 3
"""A network is blocked as a whole only when so many of its sources guessed."""
SHIELD_WRONG_NAME = (50, 86_400.0)
"""For one user name, wherever from: then each unknown address that failed has to wait."""
SHIELD_NAME_PAUSE_S = 30.0
SHIELD_UNPROVEN_SHORT = (1_000, 600.0)
"""INVITEs of one source that never bring a proof: far more than an office that starts."""
SHIELD_MALFORMED_SHORT = (1_000, 600.0)
SHIELD_BLOCK_S = (600.0, 3_600.0, 86_400.0)
"""The first block of a source, the second, and each one after that."""
SHIELD_MEMORY_S = 604_800.0
"""How long after its end a block makes the next one longer."""
SHIELD_SOURCES_MAX = 20_000
"""Sources, networks and names, each, whose failures are counted; 30 MB when all are full."""
SHIELD_BLOCKS_MAX = 10_000
SHIELD_VERDICTS_MAX = 65_536
SHIELD_NAMES_KEPT = 5
SHIELD_HELP_CALLS_MAX = 1_000
SHIELD_HELP_PER_MINUTE = 10
"""Emergency INVITEs of a blocked source that are looked at; more are no call for help."""
SHIELD_NEVER_MAX = 1_000
SHIELD_POLL_S = 0.25
"""How often a server asks what `callwright shield` told it; that holds within a second."""
VISITOR_CALLS_MAX = 40
"""SPEC 4.5: calls from web pages to one organisation, in VISITOR_CALLS_S."""
VISITOR_CALLS_PER_ADDRESS_MAX = 10
"""One visitor leaves room for others."""
VISITOR_CALLS_S = 60.0
