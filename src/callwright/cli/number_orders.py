"""`callwright numbers orders|pool|ports`: acquiring numbers, and moving them here."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from callwright.cli.groups import ListsByItself
from callwright.cli.places import JsonOption, Reach, reached
from callwright.domains.numbers.model import NumberKind, NumberSource
from callwright.domains.numbers.orders import BUILT_IN_SUPPLIER
from callwright.domains.numbers.porting import PortScope, PortState
from callwright.domains.numbers.search import SearchMode

order_app = typer.Typer(help="Search, and order what is found.", cls=ListsByItself)
pool_app = typer.Typer(help="What can be ordered without a carrier's plug-in.", cls=ListsByItself)
port_app = typer.Typer(help="Numbers on their way from another carrier.", cls=ListsByItself)
IdArgument = Annotated[str, typer.Argument(metavar="ID")]
SupplierOption = Annotated[str, typer.Option(help="Who gives the numbers.")]
CountryOption = Annotated[str, typer.Option(metavar="CODE", help="US")]


@order_app.command("list")
@reached
def orders_list(reach: Reach, as_json: JsonOption = False) -> None:
    """List orders, the oldest first."""
    from callwright.cli import number_acquiring

    number_acquiring.show_orders(reach, as_json=as_json)


@order_app.command("search")
@reached
def orders_search(
    reach: Reach,
    by: Annotated[SearchMode, typer.Argument(help="What narrows the search.")],
    text: Annotated[str, typer.Argument(help="+1206, 206, Seattle, or an address.")],
    country: CountryOption,
    quantity: Annotated[int, typer.Option(min=1)] = 1,
    kind: NumberKind = NumberKind.USER,
    name: Annotated[str, typer.Option(help="What the order is called.")] = "order",
    description: str = "",
    location: Annotated[str | None, typer.Option(help="Emergency address with them.")] = None,
    supplier: SupplierOption = BUILT_IN_SUPPLIER,
    as_json: JsonOption = False,
) -> None:
    """Find numbers and keep them for ten minutes; then `orders complete ID`."""
    from callwright.cli import number_acquiring

    body = {
        "name": name,
        "description": description,
        "country": country,
        "kind": kind.value,
        "quantity": quantity,
        "by": by.value,
        "text": text,
        "location": location,
        "supplier": supplier,
    }
    number_acquiring.on_order(reach, "", body, as_json=as_json)


@order_app.command("complete")
@reached
def orders_complete(reach: Reach, order: IdArgument, as_json: JsonOption = False) -> None:
    """Make the numbers of an order yours."""
    from callwright.cli import number_acquiring

    number_acquiring.on_order(reach, f"/{order}/complete", None, as_json=as_json)


@order_app.command("cancel")
@reached
def orders_cancel(reach: Reach, order: IdArgument, as_json: JsonOption = False) -> None:
    """Give the numbers of an order back at once."""
    from callwright.cli import number_acquiring

    number_acquiring.on_order(reach, f"/{order}/cancel", None, as_json=as_json)


@pool_app.command("list")
@reached
def pool_list(reach: Reach, as_json: JsonOption = False) -> None:
    """List what can be ordered."""
    from callwright.cli import number_acquiring

    number_acquiring.show_pool(reach, as_json=as_json)


@pool_app.command("add")
@reached
def pool_add(
    reach: Reach,
    numbers: Annotated[list[str], typer.Argument(metavar="NUMBER|RANGE...")],
    country: CountryOption,
    city: str | None = None,
    kind: NumberKind = NumberKind.USER,
    source: NumberSource = NumberSource.CALLING_PLAN,
) -> None:
    """Add numbers that a carrier gave you to what can be ordered."""
    from callwright.cli import number_acquiring

    body = {
        "numbers": numbers,
        "country": country,
        "city": city,
        "kind": kind.value,
        "source": source.value,
    }
    number_acquiring.fill_pool(reach, body)


@port_app.command("list")
@reached
def ports_list(reach: Reach, as_json: JsonOption = False) -> None:
    """List port orders, the oldest first, and what may be done with each."""
    from callwright.cli import number_acquiring

    number_acquiring.show_ports(reach, as_json=as_json)


@port_app.command("create")
@reached
def ports_create(
    reach: Reach,
    file: Annotated[Path, typer.Argument(metavar="CSV", help="One column, PhoneNumber.")],
    billing_number: Annotated[str, typer.Option(help="Of the account at the losing carrier.")],
    company: Annotated[str, typer.Option(help="As the losing carrier knows it.")],
    authoriser: Annotated[str, typer.Option(help="Who signed the letter.")],
    authorisation: Annotated[str, typer.Option(help="Which signed letter.")],
    account: Annotated[str, typer.Option(help="Account number there.")],
    service_address: Annotated[str, typer.Option()],
    requester: Annotated[str, typer.Option()],
    country: CountryOption,
    scope: PortScope = PortScope.FULL,
    kind: NumberKind = NumberKind.USER,
    source: NumberSource = NumberSource.DIRECT_ROUTING,
    pin: Annotated[
        str | None, typer.Option(envvar="CALLWRIGHT_PORT_PIN", help="Of the account.")
    ] = None,
    location: str | None = None,
    supplier: SupplierOption = BUILT_IN_SUPPLIER,
    as_json: JsonOption = False,
) -> None:
    """Order that numbers move here; --company has at most 25 characters, --authoriser 15."""
    from callwright.cli import number_acquiring

    number_acquiring.order_port(
        reach,
        file,
        {
            "billing_number": billing_number,
            "organisation": company,
            "authoriser": authoriser,
            "authorisation": authorisation,
            "account": account,
            "service_address": service_address,
            "requester": requester,
            "country": country,
            "scope": scope.value,
            "kind": kind.value,
            "source": source.value,
            "pin": pin,
            "location": location,
            "supplier": supplier,
        },
        as_json=as_json,
    )


@port_app.command("move")
@reached
def ports_move(
    reach: Reach,
    order: IdArgument,
    to: PortState,
    at: Annotated[
        datetime | None, typer.Option(help="When the numbers move; UTC reach no zone is said.")
    ] = None,
    remark: str = "",
    as_json: JsonOption = False,
) -> None:
    """Note what the carriers said; `completed` brings the numbers into the inventory."""
    from callwright.cli import number_acquiring

    moves_at = at if at is None or at.tzinfo else at.replace(tzinfo=UTC)
    body = {
        "state": to.value,
        "transfer_at": None if moves_at is None else moves_at.isoformat(),
        "remark": remark,
    }
    number_acquiring.on_port(reach, "POST", f"/{order}/move", body, as_json=as_json)


@port_app.command("edit")
@reached
def ports_edit(
    reach: Reach,
    order: IdArgument,
    setting: Annotated[
        list[str], typer.Option("--set", metavar="FIELD=VALUE", help="account=4712")
    ],
    as_json: JsonOption = False,
) -> None:
    """Correct an order that was refused or cancelled, and send it in again."""
    from callwright.cli import number_acquiring

    number_acquiring.edit_port(reach, order, setting, as_json=as_json)


@port_app.command("cancel")
@reached
def ports_cancel(reach: Reach, order: IdArgument, as_json: JsonOption = False) -> None:
    """Give an order up; not in the last day before the move."""
    from callwright.cli import number_acquiring

    number_acquiring.on_port(reach, "POST", f"/{order}/cancel", None, as_json=as_json)


@port_app.command("delete")
@reached
def ports_delete(reach: Reach, order: IdArgument, as_json: JsonOption = False) -> None:
    """Forget an order that was refused."""
    from callwright.cli import number_acquiring

    number_acquiring.on_port(reach, "DELETE", f"/{order}", None, as_json=as_json)
