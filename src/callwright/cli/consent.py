"""Acts that are not easily taken back ask first, and scripts say that they know."""

import sys

import typer


def agreed(question: str, *, yes: bool) -> None:
    """Goes on where somebody agrees. Raises typer.Exit and typer.Abort where not."""
    if yes:
        return
    if not sys.stdin.isatty():
        print(f"{question} Nobody is there to say so; add --yes", file=sys.stderr)
        raise typer.Exit(1)
    typer.confirm(question, abort=True)
