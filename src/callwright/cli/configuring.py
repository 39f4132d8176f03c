"""`callwright plan`, `apply`, `export`, `history`, `undo` and what belongs to it: the organisation
as code."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from callwright.cli.places import (
    DryRunOption,
    JsonOption,
    OrganisationArgument,
    Reach,
    WhyOption,
    YesOption,
    reached,
)
from callwright.kernel.limits.commands import LISTED_MAX

RevisionArgument = Annotated[
    int, typer.Argument(min=0, metavar="REVISION", help="As `history` shows it.")
]
HISTORY_SHOWN = 50


@reached
def plan(file: OrganisationArgument, reach: Reach, as_json: JsonOption = False) -> None:
    """Show what `apply` would change; nothing changes."""
    from callwright.cli import organisation

    organisation.show_plan(file, reach, as_json=as_json)


@reached
def apply(
    file: OrganisationArgument, reach: Reach, why: WhyOption = None, as_json: JsonOption = False
) -> None:
    """Make the organisation what the file says; a running server follows within a second."""
    from callwright.cli import organisation

    organisation.apply(file, reach, why=why, as_json=as_json)


@reached
def export(
    reach: Reach,
    merge: Annotated[
        Path | None,
        typer.Option(
            "--merge", metavar="FILE", help="Change what differs in this file; keep all else."
        ),
    ] = None,
) -> None:
    """Print the organisation as a file; applying it again changes nothing.

    With --merge its comments, order and layout stay; nothing is printed."""
    from callwright.cli import organisation

    organisation.export(reach, merge)


@reached
def drift(file: OrganisationArgument, reach: Reach, as_json: JsonOption = False) -> None:
    """Compare a file with what is stored, and say who changed it; exit status 2 if they differ."""
    from callwright.cli import organisation

    organisation.show_drift(file, reach, as_json=as_json)


def schema() -> None:
    """Print the JSON Schema of organisation files, with which editors check and complete."""
    from callwright.cli import organisation

    organisation.show_schema()


@reached
def history(
    reach: Reach,
    kind: Annotated[str | None, typer.Option(help="Such as user or call-queue.")] = None,
    key: Annotated[str | None, typer.Option(help="Of one entry: alice.")] = None,
    by: Annotated[str | None, typer.Option(metavar="NAME", help="Who changed it.")] = None,
    revision: Annotated[int | None, typer.Option(min=0, help="One change.")] = None,
    since: Annotated[datetime | None, typer.Option(help="Time of this machine.")] = None,
    until: Annotated[datetime | None, typer.Option(help="Time of this machine.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=LISTED_MAX)] = HISTORY_SHOWN,
    as_json: JsonOption = False,
) -> None:
    """Show what was changed, by whom and why, the newest first."""
    from callwright.cli import rewinding

    rewinding.show_history(
        reach,
        as_json=as_json,
        limit=limit,
        kind=kind,
        key=key,
        actor=by,
        revision=revision,
        since=since,
        until=until,
    )


@reached
def diff(
    reach: Reach,
    earlier: RevisionArgument,
    later: Annotated[
        int | None, typer.Argument(min=0, metavar="[REVISION]", help="Else the newest.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show what changed between two revisions."""
    from callwright.cli import rewinding

    rewinding.show_difference(reach, earlier, later, as_json=as_json)


@reached
def undo(
    reach: Reach,
    revision: RevisionArgument,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    why: WhyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take one change back, unless what it touched was changed again."""
    from callwright.cli import rewinding

    rewinding.undo(reach, revision, yes=yes, dry_run=dry_run, why=why, as_json=as_json)


@reached
def rollback(
    reach: Reach,
    revision: RevisionArgument,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    why: WhyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make everything what it was at a revision; that is a change like any other."""
    from callwright.cli import rewinding

    rewinding.roll_back(reach, revision, yes=yes, dry_run=dry_run, why=why, as_json=as_json)


COMMANDS = (plan, apply, export, drift, schema, history, diff, undo, rollback)
