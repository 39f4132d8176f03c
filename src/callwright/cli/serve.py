"""`callwright serve`: the server in the foreground, with HTTP, until a signal ends it."""

import asyncio
import os
import secrets
import signal
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import typer
from fastapi import FastAPI

import callwright
from callwright.api.app import Health, make_app, open_api
from callwright.apps.voicemail.services import Transcriber
from callwright.cli.access import first_sign_in, page_address
from callwright.cli.logging import log_to_stderr
from callwright.cli.organisation import applied
from callwright.cli.places import advertised, host_port, network, port_range
from callwright.cli.tenancy import ServedTenants
from callwright.cli.tracing import Tracing
from callwright.kernel.addresses import HostPort
from callwright.operations.organisation_file import read_organisation
from callwright.runtime.ending import Ending, ending_on_signals
from callwright.runtime.http import HttpListener
from callwright.runtime.served_organisation import ServedOrganisation, State
from callwright.runtime.server import AddressTaken, Server, ServerSettings, running_server
from callwright.runtime.transcribers import transcriber_of
from callwright.runtime.transports import Listening
from callwright.runtime.webhook_posting import Reach
from callwright.storage.faults import DatabaseError
from callwright.storage.sealing import read_key
from callwright.storage.system import System

SEAL_BYTES = 32
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
    url: str | None,
    places: Places,
    http: str,
    rtp: str,
    smtp: str | None,
    voicemail_key: Path | None = None,
    transcriber: str | None = None,
    webhook_networks: Sequence[str] = (),
    tracing: Tracing,
) -> None:
    """Returns after a signal. Raises OrganisationFileError, EditRefused, DatabaseError,
    AddressTaken, CertificateError, SealError."""
    low, high = port_range(rtp)
    settings = ServerSettings(
        listening=places.listening(),
        certificates=places.certificates,
        peer_ca=places.peer_ca,
        rtp_low=low,
        rtp_high=high,
        smtp=None if smtp is None else host_port(smtp),
        sealer=None if voicemail_key is None else read_key(voicemail_key),
        transcriber=None if transcriber is None else _transcriber(transcriber),
        webhook_reach=Reach(tuple(map(network, webhook_networks))),
        keeps_trace=tracing.keeps,
        hep=tracing.homer(),
        version=callwright.__version__,
    )
    log_to_stderr()
    with closing(System.open(data, url)) as system:
        serve_system(org, system, settings, host_port(http), beside=None)


def _transcriber(words: str) -> Transcriber:
    """Raises typer.BadParameter."""
    try:
        return transcriber_of(words)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def serve_system(
    org: Path | None,
    system: System,
    settings: ServerSettings,
    http: HostPort,
    *,
    beside: Beside | None,
) -> None:
    if org is not None:
        organisation = read_organisation(org)
        with closing(system.open_for_file(organisation.organisation.domain)) as database:
            applied(organisation, database, system)
    asyncio.run(_serve(system, settings, http, beside))


async def _serve(
    system: System, settings: ServerSettings, http: HostPort, beside: Beside | None
) -> None:
    with ending_on_signals() as ending:
        listener = _listen(http)
        try:
            async with running_server(settings, system) as server:
                api = _opened(server, settings)
                await _run(server, api, listener, beside, ending)
        finally:
            listener.close()
    if ending.was_given_up:
        print("ended at once", file=sys.stderr, flush=True)


def _opened(server: Server, settings: ServerSettings) -> FastAPI:
    app = make_app(health=lambda: _health(server), registry=server.metrics)
    tenants = ServedTenants(server.organisations)
    seal = secrets.token_bytes(SEAL_BYTES)
    open_api(app, tenants, monotonic=time.monotonic, seal=seal, reach=settings.webhook_reach)
    return app


async def _run(
    server: Server, app: FastAPI, listener: HttpListener, beside: Beside | None, ending: Ending
) -> None:
    # A hang-up of the terminal's line would end a process that does not say what it is for.
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, server.look_for_certificates)
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(listener.serve(app))
        await listener.accepts()
        ending.begin(server.end_wanted)
        _tell(f"ready {_listening(server)} http={listener.address} {_served(server)}")
        if beside is None:
            await _print_sign_in(server, listener.address)
        aside = None if beside is None else group.create_task(beside(server, listener.address))
        await server.end_wanted.wait()
        print("stopping: no new calls", file=sys.stderr, flush=True)
        if aside is not None:
            aside.cancel()
        await server.stop()
        listener.stop()
        await serving


async def _print_sign_in(server: Server, http: HostPort) -> None:
    """While nobody ever signed in, each start shows its owner the way in; it opens once."""
    database = server.organisations.first.database
    try:
        link = await asyncio.to_thread(first_sign_in, database, page_address(http))
    except DatabaseError as error:
        print(f"no sign-in link: {error}", file=sys.stderr, flush=True)
        return
    if link is not None:
        _tell(f"sign in: {link}")


def _tell(text: str) -> None:
    """Whoever read the first line may have gone, as ``head`` does; that ends no server."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())  # the text is still buffered, and would fail again
        os.close(nowhere)


def _listening(server: Server) -> str:
    """``sip=127.0.0.1:5060 tls=127.0.0.1:5061``; several of a kind are told several times."""
    kinds = {"sip": "udp", "tls": "tls", "ws": "ws", "wss": "wss"}
    return " ".join(
        f"{name}={address}"
        for name, transport in kinds.items()
        for address in server.addresses(transport)
    )


def _served(server: Server) -> str:
    """``organisation=contoso.test``, once for each."""
    return " ".join(f"organisation={one.domain or 'none'}" for one in server.organisations)


def _listen(http: HostPort) -> HttpListener:
    try:
        return HttpListener(http)
    except OSError as error:
        raise AddressTaken(f"cannot listen on {http}: {error.strerror}; see --http") from error


def _health(server: Server) -> Health:
    """It is well while the first organisation can take calls: what is wrong with another one is
    told, and is no reason to end this process."""
    first, *others = map(_health_of, server.organisations)
    known = {other.organisation for other in others}
    others += [
        Health(False, "cannot be served", domain, 0, 0)
        for domain in server.organisations.troubled
        if domain not in known
    ]
    is_well = first.is_well and not server.is_stopping
    state = State.STOPPING.value if server.is_stopping else first.state
    return replace(first, is_well=is_well, state=state, others=tuple(others))


def _health_of(one: ServedOrganisation) -> Health:
    return Health(
        is_well=one.state is State.READY,
        state=one.state.value,
        organisation=one.domain,
        revision=one.watch.revision,
        calls=len(one.node.calls),
    )
