"""What became of the question who pays."""

from enum import Enum


class Unpaid(Enum):
    """Why a call has no meter."""

    FREE = "free"
    REFUSED = "refused"
    """The balance is too small, and the party was told."""
