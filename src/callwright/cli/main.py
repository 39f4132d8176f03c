"""The `callwright` command: one function for each thing a person can ask for."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

import callwright
from callwright.calls.record import CallResult, Direction
from callwright.cli import tables
from callwright.cli.civil_time import utc_now
from callwright.cli.places import (
    DATA,
    DataOption,
    JsonOption,
    OrganisationArgument,
    stored,
    told,
    zone_of,
)
from callwright.kernel.ids import CallId, MailboxId, UserId
from callwright.operations.apply_organisation import apply_organisation
from callwright.operations.export_organisation import export_organisation
from callwright.operations.organisation_file import (
    build_snapshot,
    from_entities,
    read_organisation,
    to_entities,
)
from callwright.operations.plan import Change, plan
from callwright.routing.explain import explain as explain_call
from callwright.storage.call_records import CallRecords
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.database import Database
from callwright.storage.ledger import Ledger
from callwright.storage.voicemail import Voicemails

app = typer.Typer(
    help="An open phone system: one file describes an organisation, calls explain themselves.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
credits_app = typer.Typer(help="The prepaid balance.", no_args_is_help=True)
voicemail_app = typer.Typer(help="Messages.", no_args_is_help=True)
app.add_typer(credits_app, name="credits")
app.add_typer(voicemail_app, name="voicemail")


def _print_version(asked: bool) -> None:
    if asked:
        print(f"callwright {callwright.__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Options that stand before a command."""


@app.command()
def serve(
    org: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Apply this organisation file first.")
    ] = None,
    data: DataOption = DATA,
    sip: Annotated[str, typer.Option(metavar="HOST:PORT")] = "127.0.0.1:5060",
    http: Annotated[str, typer.Option(metavar="HOST:PORT")] = "127.0.0.1:8080",
    rtp: Annotated[str, typer.Option(metavar="LOW-HIGH")] = "20000-29999",
    smtp: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="Where mail goes; else it waits.")
    ] = None,
) -> None:
    """Run the phone system in the foreground; SIGTERM or Ctrl-C ends it."""
    from callwright.cli.serve import run  # the other commands need neither server nor engine

    with told():
        run(org=org, data=data, sip=sip, http=http, rtp=rtp, smtp=smtp)


@app.command()
def demo(data: DataOption = Path("var/demo")) -> None:
    """Start the demo organisation, place a test call, and stay up."""
    from callwright.cli.demo import run

    with told():
        run(data)


@app.command("plan")
def plan_command(
    file: OrganisationArgument, data: DataOption = DATA, as_json: JsonOption = False
) -> None:
    """Show what `apply` would change; nothing changes."""
    with told():
        wanted = to_entities(read_organisation(file))
        if not (data / "callwright.db").exists():
            _print_changes(plan({}, wanted), as_json, verb="would change")
            return
        with stored(data) as database:
            _, entities = StoredConfiguration(database, utc=utc_now).load()
        _print_changes(plan(entities, wanted), as_json, verb="would change")


@app.command()
def apply(file: OrganisationArgument, data: DataOption = DATA, as_json: JsonOption = False) -> None:
    """Make the organisation what the file says; a running server follows within a second."""
    with told():
        organisation = read_organisation(file)
        database = Database.open(data)
        try:
            configuration = StoredConfiguration(database, utc=utc_now)
            changes = apply_organisation(configuration, organisation)
        finally:
            database.close()
        _print_changes(changes, as_json, verb="changed")


@app.command()
def export(data: DataOption = DATA) -> None:
    """Print the organisation as a file; applying it again changes nothing."""
    with told(), stored(data) as database:
        _, entities = StoredConfiguration(database, utc=utc_now).load()
        print(export_organisation(entities), end="")


