"""`callwright serve`, `doctor`, `demo` and `turn-credentials`: to run it, and to test where."""

from pathlib import Path
from typing import Annotated

import typer

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
    TranscriberOption,
    VoicemailKeyOption,
    WebhookNetworkOption,
    WsOption,
    WssOption,
)
from callwright.cli.places import DATA, DatabaseOption, DataOption, JsonOption
from callwright.cli.tracing import (
    HEP_ID,
    HepIdOption,
    HepOption,
    HepPasswordOption,
    TraceOption,
    Tracing,
)


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
    voicemail_key: VoicemailKeyOption = None,
    transcriber: TranscriberOption = None,
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
    from callwright.storage.sealing import SealError

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
    with told(AddressTaken, CertificateError, SealError):
        tracing = Tracing(trace, hep, hep_id, hep_password)
        run(
            org=org, data=data, url=database, places=places, http=http, rtp=rtp, smtp=smtp,
            webhook_networks=webhook_network or (), tracing=tracing,
            voicemail_key=voicemail_key, transcriber=transcriber,
        )  # fmt: skip


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


def demo(data: DataOption = Path("var/demo")) -> None:
    """Start the demo organisation, place a test call, and stay up."""
    from callwright.cli.demo import run
    from callwright.cli.failures import told
    from callwright.runtime.server import AddressTaken

    with told(AddressTaken):
        run(data)


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
