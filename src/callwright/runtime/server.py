"""The process that `callwright serve` runs: a node on real sockets, a real disk and real audio."""

import asyncio
import resource
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, astuple, dataclass
from pathlib import Path

import structlog

from callwright.calls.ports import RtpPorts
from callwright.kernel.addresses import HostPort
from callwright.kernel.limits import (
    CIRCLES_QUIET_TRANSACTIONS,
    REGISTRATIONS_SWEEP_S,
    SHUTDOWN_GRACE_S,
)
from callwright.media.native import NativeEngine
from callwright.media.prompts import RenderedPrompts
from callwright.media.speech import EspeakVoice
from callwright.runtime.backlog import Backlog
from callwright.runtime.certificate_watch import CertificateWatch
from callwright.runtime.certificates import CertificateError, Certificates, client_context
from callwright.runtime.circles import Circles
from callwright.runtime.clock import LoopClock
from callwright.runtime.configuration_watch import ConfigurationWatch
from callwright.runtime.hep import HepSender, HepSettings
from callwright.runtime.identifiers import new_call_id, new_sortable_id, new_token
from callwright.runtime.node import Node
from callwright.runtime.postbox import Outbox
from callwright.runtime.rendering import complain_of_prompt
from callwright.runtime.resolver import DnsResolver
from callwright.runtime.shield_keeping import ShieldKeeping
from callwright.runtime.stores import WorkerMailboxes, WorkerRegistrations, WorkerWallet
from callwright.runtime.surroundings import Surroundings
from callwright.runtime.tasks import Tasks
from callwright.runtime.trace import Trace, TraceKeeper, TraceSink
from callwright.runtime.transports import Listening, TlsContexts, Transports
from callwright.sip.flow import Flow
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.database import Database
from callwright.storage.recovery import recover
from callwright.storage.shield import StoredShield
from callwright.storage.trace import TraceWriter
from callwright.storage.worker import StorageWorker

log = structlog.get_logger("callwright.server")


class AddressTaken(Exception):
    """Somebody else listens there, or the address is not this machine's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """Where a server listens and keeps what it is told."""

    data: Path
    listening: Listening
    certificates: Path | None = None
    """A directory; needed to listen with TLS."""
    peer_ca: Path | None = None
    """Who may vouch for SBCs, beside the system's authorities."""
    rtp_low: int
    rtp_high: int
    smtp: HostPort | None = None
    keeps_trace: bool = True
    """Whether the messages of calls are kept below ``data``."""
    hep: HepSettings | None = None
    """A Homer server that is sent them, too."""
    version: str = ""


class Server:
    """A running node and what it stands on."""

    def __init__(
        self,
        node: Node,
        transports: Transports,
        watch: ConfigurationWatch,
        flush: Callable[[], Awaitable[None]],
    ) -> None:
        self.node = node
        self.flush = flush
        """Returns when everything so far is on disk."""
        self.end_wanted = asyncio.Event()
        """Set by a signal, or by whoever wants the process to end."""
        self.sip = transports.address
        self.addresses = transports.addresses
        """By ``udp``, ``tcp``, ``tls``, ``ws`` or ``wss``: where the server listens."""
        self.watch = watch
        self.is_stopping = False
        self.look_for_certificates: Callable[[], None] = lambda: None
        """Loads those that changed on disk, soon; nothing where there are none."""

    async def stop(self) -> None:
        """No new calls; running ones get a bounded time."""
        self.is_stopping = True
        await self.node.stop(SHUTDOWN_GRACE_S)


