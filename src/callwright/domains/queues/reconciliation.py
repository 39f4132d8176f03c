"""A look at all lines and offers at once: what must always hold of them, and does not.

Everything that frees an agent makes the floor look, so nothing should be found here, ever. What
is found is a defect: it is repaired as far as it can be, counted, and logged.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from callwright.kernel.ids import CallId, CallQueueId, UserId
from callwright.kernel.limits.agents import OFFER_GRACE_S


class Fault(Enum):
    TWO_PLACES = "two-places"
    """A call stands in line twice."""
    FORGOTTEN_OFFER = "forgotten-offer"
    """An agent counts as ringing, and the alert time is long over."""
    BROKEN_OFFER = "broken-offer"
    """An agent counts as ringing for a caller who is not told of it."""
    UNSERVED = "unserved"
    """A caller waited a whole alert time while an agent was free."""


@dataclass(frozen=True, slots=True)
class Place:
    """A caller in a line."""

    call: CallId
    queue: CallQueueId
    alert_s: float
    ringing_s: Mapping[UserId, float]
    """For how long each agent has rung."""
    idle_wait_s: float
    """For how long an agent was free, and nobody rang; 0.0 when all is well."""


@dataclass(frozen=True, slots=True)
class Finding:
    fault: Fault
    call: CallId
    agent: UserId | None = None


def examine(places: Sequence[Place], offers: Mapping[UserId, CallId]) -> tuple[Finding, ...]:
    """Returns what is wrong; ``offers`` says for which call each agent is taken."""
    return (*_in_lines(places), *_in_offers(places, offers))


def _in_lines(places: Sequence[Place]) -> Iterator[Finding]:
    seen: set[CallId] = set()
    for place in places:
        if place.call in seen:
            yield Finding(Fault.TWO_PLACES, place.call)
        seen.add(place.call)
        if place.idle_wait_s > place.alert_s:
            yield Finding(Fault.UNSERVED, place.call)
        for agent, rung_s in place.ringing_s.items():
            if rung_s > place.alert_s + OFFER_GRACE_S:
                yield Finding(Fault.FORGOTTEN_OFFER, place.call, agent)


def _in_offers(places: Sequence[Place], offers: Mapping[UserId, CallId]) -> Iterator[Finding]:
    rung = {(agent, place.call) for place in places for agent in place.ringing_s}
    for agent, call in offers.items():
        if (agent, call) not in rung:
            yield Finding(Fault.BROKEN_OFFER, call, agent)
    for agent, call in sorted(rung):
        if offers.get(agent) != call:
            yield Finding(Fault.BROKEN_OFFER, call, agent)
