"""Finds numbers at a supplier, keeps them for ten minutes, and makes them ours (SPEC 3.4)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pydantic import JsonValue

from callwright.domains.licences.model import Sku
from callwright.domains.licences.rules import phone_system_seats
from callwright.domains.numbers.countries import needs_address_at_acquisition
from callwright.domains.numbers.inventory import Inventory
from callwright.domains.numbers.model import NumberKind, NumberSource
from callwright.domains.numbers.orders import (
    NumberOrder,
    OrderNotOpen,
    OrderState,
    QuotaExceeded,
    check_quota,
    require_open,
)
from callwright.domains.numbers.quotas import Seats
from callwright.domains.numbers.search import Criteria
from callwright.domains.numbers.spans import joined
from callwright.kernel.e164 import E164
from callwright.kernel.limits.numbers import NUMBER_ORDERS_OPEN_MAX, NUMBERS_PER_ORDER_MAX
from callwright.operations.configuration import Edit
from callwright.operations.numbers.desk import Act, NumberDesk
from callwright.operations.numbers.entries import written
from callwright.operations.numbers.order_records import (
    forgotten_orders,
    order_entities,
    quota_rests_on,
    read_order,
    read_orders,
)
from callwright.operations.numbers.supplier import (
    NumberSupplier,
    SupplierRefused,
    supplier_named,
)
from callwright.operations.numbers.view import Draft, View, refusal
from callwright.operations.organisation_file.schema import Organisation

_WHERE = ("order",)


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for, and what the order is called."""

    name: str
    wanted: Criteria
    description: str = ""
    location: str | None = None
    """Key of the emergency address that comes with the numbers."""


class _Taken:
    """What cannot be offered: reserved by an open order, or in the inventory."""

    def __init__(self, reserved: set[E164], inventory: Inventory) -> None:
        self._reserved = reserved
        self._inventory = inventory

    def __contains__(self, number: object) -> bool:
        return isinstance(number, E164) and (
            number in self._reserved or self._inventory.entry_of(number) is not None
        )


def search(desk: NumberDesk, supplier: NumberSupplier, what: Search, act: Act) -> NumberOrder:
    """Reserves what is found and returns it as an order that waits to be completed.

    Raises NumbersRefused where nothing is found, the quota does not allow as many, or too many
    orders wait; SupplierRefused.
    """
    _require_sound(what)
    identifier = desk.new_id()

    def draft(view: View) -> Draft[NumberOrder]:
        orders = read_orders(view)
        waiting = [order for order in orders if order.reserves_at(view.now)]
        if len(waiting) >= NUMBER_ORDERS_OPEN_MAX:
            text = f"{len(waiting)} orders wait already; complete or cancel one"
            raise refusal(_WHERE, "orders-open-full", text)
        reserved = {number for order in waiting for number in order.numbers}
        taken = _Taken(reserved, view.inventory)
        found = supplier.search(view, what.wanted, taken)
        if not found:
            text = "no such numbers are to be had; search elsewhere, or for another kind"
            raise refusal(_WHERE, "numbers-not-found", text)
        order = NumberOrder(
            identifier,
            what.name,
            what.description,
            what.wanted.country,
            what.wanted.kind,
            found[0][1].source,
            tuple(number for number, _ in found),
            made_at=view.now,
            supplier=supplier.name,
            city=found[0][1].city,
            location=what.location,
        )
        _require_allowed(view, order, len(order.numbers))
        if not act.dry_run:
            supplier.reserve(order)
        return Draft(order, order_entities(order), forgotten_orders(view))

    return desk.write(draft, act)[0]


def complete(
    desk: NumberDesk, identifier: str, suppliers: Mapping[str, NumberSupplier], act: Act
) -> NumberOrder:
    """Makes the reserved numbers the organisation's.

    Raises NumbersRefused after the ten minutes, and beyond the quota. Where the supplier refuses,
    the order has failed, which is noted; SupplierRefused is raised then.
    """

    def draft(view: View) -> Draft[NumberOrder]:
        return _completed(view, identifier, Edit())

    def placed(view: View) -> Draft[NumberOrder]:
        order = _open_order(view, identifier)
        at_supplier = supplier_named(suppliers, order.supplier).order(view, order)
        return _completed(view, identifier, at_supplier)

    would_be = desk.write(draft, replace(act, dry_run=True))[0]  # before anybody is asked
    if act.dry_run:
        return would_be
    try:
        return desk.write(placed, act)[0]
    except SupplierRefused as error:
        unanswered = replace(act, witness=None)  # the request is refused, whatever is noted
        _close(desk, identifier, OrderState.FAILED, unanswered, remark=str(error))
        raise


