"""Commands that have commands."""

from typing import Any

from typer.core import TyperGroup

HELP = "--help"


class ListsByItself(TyperGroup):
    """Alone, or with options only, it is its ``list``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """``ctx`` is of a class that typer keeps to itself."""
        if not args or (args[0].startswith("-") and args[0] != HELP):
            args = ["list", *args]
        return super().parse_args(ctx, args)
