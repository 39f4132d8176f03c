"""One running phone system: wires the rooms together, follows the configuration, stops cleanly."""

import asyncio
import contextlib
from itertools import count

import structlog

from callwright.apps.auto_attendant.menus import Menus
from callwright.apps.call_queue.callback_desk import CallbackDesk
from callwright.apps.call_queue.floor import Floor
from callwright.apps.phrases import prompts_of
from callwright.apps.supervision_sessions import Supervisions
from callwright.apps.switchboard import Switchboard
from callwright.apps.voicemail.phrases import greetings_of
from callwright.calls.live_calls import LiveCalls
from callwright.calls.media_leg import MediaRoom
from callwright.calls.sip_leg import SipLeg
from callwright.kernel.ids import MailboxId, UserId
from callwright.kernel.limits.registrations import (
    BINDINGS_PER_USER_MAX,
    REGISTRATION_EXPIRES_S_DEFAULT,
    REGISTRATION_EXPIRES_S_MAX,
    REGISTRATION_EXPIRES_S_MIN,
)
from callwright.routing.request import LiveState
from callwright.routing.snapshot import Snapshot
from callwright.runtime.alarms import NodeAlarms
from callwright.runtime.attestation import Attestor
from callwright.runtime.backlog import Backlog
from callwright.runtime.callers import Callers
from callwright.runtime.credits import WatchedWallet
from callwright.runtime.emergency_callbacks import EmergencyCallbacks
from callwright.runtime.events.event_desk import EventDesk
from callwright.runtime.friends import make_shield
from callwright.runtime.front_desk import FrontDesk
from callwright.runtime.front_door import FrontDoor
from callwright.runtime.leg_notes import LegNotes
from callwright.runtime.live_board import LiveBoard
from callwright.runtime.nat_keepalive import NatKeepAlive
from callwright.runtime.node_numbers import watch_numbers
from callwright.runtime.observers import CallWatch, Metrics
from callwright.runtime.overload import LateDoor
from callwright.runtime.queue_desk import QueueDesk
from callwright.runtime.reach import PhoneReach
from callwright.runtime.registration import Registration
from callwright.runtime.rendering import RenderingNews
from callwright.runtime.supervising import SupervisionDesk
from callwright.runtime.surroundings import Surroundings
from callwright.runtime.text_messages import TextMessages
from callwright.runtime.trunks import Trunks
from callwright.runtime.voicemail import ToldVoicemail
from callwright.sip.endpoint import Endpoint
from callwright.sip.flow import Flow
from callwright.sip.gruu import GruuMint
from callwright.sip.message import Request
from callwright.sip.registrar import Registrar
from callwright.sip.screening import Refusal
from callwright.sip.session.session import InviteSession
from callwright.sip.transaction.server import ServerTransaction

log = structlog.get_logger("callwright.node")

USER_AGENT = "Callwright"
FAREWELL_S = 1.0
"""How long a stopping node waits for answers to its last BYEs."""
FAREWELL_LOOK_S = 0.02


