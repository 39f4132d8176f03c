"""`callwright queues recordings`, `recording`, `callbacks`, `cancel-callback`: what queues keep."""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from callwright.cli.places import JsonOption, Reach, reached
from callwright.kernel.limits.commands import LISTED_DEFAULT, LISTED_MAX

Queue = Annotated[str | None, typer.Argument(metavar="[QUEUE]", help="Only of this queue.")]
RECORDINGS = ("id", "started_at", "duration_s", "queue", "agent", "caller", "call")
CALLBACKS = ("since", "queue", "number", "name", "attempts", "not_before", "until", "call")


def add_keeping_verbs(app: typer.Typer) -> None:
    app.command("recordings")(recordings)
    app.command("recording")(recording)
    app.command("callbacks")(callbacks)
    app.command("cancel-callback")(cancel_callback)


@reached
def recordings(
    reach: Reach,
    queue: Queue = None,
    limit: Annotated[int, typer.Option(min=1, max=LISTED_MAX)] = LISTED_DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """List talks that were recorded, the newest first."""
    from callwright.cli.client import ApiRefused, reached_api
    from callwright.cli.failures import told

    with told(ApiRefused), reached_api(reach, read_only=True) as api:
        found = list(api.pages("/recordings", {"queue": queue}, most=limit))
    _show(RECORDINGS, found, as_json=as_json)


@reached
def recording(
    reach: Reach,
    recording: Annotated[str, typer.Argument(metavar="ID", help="As `recordings` shows it.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new WAV file.")],
) -> None:
    """Write the sound of one recorded talk into a file."""
    from callwright.cli.client import ApiRefused, reached_api
    from callwright.cli.failures import told
    from callwright.cli.new_files import write_new

    with told(ApiRefused, OSError), reached_api(reach, read_only=True) as api:
        sound = api.download(f"/recordings/{quote(recording, safe='')}/sound")
        write_new(file, sound)


@reached
def callbacks(reach: Reach, queue: Queue = None, as_json: JsonOption = False) -> None:
    """List callers who hung up and keep their place, in the order in which they came."""
    from callwright.cli.client import ApiRefused, reached_api
    from callwright.cli.failures import told

    with told(ApiRefused), reached_api(reach, read_only=True) as api:
        found = api.get("/queue-callbacks", {"queue": queue})["items"]
    _show(CALLBACKS, found, as_json=as_json)


@reached
def cancel_callback(
    reach: Reach,
    call: Annotated[str, typer.Argument(metavar="CALL", help="As `callbacks` shows it.")],
) -> None:
    """Take back the promise to call a customer; asks a running server (--server)."""
    from callwright.cli.client import ApiRefused, reached_api
    from callwright.cli.failures import told

    with told(ApiRefused), reached_api(reach) as api:
        api.ask("DELETE", f"/queue-callbacks/{quote(call, safe='')}")
    print(f"the customer who asked in {call} is not called back")


def _show(columns: tuple[str, ...], found: list[Any], *, as_json: bool) -> None:
    from callwright.cli.tables import print_json, print_table

    if as_json:
        print_json(found)
    else:
        print_table(columns, ([_text(each[column]) for column in columns] for each in found))


def _text(value: object) -> str:
    return "" if value is None else str(value)
