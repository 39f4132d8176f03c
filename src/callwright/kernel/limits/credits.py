"""Bounds of money."""

AMOUNT_UNITS_MAX = 1_000_000_000
"""Whole currency units in one amount; micro-units stay far below 64 bits."""
CREDITS_LOW_AGAIN_S = 86_400.0
"""Low credits that nobody tops up are told once a day."""
