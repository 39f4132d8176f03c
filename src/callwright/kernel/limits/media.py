"""Bounds of audio streams."""

MEDIA_TIMEOUT_S = 600.0
"""A party that sent nothing for so long has vanished; a muted phone may suppress silence."""
MEDIA_TIMEOUT_HOLD_S = 3_600.0
LEGS_PER_RTP_PAIR_MAX = 2_000
"""On one pair of ports; more would be lost in its socket's buffer in a moment of delay."""
LEGS_PER_RTP_PAIR_USUAL = 64
"""While pairs are free: what so many send in 100 ms fits into the buffer that Linux grants a socket
by default (net.core.rmem_max, 208 KiB: 500 packets of G.711)."""
