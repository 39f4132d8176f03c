"""Bounds of text messages between users."""

TEXT_MESSAGE_BYTES_MAX = 8_192
"""Of one text between users; RFC 3428 §8 has a UDP path carry 1,300."""
TEXT_UDP_BYTES_MAX = 1_300
"""RFC 3428 §8: more goes over connections only."""
TEXT_WAIT_S = 24.0
"""How long the phones have for a text; its sender gives up after 32 s (RFC 3261 timer F)."""
TEXTS_WAITING_PER_USER_MAX = 50
"""Of one sender, on their way to phones that said nothing yet."""
