"""`callwright demo`, which is `make run`: Contoso on loopback, proven by a call, then yours."""

import asyncio
import logging
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from importlib.resources import files
from pathlib import Path

import callwright
from callwright.cli.access import page_address, sign_in_again
from callwright.cli.civil_time import utc_now
from callwright.cli.demo_call import (
    CARRIER,
    Recorder,
    TestCallFailed,
    carrier_phone,
    place_test_call,
)
from callwright.cli.logging import log_to_stderr
from callwright.cli.places import Where
from callwright.cli.serve import serve_system
from callwright.cli.stored import stored, zone_of
from callwright.cli.tables import CALL_COLUMNS, call_row, print_table
from callwright.kernel.addresses import HostPort
from callwright.operations.organisation_file import read_organisation, to_entities
from callwright.operations.plan import plan
from callwright.runtime.server import AddressTaken, Server, ServerSettings
from callwright.runtime.transports import Listening
from callwright.storage.call_records import CallRecords
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.database import Database
from callwright.storage.system import System
from callwright.testing.softphone import Softphone

CONTOSO = Path(str(files("callwright") / "examples" / "contoso.yaml"))
LOOPBACK = "127.0.0.1"
SIP_PORT, HTTP_PORT = 5060, 8080
PORTS_TRIED = 10
RTP_LOW, RTP_HIGH = 20_000, 20_999


def run(data: Path) -> None:
    """Returns after a signal. Raises DatabaseError, AddressTaken."""
    log_to_stderr(least=logging.WARNING)
    is_contoso = _holds_contoso(data)
    settings = ServerSettings(
        listening=Listening((_free(SIP_PORT, socket.SOCK_DGRAM, step=2),)),
        rtp_low=RTP_LOW,
        rtp_high=RTP_HIGH,
        version=callwright.__version__,
    )
    failed: list[TestCallFailed] = []

    async def show(server: Server, http: HostPort) -> None:
        try:
            await _show(server, http, data, is_contoso=is_contoso is not False)
        except TestCallFailed as failure:
            failed.append(failure)
            server.end_wanted.set()

    http = _free(HTTP_PORT, socket.SOCK_STREAM, step=1)
    print("starting the demo organisation; the first time, prompts are spoken ...", flush=True)
    with closing(System.open(data)) as system:
        org = CONTOSO if is_contoso is None else None
        serve_system(org, system, settings, http, beside=show)
    if failed:
        print(f"the test call failed: {failed[0]}", file=sys.stderr)
        raise SystemExit(1)


def _holds_contoso(data: Path) -> bool | None:
    """None: nothing is stored yet; False: somebody made another organisation of it."""
    database = Database.open(data)
    try:
        revision, entities = StoredConfiguration(database, utc=utc_now).load()
    finally:
        database.close()
    if not revision:
        return None
    return not plan(entities, to_entities(read_organisation(CONTOSO)))


async def _show(server: Server, http: HostPort, data: Path, *, is_contoso: bool) -> None:
    async with AsyncExitStack() as stack:
        if is_contoso:
            recorder = Recorder()
            carrier = await stack.enter_async_context(_carrier(server.sip, recorder))
            call = await place_test_call(carrier, server.sip, recorder)
            print("\nTest call, both directions heard:")
            for line in call.proofs:
                print(f"  {line}")
            print(f"\n{call.ladder}\n")
            await _print_record(server, data)
        else:
            print("the organisation was changed, so the test call of Contoso is not placed")
        database = server.organisations.first.database
        link = await asyncio.to_thread(sign_in_again, database, page_address(http))
        _print_welcome(server.sip, http, data, link)
        await asyncio.Event().wait()


@asynccontextmanager
async def _carrier(server: HostPort, recorder: Recorder) -> AsyncIterator[Softphone]:
    """The far end of the demo's trunk; it takes whatever is dialled."""
    try:
        async with carrier_phone(server, recorder) as phone:
            yield phone
    except OSError as error:
        raise TestCallFailed(
            f"the demo's carrier has to be at {CARRIER}: {error.strerror}; "
            "end the program that listens there"
        ) from error


async def _print_record(server: Server, data: Path) -> None:
    await server.flush()
    with stored(Where(data)) as database:
        zone = zone_of(database)
        records = CallRecords(database).list(limit=1)
        print_table(CALL_COLUMNS, (call_row(record, zone) for record in records))
        for number, step in enumerate(records[0].steps, start=1):
            print(f"  {number:2}. {step.what}, because {step.because}")


def _print_welcome(sip: HostPort, http: HostPort, data: Path, link: str | None) -> None:
    print(
        f"""
Register a phone (docs/start.md shows how):
  address   {sip}, UDP or TCP, as outbound proxy
  domain    contoso.test
  users     alice (password alice-secret, extension 101), bob (bob-secret, 102),
            carol (carol-secret, 103), dave (dave-secret, 104), erin (erin-secret, 105)
  dial      an extension, +14255550150 for the attendant, +14255550151 for the queue;
            numbers outside are answered by a simulated carrier on this machine

sign in     {link or f"{page_address(http)}/sign-in"}
HTTP        http://{http}/healthz and http://{http}/metrics
data        {data.absolute()}
            .venv/bin/callwright calls --data {data}
organisation {CONTOSO}

Ctrl-C ends it; `make run` finds its data again.""",
        flush=True,
    )


def _free(first: int, kind: socket.SocketKind, *, step: int) -> HostPort:
    """The first port from ``first`` on that nobody listens on."""
    for port in range(first, first + step * PORTS_TRIED, step):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
            return HostPort(LOOPBACK, port)
    raise AddressTaken(f"no free port from {first} on; end a program that listens there")
