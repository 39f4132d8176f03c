"""Message lamps: NOTIFY of message-summary (RFC 3842), asked for or not."""

from callwright.kernel.clock import Clock
from callwright.kernel.ids import MailboxId, UserId
from callwright.kernel.limits import REGISTRATION_EXPIRES_S_MAX, SUBSCRIPTIONS_PER_USER_MAX
from callwright.runtime.surroundings import Mailboxes
from callwright.runtime.tasks import Tasks
from callwright.sip.endpoint import Endpoint
from callwright.sip.message import Request, Response
from callwright.sip.registrar import Registrar
from callwright.sip.subscription import Subscription
from callwright.sip.transaction.server import ServerTransaction
from callwright.sip.uri import Uri

MESSAGE_SUMMARY = "message-summary"
CONTENT_TYPE = "application/simple-message-summary"
EXPIRES_S_DEFAULT = 3_600
"""RFC 3842 §3.4 leaves it open; an hour is what phones ask for."""


class MessageWaiting:
    """Tells a user's phones how many messages wait.

    Phones that subscribed hear of it in their dialog. The others get a NOTIFY outside of any, as
    most phones that show a lamp expect from their registrar.
    """

    def __init__(
        self,
        clock: Clock,
        tasks: Tasks,
        endpoint: Endpoint,
        registrar: Registrar,
        mailboxes: Mailboxes,
    ) -> None:
        self.domain = ""
        self._clock = clock
        self._tasks = tasks
        self._endpoint = endpoint
        self._registrar = registrar
        self._mailboxes = mailboxes
        self._subscriptions: dict[UserId, list[Subscription]] = {}

    def subscribe(self, transaction: ServerTransaction, user: UserId) -> None:
        if transaction.request.to.uri.user not in (user, None):
            transaction.respond(403, "Subscribe to your own mailbox only")
            return
        mine = self._subscriptions.setdefault(user, [])
        if len(mine) >= SUBSCRIPTIONS_PER_USER_MAX:
            transaction.respond(503, "Too many subscriptions")
            return
        asked_s = transaction.request.expires
        expires_s = min(
            EXPIRES_S_DEFAULT if asked_s is None else asked_s, REGISTRATION_EXPIRES_S_MAX
        )
        subscription = self._endpoint.accept_subscription(
            transaction, expires_s=expires_s, listener=_Listener(self, user)
        )
        mine.append(subscription)
        self.tell(user)

    def tell(self, user: UserId) -> None:
        """Brings every phone of the user up to date."""
        self._tasks.spawn(self._tell(user), f"lamps of {user}")

    def subscribers(self) -> tuple[UserId, ...]:
        return tuple(self._subscriptions)

    def lock_out(self, user: UserId) -> None:
        """Ends the user's subscriptions; the phones are told not to come back (RFC 6665 §4.1.3)."""
        for subscription in self._subscriptions.pop(user, ()):
            subscription.terminate("rejected")

    def forget(self, user: UserId, subscription: Subscription) -> None:
        mine = self._subscriptions.get(user, [])
        if subscription in mine:
            mine.remove(subscription)
        if not mine:
            self._subscriptions.pop(user, None)

    def tell_new_phone(self, user: UserId) -> None:
        """A phone registered: its lamp is told, if there is something to light it for."""
        if user not in self._subscriptions:
            self._tasks.spawn(self._tell(user, only_if_new=True), f"lamps of {user}")

    async def _tell(self, user: UserId, *, only_if_new: bool = False) -> None:
        new, old = await self._mailboxes.counts(MailboxId(user))
        if only_if_new and not new:
            return
        body = self._summary(user, new, old)
        subscriptions = tuple(self._subscriptions.get(user, ()))
        for subscription in subscriptions:
            subscription.notify(body, CONTENT_TYPE)
        if not subscriptions:
            self._tell_unasked(user, body)

    def _tell_unasked(self, user: UserId, body: bytes) -> None:
        me = Uri("sip", user, host=self.domain)
        for binding in self._registrar.bindings(user, now_s=self._clock.monotonic()):
            self._endpoint.request(
                method="NOTIFY",
                flow=binding.flow,
                uri=str(binding.contact),
                from_=f"<{me}>",
                to=f"<{me}>",
                headers=(("Event", MESSAGE_SUMMARY), ("Subscription-State", "terminated")),
                body=body,
                content_type=CONTENT_TYPE,
                route=binding.path,
                on_response=_ignore,
            )

    def _summary(self, user: UserId, new: int, old: int) -> bytes:
        lines = (
            f"Messages-Waiting: {'yes' if new else 'no'}",
            f"Message-Account: {Uri('sip', user, host=self.domain)}",
            f"Voice-Message: {new}/{old} (0/0)",
        )
        return "".join(f"{line}\r\n" for line in lines).encode()


class _Listener:
    """One subscription's events (``SubscriptionListener``)."""

    def __init__(self, lamps: MessageWaiting, user: UserId) -> None:
        self._lamps = lamps
        self._user = user

    def on_refreshed(self, subscription: Subscription, request: Request) -> None:
        self._lamps.tell(self._user)

    def on_ended(self, subscription: Subscription) -> None:
        self._lamps.forget(self._user, subscription)


def _ignore(response: Response) -> None:
    """A phone without a lamp says no; nothing follows from it."""
