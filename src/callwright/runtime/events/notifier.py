"""Subscriptions of every event package: who may watch, for how long, and what is told when."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol

from callwright.kernel.clock import Clock, Timer
from callwright.kernel.ids import UserId
from callwright.kernel.limits.subscriptions import (
    NOTIFIES_PER_TURN_MAX,
    NOTIFY_INTERVAL_S,
    NOTIFY_TURN_S,
    SUBSCRIPTIONS_MAX,
    SUBSCRIPTIONS_PER_USER_MAX,
)
from callwright.routing.snapshot import Snapshot
from callwright.sip.endpoint import Endpoint
from callwright.sip.events.package import Document, EventPackage, event_name, granted_s
from callwright.sip.flow import Flow
from callwright.sip.message import Request
from callwright.sip.screening import Refusal
from callwright.sip.subscription import Subscription
from callwright.sip.transaction.server import ServerTransaction

TOO_MANY = Refusal(503, "Too many subscriptions", (("Retry-After", "60"),))


class EventSource(Protocol):
    """One package's state, by user."""

    package: EventPackage

    def resource(self, snapshot: Snapshot, request: Request, watcher: UserId) -> UserId | Refusal:
        """Whom the SUBSCRIBE is about, if the watcher may know."""
        ...

    def prepare(self, resource: UserId) -> bool:
        """Somebody wants the state. True: it can be described now; False: the source says
        ``changed`` once it can."""
        ...

    def describe(self, resource: UserId, *, is_own: bool) -> Document | None:
        """The state as the user's own phones see it, or a colleague's; None: not known yet."""
        ...

    def changes_in_s(self, resource: UserId) -> float | None:
        """When time alone changes the state next; None: never."""
        ...

    def forget(self, resource: UserId) -> None:
        """Nobody watches the user any more."""
        ...


class Topic:
    """One package's state of one user, with everybody who watches it."""

    __slots__ = ("pending", "resource", "source", "timer", "watches")

    def __init__(self, source: EventSource, resource: UserId) -> None:
        self.source = source
        self.resource = resource
        self.watches: dict[Watch, None] = {}
        self.pending: dict[Watch, None] = {}
        """Who has to be told, the longest waiting first."""
        self.timer: Timer | None = None


class Watch:
    """One subscription to a topic (``SubscriptionListener``)."""

    __slots__ = (
        "_is_due",
        "_lost",
        "_shown",
        "_version",
        "is_own",
        "subscription",
        "topic",
        "watcher",
    )

    def __init__(self, topic: Topic, watcher: UserId, lost: Callable[["Watch"], None]) -> None:
        self.topic = topic
        self.watcher = watcher
        self.is_own = watcher == topic.resource
        self.subscription: Subscription
        self._lost = lost
        self._is_due = True
        """The watcher just subscribed: it is told, even what it knows."""
        self._shown: Document | None = None
        self._version = 0

    def tell(self, document: Document) -> bool:
        """False: the watcher knows already."""
        is_due = self._is_due
        if document == self._shown and not is_due:
            return False
        self._is_due = False
        self._shown = document
        content_type = self.topic.source.package.content_type
        self.subscription.notify(self._body, content_type, at_once=is_due)
        return True

    def on_refreshed(self, subscription: Subscription, request: Request) -> None:
        self._is_due = True
        self.show()

    def on_ended(self, subscription: Subscription) -> None:
        self._lost(self)

    def show(self) -> None:
        """Tells the state as soon as it is known (RFC 6665 §4.2.1.2)."""
        topic = self.topic
        if topic.source.prepare(topic.resource):
            document = topic.source.describe(topic.resource, is_own=self.is_own)
            if document is not None:
                self.tell(document)

    def _body(self) -> bytes:
        version, self._version = self._version, self._version + 1
        return b"" if self._shown is None else self._shown.body(version)


