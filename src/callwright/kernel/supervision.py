"""What a supervisor can do in an agent's call (SPEC 10.3)."""

from enum import Enum


class SupervisionMode(Enum):
    """Who may do one may do those before it, too."""

    MONITOR = "monitor"
    """Hears both; nobody hears the supervisor."""
    WHISPER = "whisper"
    """The agent alone hears the supervisor."""
    BARGE = "barge"
    """Everybody hears everybody."""
    TAKEOVER = "takeover"
    """The supervisor has the caller; the agent is out."""

    def includes(self, mode: "SupervisionMode") -> bool:
        return _ORDER.index(mode) <= _ORDER.index(self)


_ORDER = tuple(SupervisionMode)

SUPERVISION_CODE = "*44"
"""Dialled before an agent's extension."""
SUPERVISION_KEYS = {
    "4": SupervisionMode.MONITOR,
    "5": SupervisionMode.WHISPER,
    "6": SupervisionMode.BARGE,
    "7": SupervisionMode.TAKEOVER,
}
"""What a supervisor presses to change over, while he is in the call."""
