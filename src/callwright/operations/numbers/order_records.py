"""Orders as they are kept, and read back."""

from pydantic import JsonValue

from callwright.domains.numbers.model import NumberKind, NumberSource
from callwright.domains.numbers.orders import NumberOrder, OrderState
from callwright.kernel.e164 import E164
from callwright.kernel.limits.numbers import NUMBER_ORDERS_KEPT_MAX
from callwright.operations.numbers.entries import NUMBER_RANGE
from callwright.operations.numbers.reading import instant_or_none
from callwright.operations.numbers.view import View
from callwright.operations.organisation_file.entities import EntityKey
from callwright.operations.organisation_file.record_schema import NUMBER_ORDER, NUMBER_ORDER_BOOK

_BOOK = (NUMBER_ORDER_BOOK, NUMBER_ORDER_BOOK)


def order_entities(order: NumberOrder) -> dict[EntityKey, JsonValue]:
    """What is written of an order, the book's note of it included."""
    note: JsonValue = {"latest": order.id, "state": order.state.value}
    return {(NUMBER_ORDER, order.id): _record(order), _BOOK: note}


def _record(order: NumberOrder) -> JsonValue:
    record: dict[str, JsonValue] = {
        "name": order.name,
        "description": order.description,
        "supplier": order.supplier,
        "country": order.country,
        "kind": order.kind.value,
        "source": order.source.value,
        "numbers": list(order.numbers),
        "made_at": order.made_at.isoformat(),
        "state": order.state.value,
        "remark": order.remark,
    }
    for field, value in (("city", order.city), ("location", order.location)):
        if value is not None:
            record[field] = value
    return record


def read_orders(view: View) -> list[NumberOrder]:
    """The oldest first."""
    return [_read(key, record) for key, record in sorted(view.records(NUMBER_ORDER).items())]


def read_order(view: View, identifier: str) -> NumberOrder | None:
    record = view.settings(NUMBER_ORDER, identifier)
    return None if record is None else _read(identifier, record)


def forgotten_orders(view: View) -> list[EntityKey]:
    """The oldest ones that are over, beyond what is kept."""
    over = [order for order in read_orders(view) if not order.reserves_at(view.now)]
    return [(NUMBER_ORDER, order.id) for order in over[: -NUMBER_ORDERS_KEPT_MAX + 1]]


def _read(key: str, record: dict[str, JsonValue]) -> NumberOrder:
    numbers = record["numbers"]
    assert isinstance(numbers, list), "the record's schema"
    made_at = instant_or_none(record["made_at"])
    assert made_at is not None, "the record's schema"
    return NumberOrder(
        key,
        str(record["name"]),
        str(record.get("description", "")),
        str(record["country"]),
        NumberKind(record["kind"]),
        NumberSource(record["source"]),
        tuple(E164(str(number)) for number in numbers),
        made_at,
        supplier=str(record["supplier"]),
        city=_text_or_none(record.get("city")),
        location=_text_or_none(record.get("location")),
        state=OrderState(record["state"]),
        remark=str(record.get("remark", "")),
    )


def quota_rests_on(view: View) -> set[EntityKey]:
    """What decides whether more numbers may be had: seats, those that are there, and orders."""
    plan = NumberSource.CALLING_PLAN
    held = {(NUMBER_RANGE, entry.key) for entry in view.inventory.entries if entry.source is plan}
    return {("licences", "licences"), _BOOK, *held}


def _text_or_none(value: JsonValue) -> str | None:
    return None if value is None else str(value)