class Notifier:
    """Owns the subscriptions. What nobody watches costs one look into a dictionary.

    A change is told at the end of the turn in which it happened, so that what happens at once is
    told once; to many watchers in several turns (NOTIFIES_PER_TURN_MAX).
    """

    def __init__(
        self,
        clock: Clock,
        endpoint: Endpoint,
        phone_on: Callable[[UserId, Flow], str] = lambda user, flow: "",
    ) -> None:
        """``phone_on(user, flow)``: the user's phone that registered over this flow, or ""."""
        self._phone_on = phone_on
        self._clock = clock
        self._endpoint = endpoint
        self._sources: dict[str, EventSource] = {}
        self._topics: dict[tuple[str, UserId], Topic] = {}
        self._resources: Counter[UserId] = Counter()
        """Topics by user; a user whom nobody watches is not in it."""
        self._held: dict[UserId, dict[Watch, None]] = {}
        """What each user watches; never an empty one."""
        self._count = 0
        self._queue: dict[Topic, None] = {}
        self._turn: Timer | None = None

    def add(self, source: EventSource) -> None:
        self._sources[source.package.name] = source

    def __len__(self) -> int:
        return self._count

    def watchers(self) -> tuple[UserId, ...]:
        return tuple(self._held)

    def resources(self) -> tuple[UserId, ...]:
        return tuple(self._resources)

    def is_watched(self, resource: UserId) -> bool:
        return resource in self._resources

    def is_watched_for(self, package: EventPackage, resource: UserId) -> bool:
        return (package.name, resource) in self._topics

    # -- who watches -------------------------------------------------------------------------------

    def subscribe(self, transaction: ServerTransaction, snapshot: Snapshot, user: UserId) -> None:
        """Answers the SUBSCRIBE of a proven user; the door has looked at its Event."""
        request = transaction.request
        source = self._sources[event_name(request)]
        resource = source.resource(snapshot, request, user)
        held = self._held.get(user, {})
        if len(held) >= SUBSCRIPTIONS_PER_USER_MAX or self._count >= SUBSCRIPTIONS_MAX:
            resource = TOO_MANY
        if isinstance(resource, Refusal):
            transaction.respond(resource.status, resource.reason, headers=resource.headers)
            return
        watch = Watch(self._topic(source, resource), user, self._forget)
        package = source.package
        watch.subscription = self._endpoint.accept_subscription(
            transaction,
            expires_s=granted_s(request, package),
            listener=watch,
            min_s=package.min_s,
            max_s=package.max_s,
            interval_s=NOTIFY_INTERVAL_S,
        )
        watch.subscription.phone = self._phone_on(user, transaction.flow)
        self._keep(watch)
        watch.show()
        self._set_timer(watch.topic)

    def follow(self, user: UserId, phone: str, flows: Sequence[Flow]) -> None:
        """A phone of the user has other flows now, the newest first."""
        for watch in tuple(self._held.get(user, ())):
            if watch.subscription.phone == phone:
                watch.subscription.follow(flows)

    def lock_out(self, user: UserId) -> None:
        """Ends what the user watches; the phones are told not to come back (RFC 6665 §4.1.3)."""
        self._end(tuple(self._held.get(user, ())), "rejected")

    def retire(self, resource: UserId) -> None:
        """The user is no more: nobody has anything to watch."""
        for topic in [topic for topic in self._topics.values() if topic.resource == resource]:
            self._end(tuple(topic.watches), "noresource")

    # -- what changes ------------------------------------------------------------------------------

    def changed(self, package: EventPackage, resource: UserId) -> None:
        """The state may be another now; whoever knows it already is not told."""
        topic = self._topics.get((package.name, resource))
        if topic is None:
            return
        for watch in topic.watches:
            topic.pending.setdefault(watch)
        self._queue[topic] = None
        if self._turn is None:
            self._turn = self._clock.call_later(0.0, self._tell)

    def _tell(self) -> None:
        self._turn = None
        left = NOTIFIES_PER_TURN_MAX
        while self._queue and left > 0:
            topic = next(iter(self._queue))
            told = self._tell_topic(topic, left)
            left -= max(told, 1)  # a look costs something, too
            self._queue.pop(topic, None)
            if topic.pending:
                self._queue[topic] = None  # behind the others
            else:
                self._set_timer(topic)
        if self._queue and self._turn is None:
            self._turn = self._clock.call_later(NOTIFY_TURN_S, self._tell)

    def _tell_topic(self, topic: Topic, most: int) -> int:
        """Tells at most so many watchers; returns how many it were."""
        told = 0
        known: dict[bool, Document | None] = {}
        for watch in tuple(topic.pending):
            if told >= most:
                break
            del topic.pending[watch]
            if watch.is_own not in known:
                known[watch.is_own] = topic.source.describe(topic.resource, is_own=watch.is_own)
            document = known[watch.is_own]
            if document is not None and watch.tell(document):
                told += 1
        return told

    # -- inside ------------------------------------------------------------------------------------

    def _topic(self, source: EventSource, resource: UserId) -> Topic:
        key = (source.package.name, resource)
        topic = self._topics.get(key)
        if topic is None:
            topic = self._topics[key] = Topic(source, resource)
            self._resources[resource] += 1
        return topic

    def _keep(self, watch: Watch) -> None:
        watch.topic.watches[watch] = None
        self._held.setdefault(watch.watcher, {})[watch] = None
        self._count += 1

    def _end(self, watches: tuple[Watch, ...], reason: str) -> None:
        for watch in watches:
            watch.subscription.terminate(reason)
            self._forget(watch)

    def _forget(self, watch: Watch) -> None:
        topic = watch.topic
        if watch not in topic.watches:
            return
        del topic.watches[watch]
        topic.pending.pop(watch, None)
        held = self._held[watch.watcher]
        del held[watch]
        if not held:
            del self._held[watch.watcher]
        self._count -= 1
        if not topic.watches:
            self._drop(topic)

    def _drop(self, topic: Topic) -> None:
        del self._topics[(topic.source.package.name, topic.resource)]
        self._queue.pop(topic, None)
        if topic.timer is not None:
            topic.timer.cancel()
            topic.timer = None
        self._resources[topic.resource] -= 1
        if not self._resources[topic.resource]:
            del self._resources[topic.resource]
        topic.source.forget(topic.resource)

    def _set_timer(self, topic: Topic) -> None:
        if topic.timer is not None:
            topic.timer.cancel()
            topic.timer = None
        wait_s = topic.source.changes_in_s(topic.resource) if topic.watches else None
        if wait_s is not None:
            topic.timer = self._clock.call_later(
                max(wait_s, 0.0) + NOTIFY_TURN_S,
                lambda: self.changed(topic.source.package, topic.resource),
            )
