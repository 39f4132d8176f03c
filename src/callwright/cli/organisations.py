"""`callwright organisations`: which ones share the system."""

from typing import Annotated

import typer

from callwright.cli.groups import ListsByItself
from callwright.cli.places import JsonOption, Reach, YesOption, reaching_system

organisations_app = typer.Typer(
    help="Those who share this system, each apart from the others.", cls=ListsByItself
)
DomainArgument = Annotated[str, typer.Argument(metavar="DOMAIN", help="Such as contoso.test.")]


@organisations_app.command("list")
@reaching_system
def organisations_list(reach: Reach, as_json: JsonOption = False) -> None:
    """List them; the first one operates the system."""
    from callwright.cli import seats

    seats.show(reach, as_json=as_json)


@organisations_app.command("create")
@reaching_system
def organisations_create(reach: Reach, domain: DomainArgument) -> None:
    """Make one more; a running server serves it within a second, and `apply` tells it the rest."""
    from callwright.cli import seats

    seats.create(reach, domain)


@organisations_app.command("remove")
@reaching_system
def organisations_remove(reach: Reach, domain: DomainArgument, yes: YesOption = False) -> None:
    """Take one out; all that it has is put aside, nothing is deleted."""
    from callwright.cli import seats
    from callwright.cli.consent import agreed

    agreed(f"Remove {domain}? Its calls end, and its phones have no home.", yes=yes)
    seats.remove(reach, domain)
