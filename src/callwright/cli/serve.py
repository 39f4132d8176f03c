"""`callwright serve`: the server in the foreground, with HTTP, until a signal ends it."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path

import callwright
from callwright.api.app import Health, make_app
from callwright.cli.civil_time import utc_now
from callwright.cli.logging import log_to_stderr
from callwright.cli.places import host_port, port_range
from callwright.kernel.addresses import HostPort
from callwright.operations.apply_organisation import apply_organisation
from callwright.operations.organisation_file import read_organisation
from callwright.runtime.ending import Ending, ending_on_signals
from callwright.runtime.http import HttpListener
from callwright.runtime.server import AddressTaken, Server, ServerSettings, running_server
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.database import Database

Beside = Callable[[Server, HostPort], Coroutine[None, None, None]]
"""What runs beside the server once it is ready; given the address of HTTP."""


def run(*, org: Path | None, data: Path, sip: str, http: str, rtp: str, smtp: str | None) -> None:
    """Returns after a signal. Raises OrganisationFileError, DatabaseError, AddressTaken."""
    low, high = port_range(rtp)
    settings = ServerSettings(
        data=data,
        sip=host_port(sip),
        rtp_low=low,
        rtp_high=high,
        smtp=None if smtp is None else host_port(smtp),
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
    app = make_app(health=lambda: _health(server), registry=node.metrics.registry)
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(listener.serve(app))
        await listener.accepts()
        ending.begin(server.end_wanted)
        company = node.snapshot
        print(
            f"ready sip={server.sip} http={listener.address}"
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
