"""What a report leaves out for who may not know whom it is about: figures stay, people go."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from callwright.calls.record import CallRecord, Direction
from callwright.calls.visits import AttendantVisit, Visit
from callwright.kernel.ids import CallQueueId, UserId
from callwright.operations.reports.figures import AgentFigures, Destination

SOMEBODY = UserId("")
"""All agents of a queue together."""
EXTERNAL, INTERNAL = "External user", "Internal user"
"""Stand for whom the first tier of support does not look for."""
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


def about(record: CallRecord, person: UserId) -> CallRecord:
    """What the first tier of support sees of a call of the person it looks for (row 276): nobody
    else, and so no decisions, which name everybody."""
    is_caller, is_callee = record.caller_user == person, record.callee_user == person
    visits = (_visit_about(visit, person) for visit in record.visits)
    return replace(
        record,
        caller=record.caller if is_caller else _who(record, Direction.INBOUND),
        callee=record.callee if is_callee else _who(record, Direction.OUTBOUND),
        caller_user=person if is_caller else None,
        callee_user=person if is_callee else None,
        steps=(),
        visits=tuple(visits),
        legs=tuple(leg for leg in record.legs if leg.user == person),
    )


def _who(record: CallRecord, outside: Direction) -> str:
    return EXTERNAL if record.direction is outside else INTERNAL


def _visit_about(visit: Visit, person: UserId) -> Visit:
    target = without_person(visit.target)
    if isinstance(visit, AttendantVisit):
        return replace(visit, target=target)
    offers = tuple(offer for offer in visit.offers if offer.agent == person)
    agent = visit.agent if visit.agent == person else None
    return replace(visit, target=target, offers=offers, agent=agent)
