"""`callwright users` and `callwright licences`: who may do what, and what it takes."""

from typing import Annotated

import typer

from callwright.cli.groups import ListsByItself
from callwright.cli.licence_changes import licences_change
from callwright.cli.places import JsonOption, Where, placed

users_app = typer.Typer(name="users", help="People and what they may do.", no_args_is_help=True)
licences_app = typer.Typer(
    name="licences", help="What was bought and who holds it.", cls=ListsByItself
)
licences_app.command("change")(licences_change)


@users_app.command("why")
@placed
def users_why(
    where: Where,
    user: Annotated[str, typer.Argument(metavar="USER", help="Key of the user: alice.")],
    to: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="And follow a call to there.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say what a user can and cannot do, and because of what."""
    from callwright.cli.service import show_service

    show_service(where, user, to, as_json=as_json)


@licences_app.command("list")
@placed
def licences_list(where: Where, as_json: JsonOption = False) -> None:
    """Seats bought, held and unused, and licences that are wasted."""
    from callwright.cli.service import show_licences

    show_licences(where, as_json=as_json)
