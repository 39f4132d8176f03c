"""Orders that move numbers here from another carrier: made, moved on, edited, given up
(SPEC 3.11)."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import JsonValue, ValidationError
from pydantic_core import ErrorDetails

from callwright.domains.numbers.countries import needs_address_at_acquisition
from callwright.domains.numbers.formats import BadNumber, read_number
from callwright.domains.numbers.model import NumberKind
from callwright.domains.numbers.porting import (
    PortRefused,
    PortRequest,
    PortRight,
    PortScope,
    PortState,
    mistakes,
    require_right,
    require_step,
    state_at,
)
from callwright.domains.numbers.spans import joined
from callwright.kernel.e164 import E164
from callwright.kernel.limits.numbers import PORT_ORDERS_OPEN_MAX
from callwright.operations.numbers.desk import Act, NumberDesk
from callwright.operations.numbers.entries import written
from callwright.operations.numbers.reading import instant_or_none
from callwright.operations.numbers.supplier import NumberSupplier, supplier_named
from callwright.operations.numbers.view import (
    Draft,
    NumberProblem,
    NumbersRefused,
    View,
    all_or_nothing,
    refusal,
)
from callwright.operations.organisation_file.document import Path
from callwright.operations.organisation_file.entities import EntityKey
from callwright.operations.organisation_file.record_schema import PORT_ORDER, PortOrderRecord

CSV_HEADER = "PhoneNumber"
_REQUEST_FIELDS = (
    "organisation", "authoriser", "authorisation", "country", "kind", "source", "scope",
    "billing_number", "account", "pin", "service_address", "requester", "location", "numbers",
)  # fmt: skip
EDITABLE = frozenset(_REQUEST_FIELDS) - {"numbers"}
"""Fields of one line of text."""


@dataclass(frozen=True, slots=True)
class PortOrder:
    id: str
    request: PortRequest
    supplier: str
    state: PortState
    """As it stands now: an approved transfer is pending in its last day."""
    made_at: datetime
    transfer_at: datetime | None
    remark: str


def read_port_csv(text: str) -> list[E164]:
    """Reads one column with the header ``PhoneNumber``; raises NumbersRefused with all mistakes."""
    rows = [row for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"))) if any(row)]
    if not rows or [cell.strip() for cell in rows[0]] != [CSV_HEADER]:
        message = f"begins without the header {CSV_HEADER}; write it in the first line, alone"
        raise refusal(("numbers",), "port-csv-header", message)
    numbers, problems = [], []
    for place, row in enumerate(rows[1:], start=2):
        try:
            numbers.append(read_number(",".join(row)))
        except BadNumber as error:
            problems.append(NumberProblem(("numbers", place), str(error), "number-malformed"))
    all_or_nothing(problems)
    return numbers


def create(
    desk: NumberDesk, supplier: NumberSupplier, settings: Mapping[str, JsonValue], act: Act
) -> PortOrder:
    """``settings`` are a PortOrderRecord's fields that a person writes.

    Raises NumbersRefused with everything the losing carrier would refuse, and SupplierRefused.
    """
    identifier = desk.new_id()

    def draft(view: View) -> Draft[PortOrder]:
        record: dict[str, JsonValue] = {
            **_stated(settings),
            "supplier": supplier.name,
            "made_at": view.now.isoformat(),
            "state": PortState.PROCESSING.value,
        }
        order = _checked(view, identifier, record)
        if not act.dry_run:
            supplier.port(identifier, order.request)
        return Draft(order, {(PORT_ORDER, identifier): record})

    return desk.write(draft, act)[0]


def move(
    desk: NumberDesk,
    identifier: str,
    to: PortState,
    act: Act,
    *,
    transfer_at: datetime | None = None,
    remark: str = "",
) -> PortOrder:
    """Notes how the carriers go on. Completed: the numbers are the organisation's, and do not
    count against its quota. Raises NumbersRefused where an order does not move so."""

    def draft(view: View) -> Draft[PortOrder]:
        order, record = _found(view, identifier)
        with_date = transfer_at or order.transfer_at
        with _as_refusal():
            require_step(order.state, to, with_date)
        record |= {"state": to.value, "remark": remark}
        if with_date is not None:
            record["transfer_at"] = with_date.isoformat()
        moved = _read(identifier, record, view.now)
        upserts: dict[EntityKey, JsonValue] = {(PORT_ORDER, identifier): record}
        if to is PortState.COMPLETED:
            record.pop("pin", None)
            upserts |= _ported(view, order, record)
        return Draft(moved, upserts)

    return desk.write(draft, act)[0]


def edit(
    desk: NumberDesk,
    identifier: str,
    settings: Mapping[str, JsonValue],
    suppliers: Mapping[str, NumberSupplier],
    act: Act,
) -> PortOrder:
    """Corrects what was refused or given up, and sends the order in again."""

    def draft(view: View) -> Draft[PortOrder]:
        order, record = _found(view, identifier)
        with _as_refusal():
            require_right(order.state, PortRight.EDIT)
        record |= {**_stated(settings), "state": PortState.PROCESSING.value, "remark": ""}
        record.pop("transfer_at", None)
        corrected = _checked(view, identifier, record)
        if not act.dry_run:
            supplier_named(suppliers, order.supplier).port(identifier, corrected.request)
        return Draft(corrected, {(PORT_ORDER, identifier): record})

    return desk.write(draft, act)[0]


def cancel(
    desk: NumberDesk, identifier: str, suppliers: Mapping[str, NumberSupplier], act: Act
) -> PortOrder:
    """Raises NumbersRefused in the last day before the move, and after it (row 40)."""

    def draft(view: View) -> Draft[PortOrder]:
        order, record = _found(view, identifier)
        with _as_refusal():
            require_right(order.state, PortRight.CANCEL)
        if not act.dry_run:
            supplier_named(suppliers, order.supplier).cancel_port(identifier)
        record |= {"state": PortState.CANCELLED.value}
        cancelled = replace(order, state=PortState.CANCELLED)
        return Draft(cancelled, {(PORT_ORDER, identifier): record})

    return desk.write(draft, act)[0]


def delete(desk: NumberDesk, identifier: str, act: Act) -> PortOrder:
    def draft(view: View) -> Draft[PortOrder]:
        order, _ = _found(view, identifier)
        with _as_refusal():
            require_right(order.state, PortRight.DELETE)
        return Draft(order, {}, [(PORT_ORDER, identifier)])

    return desk.write(draft, act)[0]


def read_port_orders(view: View) -> list[PortOrder]:
    """The oldest first."""
    records = sorted(view.records(PORT_ORDER).items())
    return [_read(key, record, view.now) for key, record in records]


def read_port_order(view: View, identifier: str) -> PortOrder:
    """Raises NumbersRefused."""
    return _found(view, identifier)[0]


@contextmanager
def _as_refusal() -> Iterator[None]:
    try:
        yield
    except PortRefused as error:
        raise refusal(("port-order",), "port-order-state", str(error)) from None


def _stated(settings: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """What a person wrote, numbers with their plus."""
    stated = {
        field: settings[field] for field in _REQUEST_FIELDS if settings.get(field) is not None
    }
    problems: list[NumberProblem] = []
    numbers = stated.get("numbers")
    if isinstance(numbers, list):
        stated["numbers"] = [_plain(("numbers", i), n, problems) for i, n in enumerate(numbers)]
    if "billing_number" in stated:
        billing = stated["billing_number"]
        stated["billing_number"] = _plain(("billing_number",), billing, problems)
    all_or_nothing(problems)
    return stated


def _plain(path: Path, text: JsonValue, problems: list[NumberProblem]) -> JsonValue:
    try:
        return str(read_number(str(text)))
    except BadNumber as error:
        problems.append(NumberProblem(path, str(error), "number-malformed"))
        return text


def _found(view: View, identifier: str) -> tuple[PortOrder, dict[str, JsonValue]]:
    record = view.settings(PORT_ORDER, identifier)
    if record is None:
        text = f"there is no port order {identifier!r}; look at `callwright numbers port list`"
        raise refusal(("port-order",), "port-order-unknown", text)
    return _read(identifier, record, view.now), record


def _checked(view: View, identifier: str, record: dict[str, JsonValue]) -> PortOrder:
    """Raises NumbersRefused with everything that is wrong with an order."""
    _require_shape(record)
    order = _read(identifier, record, view.now)
    others = _open_beside(view, order)
    if len(others) >= PORT_ORDERS_OPEN_MAX:
        text = f"{len(others)} port orders are open already; complete, cancel or delete one first"
        raise refusal(("port-order",), "port-orders-open-full", text)
    texts = [*mistakes(order.request), *_not_ours_yet(view, order, others)]
    emergency = view.organisation.emergency
    locations = {} if emergency is None else emergency.locations
    if needs_address_at_acquisition(order.request.country) and "location" not in record:
        texts.append(
            f"numbers of {order.request.country} come with an emergency address; name a location"
        )
    elif "location" in record and record["location"] not in locations:
        texts.append(f"there is no location {record['location']!r}; add it under emergency")
    all_or_nothing([NumberProblem(("port-order",), text, "port-refused") for text in texts])
    return order


def _require_shape(record: Mapping[str, JsonValue]) -> None:
    try:
        PortOrderRecord.model_validate(record)
    except ValidationError as error:
        raise NumbersRefused(
            [
                NumberProblem(details["loc"], _words(details), "port-field")
                for details in error.errors(include_url=False)
            ]
        ) from None


def _words(details: ErrorDetails) -> str:
    if details["type"] == "missing":
        return f"is missing; write {details['loc'][0]}"
    return details["msg"]


def _open_beside(view: View, order: PortOrder) -> list[PortOrder]:
    over = (PortState.COMPLETED, PortState.CANCELLED)
    return [o for o in read_port_orders(view) if o.id != order.id and o.state not in over]


def _not_ours_yet(view: View, order: PortOrder, others: Sequence[PortOrder]) -> list[str]:
    underway = {number for other in others for number in other.request.numbers}
    texts = []
    for number in order.request.numbers:
        if view.inventory.entry_of(number) is not None:
            texts.append(f"{number} is in the inventory already; leave it out")
        elif number in underway:
            texts.append(f"{number} is in another port order; leave it out")
    return texts


def _ported(
    view: View, order: PortOrder, record: Mapping[str, JsonValue]
) -> dict[EntityKey, JsonValue]:
    """Entries of the inventory for what arrived; what somebody uploaded meanwhile is there."""
    about: dict[str, JsonValue] = {
        "kind": order.request.kind.value,
        "source": record["source"],
        "country": order.request.country,
        "ported": True,
    }
    if record.get("location") is not None:
        about["location"] = record["location"]
    arrived = [n for n in order.request.numbers if view.inventory.entry_of(n) is None]
    return dict(written(span, about) for span in joined(arrived))


def _read(key: str, record: Mapping[str, JsonValue], now: datetime) -> PortOrder:
    numbers = record["numbers"]
    assert isinstance(numbers, list), "the record's schema"
    made_at = instant_or_none(record["made_at"])
    assert made_at is not None, "the record's schema"
    transfer_at = instant_or_none(record.get("transfer_at"))
    request = PortRequest(
        str(record["organisation"]),
        str(record["authoriser"]),
        str(record["country"]),
        NumberKind(record["kind"]),
        PortScope(record["scope"]),
        E164(str(record["billing_number"])),
        str(record["account"]),
        str(record["service_address"]),
        tuple(E164(str(number)) for number in numbers),
    )
    state = state_at(PortState(record["state"]), transfer_at, now)
    remark = str(record.get("remark", ""))
    return PortOrder(key, request, str(record["supplier"]), state, made_at, transfer_at, remark)
