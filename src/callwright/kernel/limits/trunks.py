"""Bounds of SBCs and carriers."""

GATEWAY_FAILOVER_S_DEFAULT = 10.0
"""SPEC 2.3 (FailoverTimeSeconds)."""
GATEWAY_FAILOVER_CODES_DEFAULT = (408, 503, 504)
"""SPEC 2.3 (FailoverResponseCodes)."""
GATEWAY_SESSIONS_MAX = 100_000
"""SPEC 2.3."""
OPTIONS_INTERVAL_S = 60.0
"""SPEC 2.5."""
OPTIONS_HEALTHY_S = 180.0
"""SPEC 2.5: three intervals without an answer demote a gateway."""
GATEWAY_FAILOVER_S_RANGE = (1, 120)
GATEWAY_PROGRESS_S = 40.0
"""A gateway that said 100 and nothing more for so long is passed over."""
TRUNK_EXPIRES_S_RANGE = (60, 86_400)
TRUNK_EXPIRES_S_DEFAULT = 3_600
TRUNK_RETRY_S_MIN = 30.0
TRUNK_RETRY_S_MAX = 1_800.0
"""Between attempts to register with a carrier; doubled after each that fails."""
TRUNK_KEEP_ALIVE_S = 25.0
"""Between signs of life to a registrar: boxes that translate forget a UDP path after 30 seconds."""
TRUNK_RECONNECT_S = 2.0
"""Within it we register again when a connection breaks that held."""
TRUNK_CALLS_PER_S_RANGE = (0.1, 1_000.0)
TRUNK_RETRY_AFTER_S = 1
"""What a carrier is told whose call comes above a limit."""
REDIRECTS_MAX = 5
"""Contacts of one 3xx that are followed."""
HEADER_RULES_MAX = 50
"""Of one SBC in one direction."""
HEADER_VALUE_CHARS_MAX = 256
