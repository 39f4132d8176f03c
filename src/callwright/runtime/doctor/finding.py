"""What a check found."""

from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    OK = "OK"
    WARNING = "WARNING"
    """Works, but not for everybody or not for ever."""
    FAILED = "FAILED"
    """Calls will be missing, or silent."""
    NOT_TRIED = "NOT TRIED"


@dataclass(frozen=True, slots=True)
class Finding:
    check: str
    subject: str
    """The address, file or peer that was looked at."""
    verdict: Verdict
    reason: str
    remedy: str = ""
    """What to do; empty when nothing has to be done."""
