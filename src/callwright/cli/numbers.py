"""`callwright numbers`: who has which number, assigning, blocking, tags, uploads, releases."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from callwright.cli.groups import ListsByItself
from callwright.cli.number_orders import order_app, pool_app, port_app
from callwright.cli.places import DryRunOption, JsonOption, Reach, WhyOption, reached
from callwright.domains.numbers.model import NumberKind, NumberSource
from callwright.domains.numbers.orders import BUILT_IN_SUPPLIER
from callwright.domains.numbers.states import Capability, Line, Status
from callwright.kernel.limits.numbers import (
    NUMBER_BLOCK_DAYS_RANGE,
    NUMBERS_PER_PAGE_DEFAULT,
    NUMBERS_PER_PAGE_MAX,
)

numbers_app = typer.Typer(name="numbers", help="The inventory of numbers.", cls=ListsByItself)
numbers_app.add_typer(order_app, name="orders")
numbers_app.add_typer(pool_app, name="pool")
numbers_app.add_typer(port_app, name="ports")

_LOW, _HIGH = NUMBER_BLOCK_DAYS_RANGE
NumbersArgument = Annotated[list[str], typer.Argument(metavar="NUMBER...")]
DaysOption = Annotated[int | None, typer.Option(min=_LOW, max=_HIGH, help="Else for ever.")]


@numbers_app.command("list")
@reached
def numbers_list(
    reach: Reach,
    status: Status | None = None,
    capability: Capability | None = None,
    kind: NumberKind | None = None,
    source: NumberSource | None = None,
    tag: str | None = None,
    within: Annotated[
        str | None, typer.Option(metavar="RANGE", help="+14255550100..+14255550119")
    ] = None,
    search: Annotated[str, typer.Option(help="Digits, or a part of the holder's name.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=NUMBERS_PER_PAGE_MAX)] = NUMBERS_PER_PAGE_DEFAULT,
    after: Annotated[str | None, typer.Option(metavar="NUMBER", help="The next page.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="All that pass, for an upload.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List numbers and who has them; all filters must hold."""
    from callwright.cli import number_lists

    query = {
        "status": status and status.value,
        "capability": capability and capability.value,
        "kind": kind and kind.value,
        "source": source and source.value,
        "tag": tag,
        "within": within,
        "q": search,
    }
    if as_csv:
        number_lists.download(reach, query)
    else:
        number_lists.show(reach, query, limit=limit, after=after, as_json=as_json)


@numbers_app.command("show")
@reached
def numbers_show(reach: Reach, number: str, as_json: JsonOption = False) -> None:
    """Show one number: who has it, what it is for, and how it stands."""
    from callwright.cli import number_lists

    number_lists.show_one(reach, number, as_json=as_json)


@numbers_app.command("history")
@reached
def numbers_history(
    reach: Reach,
    number: str,
    limit: Annotated[int, typer.Option(min=1, max=NUMBERS_PER_PAGE_MAX)] = 50,
    as_json: JsonOption = False,
) -> None:
    """Say who had a number, who gave it to him, when and why; the newest first."""
    from callwright.cli import number_lists

    number_lists.show_history(reach, number, limit=limit, as_json=as_json)


@numbers_app.command("quotas")
@reached
def numbers_quotas(reach: Reach, as_json: JsonOption = False) -> None:
    """Show how many numbers the licences allow to order, and how many are held."""
    from callwright.cli import number_lists

    number_lists.show_quotas(reach, as_json=as_json)


