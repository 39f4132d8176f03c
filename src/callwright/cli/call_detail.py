"""One call with its legs: for people a few lines, for programs JSON."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from callwright.calls.record import CallRecord, LegRecord
from callwright.calls.record_form import leg_form, received_class, record_form, sent_class
from callwright.calls.visit_form import in_order
from callwright.calls.visits import AttendantVisit, Visit
from callwright.cli.civil_time import for_people, for_programs
from callwright.cli.tables import print_table
from callwright.storage.call_records import CallStart

START_COLUMNS = ("started", "caller", "callee", "direction", "id")
VISIT_COLUMNS = ("met", "from", "to", "became", "next")
OFFER_COLUMNS = ("agent", "rung at", "rang", "outcome", "talk")
LEG_COLUMNS = (
    "leg",
    "codec",
    "direction",
    "packets",
    "lost",
    "late",
    "jitter",
    "rtt",
    "MOS",
    "class",
)


def record_as_json(record: CallRecord) -> dict[str, object]:
    return {**record_form(record)}


def running_as_json(start: CallStart, legs: tuple[LegRecord, ...]) -> dict[str, object]:
    """What is not known before the end is left out."""
    return start_as_json(start) | {"legs": [leg_form(leg) for leg in legs]}


def start_as_json(start: CallStart) -> dict[str, object]:
    return {
        "state": "running",
        "id": start.id,
        "started_at": for_programs(start.started_at),
        "caller": start.caller,
        "callee": start.callee,
        "direction": start.direction.value,
    }


def start_row(start: CallStart, zone: ZoneInfo) -> tuple[str, ...]:
    at = for_people(start.started_at, zone)
    return at, start.caller, start.callee, start.direction.value, start.id


def print_record(record: CallRecord, zone: ZoneInfo) -> None:
    charge = None if record.charge is None else f"{record.charge} {record.charge.currency}"
    _print_facts(
        ("call", record.id),
        ("from", _named(record.caller, record.caller_user)),
        ("to", _named(record.callee, record.callee_user)),
        ("direction", record.direction.value),
        ("gateway", record.gateway),
        ("by way of", record.via),
        ("started", for_people(record.started_at, zone)),
        ("answered", None if record.answered_at is None else for_people(record.answered_at, zone)),
        ("ended", for_people(record.ended_at, zone)),
        ("talk", f"{record.duration_s:.1f} s"),
        ("result", f"{record.result.value}: {record.reason.code} ({record.sip_status})"),
        ("charge", charge),
    )
    print_visits(in_order(record.visits), zone)
    print_legs(record.legs)
    if record.steps:
        print()
        print_table(("decided", "because"), [(step.what, step.because) for step in record.steps])


def print_running(start: CallStart, legs: tuple[LegRecord, ...], zone: ZoneInfo) -> None:
    _print_facts(
        ("call", start.id),
        ("from", start.caller),
        ("to", start.callee),
        ("direction", start.direction.value),
        ("started", for_people(start.started_at, zone)),
        ("state", "running; what is known of its audio is some seconds old"),
    )
    print_legs(legs)


def print_visits(visits: Sequence[Visit], zone: ZoneInfo) -> None:
    """Attendants and queues in order, and whom the queues rang."""
    if not visits:
        return
    print()
    print_table(VISIT_COLUMNS, [_visit_row(visit, zone) for visit in visits])
    offers = [
        (
            offer.agent,
            for_people(offer.offered_at, zone),
            _shown_s(offer.ring_s),
            offer.outcome.value,
            _shown_s(offer.talk_s),
        )
        for visit in visits
        if not isinstance(visit, AttendantVisit)
        for offer in visit.offers
    ]
    if offers:
        print()
        print_table(OFFER_COLUMNS, offers)


def print_legs(legs: tuple[LegRecord, ...]) -> None:
    print()
    if not legs:
        print("no audio was heard or sent")
        return
    rows = [row for leg in legs for row in (_row(leg, is_received=True), _row(leg))]
    print_table(LEG_COLUMNS, rows)


def _print_facts(*facts: tuple[str, str | None]) -> None:
    print_table(("", ""), [(name, value) for name, value in facts if value is not None])


def _named(address: str, user: str | None) -> str:
    return address if user is None else f"{address} ({user})"


def _visit_row(visit: Visit, zone: ZoneInfo) -> tuple[str, ...]:
    if isinstance(visit, AttendantVisit):
        name, onward = f"attendant {visit.attendant}", visit.target
    else:
        name = f"queue {visit.queue}"
        onward = visit.target if visit.agent is None else f"agent {visit.agent}"
    times = for_people(visit.started_at, zone), for_people(visit.ended_at, zone)
    return name, *times, visit.result.value, onward or "-"


def _row(leg: LegRecord, *, is_received: bool = False) -> tuple[str, ...]:
    statistics = leg.statistics
    quality = statistics.received if is_received else statistics.sent
    packets = statistics.packets_received if is_received else statistics.packets_sent
    lost = None if quality is None else quality.lost
    return (
        leg.party if is_received else "",
        (leg.codec or "-") if is_received else "",
        "from the party" if is_received else "to the party",
        str(packets),
        "-" if lost is None else _share(lost, packets, is_received=is_received),
        _shown(None if quality is None else quality.late),
        _shown(None if quality is None else quality.jitter_ms, "ms"),
        _shown(statistics.round_trip_ms, "ms") if is_received else "",
        _shown(None if quality is None else quality.mos),
        (received_class if is_received else sent_class)(statistics).value,
    )


def _share(lost: int, packets: int, *, is_received: bool) -> str:
    """Of what was sent: what we received does not hold what was lost."""
    sent = packets + lost if is_received else packets
    return f"{lost} ({100 * lost / sent:.1f} %)" if sent else str(lost)


def _shown_s(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} s"


def _shown(value: float | None, unit: str = "") -> str:
    if value is None:
        return "-"
    text = str(value) if isinstance(value, int) else f"{value:.1f}"
    return f"{text} {unit}".rstrip()
