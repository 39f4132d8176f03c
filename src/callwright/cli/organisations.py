"""`callwright organisations`: which ones share the system."""

from typing import Annotated

import typer

from callwright.cli.groups import ListsByItself
from callwright.cli.places import DATA, DatabaseOption, DataOption, JsonOption, YesOption

organisations_app = typer.Typer(
    help="Those who share this system, each apart from the others.", cls=ListsByItself
)
DomainArgument = Annotated[str, typer.Argument(metavar="DOMAIN", help="Such as contoso.test.")]


@organisations_app.command("list")
def organisations_list(
    data: DataOption = DATA, database: DatabaseOption = None, as_json: JsonOption = False
) -> None:
    """List them; the first one operates the system."""
    from callwright.cli import seats

    seats.show(data, database, as_json=as_json)


@organisations_app.command("create")
def organisations_create(
    domain: DomainArgument, data: DataOption = DATA, database: DatabaseOption = None
) -> None:
    """Make one more; a running server serves it within a second, and `apply` tells it the rest."""
    from callwright.cli import seats

    seats.create(data, database, domain)


@organisations_app.command("remove")
def organisations_remove(
    domain: DomainArgument,
    data: DataOption = DATA,
    database: DatabaseOption = None,
    yes: YesOption = False,
) -> None:
    """Take one out; all that it has is put aside, nothing is deleted."""
    from callwright.cli import seats
    from callwright.cli.consent import agreed

    agreed(f"Remove {domain}? Its calls end, and its phones have no home.", yes=yes)
    seats.remove(data, database, domain)
