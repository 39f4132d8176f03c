"""What a call met in attendants and queues as plain JSON; the words are those of SPEC 10.1."""

from collections.abc import Iterable

from callwright.calls.plain_json import Fields, Json, value_or_none
from callwright.calls.visits import AgentOffer, AttendantVisit, QueueVisit, Visit
from callwright.kernel.instants import iso_utc


def in_order(visits: Iterable[Visit]) -> list[Visit]:
    """As the caller came to them: whoever is sent on leaves the later one first."""
    return sorted(visits, key=lambda visit: (visit.started_at, visit.chain_index))


def visit_form(visit: Visit) -> Fields:
    """With ``kind``, ``attendant`` or ``queue``; what is unknown is null."""
    if isinstance(visit, AttendantVisit):
        return {"kind": "attendant", **attendant_form(visit)}
    offers: list[Json] = [offer_form(offer) for offer in visit.offers]
    return {"kind": "queue", **queue_form(visit), "offers": offers}


def attendant_form(visit: AttendantVisit) -> Fields:
    return {
        "attendant": visit.attendant,
        "account": visit.account,
        "started_at": iso_utc(visit.started_at),
        "ended_at": iso_utc(visit.ended_at),
        "duration_s": _seconds((visit.ended_at - visit.started_at).total_seconds()),
        "flow": visit.flow.value,
        "actions": visit.actions,
        "chain_index": visit.chain_index,
        "search": value_or_none(visit.search),
        "transfer": value_or_none(visit.transfer),
        "target": visit.target,
        "result": visit.result.value,
    }


def queue_form(visit: QueueVisit) -> Fields:
    return {
        "queue": visit.queue,
        "account": visit.account,
        "started_at": iso_utc(visit.started_at),
        "ended_at": iso_utc(visit.ended_at),
        "wait_s": _seconds(visit.wait_s),
        "chain_index": visit.chain_index,
        "agent_count": visit.agent_count,
        "opted_in_count": visit.opted_in_count,
        "waiting_before": visit.waiting_before,
        "priority": visit.priority,
        "agent": visit.agent,
        "final_action": value_or_none(visit.final_action),
        "target_type": value_or_none(visit.target_type),
        "target": visit.target,
        "callback_of": visit.callback_of,
        "result": visit.result.value,
    }


def offer_form(offer: AgentOffer) -> Fields:
    return {
        "agent": offer.agent,
        "offered_at": iso_utc(offer.offered_at),
        "ended_at": iso_utc(offer.ended_at),
        "ring_s": _seconds(offer.ring_s),
        "outcome": offer.outcome.value,
        "talk_s": None if offer.talk_s is None else _seconds(offer.talk_s),
    }


def _seconds(value: float) -> float:
    return round(value, 3)