def _completed(view: View, identifier: str, at_supplier: Edit) -> Draft[NumberOrder]:
    order = _open_order(view, identifier)
    _require_allowed(view, order, len(order.numbers))
    done = order.moved_to(OrderState.COMPLETED)
    entries = dict(written(span, _about(order)) for span in joined(order.numbers))
    upserts = {**at_supplier.upserts, **entries, **order_entities(done)}
    return Draft(done, upserts, at_supplier.removals, quota_rests_on(view))


def cancel(
    desk: NumberDesk, identifier: str, suppliers: Mapping[str, NumberSupplier], act: Act
) -> NumberOrder:
    """Lets reserved numbers go. Raises NumbersRefused where the order is past that."""
    order = _open_order(desk.view(), identifier)
    if not act.dry_run:
        supplier_named(suppliers, order.supplier).cancel(order)
    return _close(desk, identifier, OrderState.CANCELLED, act)


def seats_of(organisation: Organisation) -> Seats:
    """What quotas depend on (SPEC 3.3)."""
    bought = organisation.seats
    plans = (
        Sku.CALLING_PLAN_DOMESTIC,
        Sku.CALLING_PLAN_INTERNATIONAL,
        Sku.PHONE_SYSTEM_WITH_CALLING_PLAN,
    )
    return Seats(
        phone_system=phone_system_seats(bought),
        audio_conferencing=bought.get(Sku.AUDIO_CONFERENCING.value, 0),
        plan=sum(bought.get(sku.value, 0) for sku in plans),
        pay_as_you_go=bought.get(Sku.CALLING_PLAN_PAY_AS_YOU_GO.value, 0),
    )


def _require_sound(what: Search) -> None:
    quantity = what.wanted.quantity
    if not 1 <= quantity <= NUMBERS_PER_ORDER_MAX:
        text = f"{quantity} numbers are out of bounds; order 1 to {NUMBERS_PER_ORDER_MAX}"
        raise refusal(("order", "quantity"), "order-quantity", text)
    if not what.wanted.prefix.removeprefix("+").isdigit() and what.wanted.prefix != "+":
        text = f"{what.wanted.text!r} is no beginning of numbers; write digits"
        raise refusal(("order", "search"), "order-search", text)


def _require_allowed(view: View, order: NumberOrder, wanted: int) -> None:
    """Quota, credits for toll-free numbers and the address that some countries want."""
    emergency = view.organisation.emergency
    locations = {} if emergency is None else emergency.locations
    if order.location is not None and order.location not in locations:
        text = f"there is no location {order.location!r}; add it under emergency.locations"
        raise refusal(("order", "location"), "location-unknown", text)
    if order.source is not NumberSource.CALLING_PLAN:
        return
    held = view.inventory.count(order.kind, order.source)
    try:
        check_quota(order.kind, held, wanted, seats_of(view.organisation))
    except QuotaExceeded as error:
        raise refusal(("order", "quantity"), "number-quota", str(error)) from None
    if order.kind is NumberKind.TOLL_FREE and view.organisation.credits is None:
        text = "toll-free numbers are paid from communications credits; add credits first"
        raise refusal(("order", "kind"), "credits-missing", text)
    if needs_address_at_acquisition(order.country) and order.location is None:
        text = f"numbers of {order.country} come with an emergency address; name a location"
        raise refusal(("order", "location"), "number-emergency-address-missing", text)


def _open_order(view: View, identifier: str) -> NumberOrder:
    order = read_order(view, identifier)
    if order is None:
        text = f"there is no order {identifier!r}; look at `callwright numbers orders`"
        raise refusal(_WHERE, "order-unknown", text)
    try:
        require_open(order, view.now)
    except OrderNotOpen as error:
        raise refusal(_WHERE, "order-not-open", str(error)) from None
    return order


def _close(
    desk: NumberDesk, identifier: str, state: OrderState, act: Act, *, remark: str = ""
) -> NumberOrder:
    def draft(view: View) -> Draft[NumberOrder]:
        closed = _open_order(view, identifier).moved_to(state, remark)
        return Draft(closed, order_entities(closed))

    return desk.write(draft, act)[0]


def _about(order: NumberOrder) -> dict[str, JsonValue]:
    about: dict[str, JsonValue] = {
        "kind": order.kind.value,
        "source": order.source.value,
        "country": order.country,
    }
    if order.city is not None:
        about["city"] = order.city
    if order.location is not None:
        about["location"] = order.location
    return about
