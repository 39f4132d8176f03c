"""Commands on what has hours: what changes next, and setting it open or closed."""

from collections.abc import Callable
from typing import Annotated

import typer

from callwright.cli.places import DryRunOption, JsonOption, Reach, WhyOption, reached
from callwright.kernel.limits.schedules import CHANGES_SHOWN_DEFAULT, CHANGES_SHOWN_MAX

KeyArgument = Annotated[str, typer.Argument(metavar="KEY", help="As listed.")]
StandingArgument = Annotated[
    str, typer.Argument(metavar="open|closed|holiday", help="What it shall be.")
]
UntilOption = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="2026-12-24T18:00 in its zone; else until it is lifted."),
]
HolidayOption = Annotated[
    str | None, typer.Option("--holiday", metavar="NAME", help="Which, with holiday.")
]
CountOption = Annotated[int, typer.Option("--count", min=0, max=CHANGES_SHOWN_MAX)]
AtOption = Annotated[
    str | None, typer.Option(metavar="TIME", help="From then on; a time in its zone.")
]


def add_schedule_verbs(app: typer.Typer, path: str, one: str) -> None:
    """``preview``, ``override`` and ``lift`` for the collection at ``path`` of the API."""

    def show(reach: Reach, key: str, at: str | None, count: int, as_json: bool) -> None:
        from callwright.cli import overriding

        overriding.show(reach, path, key, at=at, count=count, as_json=as_json)

    @reached
    def override(
        reach: Reach,
        key: KeyArgument,
        standing: StandingArgument,
        until: UntilOption = None,
        holiday: HolidayOption = None,
        dry_run: DryRunOption = False,
        why: WhyOption = None,
        as_json: JsonOption = False,
    ) -> None:
        from callwright.cli import overriding

        wanted = overriding.Wanted(standing, until, holiday)
        overriding.override(reach, path, key, wanted, dry_run=dry_run, why=why, as_json=as_json)

    @reached
    def lift(
        reach: Reach,
        key: KeyArgument,
        dry_run: DryRunOption = False,
        why: WhyOption = None,
        as_json: JsonOption = False,
    ) -> None:
        from callwright.cli import overriding

        overriding.lift(reach, path, key, dry_run=dry_run, why=why, as_json=as_json)

    _add_preview(app, show, f"Show how the {one} stands, and what changes next.")
    for verb, act, help in (
        ("override", override, f"Set the {one} open or closed, whatever its hours say."),
        ("lift", lift, "Let its hours and holidays count again."),
    ):
        app.command(verb, help=help)(act)


def add_holiday_verb(app: typer.Typer) -> None:
    """``callwright holiday-sets preview``."""

    def show(reach: Reach, key: str, at: str | None, count: int, as_json: bool) -> None:
        from callwright.cli import overriding

        overriding.show_holidays(reach, key, at=at, count=count, as_json=as_json)

    _add_preview(app, show, "List its next holidays, and how fresh its calendar is.")


def _add_preview(
    app: typer.Typer, show: Callable[[Reach, str, str | None, int, bool], None], help: str
) -> None:
    @reached
    def preview(
        reach: Reach,
        key: KeyArgument,
        at: AtOption = None,
        count: CountOption = CHANGES_SHOWN_DEFAULT,
        as_json: JsonOption = False,
    ) -> None:
        show(reach, key, at, count, as_json)

    app.command("preview", help=help)(preview)
