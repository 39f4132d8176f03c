"""A call record as plain JSON, as the API, events and the command line give it to programs."""

from callwright.calls.plain_json import Fields, Json
from callwright.calls.record import CallRecord, LegRecord
from callwright.calls.stream_class import StreamClass, class_of_stream
from callwright.calls.visit_form import in_order, visit_form
from callwright.kernel.instants import iso_utc, iso_utc_or_none
from callwright.media.events import LegQuality, LegStatistics


def summary_form(record: CallRecord) -> Fields:
    """Everything but the steps, the visits and the legs. What is unknown is null."""
    charge = record.charge
    return {
        "id": record.id,
        "started_at": iso_utc(record.started_at),
        "answered_at": iso_utc_or_none(record.answered_at),
        "ended_at": iso_utc(record.ended_at),
        "caller": record.caller,
        "callee": record.callee,
        "direction": record.direction.value,
        "result": record.result.value,
        "duration_s": round(record.duration_s, 3),
        "sip_status": record.sip_status,
        "reason": record.reason.code,
        "sub_code": record.reason.sub_code,
        "charge": None if charge is None else str(charge),
        "currency": None if charge is None else charge.currency,
        "caller_user": record.caller_user,
        "callee_user": record.callee_user,
        "gateway": record.gateway,
        "via": record.via,
    }


def record_form(record: CallRecord) -> Fields:
    """With every decision and its reason, what it met on its way, and how each leg sounded."""
    steps: list[Json] = [{"what": step.what, "because": step.because} for step in record.steps]
    visits: list[Json] = [visit_form(visit) for visit in in_order(record.visits)]
    legs: list[Json] = [leg_form(leg) for leg in record.legs]
    return {
        "state": "ended",
        **summary_form(record),
        "steps": steps,
        "visits": visits,
        "legs": legs,
    }


def leg_form(leg: LegRecord) -> Fields:
    statistics = leg.statistics
    return {
        "party": leg.party,
        "user": leg.user,
        "gateway": leg.gateway,
        "codec": leg.codec,
        "round_trip_ms": _rounded(statistics.round_trip_ms),
        "bytes_received": statistics.bytes_received,
        "bytes_sent": statistics.bytes_sent,
        "packets_rejected": statistics.packets_rejected,
        "received": _direction(
            statistics.packets_received,
            statistics.received,
            received_class(statistics),
        ),
        "sent": _direction(statistics.packets_sent, statistics.sent, sent_class(statistics)),
    }


def received_class(statistics: LegStatistics) -> StreamClass:
    """What was lost was sent, too."""
    packets, quality = statistics.packets_received, statistics.received
    lost = None if quality is None else quality.lost
    return class_of_stream(
        packets,
        loss=None if lost is None or not packets else lost / (packets + lost),
        jitter_ms=None if quality is None else quality.jitter_ms,
        round_trip_ms=statistics.round_trip_ms,
    )


def sent_class(statistics: LegStatistics) -> StreamClass:
    """As the party's reports say."""
    packets, quality = statistics.packets_sent, statistics.sent
    lost = None if quality is None else quality.lost
    return class_of_stream(
        packets,
        loss=None if lost is None or not packets else lost / packets,
        jitter_ms=None if quality is None else quality.jitter_ms,
        round_trip_ms=statistics.round_trip_ms,
    )


def _direction(packets: int, quality: LegQuality | None, kind: StreamClass) -> Fields:
    return {
        "packets": packets,
        "lost": None if quality is None else quality.lost,
        "late": None if quality is None else quality.late,
        "jitter_ms": None if quality is None else _rounded(quality.jitter_ms),
        "mos": None if quality is None else _rounded(quality.mos, 2),
        "class": kind.value,
    }


def _rounded(value: float | None, digits: int = 3) -> float | None:
    return None if value is None else round(value, digits)
