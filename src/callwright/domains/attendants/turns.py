"""What passes between an attendant and whoever lets a caller hear it: a call, or `explain`."""

from enum import Enum

from callwright.kernel.prompt import Prompt
from callwright.kernel.target import Target
from callwright.kernel.value import value


@value
class Key:
    """The caller pressed a key."""

    key: str


@value
class Said:
    """The caller said something while phrases were wanted."""

    phrase: str | None
    """One of those that were wanted; None: something else."""
    is_sure: bool = True


@value
class Quiet:
    """The prompts were heard to their end, and nothing came within the time after them."""


@value
class Refused:
    """The place that the caller was sent to does not take the call."""

    because: str


@value
class TooLong:
    """The session's time is up."""


Input = Key | Said | Quiet | Refused | TooLong


class Place(Enum):
    """What the caller is doing."""

    GREETING = "greeting"
    MENU = "menu"
    ANNOUNCEMENT = "announcement"
    SEARCH = "search"
    SELECTION = "selection"
    CONFIRMATION = "confirmation"
    TRANSFER = "transfer"
    END = "end"


class Outcome(Enum):
    """How an attendant leaves a caller."""

    CHOSEN = "chosen"
    """The caller chose the target, or the end."""
    FOUND = "found"
    """The caller found somebody in the directory, who needs no licence for that (SPEC 1.3)."""
    OPERATOR = "operator"
    """The caller asked for the operator."""
    FAILOVER = "failover"
    """The operator stands in: nothing was chosen, or what was chosen is broken."""
    AUTOMATIC = "automatic"
    """The flow leads there without a choice."""
    NO_OPERATOR = "no-operator"
    """Nothing was chosen, and there is no operator."""
    TRANSFER_FAILED = "transfer-failed"
    TOO_LONG = "too-long"


@value
class Ask:
    """Plays the prompts, one after the other, then waits for input."""

    prompts: tuple[Prompt, ...]
    place: Place
    wait_s: float = 0.0
    """0: only what comes during the prompts counts."""
    barge_in: bool = True
    """False: nothing that comes before the end of the prompts counts."""
    phrases: tuple[str, ...] = ()
    """What may be said; none: nobody listens."""
    begins: bool = True
    """False: the caller is amid a number or a name."""


@value
class Leave:
    """The attendant is done with the caller, unless the target refuses."""

    target: Target | None
    """None: the call ends."""
    outcome: Outcome


Effect = Ask | Leave
