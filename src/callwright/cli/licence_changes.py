"""`callwright licences change`: for many at once, and what that does to their numbers."""

import sys
from typing import Annotated

import typer

from callwright.cli.places import JsonOption, Where, placed
from callwright.domains.licences.model import Sku


@placed
def licences_change(
    where: Where,
    add: Annotated[list[Sku] | None, typer.Option()] = None,
    remove: Annotated[list[Sku] | None, typer.Option()] = None,
    user: Annotated[list[str] | None, typer.Option(metavar="KEY")] = None,
    group: Annotated[list[str] | None, typer.Option(metavar="KEY")] = None,
    resource_account: Annotated[list[str] | None, typer.Option(metavar="KEY")] = None,
    why: Annotated[str | None, typer.Option(help="Stands in the history.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Give and take licences in one step; in two, whoever needs one meanwhile loses his number."""
    from callwright.cli import number_desk
    from callwright.operations.licences.changing import HolderOfLicences, Swap, change_licences

    holders: list[tuple[HolderOfLicences, str]] = [("user", key) for key in user or ()]
    holders += [("group", key) for key in group or ()]
    holders += [("resource-account", key) for key in resource_account or ()]
    if not holders or not (add or remove):
        raise typer.BadParameter("say --add or --remove SKU, and for whom: --user, --group ...")
    with number_desk.opened(where) as desk:
        act = number_desk.act(why, dry_run=dry_run)
        done, lost = change_licences(desk, Swap(holders, add or (), remove or ()), act)
        number_desk.say(done, as_json=as_json, dry_run=dry_run)
    for one in lost:
        print(f"caution: {one.user} loses {one.number}, which is {one.loss.value}", file=sys.stderr)
