"""Bounds of calls for help."""

EMERGENCY_CALLBACK_S = 3_600.0
"""SPEC 3.12: an ELIN leads back to its caller for 60 minutes."""
RTP_PAIRS_FOR_EMERGENCIES = 8
"""Port pairs that only emergency calls may take, four calls' worth; at most a quarter of them."""
EMERGENCY_PROGRESS_S = 8.0
"""As GATEWAY_PROGRESS_S, for calls for help: nobody waits long for help."""
SHUTDOWN_EMERGENCY_S = 1_800.0
"""A stopping node lets an emergency call go on for so long."""
EMERGENCY_CALLBACK_RING_S = 60.0
SHARED_CALLING_EMERGENCY_NUMBERS_MAX = 100
"""Of one policy: as many people may be called back within the same hour."""