class Node:
    """Owns every part of a running system; has no socket, file or clock of its own."""

    calls: LiveCalls
    supervising: SupervisionDesk

    def __init__(self, around: Surroundings, *, version: str = "") -> None:
        clock, trace = around.clock, around.trace
        self.snapshot: Snapshot | None = None
        self.metrics = Metrics()
        self.mint = GruuMint(around.digest_secret, around.new_token)
        self.registrar = Registrar(
            default_s=REGISTRATION_EXPIRES_S_DEFAULT,
            min_s=REGISTRATION_EXPIRES_S_MIN,
            max_s=REGISTRATION_EXPIRES_S_MAX,
            bindings_max=BINDINGS_PER_USER_MAX,
            mint=self.mint,
        )
        self.keep_alive = NatKeepAlive(
            clock, self.registrar.pinholes, around.transmit, around.new_token
        )
        self.shield = make_shield(clock, self)
        self.endpoint = Endpoint(
            clock=clock,
            transmit=around.transmit if trace is None else trace.tapped(around.transmit),
            new_token=around.new_token,
            owner=self,
            doorkeeper=self,
            user_agent=f"{USER_AGENT}/{version}" if version else USER_AGENT,
            on_defect=_log_defect,
            on_malformed=self.shield.note_malformed,
        )
        self._around, self.trace = around, trace
        self._shuffle_seeds = count()
        self.room = MediaRoom(
            around.engine,
            around.prompts,
            around.rtp_ports,
            around.media_bind_ips,
            around.new_secret,
            ids_from=around.media_ids_from,
            recogniser=around.recogniser,
        )
        self.attestor = Attestor(clock)
        self.trunks = Trunks(
            around, self.endpoint, live_calls=lambda sbc: self.calls.gateway_legs(sbc)
        )
        self._reach = PhoneReach(
            around, self.endpoint, self.registrar, self.room, self.attestor, self.trunks
        )
        self.callbacks = EmergencyCallbacks(clock, around.callbacks)
        self._alarms = NodeAlarms(
            around.tasks, self.endpoint, self._reach, around.postbox, self.callbacks
        )
        self.wallet = WatchedWallet(around.wallet, self._alarms, clock, self._current)
        self.events = EventDesk(around, self.endpoint, self.registrar)
        self.lamps = self.events.lamps
        self.calls: LiveCalls = self._open_calls()
        self.events.watch_calls(self.calls)
        self.queues = QueueDesk(
            clock, around.queue_store, self.metrics, self._reach, self.calls, self._current
        )
        self.door = FrontDoor(
            clock,
            Callers(clock, self.registrar, around.digest_secret, self.trunks.locations.sbc_at),
            self.registrar,
            snapshot=self._current,
            is_full=lambda: self.calls.is_full,
            limits=self.trunks.limits,
            shield=self.shield,
            callbacks=self.callbacks.live,
        )
        self.backlog = around.backlog or Backlog(clock)
        self._late_door = self._open_late_door()
        self._desk = self._open_desk()
        watch_numbers(self)

    @property
    def floor(self) -> Floor:
        return self.queues.floor

    # -- life ------------------------------------------------------------------------------------

    async def use(self, snapshot: Snapshot) -> None:
        """Makes a configuration hold for every call from now on.

        Raises PromptError when a prompt cannot be heard; everything else holds all the same.
        """
        try:
            await self._around.prompts.prepare(
                prompts_of(snapshot),
                later=greetings_of(snapshot),
                progress=RenderingNews(self._around.clock),
            )
        finally:
            await self._take_over(snapshot)

    async def _take_over(self, snapshot: Snapshot) -> None:
        former, self.snapshot = self.snapshot, snapshot
        self._lock_out(former, snapshot)
        if any(attendant.takes_speech for attendant in snapshot.attendants.values()):
            self._around.recogniser.prepare()
        self.shield.never = snapshot.shield_never
        self.shield.look_again()
        self.mint.domain = snapshot.domain
        self.events.follow(snapshot)
        self.keep_alive.start()  # for phones that were restored
        self.attestor.follow(snapshot)
        self.trunks.follow(snapshot)
        await self.wallet.refresh()
        self.queues.follow(snapshot)
        self.board.supervisions.look_again()

    def _lock_out(self, former: Snapshot | None, snapshot: Snapshot) -> None:
        """Forgets phones that proved a password which is not the user's any longer. At the first
        snapshot that is known only of users who have none."""
        known = {UserId(aor) for aor in self.registrar.aors()}
        for user in known.union(self.events.known_users()):
            password = _password(snapshot, user)
            if password is None or (former is not None and password != _password(former, user)):
                self.registrar.forget(user)
                self._around.registrations.save(user, ())
                self.events.lock_out(user)
                log.info("phones of a user are forgotten", user=user)

    async def stop(self, grace_s: float) -> None:
        """Takes no new call, gives running ones ``grace_s`` seconds, then ends them."""
        self.door.is_closing = True
        self.queues.places.is_closing = self.callback_desk.is_closing = True
        self.trunks.leave()
        self.attestor.close()
        await self.calls.drain(grace_s)
        self.trunks.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL_S):
                while self.endpoint.session_count or self.trunks.leaving_count:  # noqa: ASYNC110 - at most a second, once
                    await asyncio.sleep(FAREWELL_LOOK_S)

    # -- the network -------------------------------------------------------------------------------

    def receive(self, flow: Flow, message: bytes) -> None:
        """One datagram, or one message of a stream."""
        if self.shield.is_up and self.shield.turns_away(flow, message):
            return
        if self.backlog.level and self._late_door.turns_away(flow, message):
            return
        if (message[:1] < b"A" or message[:7] == b"SIP/2.0") and self.keep_alive.take(
            flow, message
        ):
            return
        if self.trace is not None:
            self.trace.note(False, flow, message)
        self.endpoint.receive(flow, message)

    def transport_failed(self, flow: Flow) -> None:
        """The connection is gone, or a datagram could not be sent."""
        if flow.is_reliable:
            self.registrar.drop_flow(flow)
            self.trunks.flow_failed(flow)
            self.floor.look()
        self.endpoint.transport_failed(flow)

    def meet(self, request: Request, flow: Flow, *, load: float) -> Refusal | None:
        return self.door.meet(request, flow, load=load)

    def on_invite(self, session: InviteSession) -> None:
        self._desk.on_invite(session)

    def on_request(self, transaction: ServerTransaction) -> None:
        self._desk.on_request(transaction)

    # -- wiring ------------------------------------------------------------------------------------

    def _open_calls(self) -> LiveCalls:
        around, trace = self._around, self.trace
        watch = CallWatch(
            around.journal,
            self.metrics,
            self._alarms,
            snapshot=self._current,
            user_became_idle=lambda user: self.floor.agent_became_idle(user),
            leg_changed=self.events.leg_changed,
            notes=LegNotes(around.clock, around.journal, lambda: self.calls.running()),
            trace=trace,
        )
        return LiveCalls(
            around.clock,
            new_id=around.new_call_id,
            spawn=around.tasks.spawn,
            observer=watch,
            on_leg=None if trace is None else trace.leg_joined,
        )

    def _open_desk(self) -> FrontDesk:
        around = self._around
        self.events.watch_agents(self.floor.desk)
        self.registrar.on_move = self._on_move
        registration = Registration(
            around.clock,
            self.registrar,
            around.registrations,
            registered=self._on_registered,
            unregistered=self.floor.agent_changed,
            keep_alive=self.keep_alive,
        )
        self.callback_desk = CallbackDesk(
            self.floor,
            around.queue_store.callback_requests,
            self._alarms,
            snapshot=self._current,
            start_call=self.calls.start,
            spawn=around.tasks.spawn,
        )
        self.board = Switchboard(
            clock=around.clock,
            reach=self._reach,
            wallet=self.wallet,
            messages=ToldVoicemail(
                around.mailboxes,
                self.lamps,
                around.postbox,
                around.prompts,
                around.clock,
                around.transcripts,
            ),
            alarms=self._alarms,
            floor=self.floor,
            agents=self.queues.acts,
            callbacks=self.callback_desk,
            recordings=around.queue_store.recordings,
            supervisions=Supervisions(
                self.calls.legs_of, self.floor.desk.served_queue, lambda: self.snapshot
            ),
            menus=Menus(),
            schedules=around.schedules,
            live=self.live_state,
        )
        self.supervising = SupervisionDesk(self.calls, self.board)
        self.live_board = LiveBoard(self.floor, self.supervising)
        return FrontDesk(
            around.clock,
            self.calls,
            self.board,
            self.room,
            self.door,
            registration,
            self.events,
            TextMessages(around.clock, self.endpoint, self.registrar),
            self.attestor,
            self.trunks.keyrings,
            self.mint,
        )

    def _open_late_door(self) -> LateDoor:
        return LateDoor(
            self.backlog,
            self.endpoint,
            self.registrar,
            self.trunks.locations.sbc_at,
            self._current,
            self.callbacks.live,
        )

    def _current(self) -> Snapshot | None:
        return self.snapshot

    def live_state(self) -> LiveState:
        """What decisions need to know beside the snapshot."""
        return LiveState(
            unhealthy_sbcs=self.trunks.unhealthy(),
            available=self.wallet.available,
            emergency_callbacks=self.callbacks.live(),
            shuffle_seed=next(self._shuffle_seeds),
        )

    def _on_move(self, aor: str, phone: str, flows: tuple[Flow, ...]) -> None:
        """What is said inside the dialogs of a phone goes where it is (RFC 5626 §7)."""
        user = UserId(aor)
        for leg in self.calls.legs_of(user):
            if isinstance(leg, SipLeg) and leg.session.phone == phone:
                leg.follow(flows)
        self.events.notifier.follow(user, phone, flows)

    def _on_registered(self, user: UserId) -> None:
        if self._around.mailboxes.may_be_lit(MailboxId(user)):
            self.lamps.tell_new_phone(user)
        self.floor.agent_changed(user)


def _password(snapshot: Snapshot, user: UserId) -> str | None:
    known = snapshot.users.get(user)
    return None if known is None else known.sip_password


def _log_defect(error: Exception) -> None:
    log.error("a defect in signalling", exc_info=error)
