"""`callwright serve`: the server in the foreground, with HTTP, until a signal ends it."""

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path

import callwright
from callwright.api.app import Health, make_app
from callwright.cli.civil_time import utc_now
from callwright.cli.logging import log_to_stderr
from callwright.cli.places import advertised, host_port, port_range
from callwright.cli.tracing import Tracing
from callwright.kernel.addresses import HostPort
from callwright.operations.apply_organisation import apply_organisation
from callwright.operations.organisation_file import read_organisation
from callwright.runtime.ending import Ending, ending_on_signals
from callwright.runtime.http import HttpListener
from callwright.runtime.server import AddressTaken, Server, ServerSettings, running_server
from callwright.runtime.transports import Listening
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.database import Database

Beside = Callable[[Server, HostPort], Coroutine[None, None, None]]
"""What runs beside the server once it is ready; given the address of HTTP."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where SIP is taken, in the words of the command line."""

    sip: Sequence[str]
    tls: Sequence[str] = ()
    ws: Sequence[str] = ()
    wss: Sequence[str] = ()
    origins: Sequence[str] = ()
    advertise: Sequence[str] = ()
    certificates: Path | None = None
    peer_ca: Path | None = None

    def listening(self) -> Listening:
        """Raises typer.BadParameter."""
        return Listening(
            sip=tuple(map(host_port, self.sip)),
            tls=tuple(map(host_port, self.tls)),
            ws=tuple(map(host_port, self.ws)),
            wss=tuple(map(host_port, self.wss)),
            origins=tuple(self.origins) or None,
            advertised=advertised(self.advertise),
        )


def run(
    *,
    org: Path | None,
    data: Path,
    places: Places,
    http: str,
    rtp: str,
    smtp: str | None,
    tracing: Tracing,
) -> None:
    """Returns after a signal. Raises OrganisationFileError, DatabaseError, AddressTaken,
    CertificateError."""
    low, high = port_range(rtp)
    settings = ServerSettings(
        data=data,
        listening=places.listening(),
        certificates=places.certificates,
        peer_ca=places.peer_ca,
        rtp_low=low,
        rtp_high=high,
        smtp=None if smtp is None else host_port(smtp),
        keeps_trace=tracing.keeps,
        hep=tracing.homer(),
        version=callwright.__version__,
    )
    log_to_stderr()
    serve_organisation(org, settings, host_port(http), beside=None)


def serve_organisation(
    org: Path | None, settings: ServerSettings, http: HostPort, *, beside: Beside | None
) -> None:
    organisation = None if org is None else read_organisation(org)
    database = Database.open(settings.data)
    try:
        if organisation is not None:
            apply_organisation(StoredConfiguration(database, utc=utc_now), organisation)
        asyncio.run(_serve(database, settings, http, beside))
    finally:
        database.close()


async def _serve(
    database: Database, settings: ServerSettings, http: HostPort, beside: Beside | None
) -> None:
    with ending_on_signals() as ending:
        listener = _listen(http)
        try:
            async with running_server(settings, database) as server:
                await _run(server, listener, beside, ending)
        finally:
            listener.close()
    if ending.was_given_up:
        print("ended at once", file=sys.stderr, flush=True)


async def _run(
    server: Server, listener: HttpListener, beside: Beside | None, ending: Ending
) -> None:
    node = server.node
    # A hang-up of the terminal's line would end a process that does not say what it is for.
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, server.look_for_certificates)
    app = make_app(health=lambda: _health(server), registry=node.metrics.registry)
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(listener.serve(app))
        await listener.accepts()
        ending.begin(server.end_wanted)
        company = node.snapshot
        print(
            f"ready {_listening(server)} http={listener.address}"
            f" organisation={'none' if company is None else company.domain}",
            flush=True,
        )
        aside = None if beside is None else group.create_task(beside(server, listener.address))
        await server.end_wanted.wait()
        print("stopping: no new calls", file=sys.stderr, flush=True)
        if aside is not None:
            aside.cancel()
        await server.stop()
        listener.stop()
        await serving


def _listening(server: Server) -> str:
    """``sip=127.0.0.1:5060 tls=127.0.0.1:5061``; several of a kind are told several times."""
    kinds = {"sip": "udp", "tls": "tls", "ws": "ws", "wss": "wss"}
    return " ".join(
        f"{name}={address}"
        for name, transport in kinds.items()
        for address in server.addresses(transport)
    )


def _listen(http: HostPort) -> HttpListener:
    try:
        return HttpListener(http)
    except OSError as error:
        raise AddressTaken(f"cannot listen on {http}: {error.strerror}; see --http") from error


def _health(server: Server) -> Health:
    snapshot = server.node.snapshot
    state = "stopping" if server.is_stopping else "ready" if snapshot else "no organisation"
    return Health(
        is_well=state == "ready",
        state=state,
        organisation=None if snapshot is None else snapshot.domain,
        revision=server.watch.revision,
        calls=len(server.node.calls),
    )
