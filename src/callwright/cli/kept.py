"""`callwright credits` and `voicemail`: what the organisation has laid by."""

from typing import Annotated

import typer

from callwright.cli.places import JsonOption, Where, placed

credits_app = typer.Typer(name="credits", help="The prepaid balance.", no_args_is_help=True)
voicemail_app = typer.Typer(name="voicemail", help="Messages.", no_args_is_help=True)


@credits_app.command("show")
@placed
def credits_show(where: Where, as_json: JsonOption = False) -> None:
    """Show the balance, and what running calls hold of it."""
    from callwright.cli import history

    history.show_credits(where, as_json=as_json)


@voicemail_app.command("list")
@placed
def voicemail_list(
    where: Where,
    mailbox: Annotated[str, typer.Option(metavar="NAME", help="A user or shared mailbox.")],
    as_json: JsonOption = False,
    limit: Annotated[int, typer.Option(min=1)] = 1_000,
) -> None:
    """List a mailbox's messages, the newest first."""
    from callwright.cli import messages

    messages.show_messages(where, mailbox, as_json=as_json, limit=limit)
