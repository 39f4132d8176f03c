"""The life of a session."""

from enum import Enum


class SessionState(Enum):
    SETTING_UP = "setting-up"
    """No final response to the INVITE yet."""
    ANSWERED = "answered"
    ENDING = "ending"
    """Our CANCEL or BYE is under way, or a BYE waits for the ACK; the listener hears nothing."""
    ENDED = "ended"
