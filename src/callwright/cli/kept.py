"""`callwright credits`: what the organisation has laid by."""

import typer

from callwright.cli.places import JsonOption, Where, placed

credits_app = typer.Typer(name="credits", help="The prepaid balance.", no_args_is_help=True)


@credits_app.command("show")
@placed
def credits_show(where: Where, as_json: JsonOption = False) -> None:
    """Show the balance, and what running calls hold of it."""
    from callwright.cli import history

    history.show_credits(where, as_json=as_json)
