"""Policies by name: what kinds there are, and who is given one (SPEC 11.2)."""

from dataclasses import dataclass
from enum import Enum

GLOBAL_POLICY = "default"
"""The policy of whoever is given no other one of its kind."""


class PolicyKind(Enum):
    """The value is the kind's name wherever a file, a command or an answer gives somebody one."""

    CALLING = "calling"
    CALLER_ID = "caller_id"
    ROUTING = "routing"
    DIAL_PLAN = "dial_plan"
    SHARED_CALLING = "shared_calling"
    VOICE_APPLICATIONS = "voice_applications"
    VOICEMAIL = "voicemail"


@dataclass(frozen=True, slots=True)
class RankedPolicy:
    """What a group gives its members; of several groups the lowest rank counts."""

    policy: str
    rank: int
