"""`callwright voicemail`: messages, and what owners of mailboxes choose."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

import typer

from callwright.cli.places import JsonOption, Reach, Where, YesOption, placed, reached

if TYPE_CHECKING:
    from callwright.cli.client import Api

voicemail_app = typer.Typer(name="voicemail", help="Messages and mailboxes.", no_args_is_help=True)
Mailbox = Annotated[str, typer.Argument(metavar="MAILBOX", help="A user or shared mailbox.")]
MessageId = Annotated[str, typer.Argument(metavar="ID", help="As `voicemail list` shows it.")]
KeyOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Where messages are sealed on disk.")
]


class Kind(StrEnum):
    DEFAULT = "default"
    OUT_OF_OFFICE = "out-of-office"


class Switch(StrEnum):
    ON = "on"
    OFF = "off"
    AS_FILE = "as-file"


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


@voicemail_app.command("show")
@reached
def show(reach: Reach, mailbox: Mailbox, as_json: JsonOption = False) -> None:
    """Show how much a mailbox holds, and what callers meet."""
    from callwright.cli.tables import print_json, print_table

    with _asked(reach, read_only=True) as api:
        found = api.get(_path(mailbox))
    if as_json:
        print_json(found)
    else:
        print_table(("setting", "value"), ((name, str(value)) for name, value in found.items()))


@voicemail_app.command("mark")
@reached
def mark(
    reach: Reach,
    mailbox: Mailbox,
    message: MessageId,
    read: Annotated[bool, typer.Option("--read/--new")] = True,
    saved: Annotated[
        bool | None, typer.Option("--saved/--not-saved", help="Kept past its days.")
    ] = None,
) -> None:
    """Mark a message as read or new, saved or not; lamps follow."""
    body = {"is_read": read} | ({} if saved is None else {"is_saved": saved})
    with _asked(reach) as api:
        api.ask("PATCH", _path(mailbox, "messages", message), body=body)


@voicemail_app.command("delete")
@reached
def delete(reach: Reach, mailbox: Mailbox, message: MessageId, yes: YesOption = False) -> None:
    """Delete a message and its sound."""
    from callwright.cli.consent import agreed

    agreed(f"Delete message {message} of {mailbox}?", yes=yes)
    with _asked(reach) as api:
        api.ask("DELETE", _path(mailbox, "messages", message))


@voicemail_app.command("forward")
@reached
def forward(
    reach: Reach,
    mailbox: Mailbox,
    message: MessageId,
    to: Mailbox,
    voicemail_key: KeyOption = None,
) -> None:
    """Put a copy of a message into another mailbox."""
    with _asked(reach, key=voicemail_key) as api:
        copy = api.ask("POST", _path(mailbox, "messages", message, "forward"), body={"to": to})
    print(copy["id"])


@voicemail_app.command("audio")
@reached
def audio(
    reach: Reach,
    mailbox: Mailbox,
    message: MessageId,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="A new WAV file.")],
    voicemail_key: KeyOption = None,
) -> None:
    """Write the sound of a message to a file."""
    from callwright.cli.new_files import write_new

    with _asked(reach, read_only=True, key=voicemail_key) as api:
        sound = api.download(_path(mailbox, "messages", message, "audio"))
        write_new(output, sound)


@voicemail_app.command("greeting")
@reached
def greeting(
    reach: Reach,
    mailbox: Mailbox,
    kind: Kind,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="A sound file; none: remove the greeting."),
    ] = None,
) -> None:
    """Set a greeting, or remove what was recorded or uploaded."""
    path = _path(mailbox, "greetings", kind.value)
    with _asked(reach) as api:
        if file is None:
            api.ask("DELETE", path)
        else:
            api.upload(path, file.read_bytes(), "application/octet-stream")


@voicemail_app.command("answering")
@reached
def answering(
    reach: Reach,
    mailbox: Mailbox,
    answer: Annotated[
        str | None,
        typer.Option(help="voicemail, decline, prompt, ...; else as the file says."),
    ] = None,
    out_of_office: Annotated[Switch, typer.Option()] = Switch.AS_FILE,
    until: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="The first day back.")
    ] = None,
) -> None:
    """Choose what callers of a mailbox meet."""
    is_away = None if out_of_office is Switch.AS_FILE else out_of_office is Switch.ON
    body = {"answer": answer, "out_of_office": is_away, "until": until}
    with _asked(reach) as api:
        api.ask("PUT", _path(mailbox, "answering"), body=body)


@voicemail_app.command("pin")
@reached
def pin(
    reach: Reach,
    mailbox: Mailbox,
    forget: Annotated[
        bool, typer.Option("--forget", help="Go back to the organisation file's.")
    ] = False,
) -> None:
    """Set the PIN of a mailbox, asked for or read from standard input."""
    path = _path(mailbox, "pin")
    chosen = None if forget else _read_pin()
    with _asked(reach) as api:
        if chosen is None:
            api.ask("DELETE", path)
        else:
            api.ask("PUT", path, body={"pin": chosen})


def _read_pin() -> str:
    """Never from the command line, which others on the machine see."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    text: str = typer.prompt("PIN", hide_input=True, confirmation_prompt=True)
    return text


def _path(mailbox: str, *parts: str) -> str:
    return "/voicemail/" + "/".join(quote(part, safe="") for part in (mailbox, *parts))


@contextmanager
def _asked(reach: Reach, *, read_only: bool = False, key: Path | None = None) -> "Iterator[Api]":
    from callwright.cli.client import ApiRefused, reached_api
    from callwright.cli.failures import told
    from callwright.storage.sealing import SealError

    at = replace(reach, voicemail_key=key)
    with told(ApiRefused, SealError, OSError), reached_api(at, read_only=read_only) as api:
        yield api
