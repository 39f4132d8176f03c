"""Bounds of supervision and of live views (SPEC 10.2, 10.3)."""

SUPERVISOR_ALERT_S = 30.0
"""How long a supervisor's phones ring who asked for it by the API: as an agent's (SPEC 5.2)."""
