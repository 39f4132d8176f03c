"""The process that `callwright serve` runs: nodes on real sockets, a real disk and real audio."""

import asyncio
import resource
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
from prometheus_client import CollectorRegistry

from callwright.apps.voicemail.services import Transcriber
from callwright.calls.ports import RtpPorts
from callwright.kernel.addresses import HostPort
from callwright.kernel.limits.running import CIRCLES_QUIET_TRANSACTIONS, SHUTDOWN_GRACE_S
from callwright.media.hearing.recogniser import SphinxRecogniser
from callwright.media.native import NativeEngine
from callwright.media.speech import EspeakVoice
from callwright.runtime.backlog import Backlog
from callwright.runtime.certificate_watch import CertificateWatch
from callwright.runtime.certificates import CertificateError, Certificates, client_context
from callwright.runtime.circles import Circles
from callwright.runtime.clock import LoopClock
from callwright.runtime.hep import HepSettings
from callwright.runtime.node import Node
from callwright.runtime.organisations import Organisations, recovered
from callwright.runtime.reception import Reception
from callwright.runtime.rendering import complain_of_recognition
from callwright.runtime.resolver import DnsResolver
from callwright.runtime.served_organisation import Premises
from callwright.runtime.shared_media import SharedMedia
from callwright.runtime.system_metrics import SystemMetrics
from callwright.runtime.tasks import Tasks
from callwright.runtime.transports import Listening, TlsContexts, Transports
from callwright.runtime.webhook_posting import PUBLIC_ONLY, Reach
from callwright.storage.sealing import Sealer
from callwright.storage.system import System

log = structlog.get_logger("callwright.server")


class AddressTaken(Exception):
    """Somebody else listens there, or the address is not this machine's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """Where a server listens, and whom it tells what."""

    listening: Listening
    certificates: Path | None = None
    """A directory; needed to listen with TLS."""
    peer_ca: Path | None = None
    """Who may vouch for SBCs, beside the system's authorities."""
    rtp_low: int
    rtp_high: int
    smtp: HostPort | None = None
    sealer: Sealer | None = None
    """Seals messages on disk."""
    transcriber: Transcriber | None = None
    """Writes messages out."""
    keeps_trace: bool = True
    """Whether the messages of calls are kept with the rest of the data."""
    hep: HepSettings | None = None
    """A Homer server that is sent them, too."""
    webhook_reach: Reach = PUBLIC_ONLY
    version: str = ""


class Server:
    """Running nodes and what they stand on."""

    def __init__(self, organisations: Organisations, transports: Transports) -> None:
        self.organisations = organisations
        self.metrics = SystemMetrics(self._registries)
        self.end_wanted = asyncio.Event()
        """Set by a signal, or by whoever wants the process to end."""
        self.sip = transports.address
        self.addresses = transports.addresses
        """By ``udp``, ``tcp``, ``tls``, ``ws`` or ``wss``: where the server listens."""
        self.is_stopping = False
        self.look_for_certificates: Callable[[], None] = lambda: None
        """Loads those that changed on disk, soon; nothing where there are none."""

    @property
    def node(self) -> Node:
        """Of the first organisation."""
        return self.organisations.first.node

    async def flush(self) -> None:
        """Returns when everything so far is on disk."""
        for organisation in self.organisations:
            await organisation.registrations.flush()

    async def stop(self) -> None:
        """No new calls; running ones get a bounded time."""
        self.is_stopping = True
        await self.organisations.stop(SHUTDOWN_GRACE_S)

    def _registries(self) -> dict[str, CollectorRegistry]:
        """One that was told nothing yet is no organisation to anybody who reads numbers."""
        return {one.domain or "": one.node.metrics.registry for one in self.organisations}


