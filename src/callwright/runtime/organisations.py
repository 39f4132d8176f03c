"""The organisations of a running server: each with a node, a database and a thread of its own, on
transports, a media engine and a voice that all share (ADR 0026)."""

import asyncio
import secrets
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import asdict, astuple, dataclass, field
from enum import Enum
from itertools import count
from pathlib import Path

import structlog

from callwright.calls.ports import RtpPorts
from callwright.kernel.addresses import HostPort
from callwright.kernel.limits import (
    CONFIGURATION_RETRY_S,
    ORGANISATIONS_POLL_S,
    REGISTRATIONS_SWEEP_S,
    SHUTDOWN_GRACE_S,
)
from callwright.media.prompts import RenderedPrompts
from callwright.media.speech import Voice
from callwright.routing.snapshot import Snapshot
from callwright.runtime.backlog import Backlog
from callwright.runtime.clock import LoopClock
from callwright.runtime.configuration_watch import ConfigurationWatch
from callwright.runtime.hep import HepSender, HepSettings
from callwright.runtime.identifiers import new_call_id, new_sortable_id, new_token
from callwright.runtime.jobs import JobRunner
from callwright.runtime.marks import FIRST, marked
from callwright.runtime.node import Node
from callwright.runtime.postbox import Outbox
from callwright.runtime.reception import Reception
from callwright.runtime.rendering import complain_of_prompt
from callwright.runtime.resolver import Resolver
from callwright.runtime.shared_media import SharedMedia, first_id
from callwright.runtime.shield_keeping import ShieldKeeping
from callwright.runtime.stores import (
    WorkerCallbacks,
    WorkerMailboxes,
    WorkerRegistrations,
    WorkerWallet,
)
from callwright.runtime.surroundings import Surroundings
from callwright.runtime.tasks import Tasks
from callwright.runtime.trace import Trace, TraceKeeper, TraceSink
from callwright.runtime.transports import Transports
from callwright.runtime.webhook_delivery import WebhookDelivery
from callwright.runtime.webhook_posting import PUBLIC_ONLY, HttpPoster, Reach
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.database import Database, DatabaseError
from callwright.storage.events import Events
from callwright.storage.jobs import Jobs
from callwright.storage.recovery import recover
from callwright.storage.shield import StoredShield
from callwright.storage.system import System
from callwright.storage.trace import TraceWriter
from callwright.storage.webhooks import Webhooks
from callwright.storage.worker import StorageWorker

log = structlog.get_logger("callwright.organisations")


@dataclass(frozen=True, slots=True, kw_only=True)
class Premises:
    """What all organisations of a server stand on."""

    clock: LoopClock
    transports: Transports
    backlog: Backlog
    media: SharedMedia
    voice: Voice
    rtp_ports: RtpPorts
    media_bind_ips: tuple[str, ...]
    resolver: Resolver
    report: Callable[[str, BaseException], None]
    """Hears of tasks that failed."""
    smtp: HostPort | None = None
    keeps_trace: bool = True
    hep: HepSettings | None = None
    webhook_reach: Reach = PUBLIC_ONLY
    version: str = ""


class State(Enum):
    EMPTY = "no organisation"
    """It was told nothing yet."""
    READY = "ready"
    STOPPING = "stopping"


@dataclass(slots=True, kw_only=True)
class ServedOrganisation:
    """One organisation, from its database up."""

    number: int
    seat: str | None
    """The domain that it was made for; None: the first one."""
    database: Database
    node: Node
    watch: ConfigurationWatch
    registrations: WorkerRegistrations
    callbacks: WorkerCallbacks
    tasks: Tasks
    leave_engine: Callable[[], None]
    kept: AsyncExitStack = field(repr=False)
    """Closes what it keeps things with, when its tasks have ended."""
    is_stopping: bool = False

    @property
    def domain(self) -> str | None:
        snapshot = self.node.snapshot
        return self.seat if snapshot is None else snapshot.domain

    @property
    def state(self) -> State:
        if self.is_stopping:
            return State.STOPPING
        return State.EMPTY if self.node.snapshot is None else State.READY

    async def stop(self, grace_s: float) -> None:
        """No new calls; running ones get ``grace_s`` seconds."""
        self.is_stopping = True
        await self.node.stop(grace_s)

    async def rest(self) -> None:
        """Nothing of it runs any more; what waits to be written still is."""
        await self.tasks.close()
        self.registrations.post()
        self.leave_engine()

    async def close(self) -> None:
        await self.kept.aclose()


