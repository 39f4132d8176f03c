"""Bounds of a running node: overload, its own tidying, its end."""

OVERLOAD_LOW_S, OVERLOAD_HIGH_S = 0.1, 0.2
"""Behind with what sockets hold for longer: calls of strangers, then all new calls are refused.
Half of T1 (RFC 3261 §17.1.1.1) at most, so that nobody sends again what is served."""
SHUTDOWN_GRACE_S = 10.0
CIRCLES_LOOK_S = 15.0
CIRCLES_EVERY_S = 600.0
"""How often dead objects that refer to each other are looked for where nobody is disturbed."""
CIRCLES_LATEST_S = 3_600.0
"""After so long a busy node does it, too."""
CIRCLES_GROWTH_MAX = 500_000
"""Objects more than at the last look, about 60 MB; then it is done at once."""
CIRCLES_QUIET_TRANSACTIONS = 8
"""Transactions stay for 32 s: with fewer hardly anybody is calling."""
