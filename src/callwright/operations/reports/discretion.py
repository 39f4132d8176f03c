"""What a report leaves out for who may not know whom it is about: figures stay, people go."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from callwright.kernel.ids import CallQueueId, UserId
from callwright.operations.reports.figures import AgentFigures, Destination

SOMEBODY = UserId("")
"""All agents of a queue together."""
_PLACES = ("queue ", "attendant ", "the end of the call")
"""What a target begins with that is no person; whose a voicemail is, is not said."""


def without_person(target: str | None) -> str | None:
    """``queue support`` stays, ``user bob`` and numbers become None."""
    return target if target is not None and target.startswith(_PLACES) else None


def without_people(destinations: Iterable[Destination]) -> tuple[Destination, ...]:
    """Those that differ only in whom they name become one."""
    counts: dict[Destination, int] = defaultdict(int)
    for each in destinations:
        counts[replace(each, target=without_person(each.target), count=0)] += each.count
    return tuple(replace(each, count=count) for each, count in counts.items())


def without_agents(figures: Iterable[AgentFigures]) -> list[AgentFigures]:
    """One for each queue, of all its agents."""
    found: dict[CallQueueId, AgentFigures] = {}
    for each in figures:
        sum_so_far = found.get(each.queue) or AgentFigures(SOMEBODY, each.queue)
        found[each.queue] = replace(
            sum_so_far,
            answered=sum_so_far.answered + each.answered,
            unanswered=sum_so_far.unanswered + each.unanswered,
            declined=sum_so_far.declined + each.declined,
            withdrawn=sum_so_far.withdrawn + each.withdrawn,
            talk=sum_so_far.talk + each.talk,
        )
    return [found[queue] for queue in sorted(found)]
