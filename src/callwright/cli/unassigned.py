"""Commands about numbers that nobody has: what callers get, tried without a call."""

from pathlib import Path
from typing import Annotated

import typer

from callwright.cli.places import JsonOption, Where, placed

unassigned_app = typer.Typer(
    name="unassigned", help="What callers get where nobody is.", no_args_is_help=True
)
COLUMNS = ("priority", "treatment", "covers", "callers get", "")


@unassigned_app.callback()
def _group() -> None:
    """Commands follow."""


@unassigned_app.command("test")
@placed
def try_number(
    where: Where,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="+14255550118")],
    org: Annotated[Path | None, typer.Option(metavar="FILE")] = None,
    as_json: JsonOption = False,
) -> None:
    """List the treatments that cover a number, and say which one applies; needs no server."""
    from callwright.cli.failures import told
    from callwright.cli.organisation import snapshot_of
    from callwright.cli.tables import print_json, print_table
    from callwright.kernel.e164 import LineNumber
    from callwright.routing.lines import try_unassigned
    from callwright.routing.wording import treatment_text

    line = LineNumber.parse_or_none(number)
    if line is None:
        raise typer.BadParameter(f"{number!r} is no number such as +14255550118")
    with told():
        trial = try_unassigned(snapshot_of(org, where), line)
    rows = [
        (t.priority, t.name, t.covered_text, treatment_text(t), t is trial.applied)
        for t in trial.covering
    ]
    if as_json:
        fields = ("priority", "name", "covers", "action", "applies")
        treatments = [dict(zip(fields, row, strict=True)) for row in rows]
        print_json({"holder": trial.holder, "bar": trial.bar, "treatments": treatments})
        return
    print(f"{line} is assigned to {trial.holder or 'nobody'}")
    if rows:
        marked = ((str(p), *words, "applies" if applies else "") for p, *words, applies in rows)
        print_table(COLUMNS, marked)
    print(_conclusion(trial.holder, trial.bar, trial.applied is not None))


def _conclusion(holder: str | None, bar: str | None, is_treated: bool) -> str:
    if holder is not None:
        return "no treatment applies: whoever has the number is called"
    if bar is not None:
        return f"no treatment applies: {bar}"
    return "the first one applies" if is_treated else "callers are refused: number-unknown (404)"
