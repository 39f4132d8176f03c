"""Orders, the pool and ports: what their commands do and print."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import typer
from pydantic import JsonValue

from callwright.cli import number_desk
from callwright.cli.civil_time import for_programs
from callwright.cli.places import Where
from callwright.cli.tables import print_json, print_table
from callwright.domains.numbers.formats import BadNumber
from callwright.domains.numbers.model import NumberKind, NumberSource
from callwright.domains.numbers.orders import NumberOrder
from callwright.domains.numbers.porting import RIGHTS, PortState
from callwright.domains.numbers.spans import joined
from callwright.operations.numbers import ordering, port_orders
from callwright.operations.numbers.desk import Act, NumberDesk
from callwright.operations.numbers.listing import read_span
from callwright.operations.numbers.order_records import read_orders
from callwright.operations.numbers.pool import read_pool, stock
from callwright.operations.numbers.port_orders import PortOrder
from callwright.operations.numbers.suppliers import suppliers

ORDER_COLUMNS = ("id", "name", "state", "kind", "numbers", "reserved until")
POOL_COLUMNS = ("numbers", "kind", "source", "country", "city")
PORT_COLUMNS = ("id", "state", "numbers", "kind", "moves at", "may", "remark")


def show_orders(where: Where, *, as_json: bool) -> None:
    with number_desk.opened(where, read_only=True) as desk:
        _print_orders(desk, read_orders(desk.view()), as_json=as_json)


def search(where: Where, what: ordering.Search, supplier: str, *, as_json: bool) -> None:
    with number_desk.opened(where) as desk:
        found = ordering.search(desk, number_desk.supplier(supplier), what, _act())
        _print_orders(desk, [found], as_json=as_json)


def complete(where: Where, order: str, *, as_json: bool) -> None:
    with number_desk.opened(where) as desk:
        done = ordering.complete(desk, order, suppliers(), _act())
        _print_orders(desk, [done], as_json=as_json)


def cancel(where: Where, order: str, *, as_json: bool) -> None:
    with number_desk.opened(where) as desk:
        done = ordering.cancel(desk, order, suppliers(), _act())
        _print_orders(desk, [done], as_json=as_json)


def show_pool(where: Where, *, as_json: bool) -> None:
    with number_desk.opened(where, read_only=True) as desk:
        rows = [
            (e.key, e.kind.value, e.source.value, e.country, e.city or "-")
            for e in read_pool(desk.view())
        ]
    if as_json:
        print_json([dict(zip(POOL_COLUMNS, row, strict=True)) for row in rows])
    elif rows:
        print_table(POOL_COLUMNS, rows)
    else:
        print("the pool is empty; see `callwright numbers pool add`")


def fill_pool(
    where: Where,
    texts: Sequence[str],
    *,
    kind: NumberKind,
    source: NumberSource,
    country: str,
    city: str | None,
) -> None:
    try:
        spans = [read_span(text) for text in texts]
    except BadNumber as error:
        raise typer.BadParameter(str(error)) from None
    with number_desk.opened(where) as desk:
        stock(desk, spans, _act(), kind=kind, source=source, country=country, city=city)
    print(f"{sum(map(len, spans))} added")


def show_ports(where: Where, *, as_json: bool) -> None:
    with number_desk.opened(where, read_only=True) as desk:
        _print_ports(desk, port_orders.read_port_orders(desk.view()), as_json=as_json)


def order_port(
    where: Where,
    file: Path,
    settings: Mapping[str, JsonValue],
    supplier: str,
    *,
    as_json: bool,
) -> None:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{file} cannot be read: {error}") from None
    with number_desk.opened(where) as desk:
        numbers: list[JsonValue] = [str(n) for n in port_orders.read_port_csv(text)]
        whole = {**settings, "numbers": numbers}
        made = port_orders.create(desk, number_desk.supplier(supplier), whole, _act())
        _print_ports(desk, [made], as_json=as_json)


def move_port(
    where: Where, order: str, to: PortState, at: datetime | None, remark: str, *, as_json: bool
) -> None:
    _on_port(
        where,
        lambda desk, act: port_orders.move(desk, order, to, act, transfer_at=at, remark=remark),
        as_json=as_json,
    )


def edit_port(where: Where, order: str, settings: Sequence[str], *, as_json: bool) -> None:
    wanted: dict[str, JsonValue] = {}
    for text in settings:
        field, equals, value = text.partition("=")
        if not equals or field not in port_orders.EDITABLE:
            known = ", ".join(sorted(port_orders.EDITABLE))
            raise typer.BadParameter(f"{text!r} is not FIELD=VALUE; fields are {known}")
        wanted[field] = value
    _on_port(
        where,
        lambda desk, act: port_orders.edit(desk, order, wanted, suppliers(), act),
        as_json=as_json,
    )


def cancel_port(where: Where, order: str, *, as_json: bool) -> None:
    _on_port(
        where,
        lambda desk, act: port_orders.cancel(desk, order, suppliers(), act),
        as_json=as_json,
    )


def delete_port(where: Where, order: str, *, as_json: bool) -> None:
    _on_port(where, lambda desk, act: port_orders.delete(desk, order, act), as_json=as_json)


def _on_port(where: Where, do: Callable[[NumberDesk, Act], PortOrder], *, as_json: bool) -> None:
    with number_desk.opened(where) as desk:
        _print_ports(desk, [do(desk, _act())], as_json=as_json)


def _act() -> Act:
    return number_desk.act(None, dry_run=False)


def _print_orders(desk: NumberDesk, orders: Sequence[NumberOrder], *, as_json: bool) -> None:
    now = desk.utc()
    if as_json:
        print_json(
            [
                {
                    "id": order.id,
                    "name": order.name,
                    "state": order.state_at(now).value,
                    "kind": order.kind.value,
                    "source": order.source.value,
                    "supplier": order.supplier,
                    "numbers": list(order.numbers),
                    "reserved_until": for_programs(order.reserved_until),
                    "remark": order.remark,
                }
                for order in orders
            ]
        )
        return
    if not orders:
        print("there are no orders")
        return
    rows = [
        (
            order.id,
            order.name,
            order.state_at(now).value,
            order.kind.value,
            ", ".join(map(str, joined(order.numbers))),
            number_desk.local(desk, order.reserved_until),
        )
        for order in orders
    ]
    print_table(ORDER_COLUMNS, rows)


def _print_ports(desk: NumberDesk, orders: Sequence[PortOrder], *, as_json: bool) -> None:
    if as_json:
        print_json(
            [
                {
                    "id": order.id,
                    "state": order.state.value,
                    "rights": sorted(right.value for right in RIGHTS[order.state]),
                    "numbers": list(order.request.numbers),
                    "kind": order.request.kind.value,
                    "transfer_at": for_programs(order.transfer_at),
                    "remark": order.remark,
                }
                for order in orders
            ]
        )
        return
    if not orders:
        print("there are no port orders")
        return
    rows = [
        (
            order.id,
            order.state.value,
            ", ".join(map(str, joined(order.request.numbers))),
            order.request.kind.value,
            number_desk.local(desk, order.transfer_at),
            ", ".join(sorted(right.value for right in RIGHTS[order.state])),
            order.remark or "-",
        )
        for order in orders
    ]
    print_table(PORT_COLUMNS, rows)
