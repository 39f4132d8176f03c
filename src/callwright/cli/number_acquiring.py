"""Orders, the pool and ports: what their commands ask and print."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from callwright.cli.client import ApiRefused, reached_api
from callwright.cli.failures import told
from callwright.cli.number_lists import read_text
from callwright.cli.number_requests import given
from callwright.cli.places import Reach
from callwright.cli.tables import print_json, print_table
from callwright.domains.numbers.spans import joined
from callwright.kernel.e164 import E164
from callwright.operations.numbers.port_orders import EDITABLE

ORDER_COLUMNS = ("id", "name", "state", "kind", "numbers", "reserved until")
POOL_COLUMNS = ("numbers", "kind", "source", "country", "city")
PORT_COLUMNS = ("id", "state", "numbers", "kind", "moves at", "may", "remark")
Order = Mapping[str, Any]
Body = Mapping[str, object]


def show_orders(reach: Reach, *, as_json: bool) -> None:
    with told(ApiRefused), reached_api(reach, read_only=True) as api:
        _print_orders(api.get("/number-orders")["items"], as_json=as_json)


def on_order(reach: Reach, path: str, body: Body | None, *, as_json: bool) -> None:
    """Posts below ``/number-orders`` and prints the order as it is then."""
    with told(ApiRefused), reached_api(reach) as api:
        sent = None if body is None else given(body)
        _print_orders([api.ask("POST", f"/number-orders{path}", body=sent)], as_json=as_json)


def show_pool(reach: Reach, *, as_json: bool) -> None:
    with told(ApiRefused), reached_api(reach, read_only=True) as api:
        items = api.get("/number-pool")["items"]
    if as_json:
        print_json(items)
    elif items:
        print_table(POOL_COLUMNS, [[item[c] or "-" for c in POOL_COLUMNS] for item in items])
    else:
        print("the pool is empty; see `callwright numbers pool add`")


def fill_pool(reach: Reach, body: Body) -> None:
    with told(ApiRefused), reached_api(reach) as api:
        api.ask("POST", "/number-pool", body=given(body))
    print("added; see `callwright numbers pool`")


def show_ports(reach: Reach, *, as_json: bool) -> None:
    with told(ApiRefused), reached_api(reach, read_only=True) as api:
        _print_ports(api.get("/port-orders")["items"], as_json=as_json)


def order_port(reach: Reach, file: Path, settings: Body, *, as_json: bool) -> None:
    on_port(reach, "POST", "", {**settings, "csv": read_text(file)}, as_json=as_json)


def edit_port(reach: Reach, order: str, settings: Sequence[str], *, as_json: bool) -> None:
    wanted: dict[str, object] = {}
    for text in settings:
        field, equals, value = text.partition("=")
        if not equals or field not in EDITABLE:
            known = ", ".join(sorted(EDITABLE))
            raise typer.BadParameter(f"{text!r} is not FIELD=VALUE; fields are {known}")
        wanted[field] = value
    on_port(reach, "PATCH", f"/{order}", wanted, as_json=as_json)


def on_port(reach: Reach, method: str, path: str, body: Body | None, *, as_json: bool) -> None:
    """Asks below ``/port-orders`` and prints the order as it is then."""
    with told(ApiRefused), reached_api(reach) as api:
        sent = None if body is None else given(body)
        _print_ports([api.ask(method, f"/port-orders{path}", body=sent)], as_json=as_json)


def _print_orders(orders: Sequence[Order], *, as_json: bool) -> None:
    if as_json:
        print_json(orders)
    elif orders:
        rows = [
            (o["id"], o["name"], o["state"], o["kind"], _spans(o["numbers"]), o["reserved_until"])
            for o in orders
        ]
        print_table(ORDER_COLUMNS, rows)
    else:
        print("there are no orders")


def _print_ports(orders: Sequence[Order], *, as_json: bool) -> None:
    if as_json:
        print_json(orders)
        return
    if not orders:
        print("there are no port orders")
        return
    rows = [
        (
            order["id"],
            order["state"],
            _spans(order["numbers"]),
            order["kind"],
            order["transfer_at"] or "-",
            ", ".join(order["rights"]),
            order["remark"] or "-",
        )
        for order in orders
    ]
    print_table(PORT_COLUMNS, rows)


def _spans(numbers: Iterable[str]) -> str:
    return ", ".join(map(str, joined(map(E164, numbers))))
