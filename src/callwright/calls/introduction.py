"""What a caller brought with the call besides a number and a name, in no protocol's words."""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from callwright.kernel.value import value


@dataclass(frozen=True, slots=True)
class Retarget:
    """A target that the call left for another one."""

    address: str
    """Number, extension or name."""
    cause: int
    """A SIP status: 302 it forwards all calls, 486 busy, 408 no answer, 503 not reachable."""


@value
class Introduction:
    is_private: bool = False
    """The called party must not learn who calls; records do."""
    history: tuple[Retarget, ...] = ()
    """Where the call had been before it came to us, the first target first."""
    wants_intercom: bool = False
    """The called phone should answer by itself."""
    verstat: str | None = None
    """What a signature says of the number: ``TN-Validation-Passed``; None: nobody looked."""


class Names(Protocol):
    """What the two sides of a leg are called in a conversation that may span systems."""

    local: str
    """Of the party behind us."""
    remote: str
    """Of the leg's own party."""

    @property
    def is_known(self) -> bool:
        """``remote`` is a name and no placeholder."""
        ...


def acquaint(one: Names | None, other: Names | None) -> None:
    """Each side hears the name of the party that it talks to; who has none gets the name by which
    the other one knows it already."""
    if one is None or other is None:
        return
    for near, far in ((one, other), (other, one)):
        if far.is_known:
            near.local = far.remote
        else:
            far.remote = near.local


UNINTRODUCED = Introduction()


class Alert(Enum):
    """How a phone should ring, so that people hear who calls."""

    INTERNAL = "internal"
    EXTERNAL = "external"
    GROUP = "group"
    """For an agent of a queue."""
    PRIVATE = "private"
    """The called user's private line."""
    URGENT = "urgent"
    """The emergency centre calls back."""