@app.command()
def calls(
    data: DataOption = DATA,
    as_json: JsonOption = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")] = 1_000,
    before: Annotated[str | None, typer.Option(metavar="ID", help="Older than this one.")] = None,
    caller: str | None = None,
    callee: str | None = None,
    user: Annotated[str | None, typer.Option(help="Who called or was called.")] = None,
    result: CallResult | None = None,
    direction: Direction | None = None,
    since: Annotated[datetime | None, typer.Option(help="Organisation's local time.")] = None,
) -> None:
    """List calls, the newest first."""
    with told(), stored(data) as database:
        zone = zone_of(database)
        try:
            records = CallRecords(database).list(
                limit=limit,
                before=None if before is None else CallId(before),
                caller=caller,
                callee=callee,
                user=None if user is None else UserId(user),
                result=result,
                direction=direction,
                since=None if since is None else since.replace(tzinfo=zone),
            )
        except LookupError:
            raise typer.BadParameter(f"there is no call {before}") from None
        if as_json:
            tables.print_json([tables.call_as_json(record) for record in records])
        else:
            rows = (tables.call_row(record, zone) for record in records)
            tables.print_table(tables.CALL_COLUMNS, rows)


@credits_app.command("show")
def credits_show(data: DataOption = DATA, as_json: JsonOption = False) -> None:
    """Show the balance, and what running calls hold of it."""
    with told(), stored(data) as database:
        ledger = Ledger(database)
        balance, reserved = ledger.balance(), ledger.reserved()
        shown = {
            "currency": None if balance is None else balance.currency,
            "balance": None if balance is None else str(balance),
            "reserved": None if balance is None else str(reserved),
        }
        if as_json:
            tables.print_json(shown)
        elif balance is None:
            print("the organisation has no credits")
        else:
            print(f"balance {balance} {balance.currency}, of it {reserved} reserved by calls")


@voicemail_app.command("list")
def voicemail_list(
    mailbox: Annotated[str, typer.Option(metavar="NAME", help="A user or shared mailbox.")],
    data: DataOption = DATA,
    as_json: JsonOption = False,
    limit: Annotated[int, typer.Option(min=1)] = 1_000,
) -> None:
    """List a mailbox's messages, the newest first."""
    with told(), stored(data) as database:
        zone = zone_of(database)
        store = Voicemails(database, new_id=lambda: "")
        messages = store.list(MailboxId(mailbox))[:limit]
        if as_json:
            tables.print_json([tables.message_as_json(message) for message in messages])
        else:
            rows = (tables.message_row(message, zone) for message in messages)
            tables.print_table(tables.MESSAGE_COLUMNS, rows)


@app.command()
def explain(
    caller: Annotated[str, typer.Option("--from", help="User, extension or number.")],
    dialled: Annotated[str, typer.Option("--to", help="What is dialled.")],
    org: Annotated[Path | None, typer.Option(metavar="FILE")] = None,
    at: Annotated[
        str | None, typer.Option(help="Organisation's local time, 2026-12-25T09:00; else now.")
    ] = None,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Say what would happen to a call, step by step and why; needs no server."""
    with told():
        if org is not None:
            organisation, revision = read_organisation(org), 0
        else:
            with stored(data) as database:
                revision, entities = StoredConfiguration(database, utc=utc_now).load()
            organisation = from_entities(entities)
        snapshot = build_snapshot(organisation, revision=revision, base=None)
        explanation = explain_call(snapshot, caller=caller, dialled=dialled, at=_instant(at))
        if as_json:
            tables.print_json(explanation.as_json())
            return
        for number, step in enumerate(explanation.steps, start=1):
            print(f"{number:3}. {step.what}\n     because {step.because}")
        print(f"  => {explanation.outcome}")


def _instant(text: str | None) -> datetime:
    """A local time without zone is the organisation's."""
    if text is None:
        return utc_now()
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no time such as 2026-12-25T09:00") from None


def _print_changes(changes: tuple[Change, ...], as_json: bool, *, verb: str) -> None:
    if as_json:
        tables.print_json(
            [
                {
                    "kind": change.kind,
                    "key": change.key,
                    "action": change.action,
                    "fields": [
                        {"path": field.path, "old": field.old, "new": field.new}
                        for field in change.fields
                    ],
                }
                for change in changes
            ]
        )
        return
    for change in changes:
        print(change)
        for field in change.fields:
            print(f"    {field}")
    print(f"{len(changes)} {verb}" if changes else f"nothing {verb}")
