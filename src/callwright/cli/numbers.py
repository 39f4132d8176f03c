"""`callwright numbers`: who has which number, assigning, blocking, tags, uploads, releases."""

from pathlib import Path
from typing import Annotated

import typer

from callwright.cli.groups import ListsByItself
from callwright.cli.number_orders import order_app, pool_app, port_app
from callwright.cli.places import JsonOption, Where, placed
from callwright.domains.numbers.model import NumberKind, NumberSource
from callwright.domains.numbers.orders import BUILT_IN_SUPPLIER
from callwright.domains.numbers.states import Capability, Line, Status
from callwright.kernel.limits import (
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
WhyOption = Annotated[str | None, typer.Option(help="Stands in the history.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Check only; change nothing.")]
DaysOption = Annotated[int | None, typer.Option(min=_LOW, max=_HIGH, help="Else for ever.")]


@numbers_app.command("list")
@placed
def numbers_list(
    where: Where,
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

    number_lists.show(
        where,
        number_lists.Wanted(status, capability, kind, source, tag, within, search),
        limit=limit,
        after=after,
        form="csv" if as_csv else "json" if as_json else "table",
    )


@numbers_app.command("show")
@placed
def numbers_show(where: Where, number: str, as_json: JsonOption = False) -> None:
    """Show one number: who has it, what it is for, and how it stands."""
    from callwright.cli import number_lists

    number_lists.show_one(where, number, as_json=as_json)


@numbers_app.command("history")
@placed
def numbers_history(
    where: Where,
    number: str,
    limit: Annotated[int, typer.Option(min=1, max=NUMBERS_PER_PAGE_MAX)] = 50,
    as_json: JsonOption = False,
) -> None:
    """Say who had a number, who gave it to him, when and why; the newest first."""
    from callwright.cli import number_lists

    number_lists.show_history(where, number, limit=limit, as_json=as_json)


@numbers_app.command("quotas")
@placed
def numbers_quotas(where: Where, as_json: JsonOption = False) -> None:
    """Show how many numbers the licences allow to order, and how many are held."""
    from callwright.cli import number_lists

    number_lists.show_quotas(where, as_json=as_json)


@numbers_app.command("assign")
@placed
def numbers_assign(
    where: Where,
    number: str,
    holder: Annotated[str, typer.Argument(metavar="USER|ACCOUNT", help="Its key.")],
    line: Line = Line.PRIMARY,
    location: Annotated[str | None, typer.Option(help="Emergency address with it.")] = None,
    why: WhyOption = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Give a number to a user or a resource account; a primary one replaces the former."""
    from callwright.cli import number_desk
    from callwright.domains.numbers.states import HolderKind
    from callwright.operations.numbers.assigning import assign
    from callwright.operations.numbers.drawing import Assignment

    with number_desk.opened(where) as desk:
        is_account = holder in desk.view().organisation.resource_accounts
        kind = HolderKind.RESOURCE_ACCOUNT if is_account else HolderKind.USER
        wish = Assignment(number, kind, holder, line, location)
        done = assign(desk, [wish], number_desk.act(why, dry_run=dry_run))
        number_desk.say(done, as_json=as_json, dry_run=dry_run)


@numbers_app.command("remove")
@placed
def numbers_remove(
    where: Where,
    numbers: NumbersArgument,
    block_days: DaysOption = None,
    block_forever: Annotated[bool, typer.Option("--block-forever")] = False,
    why: WhyOption = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Take numbers from whoever has them; they may be kept free for a while."""
    from callwright.cli import number_desk
    from callwright.operations.numbers.assigning import remove
    from callwright.operations.numbers.drawing import Quarantine

    is_blocked = block_forever or block_days is not None
    block = Quarantine(None if block_forever else block_days) if is_blocked else None
    lines = number_desk.lines(numbers)
    with number_desk.opened(where) as desk:
        done = remove(desk, lines, number_desk.act(why, dry_run=dry_run), block=block)
        number_desk.say(done, as_json=as_json, dry_run=dry_run)


@numbers_app.command("block")
@placed
def numbers_block(
    where: Where,
    numbers: NumbersArgument,
    days: DaysOption = None,
    why: WhyOption = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Keep free numbers from being assigned."""
    from callwright.cli import number_desk
    from callwright.operations.numbers.drawing import Quarantine
    from callwright.operations.numbers.marking import block

    with number_desk.opened(where) as desk:
        done = block(desk, numbers, Quarantine(days), number_desk.act(why, dry_run=dry_run))
        number_desk.say(done, as_json=as_json, dry_run=dry_run)


@numbers_app.command("unblock")
@placed
def numbers_unblock(
    where: Where,
    numbers: NumbersArgument,
    why: WhyOption = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Let numbers be assigned again."""
    from callwright.cli import number_desk
    from callwright.operations.numbers.marking import unblock

    with number_desk.opened(where) as desk:
        done = unblock(desk, numbers, number_desk.act(why, dry_run=dry_run))
        number_desk.say(done, as_json=as_json, dry_run=dry_run)


@numbers_app.command("tag")
@placed
def numbers_tag(
    where: Where,
    numbers: NumbersArgument,
    add: Annotated[list[str] | None, typer.Option(metavar="TAG")] = None,
    remove: Annotated[list[str] | None, typer.Option(metavar="TAG")] = None,
    why: WhyOption = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Add and remove tags, by which numbers are found."""
    from callwright.cli import number_desk
    from callwright.operations.numbers.marking import tag

    if not add and not remove:
        raise typer.BadParameter("say --add TAG or --remove TAG")
    with number_desk.opened(where) as desk:
        act = number_desk.act(why, dry_run=dry_run)
        done = tag(desk, numbers, act, add=add or (), remove=remove or ())
        number_desk.say(done, as_json=as_json, dry_run=dry_run)


@numbers_app.command("convert")
@placed
def numbers_convert(
    where: Where,
    numbers: NumbersArgument,
    to: Annotated[NumberKind, typer.Option(help="user or service")],
    why: WhyOption = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Make free numbers of a calling plan numbers for services, or for people."""
    from callwright.cli import number_desk
    from callwright.operations.numbers.converting import convert

    with number_desk.opened(where) as desk:
        done = convert(desk, numbers, to, number_desk.act(why, dry_run=dry_run))
        number_desk.say(done, as_json=as_json, dry_run=dry_run)


@numbers_app.command("upload")
@placed
def numbers_upload(
    where: Where,
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

    default = {"kind": kind.value, "source": source.value}
    number_lists.bring(
        where, file, default, good_ones=good_ones, why=why, dry_run=dry_run, as_json=as_json
    )


@numbers_app.command("release")
@placed
def numbers_release(
    where: Where,
    numbers: NumbersArgument,
    supplier: Annotated[str, typer.Option(help="Who gets them back.")] = BUILT_IN_SUPPLIER,
    why: WhyOption = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Take at most 1,000 free numbers out of the inventory, all or none."""
    from callwright.cli import number_desk
    from callwright.operations.numbers.releasing import release

    with number_desk.opened(where) as desk:
        act = number_desk.act(why, dry_run=dry_run)
        done = release(desk, numbers, number_desk.supplier(supplier), act)
        number_desk.say(done, as_json=as_json, dry_run=dry_run)