@asynccontextmanager
async def running_server(settings: ServerSettings, system: System) -> AsyncIterator[Server]:
    """Starts everything but HTTP; ends everything when the block is left.

    Raises AddressTaken, CertificateError and DatabaseError; a prompt that cannot be heard is
    logged.
    """
    async with AsyncExitStack() as stack:
        _allow_many_files()
        clock = LoopClock(asyncio.get_running_loop())
        first = await asyncio.to_thread(system.open_first)
        stack.callback(first.close)
        await recovered(first, clock)
        closing = stack.push_async_exit(AsyncExitStack())
        engine = NativeEngine()
        stack.callback(engine.close)
        voice = EspeakVoice()
        stack.push_async_callback(voice.close)
        certificates, security = _security(settings)
        reception, backlog, tasks = Reception(), Backlog(clock), Tasks(_report)
        transports = await _listen(settings, security, clock, tasks, reception, backlog)
        stack.push_async_callback(transports.close)
        recogniser = SphinxRecogniser(tasks.spawn, complain=complain_of_recognition)
        stack.push_async_callback(recogniser.close)
        stack.push_async_callback(tasks.close)
        premises = Premises(
            clock=clock,
            transports=transports,
            backlog=backlog,
            media=SharedMedia(engine),
            voice=voice,
            recogniser=recogniser,
            rtp_ports=RtpPorts(settings.rtp_low, settings.rtp_high),
            media_bind_ips=tuple(bind.host for bind in settings.listening.sip),
            resolver=DnsResolver(clock),
            report=_report,
            smtp=settings.smtp,
            sealer=settings.sealer,
            transcriber=settings.transcriber,
            keeps_trace=settings.keeps_trace,
            hep=settings.hep,
            webhook_reach=settings.webhook_reach,
            version=settings.version,
        )
        organisations = Organisations(premises, system, reception)
        closing.push_async_callback(organisations.close)
        stack.push_async_callback(organisations.rest)
        await organisations.open(first)
        tasks.spawn(organisations.run(), "organisations")
        server = Server(organisations, transports)
        _watch_transports(server.metrics, transports, settings, reception)
        stack.callback(_begin_circles(server, clock, tasks).end)
        if certificates is not None:
            server.look_for_certificates = _watch_certificates(certificates, server, clock, tasks)
        yield server


async def _listen(
    settings: ServerSettings,
    security: TlsContexts,
    clock: LoopClock,
    tasks: Tasks,
    reception: Reception,
    backlog: Backlog,
) -> Transports:
    """Raises AddressTaken."""
    try:
        return await Transports.open(
            settings.listening,
            security,
            clock,
            tasks,
            receive=reception.receive,
            failed=reception.failed,
            backlog=backlog,
            is_trunk=reception.is_trunk,
        )
    except OSError as error:
        place = error.filename
        raise AddressTaken(f"cannot listen on {place}: {error.strerror}") from error


def _watch_transports(
    metrics: SystemMetrics, transports: Transports, settings: ServerSettings, reception: Reception
) -> None:
    watch = metrics.watch
    watch("connections", "Open now.", lambda: transports.connection_count)
    watch("connections_refused", "Turned away: too many.", lambda: transports.refused)
    watch(
        "private_address_to_public_peer",
        "Times that a public peer was told a private address.",
        lambda: settings.listening.advertised.hidden,
    )
    watch(
        "requests_unaddressed",
        "For no organisation in particular, while there were several.",
        lambda: reception.unaddressed,
    )


def _security(settings: ServerSettings) -> tuple[Certificates | None, TlsContexts]:
    """Raises CertificateError."""
    if settings.certificates is None:
        if settings.listening.tls or settings.listening.wss:
            raise CertificateError(
                "TLS needs a certificate; name its directory: --certificates DIR"
            )
        return None, TlsContexts(None, client_context(settings.peer_ca))
    certificates = Certificates(settings.certificates, settings.peer_ca)
    return certificates, TlsContexts(certificates.for_accepting(), certificates.for_opening())


def _watch_certificates(
    certificates: Certificates, server: Server, clock: LoopClock, tasks: Tasks
) -> Callable[[], None]:
    watch = CertificateWatch(certificates, clock)
    server.metrics.watch(
        "certificate_seconds_left", "Until the first TLS certificate expires.", watch.seconds_left
    )
    tasks.spawn(watch.run(), "certificates")
    return watch.look_now


def _report(name: str, error: BaseException) -> None:
    log.error("a task failed", task=name, exc_info=error)


def _allow_many_files() -> None:
    """Every media leg has two sockets; the usual soft limit of 1,024 would end at 500 legs."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _begin_circles(server: Server, clock: LoopClock, tasks: Tasks) -> Circles:
    def is_quiet() -> bool:
        busy = sum(one.node.endpoint.transaction_count for one in server.organisations)
        return busy < CIRCLES_QUIET_TRANSACTIONS

    circles = Circles(clock, is_quiet)
    server.metrics.watch(
        "objects_in_circles", "Freed by a collection only.", lambda: circles.collected
    )
    circles.begin()
    tasks.spawn(circles.run(), "circles")
    return circles
