"""One organisation of a running server: a node, a database and a thread of its own, on what all
organisations share (ADR 0026)."""

import asyncio
import secrets
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path

from callwright.apps.voicemail.services import Transcriber
from callwright.calls.ports import RtpPorts
from callwright.kernel.addresses import HostPort
from callwright.kernel.limits.registrations import REGISTRATIONS_SWEEP_S
from callwright.media.prompts import RenderedPrompts
from callwright.media.recognition import Recogniser
from callwright.media.speech import Voice
from callwright.operations.administration import Outside
from callwright.routing.snapshot import Snapshot
from callwright.runtime.absence_keeping import AbsenceKeeping
from callwright.runtime.backlog import Backlog
from callwright.runtime.calendar_fetching import OutsideCalendars
from callwright.runtime.clock import LoopClock
from callwright.runtime.configuration_watch import ConfigurationWatch
from callwright.runtime.hep import HepSender, HepSettings
from callwright.runtime.identifiers import new_call_id, new_sortable_id, new_token
from callwright.runtime.jobs import JobRunner
from callwright.runtime.live_board import LiveBoard
from callwright.runtime.live_view import LiveViewWriter
from callwright.runtime.marks import marked
from callwright.runtime.node import Node
from callwright.runtime.postbox import Outbox
from callwright.runtime.rendering import complain_of_prompt
from callwright.runtime.resolver import Resolver
from callwright.runtime.retention import RetentionKeeping
from callwright.runtime.schedule_desk import StoredScheduleDesk
from callwright.runtime.schedule_keeping import ScheduleKeeping
from callwright.runtime.shared_media import SharedMedia, first_id
from callwright.runtime.shield_keeping import ShieldKeeping
from callwright.runtime.stores import (
    WorkerCallbacks,
    WorkerQueues,
    WorkerRegistrations,
    WorkerWallet,
)
from callwright.runtime.surroundings import Surroundings
from callwright.runtime.tasks import Tasks
from callwright.runtime.trace import Trace, TraceKeeper, TraceSink
from callwright.runtime.transports import Transports
from callwright.runtime.voicemail_service import VoicemailService
from callwright.runtime.webhook_delivery import WebhookDelivery
from callwright.runtime.webhook_posting import PUBLIC_ONLY, HttpPoster, Reach
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.database import Database
from callwright.storage.events import Events
from callwright.storage.jobs import Jobs
from callwright.storage.live_view import LiveViewFile
from callwright.storage.retention import Retention
from callwright.storage.sealing import Sealer
from callwright.storage.shield import StoredShield
from callwright.storage.tide import Tide
from callwright.storage.trace import TraceWriter
from callwright.storage.webhooks import Webhooks
from callwright.storage.worker import StorageWorker


@dataclass(frozen=True, slots=True, kw_only=True)
class Premises:
    """What all organisations of a server stand on."""

    clock: LoopClock
    transports: Transports
    backlog: Backlog
    media: SharedMedia
    voice: Voice
    recogniser: Recogniser
    rtp_ports: RtpPorts
    media_bind_ips: tuple[str, ...]
    resolver: Resolver
    report: Callable[[str, BaseException], None]
    """Hears of tasks that failed."""
    smtp: HostPort | None = None
    sealer: Sealer | None = None
    """Seals messages on disk; None: they lie there as they are."""
    transcriber: Transcriber | None = None
    """None: nothing writes messages out."""
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
    board: LiveBoard
    watch: ConfigurationWatch
    registrations: WorkerRegistrations
    callbacks: WorkerCallbacks
    voicemail: VoicemailService
    queues: WorkerQueues
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

    async def begin(self, premises: Premises) -> None:
        """Brings back what was kept, and lets everything run; when this returns it can take calls.

        Raises DatabaseError.
        """
        clock, tasks, node = premises.clock, self.tasks, self.node
        self.registrations.restore(node.registrar)
        node.callbacks.restore(self.callbacks.load(clock.utc()))
        absences = self.queues.absences
        node.queues.restore(absences.all(), self.queues.kept_places())
        stored = StoredShield(self.database)
        news = Tide(self.database).has_turned
        shield = ShieldKeeping.restored(node.shield, stored, clock, news)
        await self.watch.look()
        node.callback_desk.restore(node.board, self.queues.callback_requests.load())
        tasks.spawn(self.watch.run(), "configuration")
        tasks.spawn(shield.run(), "shield")
        chosen = AbsenceKeeping(node.floor.desk, absences, Tide(self.database).has_turned)
        tasks.spawn(chosen.run(), "agents")
        tasks.spawn(self._delivery(premises).run(), "webhooks")
        tasks.spawn(self._job_runner(clock).run(), "jobs")
        tasks.spawn(self._schedule_keeping(premises).run(), "schedules")
        view = LiveViewWriter(self.board, LiveViewFile(self.database.data), clock)
        tasks.spawn(view.run(), "live view")
        tasks.spawn(self._retention_keeping(clock).run(), "retention")
        tasks.spawn(_sweep(node, clock), "registrations")
        self.voicemail.begin(tasks, node.lamps, lambda: node.snapshot)

    async def stop(self, grace_s: float) -> None:
        """No new calls; running ones get ``grace_s`` seconds."""
        self.is_stopping = True
        await self.node.stop(grace_s)

    async def rest(self) -> None:
        """Nothing of it runs any more; what waits to be written still is."""
        await self.tasks.close()
        self.registrations.post()
        self.queues.post()
        self.leave_engine()

    async def close(self) -> None:
        await self.kept.aclose()

    def _delivery(self, premises: Premises) -> WebhookDelivery:
        database = self.database
        return WebhookDelivery(
            webhooks=Webhooks(database),
            events=Events(database),
            poster=HttpPoster(premises.webhook_reach),
            clock=premises.clock,
            tasks=self.tasks,
            organisation=lambda: self.domain,
            has_news=Tide(database).has_turned,
        )

    def _schedule_keeping(self, premises: Premises) -> ScheduleKeeping:
        calendars = OutsideCalendars(premises.webhook_reach)
        return ScheduleKeeping(self.watch.administration, calendars, premises.clock)

    def _retention_keeping(self, clock: LoopClock) -> RetentionKeeping:
        administration = self.watch.administration
        return RetentionKeeping(
            Retention(self.database), lambda: administration.current().organisation, clock
        )

    def _job_runner(self, clock: LoopClock) -> JobRunner:
        database, administration = self.database, self.watch.administration
        news = Tide(database).has_turned
        return JobRunner(Jobs(database), administration, clock, news)


