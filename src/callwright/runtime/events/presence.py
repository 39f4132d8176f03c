"""Presence (RFC 3856): made of registrations, live calls and what phones publish (RFC 3903)."""

from collections.abc import Callable

from callwright.kernel.clock import Clock
from callwright.kernel.ids import UserId
from callwright.routing.snapshot import Snapshot
from callwright.runtime.events.resources import address_of, colleague, oneself
from callwright.sip.events.package import PRESENCE
from callwright.sip.events.pidf import Presence, compose
from callwright.sip.events.publication import Publications
from callwright.sip.message import Request
from callwright.sip.registrar import Registrar
from callwright.sip.screening import Refusal
from callwright.sip.transaction.server import ServerTransaction


class PresenceState:
    """Tells whether a user can be reached (``EventSource``), and lets phones add to it.

    What is published is shown; calls do not heed it.
    """

    package = PRESENCE

    def __init__(
        self,
        clock: Clock,
        registrar: Registrar,
        *,
        new_token: Callable[[], str],
        snapshot: Callable[[], Snapshot | None],
        is_talking: Callable[[UserId], bool],
        follow_legs: Callable[[UserId], None],
        changed: Callable[[UserId], None],
    ) -> None:
        """``follow_legs(user)``: the user's legs have to tell of their states from now on;
        ``changed(user)``: something was published."""
        self.publications = Publications(new_token)
        self._clock = clock
        self._registrar = registrar
        self._snapshot = snapshot
        self._is_talking = is_talking
        self._follow_legs = follow_legs
        self._changed = changed

    def publish(self, transaction: ServerTransaction, snapshot: Snapshot, user: UserId) -> None:
        """Answers the PUBLISH of a proven user; the door has looked at its event and size."""
        request = transaction.request
        named = oneself(snapshot, request, user)
        if isinstance(named, Refusal):
            answer = named
        else:
            answer = self.publications.publish(user, request, now_s=self._clock.monotonic())
        transaction.respond(answer.status, answer.reason, headers=answer.headers)
        if answer.status == 200:
            self._changed(user)

    # -- EventSource -------------------------------------------------------------------------------

    def resource(self, snapshot: Snapshot, request: Request, watcher: UserId) -> UserId | Refusal:
        return colleague(snapshot, request)

    def prepare(self, resource: UserId) -> bool:
        self._follow_legs(resource)
        return True

    def describe(self, resource: UserId, *, is_own: bool) -> Presence | None:
        snapshot = self._snapshot()
        if snapshot is None:
            return None
        now_s = self._clock.monotonic()
        return compose(
            address_of(snapshot, resource),
            is_registered=bool(self._registrar.bindings(resource, now_s=now_s)),
            is_talking=self._is_talking(resource),
            published=self.publications.presence(resource, now_s=now_s),
        )

    def changes_in_s(self, resource: UserId) -> float | None:
        now_s = self._clock.monotonic()
        bindings = self._registrar.bindings(resource, now_s=now_s)
        ends = [binding.expires_at_s - now_s for binding in bindings]
        published_s = self.publications.ends_in_s(resource, now_s=now_s)
        return min([*ends, *([] if published_s is None else [published_s])], default=None)

    def forget(self, resource: UserId) -> None:
        """Publications live on."""