@asynccontextmanager
async def running_server(settings: ServerSettings, database: Database) -> AsyncIterator[Server]:
    """Starts everything but HTTP; ends everything when the block is left.

    Raises AddressTaken, CertificateError and DatabaseError; a prompt that cannot be heard is
    logged.
    """
    async with AsyncExitStack() as stack:
        _allow_many_files()
        clock = LoopClock(asyncio.get_running_loop())
        recovered = await asyncio.to_thread(recover, database, clock.utc())
        if any(astuple(recovered)):
            log.warning("recovered", **asdict(recovered))
        tasks = Tasks(_report)
        worker = StorageWorker(database, utc=clock.utc, new_id=new_sortable_id)
        stack.push_async_callback(worker.close)
        keeper = _trace_keeper(settings, clock)
        stack.push_async_callback(keeper.close)
        engine = NativeEngine()
        stack.callback(engine.close)
        voice = EspeakVoice()
        stack.push_async_callback(voice.close)
        certificates, security = _security(settings)
        door = _Door()
        backlog = Backlog(clock)
        transports = await _listen(settings, security, clock, tasks, door, backlog)
        stack.push_async_callback(transports.close)
        stack.push_async_callback(tasks.close)
        registrations = WorkerRegistrations(worker, clock)
        stack.callback(registrations.post)
        around = Surroundings(
            clock=clock,
            tasks=tasks,
            backlog=backlog,
            transmit=transports.transmit,
            flow_to=transports.flow_to,
            new_token=new_token,
            new_call_id=new_call_id,
            digest_secret=secrets.token_bytes(32),
            engine=engine,
            prompts=RenderedPrompts(
                engine,
                voice,
                settings.data / "prompts",
                spawn=tasks.spawn,
                complain=complain_of_prompt,
            ),
            rtp_ports=RtpPorts(settings.rtp_low, settings.rtp_high),
            media_bind_ips=tuple(bind.host for bind in settings.listening.sip),
            wallet=WorkerWallet(worker),
            journal=worker,
            mailboxes=WorkerMailboxes(worker),
            registrations=registrations,
            postbox=Outbox(
                settings.data / "outbox", clock, tasks, new_id=new_sortable_id, smtp=settings.smtp
            ),
            resolver=DnsResolver(clock),
            trace=keeper.begin(tasks),
        )
        node = Node(around, version=settings.version)
        configuration = StoredConfiguration(database, utc=clock.utc)
        watch = ConfigurationWatch(configuration, node.use, node.wallet.refresh, clock)
        registrations.restore(node.registrar)
        shield = ShieldKeeping.restored(node.shield, StoredShield(database), clock)
        await watch.look()
        door.open(node)
        tasks.spawn(watch.run(), "configuration")
        tasks.spawn(shield.run(), "shield")
        tasks.spawn(_sweep(node, clock), "registrations")
        _watch_transports(node, transports, settings)
        stack.callback(_begin_circles(node, clock, tasks).end)
        server = Server(node, transports, watch, registrations.flush)
        if certificates is not None:
            server.look_for_certificates = _watch_certificates(certificates, node, clock, tasks)
        yield server


class _Door:
    """Lets the transports open before there is a node to receive; what comes earlier is lost, as
    it would be a moment before."""

    def __init__(self) -> None:
        self._node: Node | None = None

    def open(self, node: Node) -> None:
        self._node = node

    def receive(self, flow: Flow, message: bytes) -> None:
        if self._node is not None:
            self._node.receive(flow, message)

    def failed(self, flow: Flow) -> None:
        if self._node is not None:
            self._node.transport_failed(flow)


async def _listen(
    settings: ServerSettings,
    security: TlsContexts,
    clock: LoopClock,
    tasks: Tasks,
    door: _Door,
    backlog: Backlog,
) -> Transports:
    """Raises AddressTaken."""
    try:
        return await Transports.open(
            settings.listening,
            security,
            clock,
            tasks,
            receive=door.receive,
            failed=door.failed,
            backlog=backlog,
        )
    except OSError as error:
        place = error.filename
        raise AddressTaken(f"cannot listen on {place}: {error.strerror}") from error


def _watch_transports(node: Node, transports: Transports, settings: ServerSettings) -> None:
    watch = node.metrics.watch
    watch("connections", "Open now.", lambda: transports.connection_count)
    watch("connections_refused", "Turned away: too many.", lambda: transports.refused)
    watch(
        "private_address_to_public_peer",
        "Times that a public peer was told a private address.",
        lambda: settings.listening.advertised.hidden,
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
    certificates: Certificates, node: Node, clock: LoopClock, tasks: Tasks
) -> Callable[[], None]:
    watch = CertificateWatch(certificates, clock)
    node.metrics.watch(
        "certificate_seconds_left", "Until the first TLS certificate expires.", watch.seconds_left
    )
    tasks.spawn(watch.run(), "certificates")
    return watch.look_now


def _trace_keeper(settings: ServerSettings, clock: LoopClock) -> TraceKeeper:
    sinks: list[TraceSink] = []
    if settings.keeps_trace:
        sinks.append(TraceWriter(settings.data / "trace"))
    if settings.hep is not None:
        sinks.append(HepSender(settings.hep))
    return TraceKeeper(Trace(clock), sinks, clock)


async def _sweep(node: Node, clock: LoopClock) -> None:
    while True:
        await asyncio.sleep(REGISTRATIONS_SWEEP_S)
        node.registrar.remove_expired(now_s=clock.monotonic())


def _report(name: str, error: BaseException) -> None:
    log.error("a task failed", task=name, exc_info=error)


def _allow_many_files() -> None:
    """Every media leg has two sockets; the usual soft limit of 1,024 would end at 500 legs."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _begin_circles(node: Node, clock: LoopClock, tasks: Tasks) -> Circles:
    circles = Circles(clock, lambda: node.endpoint.transaction_count < CIRCLES_QUIET_TRANSACTIONS)
    node.metrics.watch(
        "objects_in_circles", "Freed by a collection only.", lambda: circles.collected
    )
    circles.begin()
    tasks.spawn(circles.run(), "circles")
    return circles
