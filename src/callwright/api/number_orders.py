"""Ordering numbers, the pool they come from, and ports from another carrier, over HTTP."""

from collections.abc import Callable, Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from fastapi.responses import Response
from pydantic import BaseModel, JsonValue

from callwright.api.authorisation import Caller, allowed
from callwright.api.documents import json_body, problems
from callwright.api.number_desk import Work, look, supplier_named, work_of
from callwright.api.number_shapes import (
    OrderShape,
    PoolBody,
    PortBody,
    PortMoveBody,
    PortShape,
    SearchBody,
    order_shape,
    port_shape,
)
from callwright.api.problems import Mistake, not_found, refused
from callwright.api.typed_bodies import body_of, takes
from callwright.domains.access.model import Permission
from callwright.domains.numbers.formats import BadNumber
from callwright.domains.numbers.model import NumberKind, NumberSource
from callwright.domains.numbers.orders import NumberOrder
from callwright.domains.numbers.search import Criteria, PoolEntry
from callwright.domains.numbers.spans import read_span
from callwright.kernel.limits.api import API_SEARCH_CHARS_MAX
from callwright.operations.numbers import ordering, port_orders
from callwright.operations.numbers.desk import Act, NumberDesk
from callwright.operations.numbers.order_records import read_order, read_orders
from callwright.operations.numbers.pool import read_pool, stock
from callwright.operations.numbers.suppliers import suppliers

router = APIRouter(tags=["numbers"])
Reader = Annotated[Caller, Depends(allowed(Permission.NUMBERS_READ))]
Working = Annotated[Work, Depends(work_of(Permission.NUMBERS_WRITE))]
Id = Annotated[str, Path(max_length=API_SEARCH_CHARS_MAX)]
SEEN = problems(401, 403, 409)
FOUND = problems(401, 403, 404, 409, 422)
WRITTEN = problems(400, 401, 403, 404, 409, 422)
GONE: dict[int | str, dict[str, Any]] = {200: json_body({"type": "object"}, "The order as it was.")}


class Orders(BaseModel):
    items: list[OrderShape]


class PoolShape(BaseModel):
    numbers: str
    kind: NumberKind
    source: NumberSource
    country: str
    city: str | None


class Pool(BaseModel):
    items: list[PoolShape]


class Ports(BaseModel):
    items: list[PortShape]


@router.get(
    "/number-orders", operation_id="list_number_orders", response_model=Orders, responses=SEEN
)
async def list_orders(caller: Reader) -> Response:
    """The oldest first; what is over is kept for a while."""

    def orders(desk: NumberDesk) -> JsonValue:
        view = desk.view()
        return {"items": [order_shape(order, view.now) for order in read_orders(view)]}

    return await look(caller, orders)


@router.get(
    "/number-orders/{id}",
    operation_id="get_number_order",
    response_model=OrderShape,
    responses=FOUND,
)
async def get_order(caller: Reader, id: Id) -> Response:
    def order(desk: NumberDesk) -> JsonValue:
        view = desk.view()
        found = read_order(view, id)
        if found is None:
            raise not_found("order", id)
        return order_shape(found, view.now)

    return await look(caller, order)


@router.post(
    "/number-orders",
    operation_id="search_numbers",
    openapi_extra=takes(SearchBody),
    status_code=201,
    response_model=OrderShape,
    responses=WRITTEN | {200: {"description": "What a dry run would reserve."}},
)
async def post_order(
    work: Working,
    body: Annotated[SearchBody, Depends(body_of(SearchBody))],
) -> Response:
    """Searches, and keeps what is found for ten minutes; then complete the order."""
    supplier = supplier_named(body.supplier)
    wanted = Criteria(body.country, body.kind, body.quantity, body.by, body.text)
    search = ordering.Search(body.name, wanted, body.description, body.location)

    return await work.perform(
        lambda desk, act: ordering.search(desk, supplier, search, act), _order_by(work), status=201
    )


@router.post(
    "/number-orders/{id}/complete",
    operation_id="complete_number_order",
    response_model=OrderShape,
    responses=WRITTEN,
)
async def post_complete(id: Id, work: Working) -> Response:
    """Makes the reserved numbers the organisation's; within ten minutes of the search."""

    return await work.perform(
        lambda desk, act: ordering.complete(desk, id, suppliers(), act), _order_by(work)
    )


@router.post(
    "/number-orders/{id}/cancel",
    operation_id="cancel_number_order",
    response_model=OrderShape,
    responses=WRITTEN,
)
async def post_cancel(id: Id, work: Working) -> Response:
    """Gives the reserved numbers back at once."""

    return await work.perform(
        lambda desk, act: ordering.cancel(desk, id, suppliers(), act), _order_by(work)
    )


def _order_by(work: Work) -> Callable[[NumberOrder], JsonValue]:
    """How orders read at this moment."""
    utc = work.caller.tenant.utc
    return lambda order: order_shape(order, utc())


