"""Bounds of phones that register."""

BINDINGS_PER_USER_MAX = 20
REGISTRATION_EXPIRES_S_DEFAULT = 3_600
REGISTRATION_EXPIRES_S_MIN = 60
REGISTRATION_EXPIRES_S_MAX = 86_400
REGISTRATION_NAT_EXPIRES_S_MAX = 600
"""Of a UDP phone behind NAT: a NAT box that restarts makes it unreachable for no longer."""
INSTANCE_CHARS_MAX = 128
"""Of ``+sip.instance``; a UUID as a URN has 45."""
NAT_KEEP_ALIVE_S = 28.0
"""How often a phone behind NAT hears of us over UDP; boxes that forget after 30 s are common."""
NAT_KEEP_ALIVE_SLOTS = 100
"""The pings of one round are spread over so many turns, 500 of 50,000 phones in each."""
PHONE_FLOW_SILENCE_S = 3.0
"""A phone with several flows is tried over the next one when nothing at all came so long."""
REGISTRATIONS_SWEEP_S = 60.0
REGISTRATIONS_GROUP_S = 0.1
"""Phones that registered are written together after so long; a crash forgets them until their next
registration."""
REGISTRATION_CHANGES_MAX = 2_000
"""Of one write."""
