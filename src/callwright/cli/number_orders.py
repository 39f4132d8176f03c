"""`callwright numbers orders|pool|ports`: acquiring numbers, and moving them here."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from callwright.cli.groups import ListsByItself
from callwright.cli.places import JsonOption, Where, placed
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
@placed
def orders_list(where: Where, as_json: JsonOption = False) -> None:
    """List orders, the oldest first."""
    from callwright.cli import number_acquiring

    number_acquiring.show_orders(where, as_json=as_json)


@order_app.command("search")
@placed
def orders_search(
    where: Where,
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
    from callwright.domains.numbers.search import Criteria
    from callwright.operations.numbers.ordering import Search

    wanted = Criteria(country, kind, quantity, by, text)
    search = Search(name, wanted, description, location)
    number_acquiring.search(where, search, supplier, as_json=as_json)


@order_app.command("complete")
@placed
def orders_complete(where: Where, order: IdArgument, as_json: JsonOption = False) -> None:
    """Make the numbers of an order yours."""
    from callwright.cli import number_acquiring

    number_acquiring.complete(where, order, as_json=as_json)


@order_app.command("cancel")
@placed
def orders_cancel(where: Where, order: IdArgument, as_json: JsonOption = False) -> None:
    """Give the numbers of an order back at once."""
    from callwright.cli import number_acquiring

    number_acquiring.cancel(where, order, as_json=as_json)


@pool_app.command("list")
@placed
def pool_list(where: Where, as_json: JsonOption = False) -> None:
    """List what can be ordered."""
    from callwright.cli import number_acquiring

    number_acquiring.show_pool(where, as_json=as_json)


@pool_app.command("add")
@placed
def pool_add(
    where: Where,
    numbers: Annotated[list[str], typer.Argument(metavar="NUMBER|RANGE...")],
    country: CountryOption,
    city: str | None = None,
    kind: NumberKind = NumberKind.USER,
    source: NumberSource = NumberSource.CALLING_PLAN,
) -> None:
    """Add numbers that a carrier gave you to what can be ordered."""
    from callwright.cli import number_acquiring

    number_acquiring.fill_pool(where, numbers, kind=kind, source=source, country=country, city=city)


@port_app.command("list")
@placed
def ports_list(where: Where, as_json: JsonOption = False) -> None:
    """List port orders, the oldest first, and what may be done with each."""
    from callwright.cli import number_acquiring

    number_acquiring.show_ports(where, as_json=as_json)


@port_app.command("create")
@placed
def ports_create(
    where: Where,
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
        where,
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
        },
        supplier,
        as_json=as_json,
    )


@port_app.command("move")
@placed
def ports_move(
    where: Where,
    order: IdArgument,
    to: PortState,
    at: Annotated[
        datetime | None, typer.Option(help="When the numbers move; UTC where no zone is said.")
    ] = None,
    remark: str = "",
    as_json: JsonOption = False,
) -> None:
    """Note what the carriers said; `completed` brings the numbers into the inventory."""
    from callwright.cli import number_acquiring

    moves_at = at if at is None or at.tzinfo else at.replace(tzinfo=UTC)
    number_acquiring.move_port(where, order, to, moves_at, remark, as_json=as_json)


@port_app.command("edit")
@placed
def ports_edit(
    where: Where,
    order: IdArgument,
    setting: Annotated[
        list[str], typer.Option("--set", metavar="FIELD=VALUE", help="account=4712")
    ],
    as_json: JsonOption = False,
) -> None:
    """Correct an order that was refused or cancelled, and send it in again."""
    from callwright.cli import number_acquiring

    number_acquiring.edit_port(where, order, setting, as_json=as_json)


@port_app.command("cancel")
@placed
def ports_cancel(where: Where, order: IdArgument, as_json: JsonOption = False) -> None:
    """Give an order up; not in the last day before the move."""
    from callwright.cli import number_acquiring

    number_acquiring.cancel_port(where, order, as_json=as_json)


@port_app.command("delete")
@placed
def ports_delete(where: Where, order: IdArgument, as_json: JsonOption = False) -> None:
    """Forget an order that was refused."""
    from callwright.cli import number_acquiring

    number_acquiring.delete_port(where, order, as_json=as_json)
