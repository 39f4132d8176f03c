"""`callwright shield`: who is kept out."""

from typing import Annotated

import typer

from callwright.cli.places import JsonOption, Where, placed

shield_app = typer.Typer(name="shield", help="Who is kept out, and why.", no_args_is_help=True)


@shield_app.command("list")
@placed
def shield_list(
    where: Where,
    as_json: JsonOption = False,
    limit: Annotated[int, typer.Option(min=1)] = 1_000,
) -> None:
    """List who is blocked, the newest first."""
    from callwright.cli import shield

    shield.show(where, as_json=as_json, limit=limit)


@shield_app.command("lift")
@placed
def shield_lift(
    where: Where,
    network: Annotated[str | None, typer.Argument(metavar="ADDRESS|NETWORK")] = None,
    everybody: Annotated[bool, typer.Option("--all", help="Every block.")] = False,
) -> None:
    """Let somebody in again; a running server follows within a second."""
    from callwright.cli import shield
    from callwright.cli.failures import told

    with told():
        shield.lift(where, network, all_of_them=everybody)


@shield_app.command("block")
@placed
def shield_block(
    where: Where,
    network: Annotated[str, typer.Argument(metavar="ADDRESS|NETWORK")],
    span: Annotated[str, typer.Option("--for", metavar="30m|12h|7d")] = "1h",
) -> None:
    """Keep somebody out, phones of yours included; calls for help still come in."""
    from callwright.cli import shield
    from callwright.cli.failures import told

    with told():
        shield.block(where, network, span)
