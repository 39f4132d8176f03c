"""The `callwright` command: one function for each thing a person can ask for.

What a command needs is imported inside of it: most answer at once and need neither the server nor
the engine, some not even the database.
"""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

import callwright
from callwright.calls.record import CallResult, Direction
from callwright.cli.accounts import accounts_app, tokens_app
from callwright.cli.groups import ListsByItself
from callwright.cli.keeping import backup, db_app, restore
from callwright.cli.listening import (
    HTTP,
    RTP,
    SIP,
    AdvertiseOption,
    CertificatesOption,
    HttpOption,
    OriginOption,
    PeerCaOption,
    RtpOption,
    SipOption,
    SmtpOption,
    TlsOption,
    WebhookNetworkOption,
    WsOption,
    WssOption,
)
from callwright.cli.numbers import numbers_app
from callwright.cli.organisations import organisations_app
from callwright.cli.places import (
    DATA,
    DatabaseOption,
    DataOption,
    JsonOption,
    OrganisationArgument,
    Where,
    placed,
)
from callwright.cli.tracing import (
    HEP_ID,
    HepIdOption,
    HepOption,
    HepPasswordOption,
    TraceOption,
    Tracing,
)
from callwright.cli.unassigned import unassigned_app
from callwright.cli.users import licences_app, users_app

app = typer.Typer(
    help="An open phone system: one file describes an organisation, calls explain themselves.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
credits_app = typer.Typer(name="credits", help="The prepaid balance.", no_args_is_help=True)
voicemail_app = typer.Typer(name="voicemail", help="Messages.", no_args_is_help=True)
calls_app = typer.Typer(name="calls", help="What happened.", cls=ListsByItself)
shield_app = typer.Typer(name="shield", help="Who is kept out, and why.", no_args_is_help=True)
for group in (accounts_app, tokens_app, calls_app, credits_app, voicemail_app, shield_app):
    app.add_typer(group)
for group in (users_app, licences_app, numbers_app, unassigned_app):
    app.add_typer(group)
app.add_typer(organisations_app, name="organisations")
app.add_typer(db_app)
app.command()(backup)
app.command()(restore)


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
    database: DatabaseOption = None,
    sip: SipOption = None,
    tls: TlsOption = None,
    ws: WsOption = None,
    wss: WssOption = None,
    origin: OriginOption = None,
    certificates: CertificatesOption = None,
    peer_ca: PeerCaOption = None,
    advertise: AdvertiseOption = None,
    http: HttpOption = HTTP,
    rtp: RtpOption = RTP,
    smtp: SmtpOption = None,
    webhook_network: WebhookNetworkOption = None,
    trace: TraceOption = True,
    hep: HepOption = None,
    hep_id: HepIdOption = HEP_ID,
    hep_password: HepPasswordOption = None,
) -> None:
    """Run the phone system in the foreground; SIGTERM or Ctrl-C ends it."""
    from callwright.cli.failures import told
    from callwright.cli.serve import Places, run
    from callwright.runtime.certificates import CertificateError
    from callwright.runtime.server import AddressTaken

    places = Places(
        sip or [SIP],
        tls or (),
        ws or (),
        wss or (),
        origin or (),
        advertise or (),
        certificates,
        peer_ca,
    )
    with told(AddressTaken, CertificateError):
        tracing = Tracing(trace, hep, hep_id, hep_password)
        run(
            org=org, data=data, url=database, places=places, http=http, rtp=rtp, smtp=smtp,
            webhook_networks=webhook_network or (), tracing=tracing,
        )  # fmt: skip


