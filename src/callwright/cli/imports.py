"""`callwright import`: users from a table, an organisation from another system."""

from pathlib import Path
from typing import Annotated

import typer

from callwright.cli.places import DryRunOption, JsonOption, Reach, WhyOption, YesOption, reached

imports_app = typer.Typer(
    name="import", help="Take over what another system has.", no_args_is_help=True
)


@imports_app.command("csv")
@reached
def import_csv(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A table with a header line.")],
    reach: Reach,
    licence: Annotated[
        list[str] | None,
        typer.Option(metavar="SKU", help="For rows that name none; may be repeated."),
    ] = None,
    update: Annotated[
        bool, typer.Option("--update", help="Change users who are there already.")
    ] = False,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Take what fits; else all or nothing.")
    ] = False,
    passwords: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Make SIP passwords for who has none, and write them."),
    ] = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    why: WhyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take in users from a table with comma-separated values; shows it first, and asks."""
    from callwright.cli import importing

    importing.take_users(
        file,
        reach,
        importing.Choices(
            licences=tuple(licence or ()),
            is_update=update,
            skips_bad=skip_bad,
            passwords=passwords,
            yes=yes,
            is_dry_run=dry_run,
            why=why or f"import of {file.name}",
            as_json=as_json,
        ),
    )


@imports_app.command("teams")
def import_teams(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="DIR|FILE...", help="JSON of Get-Cs... | ConvertTo-Json -Depth 10."),
    ],
    domain: Annotated[str, typer.Option(help="The SIP domain of the organisation.")],
    country: Annotated[str, typer.Option(help="Such as US.")],
    timezone: Annotated[str, typer.Option(help="Such as America/Los_Angeles.")],
    name: Annotated[str | None, typer.Option(help="Of the organisation; else its domain.")] = None,
    language: Annotated[str, typer.Option()] = "en-US",
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="The organisation file to write.")
    ] = Path("organisation.yaml"),
    as_json: JsonOption = False,
) -> None:
    """Make an organisation file of what Teams says, and tell what could not be carried over.

    Nothing is applied: look at the file, then `plan` and `apply` it."""
    from callwright.cli import teams

    profile = {
        "name": name or domain,
        "domain": domain,
        "country": country,
        "timezone": timezone,
        "language": language,
    }
    teams.write(files, profile, out, as_json=as_json)
