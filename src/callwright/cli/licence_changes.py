"""`callwright licences change`: for many at once, and what that does to their numbers."""

import sys
from typing import Annotated

import typer

from callwright.cli.places import DryRunOption, JsonOption, Reach, WhyOption, reached
from callwright.domains.licences.model import Sku


@reached
def licences_change(
    reach: Reach,
    add: Annotated[list[Sku] | None, typer.Option()] = None,
    remove: Annotated[list[Sku] | None, typer.Option()] = None,
    user: Annotated[list[str] | None, typer.Option(metavar="KEY")] = None,
    group: Annotated[list[str] | None, typer.Option(metavar="KEY")] = None,
    resource_account: Annotated[list[str] | None, typer.Option(metavar="KEY")] = None,
    why: WhyOption = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Give and take licences in one step; in two, whoever needs one meanwhile loses his number."""
    from callwright.cli.client import ApiRefused, reached_api
    from callwright.cli.failures import told
    from callwright.cli.number_requests import post

    body = {
        "users": user or [],
        "groups": group or [],
        "resource_accounts": resource_account or [],
        "add": [sku.value for sku in add or ()],
        "remove": [sku.value for sku in remove or ()],
    }
    if not (user or group or resource_account) or not (add or remove):
        raise typer.BadParameter("say --add or --remove SKU, and for whom: --user, --group ...")
    with told(ApiRefused), reached_api(reach) as api:
        answer = post(api, "/licence-changes", body, why=why, dry_run=dry_run, as_json=as_json)
    for lost in answer["lost"]:
        text = f"caution: {lost['user']} loses {lost['number']}, which is {lost['loss']}"
        print(text, file=sys.stderr)
