"""Everything that can be watched, wired: takes SUBSCRIBE and PUBLISH, hears what changes."""

from callwright.apps.call_queue.agent_desk import AgentDesk
from callwright.calls.leg import Leg
from callwright.calls.live_calls import LiveCalls
from callwright.kernel.ids import MailboxId, UserId
from callwright.routing.mailboxes import members_of
from callwright.routing.snapshot import Snapshot
from callwright.runtime.events.agent_lamps import is_agent_key, keys_of
from callwright.runtime.events.lamps import BusyLamps
from callwright.runtime.events.message_waiting import MessageWaiting
from callwright.runtime.events.notifier import Notifier
from callwright.runtime.events.presence import PresenceState
from callwright.runtime.events.registration_state import RegistrationState
from callwright.runtime.surroundings import Surroundings
from callwright.sip.endpoint import Endpoint
from callwright.sip.events.package import DIALOG, PRESENCE, REG
from callwright.sip.registrar import Registrar
from callwright.sip.transaction.server import ServerTransaction


class EventDesk:
    """The node's side of RFC 6665 and RFC 3903."""

    def __init__(self, around: Surroundings, endpoint: Endpoint, registrar: Registrar) -> None:
        clock = around.clock
        self.notifier = Notifier(
            clock,
            endpoint,
            lambda user, flow: registrar.phone_on(user, flow, now_s=clock.monotonic()),
        )
        self._snapshot: Snapshot | None = None
        self._calls: LiveCalls | None = None
        self._agents: AgentDesk | None = None
        self.lamps = MessageWaiting(
            clock,
            around.tasks,
            endpoint,
            registrar,
            around.mailboxes,
            self.notifier,
            lambda: self._snapshot,
        )
        self.presence = PresenceState(
            clock,
            registrar,
            new_token=around.new_token,
            snapshot=lambda: self._snapshot,
            is_talking=self._is_talking,
            follow_legs=self._follow_legs,
            changed=lambda user: self.notifier.changed(PRESENCE, user),
        )
        self._clock = clock
        self._may_be_lit = around.mailboxes.may_be_lit
        self.notifier.add(self.lamps)
        self.notifier.add(self.presence)
        self.notifier.add(RegistrationState(clock, registrar, lambda: self._snapshot))
        registrar.on_change = self.registrations_changed

    def watch_calls(self, calls: LiveCalls) -> None:
        """Lamps can be lit from now on."""
        self._calls = calls
        lamps = BusyLamps(
            lambda: self._snapshot,
            calls.legs_of,
            self._follow_legs,
            self._clock.utc,
            lambda: self._agents,
        )
        self.notifier.add(lamps)

    def watch_agents(self, desk: AgentDesk) -> None:
        """Agents who are away from their queues can show it from now on."""
        self._agents = desk
        desk.on_choice(self._agent_chose)

    def _agent_chose(self, agent: UserId) -> None:
        for key in keys_of(agent):
            self.notifier.changed(DIALOG, key)

    def follow(self, snapshot: Snapshot) -> None:
        """A new configuration: users who are gone have nothing to watch."""
        former, self._snapshot = self._snapshot, snapshot
        for user in self.notifier.resources():
            if user in snapshot.schedule_switches:
                self.notifier.changed(DIALOG, user)
                continue
            if is_agent_key(user):
                continue
            if user not in snapshot.users and not _is_as_shared(former, snapshot, MailboxId(user)):
                self.notifier.retire(user)
        if former is not None and former.mailboxes is not snapshot.mailboxes:
            for mailbox in former.mailboxes.keys() ^ snapshot.mailboxes.keys():  # gone, or back
                if self._may_be_lit(mailbox):
                    self.lamps.tell(UserId(mailbox))

    def known_users(self) -> set[UserId]:
        """Who watches or published something."""
        published = [UserId(user) for user in self.presence.publications.users()]
        return {*self.notifier.watchers(), *published}

    def lock_out(self, user: UserId) -> None:
        """The user's password is another: what it proved counts no longer."""
        self.notifier.lock_out(user)
        self.presence.publications.forget(user)
        self.notifier.changed(PRESENCE, user)

    # -- what comes in -----------------------------------------------------------------------------

    def handle(self, transaction: ServerTransaction, snapshot: Snapshot, user: UserId) -> None:
        """SUBSCRIBE or PUBLISH of a proven user."""
        if transaction.request.method == "PUBLISH":
            self.presence.publish(transaction, snapshot, user)
        else:
            self.notifier.subscribe(transaction, snapshot, user)

    # -- what changes ------------------------------------------------------------------------------

    def leg_changed(self, leg: Leg) -> None:
        """It came, went, or has another state; a leg of whom nobody watches costs no more."""
        user = leg.party.user
        if user is not None and self.notifier.is_watched(user):
            leg.on_state = self.leg_changed
            self.notifier.changed(DIALOG, user)
            self.notifier.changed(PRESENCE, user)

    def registrations_changed(self, aor: str) -> None:
        user = UserId(aor)
        if self.notifier.is_watched(user):
            self.notifier.changed(REG, user)
            self.notifier.changed(PRESENCE, user)

    def _follow_legs(self, user: UserId) -> None:
        """Somebody watches the user: legs that were there before tell what becomes of them."""
        if self._calls is not None:
            for leg in self._calls.legs_of(user):
                leg.on_state = self.leg_changed

    def _is_talking(self, user: UserId) -> bool:
        calls = self._calls
        return calls is not None and any(leg.is_answered for leg in calls.legs_of(user))


def _is_as_shared(former: Snapshot | None, snapshot: Snapshot, mailbox: MailboxId) -> bool:
    """Whether the same people share the mailbox; else nobody watches it before asking again."""
    if former is None or mailbox not in snapshot.mailboxes:
        return mailbox in snapshot.mailboxes
    return set(members_of(former, mailbox)) == set(members_of(snapshot, mailbox))
