"""Bounds of calls: how many, how long they ring, how often they go on."""

CALLS_MAX = 10_000
FORWARDS_MAX = 10
"""Hops of forwarding before a call is called a loop (SPEC 2.4, 510482)."""
ANSWERING_DELAYS_S = (5, 10, 15, 20, 30, 40, 50, 60)
"""SPEC 8.2 (UnansweredDelay)."""
ANSWERING_DELAY_S_DEFAULT = 20
"""SPEC 8.2."""
OUTBOUND_RING_S_MAX = 180.0
"""How long a gateway may ring; RFC 3261 timer C asks proxies for more than 180 s."""
TRANSFERS_PER_CALL_MAX = 50
PRIVATE_LINE_RING_S = 60.0
"""SPEC 3.7: without voicemail, a private line that nobody answers is busy after a minute."""