@router.get("/number-pool", operation_id="list_number_pool", response_model=Pool, responses=SEEN)
async def list_pool(caller: Reader) -> Response:
    """What can be ordered from the built-in supplier."""
    return await look(caller, lambda desk: _pool(read_pool(desk.view())))


def _pool(entries: Iterable[PoolEntry]) -> JsonValue:
    return {
        "items": [
            {
                "numbers": entry.key,
                "kind": entry.kind.value,
                "source": entry.source.value,
                "country": entry.country,
                "city": entry.city,
            }
            for entry in entries
        ]
    }


@router.post(
    "/number-pool",
    operation_id="stock_number_pool",
    openapi_extra=takes(PoolBody),
    status_code=201,
    response_model=Pool,
    responses=WRITTEN | {200: {"description": "What a dry run would add."}},
)
async def post_pool(
    work: Working,
    body: Annotated[PoolBody, Depends(body_of(PoolBody))],
) -> Response:
    """Adds numbers that can be ordered from now on."""
    try:
        spans = [read_span(text) for text in body.numbers]
    except BadNumber as error:
        raise refused([Mistake.at(("numbers",), "number-malformed", str(error))]) from None

    def act(desk: NumberDesk, act: Act) -> tuple[PoolEntry, ...]:
        return stock(
            desk,
            spans,
            act,
            kind=body.kind,
            source=body.source,
            country=body.country,
            city=body.city,
        )

    return await work.perform(act, _pool, status=201)


@router.get("/port-orders", operation_id="list_port_orders", response_model=Ports, responses=SEEN)
async def list_ports(caller: Reader) -> Response:
    return await look(
        caller,
        lambda desk: {
            "items": [port_shape(order) for order in port_orders.read_port_orders(desk.view())]
        },
    )


@router.get(
    "/port-orders/{id}", operation_id="get_port_order", response_model=PortShape, responses=FOUND
)
async def get_port(caller: Reader, id: Id) -> Response:
    return await look(caller, lambda desk: port_shape(port_orders.read_port_order(desk.view(), id)))


@router.post(
    "/port-orders",
    operation_id="create_port_order",
    openapi_extra=takes(PortBody),
    status_code=201,
    response_model=PortShape,
    responses=WRITTEN | {200: {"description": "What a dry run would order."}},
)
async def post_port(
    work: Working,
    body: Annotated[PortBody, Depends(body_of(PortBody))],
) -> Response:
    """Asks the losing carrier for numbers."""
    supplier = supplier_named(body.supplier)

    return await work.perform(
        lambda desk, act: port_orders.create(desk, supplier, _settings(body), act),
        port_shape,
        status=201,
    )


@router.patch(
    "/port-orders/{id}",
    operation_id="edit_port_order",
    openapi_extra=takes(PortBody),
    response_model=PortShape,
    responses=WRITTEN,
)
async def patch_port(
    id: Id,
    work: Working,
    body: Annotated[PortBody, Depends(body_of(PortBody))],
) -> Response:
    """Corrects an order that was refused or cancelled, and sends it in again."""

    return await work.perform(
        lambda desk, act: port_orders.edit(desk, id, _settings(body), suppliers(), act), port_shape
    )


@router.post(
    "/port-orders/{id}/move",
    operation_id="move_port_order",
    openapi_extra=takes(PortMoveBody),
    response_model=PortShape,
    responses=WRITTEN,
)
async def post_move(
    id: Id,
    work: Working,
    body: Annotated[PortMoveBody, Depends(body_of(PortMoveBody))],
) -> Response:
    """Notes what the carriers said; ``completed`` brings the numbers into the inventory."""
    moves_at = body.transfer_at
    if moves_at is not None and moves_at.tzinfo is None:
        text = "has no offset; write 2026-03-01T12:00:00Z"
        raise refused([Mistake.at(("transfer_at",), "instant-naive", text)])

    def act(desk: NumberDesk, act: Act) -> port_orders.PortOrder:
        return port_orders.move(desk, id, body.state, act, transfer_at=moves_at, remark=body.remark)

    return await work.perform(act, port_shape)


@router.post(
    "/port-orders/{id}/cancel",
    operation_id="cancel_port_order",
    response_model=PortShape,
    responses=WRITTEN,
)
async def post_cancel_port(id: Id, work: Working) -> Response:
    """Gives an order up; not in the last day before the numbers move."""

    return await work.perform(
        lambda desk, act: port_orders.cancel(desk, id, suppliers(), act), port_shape
    )


@router.delete("/port-orders/{id}", operation_id="delete_port_order", responses=WRITTEN | GONE)
async def delete_port(id: Id, work: Working) -> Response:
    """Forgets an order that was refused."""

    return await work.perform(lambda desk, act: port_orders.delete(desk, id, act), port_shape)


def _settings(body: PortBody) -> dict[str, JsonValue]:
    settings: dict[str, JsonValue] = body.model_dump(
        mode="json", exclude_none=True, exclude={"csv", "supplier"}
    )
    if body.csv is not None:
        settings["numbers"] = [str(number) for number in port_orders.read_port_csv(body.csv)]
    return settings
