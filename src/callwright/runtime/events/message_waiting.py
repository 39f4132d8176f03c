"""Message lamps: NOTIFY of message-summary (RFC 3842), asked for or not."""

from collections.abc import Callable

from callwright.kernel.clock import Clock
from callwright.kernel.ids import MailboxId, UserId
from callwright.routing.mailboxes import members_of
from callwright.routing.snapshot import Snapshot
from callwright.runtime.events.notifier import Notifier
from callwright.runtime.events.resources import address_of
from callwright.runtime.surroundings import Mailboxes
from callwright.runtime.tasks import Tasks
from callwright.sip.endpoint import Endpoint
from callwright.sip.events.message_summary import MessageSummary
from callwright.sip.events.package import MESSAGE_SUMMARY
from callwright.sip.message import Request, Response
from callwright.sip.registrar import Registrar
from callwright.sip.screening import Refusal


class MessageWaiting:
    """Tells a user's phones how many messages wait (``EventSource``).

    Phones that subscribed hear of it in their dialog. The others get a NOTIFY outside of any, as
    most phones that show a lamp expect from their registrar.
    """

    package = MESSAGE_SUMMARY

    def __init__(
        self,
        clock: Clock,
        tasks: Tasks,
        endpoint: Endpoint,
        registrar: Registrar,
        mailboxes: Mailboxes,
        notifier: Notifier,
        snapshot: Callable[[], Snapshot | None],
    ) -> None:
        self._clock = clock
        self._tasks = tasks
        self._endpoint = endpoint
        self._registrar = registrar
        self._mailboxes = mailboxes
        self._notifier = notifier
        self._snapshot = snapshot
        self._counts: dict[UserId, tuple[int, int]] = {}
        """Messages (new, old) of users who are watched, as last read."""
        self._told: dict[UserId, tuple[int, int]] = {}
        """What phones heard last; of users and shared mailboxes only, so it is bounded."""

    def tell(self, user: UserId) -> None:
        """Brings every phone of the user up to date."""
        self._tasks.spawn(self._tell(user), f"lamps of {user}")

    def tell_if_changed(self, user: UserId) -> None:
        """As ``tell``, unless that was told last."""
        self._tasks.spawn(self._tell(user, if_changed=True), f"lamps of {user}")

    def tell_new_phone(self, user: UserId) -> None:
        """A phone registered: its lamp is told, off as well as on. It may have been lit when the
        phone, or we, went away."""
        if not self._is_watched(user):
            self._tasks.spawn(self._tell(user), f"lamps of {user}")

    # -- EventSource -------------------------------------------------------------------------------

    def resource(self, snapshot: Snapshot, request: Request, watcher: UserId) -> UserId | Refusal:
        # The Request-URI may be the number that one dials to listen.
        wanted = request.to.uri.user
        if wanted in (watcher, None, ""):
            return watcher
        if watcher in members_of(snapshot, MailboxId(wanted)):
            return UserId(wanted)
        return Refusal(403, "Subscribe to your own mailbox, or to one that you share")

    def prepare(self, resource: UserId) -> bool:
        """The mailbox is on disk."""
        self.tell(resource)
        return False

    def describe(self, resource: UserId, *, is_own: bool) -> MessageSummary | None:
        counts, snapshot = self._counts.get(resource), self._snapshot()
        if counts is None or snapshot is None:
            return None
        return _summary(snapshot, resource, counts)

    def changes_in_s(self, resource: UserId) -> float | None:
        return None

    def forget(self, resource: UserId) -> None:
        self._counts.pop(resource, None)

    # -- inside ------------------------------------------------------------------------------------

    def _is_watched(self, user: UserId) -> bool:
        return self._notifier.is_watched_for(MESSAGE_SUMMARY, user)

    async def _tell(self, user: UserId, *, if_changed: bool = False) -> None:
        """A mailbox that is no more holds nothing, so that its lamp goes off."""
        held = await self._mailboxes.holdings(MailboxId(user))
        snapshot = self._snapshot()
        if snapshot is None:
            return
        is_there = MailboxId(user) in snapshot.mailboxes
        counts = (held.new, held.old) if is_there else (0, 0)
        if if_changed and self._told.get(user) == counts:
            return
        self._told[user] = counts
        if self._is_watched(user):
            self._counts[user] = counts
            self._notifier.changed(MESSAGE_SUMMARY, user)
        else:
            self._tell_unasked(snapshot, user, counts)

    def _tell_unasked(self, snapshot: Snapshot, user: UserId, counts: tuple[int, int]) -> None:
        me = address_of(snapshot, user)
        body = _summary(snapshot, user, counts).body(0)
        # A phone with several flows is told once, over the newest (RFC 5626 §5.3).
        for binding, *_ in self._registrar.phones(user, now_s=self._clock.monotonic()):
            self._endpoint.request(
                method="NOTIFY",
                flow=binding.flow,
                uri=str(binding.contact),
                from_=f"<{me}>",
                to=f"<{me}>",
                headers=(("Event", MESSAGE_SUMMARY.name), ("Subscription-State", "terminated")),
                body=body,
                content_type=MESSAGE_SUMMARY.content_type,
                route=binding.path,
                on_response=_ignore,
            )


def _summary(snapshot: Snapshot, user: UserId, counts: tuple[int, int]) -> MessageSummary:
    return MessageSummary(address_of(snapshot, user), *counts)


def _ignore(response: Response) -> None:
    """A phone without a lamp says no; nothing follows from it."""