@numbers_app.command("assign")
@reached
def numbers_assign(
    reach: Reach,
    number: str,
    holder: Annotated[str, typer.Argument(metavar="USER|ACCOUNT", help="Its key.")],
    line: Line = Line.PRIMARY,
    location: Annotated[str | None, typer.Option(help="Emergency address with it.")] = None,
    why: WhyOption = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Give a number to a user or a resource account; a primary one replaces the former."""
    from callwright.cli import number_requests

    wish = {"number": number, "line": line.value, "location": location}
    number_requests.assign(reach, wish, holder, why=why, dry_run=dry_run, as_json=as_json)


@numbers_app.command("remove")
@reached
def numbers_remove(
    reach: Reach,
    numbers: NumbersArgument,
    block_days: DaysOption = None,
    block_forever: Annotated[bool, typer.Option("--block-forever")] = False,
    why: WhyOption = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Take numbers from whoever has them; they may be kept free for a while."""
    body = {"numbers": numbers, "block_days": block_days, "block_forever": block_forever}
    _post(reach, "remove", body, why=why, dry_run=dry_run, as_json=as_json)


@numbers_app.command("block")
@reached
def numbers_block(
    reach: Reach,
    numbers: NumbersArgument,
    days: DaysOption = None,
    why: WhyOption = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Keep free numbers from being assigned."""
    body = {"numbers": numbers, "days": days}
    _post(reach, "block", body, why=why, dry_run=dry_run, as_json=as_json)


@numbers_app.command("unblock")
@reached
def numbers_unblock(
    reach: Reach,
    numbers: NumbersArgument,
    why: WhyOption = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Let numbers be assigned again."""
    _post(reach, "unblock", {"numbers": numbers}, why=why, dry_run=dry_run, as_json=as_json)


@numbers_app.command("tag")
@reached
def numbers_tag(
    reach: Reach,
    numbers: NumbersArgument,
    add: Annotated[list[str] | None, typer.Option(metavar="TAG")] = None,
    remove: Annotated[list[str] | None, typer.Option(metavar="TAG")] = None,
    why: WhyOption = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Add and remove tags, by which numbers are found."""
    if not add and not remove:
        raise typer.BadParameter("say --add TAG or --remove TAG")
    body = {"numbers": numbers, "add": add or [], "remove": remove or []}
    _post(reach, "tag", body, why=why, dry_run=dry_run, as_json=as_json)


@numbers_app.command("convert")
@reached
def numbers_convert(
    reach: Reach,
    numbers: NumbersArgument,
    to: Annotated[NumberKind, typer.Option(help="user or service")],
    why: WhyOption = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Make free numbers of a calling plan numbers for services, or for people."""
    body = {"numbers": numbers, "kind": to.value}
    _post(reach, "convert", body, why=why, dry_run=dry_run, as_json=as_json)


@numbers_app.command("upload")
@reached
def numbers_upload(
    reach: Reach,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV with a header, or a number in each line.")
    ],
    kind: Annotated[NumberKind, typer.Option(help="Of lines that do not say.")] = NumberKind.USER,
    source: NumberSource = NumberSource.DIRECT_ROUTING,
    good_ones: Annotated[
        bool, typer.Option("--good-ones", help="Add right lines although others are wrong.")
    ] = False,
    why: WhyOption = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Add at most 10,000 numbers, all or none; each wrong line is named."""
    from callwright.cli import number_lists

    about = {"kind": kind.value, "source": source.value, "good_ones": good_ones}
    number_lists.bring(reach, file, about, why=why, dry_run=dry_run, as_json=as_json)


@numbers_app.command("release")
@reached
def numbers_release(
    reach: Reach,
    numbers: NumbersArgument,
    supplier: Annotated[str, typer.Option(help="Who gets them back.")] = BUILT_IN_SUPPLIER,
    why: WhyOption = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Take at most 1,000 free numbers out of the inventory, all or none."""
    body = {"numbers": numbers, "supplier": supplier}
    _post(reach, "release", body, why=why, dry_run=dry_run, as_json=as_json)


def _post(
    reach: Reach,
    act: str,
    body: Mapping[str, object],
    *,
    why: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    from callwright.cli.number_requests import write

    write(reach, f"/numbers/{act}", body, why=why, dry_run=dry_run, as_json=as_json)