@app.command()
def doctor(
    sip: SipOption = None,
    tls: TlsOption = None,
    ws: WsOption = None,
    wss: WssOption = None,
    certificates: CertificatesOption = None,
    peer_ca: PeerCaOption = None,
    advertise: AdvertiseOption = None,
    http: HttpOption = HTTP,
    rtp: RtpOption = RTP,
    stun: Annotated[
        list[str] | None,
        typer.Option(metavar="HOST[:PORT]", help="Ask it for our public address; two show more."),
    ] = None,
    ntp: Annotated[
        str | None, typer.Option(metavar="HOST[:PORT]", help="Ask it for the time.")
    ] = None,
    peer: Annotated[
        list[str] | None,
        typer.Option(metavar="HOST[:PORT]", help="A phone or carrier; test the way to it."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Look for what would keep calls out or silent; say the same options as to `serve`.

    Works before a server runs and beside one. Exit status 1 when a check failed."""
    from callwright.cli import doctor as examination
    from callwright.cli.serve import Places

    places = Places(
        sip or [SIP],
        tls or (),
        ws or (),
        wss or (),
        (),
        advertise or (),
        certificates,
        peer_ca,
    )
    examination.run(
        places,
        http=http,
        rtp=rtp,
        stun=stun or (),
        ntp=ntp,
        peers=peer or (),
        as_json=as_json,
    )


@app.command()
def demo(data: DataOption = Path("var/demo")) -> None:
    """Start the demo organisation, place a test call, and stay up."""
    from callwright.cli.demo import run
    from callwright.cli.failures import told
    from callwright.runtime.server import AddressTaken

    with told(AddressTaken):
        run(data)


@app.command()
@placed
def plan(file: OrganisationArgument, where: Where, as_json: JsonOption = False) -> None:
    """Show what `apply` would change; nothing changes."""
    from callwright.cli import organisation

    organisation.show_plan(file, where, as_json=as_json)


@app.command()
@placed
def apply(file: OrganisationArgument, where: Where, as_json: JsonOption = False) -> None:
    """Make the organisation what the file says; a running server follows within a second."""
    from callwright.cli import organisation

    organisation.apply(file, where, as_json=as_json)


@app.command()
@placed
def export(where: Where) -> None:
    """Print the organisation as a file; applying it again changes nothing."""
    from callwright.cli import organisation

    organisation.export(where)


@calls_app.command("list")
@placed
def calls_list(
    where: Where,
    as_json: JsonOption = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")] = 1_000,
    before: Annotated[str | None, typer.Option(metavar="ID", help="Older than this one.")] = None,
    caller: str | None = None,
    callee: str | None = None,
    user: Annotated[str | None, typer.Option(help="Who called or was called.")] = None,
    result: CallResult | None = None,
    direction: Direction | None = None,
    since: Annotated[datetime | None, typer.Option(help="Organisation's local time.")] = None,
    running: Annotated[bool, typer.Option("--running", help="Those that run, instead.")] = False,
) -> None:
    """List calls, the newest first; what plain `calls` does, too."""
    from callwright.cli import history

    if running:
        return history.show_running(where, as_json=as_json, limit=limit)

    history.show_calls(
        where,
        as_json=as_json,
        limit=limit,
        before=before,
        caller=caller,
        callee=callee,
        user=user,
        result=result,
        direction=direction,
        since=since,
    )


@calls_app.command("show")
@placed
def calls_show(
    where: Where,
    call: Annotated[str, typer.Argument(metavar="ID", help="As `calls list` shows it.")],
    as_json: JsonOption = False,
) -> None:
    """Show what became of a call, why, and how it sounded; one that runs, how it sounds."""
    from callwright.cli import history

    history.show_call(where, call, as_json=as_json)


@app.command("trace")
@placed
def trace_call(
    where: Where,
    call: Annotated[
        str | None, typer.Argument(metavar="CALL", help="Its id, or a SIP Call-ID of it.")
    ] = None,
    last: Annotated[bool, typer.Option("--last", help="The call that began last.")] = False,
    messages: Annotated[
        bool, typer.Option("--messages", help="The messages themselves, without secrets.")
    ] = False,
    pcap: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a capture for Wireshark there.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Draw the SIP messages of all legs of a call; works while the server runs."""
    from callwright.cli.trace import show_trace

    if (call is None) != last:
        raise typer.BadParameter("name either a call or --last")
    show_trace(where, call, as_json=as_json, whole=messages, pcap=pcap)


@credits_app.command("show")
@placed
def credits_show(where: Where, as_json: JsonOption = False) -> None:
    """Show the balance, and what running calls hold of it."""
    from callwright.cli import history

    history.show_credits(where, as_json=as_json)


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


@shield_app.command("list")
@placed
def shield_list(
    where: Where,
    as_json: JsonOption = False,
    limit: Annotated[int, typer.Option(min=1)] = 1_000,
) -> None:
    """List who is blocked, the newest first."""
    from callwright.cli import shield

    shield.show(where, as_json=as_json, limit=limit)


@shield_app.command("lift")
@placed
def shield_lift(
    where: Where,
    network: Annotated[str | None, typer.Argument(metavar="ADDRESS|NETWORK")] = None,
    everybody: Annotated[bool, typer.Option("--all", help="Every block.")] = False,
) -> None:
    """Let somebody in again; a running server follows within a second."""
    from callwright.cli import shield
    from callwright.cli.failures import told

    with told():
        shield.lift(where, network, all_of_them=everybody)


@shield_app.command("block")
@placed
def shield_block(
    where: Where,
    network: Annotated[str, typer.Argument(metavar="ADDRESS|NETWORK")],
    span: Annotated[str, typer.Option("--for", metavar="30m|12h|7d")] = "1h",
) -> None:
    """Keep somebody out, phones of yours included; calls for help still come in."""
    from callwright.cli import shield
    from callwright.cli.failures import told

    with told():
        shield.block(where, network, span)


@app.command()
@placed
def explain(
    where: Where,
    caller: Annotated[str, typer.Option("--from", help="User, extension or number.")],
    dialled: Annotated[str, typer.Option("--to", help="What is dialled.")],
    org: Annotated[Path | None, typer.Option(metavar="FILE")] = None,
    at: Annotated[
        str | None, typer.Option(help="Organisation's local time, 2026-12-25T09:00; else now.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say what would happen to a call, step by step and why; needs no server."""
    from callwright.cli import organisation

    organisation.explain(org, where, caller=caller, dialled=dialled, at=at, as_json=as_json)


@app.command("turn-credentials")
def turn_credentials(
    user: Annotated[str, typer.Argument(metavar="USER", help="Shown in the TURN server's log.")],
    turn: Annotated[
        list[str], typer.Option(metavar="turn:HOST:PORT", help="The server; may be repeated.")
    ],
    turn_secret: Annotated[
        Path, typer.Option(metavar="FILE", help="Holds the secret that the server knows, too.")
    ],
    hours: Annotated[float, typer.Option(min=0.01, max=24 * 31, help="How long they hold.")] = 8,
) -> None:
    """Make credentials with which a page may use a TURN server for a while."""
    from callwright.cli import turn as turn_servers
    from callwright.cli.failures import told
    from callwright.media.turn import BadTurnServer

    with told(BadTurnServer):
        turn_servers.show(user, turn, turn_secret, hours=hours)
