"""Bounds of finding servers (RFC 3263)."""

LOCATION_TARGETS_MAX = 16
"""Addresses of one server that are kept (RFC 3263); further ones of its DNS answer are dropped."""
LOCATION_TRIES_MAX = 4
"""Addresses of one SBC that one call tries."""
LOCATION_TTL_S_MIN = 5.0
LOCATION_TTL_S_MAX = 900.0
"""A name is looked up at least every 15 minutes, whatever its TTL is."""
LOCATION_RETRY_S = 30.0
"""After a look-up that failed; what was known last holds meanwhile."""
RESOLVER_ENTRIES_MAX = 1_024
RESOLVER_QUERY_S = 5.0
RESOLVER_QUESTIONS_MAX = 64
"""Questions to the DNS for one name: NAPTR, SRV, addresses of each server."""
TARGET_REST_S_MAX = 600.0
"""An address that answered 503 with a longer Retry-After is tried last for so long only."""