class Organisations:
    """Serves those that the system lists, and follows the list."""

    def __init__(self, premises: Premises, system: System, reception: Reception) -> None:
        self._premises = premises
        self._system = system
        self._reception = reception
        self._served: dict[str | None, ServedOrganisation] = {}
        """By seat."""
        self._numbers = count(FIRST)
        self._put_off: dict[str, float] = {}
        """Those that could not be opened, and when they are tried again."""
        self._trouble: dict[str, str] = {}
        self._leaving: set[str] = set()
        self._tasks = Tasks(premises.report)

    def __iter__(self) -> Iterator[ServedOrganisation]:
        """The first one first."""
        return iter(tuple(self._served.values()))

    @property
    def first(self) -> ServedOrganisation:
        return self._served[None]

    def find(self, domain: str) -> ServedOrganisation | None:
        return next((one for one in self if one.domain == domain), None)

    @property
    def troubled(self) -> tuple[str, ...]:
        """Domains of those that cannot be served; the log says why."""
        return tuple(domain for domain in self._trouble if domain)

    # -- life --------------------------------------------------------------------------------------

    async def open(self, first: Database) -> None:
        """Serves all there are, ``first`` being recovered; returns when they are ready.

        Raises DatabaseError where the first one cannot be served; of another one that is logged.
        """
        await self._move_in(None, first)
        for domain in await asyncio.to_thread(self._system.leaving):
            await self._put_aside(domain)
        for domain in await asyncio.to_thread(self._system.further):
            await self._open_further(domain)

    async def run(self) -> None:
        """Follows the list."""
        while True:
            await asyncio.sleep(ORGANISATIONS_POLL_S)
            try:
                wanted = await asyncio.to_thread(self._system.further)
            except DatabaseError as error:
                self._note_trouble("", error)
                continue
            self._trouble.pop("", None)
            self._follow(wanted)

    async def stop(self, grace_s: float) -> None:
        await asyncio.gather(*(organisation.stop(grace_s) for organisation in self))

    async def rest(self) -> None:
        await self._tasks.close()
        for organisation in self:
            await organisation.rest()

    async def close(self) -> None:
        for organisation in self:
            await organisation.close()

    # -- inside ------------------------------------------------------------------------------------

    def _follow(self, wanted: tuple[str, ...]) -> None:
        now_s = self._premises.clock.monotonic()
        for domain in wanted:
            if domain not in self._served and self._put_off.get(domain, 0.0) <= now_s:
                self._put_off[domain] = float("inf")  # until this attempt has an end
                self._tasks.spawn(self._open_further(domain), f"opening of {domain}")
        for seat in self._served:
            if seat is not None and seat not in wanted and seat not in self._leaving:
                self._leaving.add(seat)
                self._tasks.spawn(self._move_out(seat), f"leaving of {seat}")

    async def _open_further(self, domain: str) -> None:
        try:
            database = await asyncio.to_thread(self._system.open_further, domain)
            try:
                await recovered(database, self._premises.clock)
            except BaseException:
                database.close()
                raise
            await self._move_in(domain, database)
        except Exception as error:
            # Whatever is wrong with one must not keep the others from their calls.
            self._put_off[domain] = self._premises.clock.monotonic() + CONFIGURATION_RETRY_S
            self._note_trouble(domain, error)
        else:
            self._put_off.pop(domain, None)
            self._trouble.pop(domain, None)
            log.info("an organisation is served", organisation=domain)

    def _note_trouble(self, domain: str, error: Exception) -> None:
        """The same trouble is told once."""
        trouble = f"{type(error).__name__}: {error}"
        if self._trouble.get(domain) != trouble:
            log.error("an organisation cannot be served", organisation=domain, because=trouble)
        self._trouble[domain] = trouble

    async def _move_in(self, seat: str | None, database: Database) -> None:
        async with AsyncExitStack() as kept:
            kept.callback(database.close)
            organisation = self._made(seat, database, kept)
            kept.push_async_callback(organisation.rest)
            await self._begin(organisation)
            organisation.kept = kept.pop_all()
        self._served[seat] = organisation

    def _made(
        self, seat: str | None, database: Database, kept: AsyncExitStack
    ) -> ServedOrganisation:
        premises, clock = self._premises, self._premises.clock
        number = next(self._numbers)
        tasks = Tasks(premises.report)
        worker = StorageWorker(database, utc=clock.utc, new_id=new_sortable_id)
        kept.push_async_callback(worker.close)
        keeper = _trace_keeper(premises, database.data)
        kept.push_async_callback(keeper.close)
        registrations = WorkerRegistrations(worker, clock)
        callbacks = WorkerCallbacks(worker)
        engine = premises.media.share(number)
        prompts = RenderedPrompts(
            engine,
            premises.voice,
            database.data / "prompts",
            spawn=tasks.spawn,
            ids_from=first_id(number),
            complain=complain_of_prompt,
        )
        around = Surroundings(
            clock=clock,
            tasks=tasks,
            backlog=premises.backlog,
            transmit=premises.transports.transmit,
            flow_to=premises.transports.flow_to,
            new_token=marked(new_token, number),
            new_call_id=new_call_id,
            digest_secret=secrets.token_bytes(32),
            engine=engine,
            prompts=prompts,
            rtp_ports=premises.rtp_ports,
            media_bind_ips=premises.media_bind_ips,
            wallet=WorkerWallet(worker),
            journal=worker,
            mailboxes=WorkerMailboxes(worker),
            registrations=registrations,
            callbacks=callbacks,
            postbox=Outbox(
                database.data / "outbox", clock, tasks, new_id=new_sortable_id, smtp=premises.smtp
            ),
            resolver=premises.resolver,
            trace=keeper.begin(tasks),
            media_ids_from=first_id(number),
        )
        node = Node(around, version=premises.version)

        async def use(snapshot: Snapshot) -> None:
            try:
                await node.use(snapshot)
            finally:
                self._reception.look_again()

        configuration = StoredConfiguration(database, utc=clock.utc)
        return ServedOrganisation(
            number=number,
            seat=seat,
            database=database,
            node=node,
            watch=ConfigurationWatch(
                configuration, use, node.wallet.refresh, clock, self._system.outside(seat)
            ),
            registrations=registrations,
            callbacks=callbacks,
            tasks=tasks,
            leave_engine=lambda: premises.media.leave(number),
            kept=kept,
        )

    async def _begin(self, organisation: ServedOrganisation) -> None:
        """Brings back what was kept; from then on it takes calls. Raises DatabaseError."""
        clock, tasks, node = self._premises.clock, organisation.tasks, organisation.node
        organisation.registrations.restore(node.registrar)
        node.callbacks.restore(organisation.callbacks.load(clock.utc()))
        stored = StoredShield(organisation.database)
        shield = ShieldKeeping.restored(node.shield, stored, clock)
        await organisation.watch.look()
        self._reception.admit(organisation.number, node, organisation.seat)
        tasks.spawn(organisation.watch.run(), "configuration")
        tasks.spawn(shield.run(), "shield")
        tasks.spawn(self._delivery(organisation).run(), "webhooks")
        jobs = Jobs(organisation.database)
        tasks.spawn(JobRunner(jobs, organisation.watch.administration, clock).run(), "jobs")
        tasks.spawn(_sweep(node, clock), "registrations")

    def _delivery(self, organisation: ServedOrganisation) -> WebhookDelivery:
        database = organisation.database
        return WebhookDelivery(
            webhooks=Webhooks(database),
            events=Events(database),
            poster=HttpPoster(self._premises.webhook_reach),
            clock=self._premises.clock,
            tasks=organisation.tasks,
            organisation=lambda: organisation.domain,
        )

    async def _move_out(self, domain: str) -> None:
        """It was removed: running calls are given the time that they have when a server stops."""
        organisation = self._served[domain]
        log.warning("an organisation leaves", organisation=domain)
        await organisation.stop(SHUTDOWN_GRACE_S)
        self._reception.dismiss(organisation.number)
        del self._served[domain]
        await organisation.rest()
        await organisation.close()
        self._leaving.discard(domain)
        await self._put_aside(domain)

    async def _put_aside(self, domain: str) -> None:
        now = self._premises.clock.utc()
        try:
            place = await asyncio.to_thread(self._system.put_aside, domain, now)
        except DatabaseError as error:  # whoever removed it may have been quicker
            log.info("an organisation was not put aside", organisation=domain, because=str(error))
        else:
            log.warning("an organisation was put aside", organisation=domain, now_in=str(place))


async def recovered(database: Database, clock: LoopClock) -> None:
    """Makes this process its server, and settles what a killed one left. Raises DatabaseError."""
    found = await asyncio.to_thread(recover, database, clock.utc())
    if any(astuple(found)):
        log.warning("recovered", data=str(database.data), **asdict(found))


def _trace_keeper(premises: Premises, data: Path) -> TraceKeeper:
    sinks: list[TraceSink] = []
    if premises.keeps_trace:
        sinks.append(TraceWriter(data / "trace"))
    if premises.hep is not None:
        sinks.append(HepSender(premises.hep))
    return TraceKeeper(Trace(premises.clock), sinks, premises.clock)


async def _sweep(node: Node, clock: LoopClock) -> None:
    while True:
        await asyncio.sleep(REGISTRATIONS_SWEEP_S)
        node.registrar.remove_expired(now_s=clock.monotonic())
