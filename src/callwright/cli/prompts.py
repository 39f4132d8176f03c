"""`callwright prompts`: sounds for greetings, menus and music."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

import typer

from callwright.cli.places import JsonOption, Reach, YesOption, reached

if TYPE_CHECKING:
    from callwright.cli.client import Api

prompts_app = typer.Typer(
    name="prompts", help="Sounds for greetings, menus and music.", no_args_is_help=True
)


@prompts_app.command("add")
@reached
def add(
    reach: Reach,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...")],
    as_json: JsonOption = False,
) -> None:
    """Upload WAV, MP3, mono WMA, M4A, Ogg or FLAC; print what a prompt names as its file."""
    with _asked(reach) as api:
        added = [
            api.ask(
                "POST",
                "/audio-files",
                body=file.read_bytes(),
                headers={"Content-Type": "application/octet-stream"},
            )
            for file in files
        ]
    _show(added, as_json=as_json)


@prompts_app.command("list")
@reached
def list_prompts(reach: Reach, as_json: JsonOption = False) -> None:
    """List what was uploaded."""
    with _asked(reach, read_only=True) as api:
        found = api.get("/audio-files")["items"]
    _show(found, as_json=as_json)


@prompts_app.command("remove")
@reached
def remove(
    reach: Reach,
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Or the files themselves.")],
    yes: YesOption = False,
) -> None:
    """Remove what was uploaded and nothing plays."""
    from callwright.cli.consent import agreed

    agreed(f"Remove {', '.join(names)}?", yes=yes)
    with _asked(reach) as api:
        for name in names:
            api.ask("DELETE", f"/audio-files/{quote(Path(name).name, safe='')}")


def _show(sounds: list[dict[str, object]], *, as_json: bool) -> None:
    from callwright.cli.tables import print_json, print_table

    if as_json:
        print_json(sounds)
    else:
        print_table(
            ("file", "seconds"), ((str(it["file"]), str(it["duration_s"])) for it in sounds)
        )


@contextmanager
def _asked(reach: Reach, *, read_only: bool = False) -> "Iterator[Api]":
    from callwright.cli.client import ApiRefused, reached_api
    from callwright.cli.failures import told

    with told(ApiRefused, OSError), reached_api(reach, read_only=read_only) as api:
        yield api