def organisation_of(
    premises: Premises,
    database: Database,
    kept: AsyncExitStack,
    *,
    number: int,
    seat: str | None,
    outside: Outside,
    followed: Callable[[], None],
) -> ServedOrganisation:
    """Wires a node to its database; nothing runs yet. ``kept`` is told what has to be closed;
    ``followed()`` is called when another configuration holds."""
    clock = premises.clock
    tasks = Tasks(premises.report)
    worker = StorageWorker(database, utc=clock.utc, new_id=new_sortable_id, sealer=premises.sealer)
    voicemail = VoicemailService(database, worker, clock, premises.transcriber)
    kept.push_async_callback(worker.close)
    keeper = _trace_keeper(premises, database.data)
    kept.push_async_callback(keeper.close)
    registrations = WorkerRegistrations(worker, clock)
    callbacks = WorkerCallbacks(worker)
    queues = WorkerQueues(worker, database, clock)
    around = _surroundings(
        premises,
        database.data,
        number,
        tasks,
        worker,
        voicemail,
        registrations,
        callbacks,
        queues,
        keeper,
    )
    desk = StoredScheduleDesk(lambda: watch.administration, clock)
    node = Node(replace(around, schedules=desk), version=premises.version)

    async def use(snapshot: Snapshot) -> None:
        try:
            await node.use(snapshot)
        finally:
            followed()

    watch = ConfigurationWatch(
        StoredConfiguration(database, utc=clock.utc),
        use,
        node.wallet.refresh,
        clock,
        outside,
        Tide(database).has_turned,
    )
    return ServedOrganisation(
        number=number,
        seat=seat,
        database=database,
        node=node,
        board=node.live_board,
        watch=watch,
        registrations=registrations,
        callbacks=callbacks,
        voicemail=voicemail,
        queues=queues,
        tasks=tasks,
        leave_engine=lambda: premises.media.leave(number),
        kept=kept,
    )


def _surroundings(
    premises: Premises,
    data: Path,
    number: int,
    tasks: Tasks,
    worker: StorageWorker,
    voicemail: VoicemailService,
    registrations: WorkerRegistrations,
    callbacks: WorkerCallbacks,
    queues: WorkerQueues,
    keeper: TraceKeeper,
) -> Surroundings:
    engine, clock = premises.media.share(number), premises.clock
    outbox = Outbox(
        data / "outbox",
        clock,
        tasks,
        new_id=new_sortable_id,
        smtp=premises.smtp,
        read_sound=voicemail.mail_sound,
        note_mailed=voicemail.note_mailed,
    )
    voicemail.post = outbox.voicemail_arrived
    return Surroundings(
        clock=clock,
        tasks=tasks,
        backlog=premises.backlog,
        transmit=premises.transports.transmit,
        flow_to=premises.transports.flow_to,
        new_token=marked(new_token, number),
        new_call_id=new_call_id,
        digest_secret=secrets.token_bytes(32),
        engine=engine,
        prompts=RenderedPrompts(
            engine,
            premises.voice,
            data / "prompts",
            spawn=tasks.spawn,
            ids_from=first_id(number),
            complain=complain_of_prompt,
            read=voicemail.read_sound,
        ),
        recogniser=premises.recogniser,
        rtp_ports=premises.rtp_ports,
        media_bind_ips=premises.media_bind_ips,
        wallet=WorkerWallet(worker),
        journal=worker,
        mailboxes=voicemail.mailboxes,
        transcripts=voicemail.transcripts,
        registrations=registrations,
        callbacks=callbacks,
        queue_store=queues,
        postbox=outbox,
        resolver=premises.resolver,
        trace=keeper.begin(tasks),
        media_ids_from=first_id(number),
    )


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
