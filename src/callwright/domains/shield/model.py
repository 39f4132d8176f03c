"""Who is kept out, for how long and why."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Offence(Enum):
    """What a source is kept out for."""

    GUESSING = "wrong credentials"
    GUESSING_NETWORK = "wrong credentials from its network"
    UNPROVEN = "calls without a proof"
    MALFORMED = "malformed messages"
    ORDER = "an administrator's order"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One source or network that is not heard."""

    network: str
    """CIDR, in the form that ``ipaddress`` prints: ``203.0.113.7/32``."""
    since: datetime
    until: datetime
    offence: Offence
    count: int = 0
    """Failures that led to it; 0 for an order."""
    names: tuple[str, ...] = ()
    """The user names that were tried last; never a password."""
    offences: int = 1
    """How many blocks of this network there were lately, this one included."""

    @property
    def is_order(self) -> bool:
        return self.offence is Offence.ORDER
