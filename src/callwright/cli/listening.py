"""Where a server listens, as `serve` and `doctor` are told on the command line."""

from pathlib import Path
from typing import Annotated

import typer

SIP = "127.0.0.1:5060"
HTTP = "127.0.0.1:8080"
RTP = "20000-29999"

SipOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="HOST:PORT", help=f"UDP and TCP; {SIP} unless named. May be given several times."
    ),
]
TlsOption = Annotated[
    list[str] | None, typer.Option(metavar="HOST:PORT", help="Needs --certificates.")
]
WsOption = Annotated[
    list[str] | None, typer.Option(metavar="HOST:PORT", help="WebSocket, for browsers.")
]
WssOption = Annotated[
    list[str] | None,
    typer.Option(metavar="HOST:PORT", help="The same, secured; needs --certificates."),
]
CertificatesOption = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR", help="NAME.pem and NAME.key, or NAME/fullchain.pem and NAME/privkey.pem."
    ),
]
PeerCaOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Who may vouch for SBCs (mutual TLS).")
]
AdvertiseOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="[NETWORK=]ADDRESS",
        help="What peers with a public address, or within the network, are told of us.",
    ),
]
OriginOption = Annotated[
    list[str] | None,
    typer.Option(metavar="URL", help="A page that may connect by WebSocket; else any."),
]
SmtpOption = Annotated[
    str | None, typer.Option(metavar="HOST:PORT", help="Where mail goes; else it waits.")
]
VoicemailKeyOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Holds the key that seals messages on disk."),
]
TranscriberOption = Annotated[
    str | None,
    typer.Option(
        metavar="COMMAND|URL", help='Writes messages out: "whisper-cli -f {file}", or a URL.'
    ),
]
WebhookNetworkOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NETWORK",
        help="Where webhooks, calendars and sign-in may go besides the internet: 127.0.0.0/8.",
    ),
]
HttpOption = Annotated[str, typer.Option(metavar="HOST:PORT")]
RtpOption = Annotated[str, typer.Option(metavar="LOW-HIGH")]
