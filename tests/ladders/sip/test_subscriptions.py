"""SUBSCRIBE and NOTIFY (RFC 6665), from both ends."""

from dataclasses import dataclass, field
from typing import Any

from tests.ladders.sip.rig import LINGER_S, Pair

from callwright.sip.message import Request, Response
from callwright.sip.subscriber import Subscriber
from callwright.sip.subscription import Subscription
from callwright.sip.transaction.server import ServerTransaction

SUMMARY = "application/simple-message-summary"


@dataclass
class Lamp:
    """alice's side (``SubscriberListener``)."""

    shown: list[tuple[str, bytes]] = field(default_factory=list)
    ends: list[int | None] = field(default_factory=list)

    def on_notify(self, subscriber: Subscriber, request: Request) -> None:
        state = request.header("Subscription-State") or ""
        self.shown.append((state.partition(";expires")[0], request.body))

    def on_over(self, subscriber: Subscriber, response: Response | None) -> None:
        self.ends.append(None if response is None else response.status)


@dataclass
class Mailbox:
    """bob's side: accepts every subscription (``SubscriptionListener``)."""

    pair: Pair
    expires_s: int = 600
    options: dict[str, Any] = field(default_factory=dict)
    subscriptions: list[Subscription] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)

    def accept(self, transaction: ServerTransaction) -> None:
        asked_s = transaction.request.expires
        subscription = self.pair.bob.endpoint.accept_subscription(
            transaction,
            expires_s=self.expires_s if asked_s is None else min(asked_s, self.expires_s),
            listener=self,
            **self.options,
        )
        self.subscriptions.append(subscription)
        subscription.notify(b"first", SUMMARY)

    def on_refreshed(self, subscription: Subscription, request: Request) -> None:
        self.heard.append("refreshed")
        subscription.notify(b"full", SUMMARY)

    def on_ended(self, subscription: Subscription) -> None:
        self.heard.append("ended")


def subscribe(
    pair: Pair, *, expires_s: int = 600, **options: Any
) -> tuple[Subscriber, Lamp, Mailbox]:
    """``options`` are those of ``Endpoint.accept_subscription``."""
    mailbox, lamp = Mailbox(pair, options=options), Lamp()
    pair.bob.on_asked = mailbox.accept
    subscriber = pair.alice.endpoint.subscribe(
        flow=pair.alice.flow_to(pair.bob),
        uri="sip:bob@192.0.2.2",
        from_="<sip:alice@example.com>",
        to="<sip:bob@example.com>",
        event="message-summary",
        expires_s=expires_s,
        listener=lamp,
    )
    pair.run()
    return subscriber, lamp, mailbox


def test_the_life_of_a_subscription() -> None:
    pair = Pair()
    subscriber, lamp, mailbox = subscribe(pair)
    assert pair.lines == [
        "alice -> bob SUBSCRIBE",
        "bob -> alice 200 SUBSCRIBE",
        "bob -> alice NOTIFY",
        "alice -> bob 200 NOTIFY",
    ]
    notify = pair.alice.last_request
    assert notify.header("Event") == "message-summary"
    assert notify.content_type == SUMMARY
    assert notify.header("Subscription-State") == "active;expires=600"
    mailbox.subscriptions[0].notify(b"second", SUMMARY)
    pair.run()
    subscriber.unsubscribe()
    pair.run()
    assert lamp.shown == [
        ("active", b"first"),
        ("active", b"second"),
        ("terminated;reason=timeout", b""),
    ]
    assert lamp.ends == [None]
    assert mailbox.heard == ["ended"]
    mailbox.subscriptions[0].notify(b"late", SUMMARY)
    pair.run(LINGER_S)
    assert len(lamp.shown) == 3
    pair.assert_nothing_remains()


def test_it_is_renewed_in_time_with_the_full_state() -> None:
    pair = Pair()
    _, lamp, mailbox = subscribe(pair)
    pair.run(1_000)
    assert mailbox.heard == ["refreshed", "refreshed"]
    assert lamp.shown[1:] == [("active", b"full")] * 2
    assert len(mailbox.subscriptions) == 1


def test_it_expires_when_the_phone_is_gone() -> None:
    pair = Pair()
    _, _, mailbox = subscribe(pair)
    pair.alice.is_deaf = True
    pair.network.losing = ["alice -> bob SUBSCRIBE"] * 50
    pair.run(605)
    assert mailbox.heard == ["ended"]
    assert pair.network.steps[-1].line == "bob -> alice NOTIFY"
    pair.run(70)
    assert pair.bob.endpoint.subscription_count == 0
    assert pair.bob.endpoint.transaction_count == 0


def test_a_phone_that_does_not_answer_a_notify_is_dropped() -> None:
    pair = Pair()
    _, _, mailbox = subscribe(pair)
    pair.alice.is_deaf = True
    mailbox.subscriptions[0].notify(b"x", SUMMARY)
    pair.run(32.1)
    assert mailbox.heard == ["ended"]
    assert pair.bob.endpoint.subscription_count == 0


def test_states_do_not_overtake_each_other() -> None:
    pair = Pair()
    _, lamp, mailbox = subscribe(pair)
    for body in (b"1", b"2", b"3"):
        mailbox.subscriptions[0].notify(body, SUMMARY)
    pair.run()
    assert [body for _, body in lamp.shown] == [b"first", b"1", b"3"]


def test_a_look_without_staying() -> None:
    pair = Pair()
    _, lamp, mailbox = subscribe(pair, expires_s=0)
    assert lamp.shown == [("terminated;reason=timeout", b"first")]
    assert mailbox.heard == ["ended"]
    pair.run(LINGER_S)
    pair.assert_nothing_remains()


def test_the_notifier_ends_it() -> None:
    pair = Pair()
    _, lamp, mailbox = subscribe(pair)
    mailbox.subscriptions[0].terminate("noresource")
    pair.run()
    assert lamp.shown[-1] == ("terminated;reason=noresource", b"")
    assert lamp.ends == [None]
    assert mailbox.heard == []


def test_a_refused_subscription() -> None:
    pair = Pair()
    lamp = Lamp()
    pair.bob.on_asked = lambda transaction: transaction.respond(489)
    pair.alice.endpoint.subscribe(
        flow=pair.alice.flow_to(pair.bob),
        uri="sip:bob@192.0.2.2",
        from_="<sip:alice@example.com>",
        to="<sip:bob@example.com>",
        event="weather",
        expires_s=60,
        listener=lamp,
    )
    pair.run()
    assert lamp.ends == [489]
    assert pair.alice.endpoint.subscription_count == 0


def test_other_requests_in_its_dialog_are_refused() -> None:
    pair = Pair()
    subscribe(pair)
    pair.run()
    tag = (pair.alice.last_request.from_tag or "").encode()
    subscribed = pair.bob.raw[0]
    to = b"To: <sip:bob@example.com>"
    for old, new, status in (
        (b"SUBSCRIBE", b"REFER", 405),
        (b"message-summary", b"presence", 481),
        (b"tag=alice", b"tag=mallory", 481),
    ):
        data = subscribed.replace(old, new).replace(to, to + b";tag=" + tag)
        branch = b"z9hG4bK" + new.replace(b"=", b"")
        pair.bob.receive(pair.bob.flow_to(pair.alice), data.replace(b"z9hG4bK", branch))
        pair.run()
        assert pair.alice.last_response.status == status


class Failing:
    """Turns the next so many answers to a NOTIFY into 500."""

    def __init__(self, times: int) -> None:
        self.left = times

    def __call__(self, data: bytes) -> bytes:
        if not data.startswith(b"SIP/2.0 200") or b" NOTIFY\r\n" not in data or not self.left:
            return data
        self.left -= 1
        return data.replace(b"SIP/2.0 200 OK", b"SIP/2.0 500 No")


def test_between_two_notifies_lies_the_interval_and_the_last_state_comes() -> None:
    pair = Pair()
    _, lamp, mailbox = subscribe(pair, interval_s=0.5)
    subscription = mailbox.subscriptions[0]
    for number in range(20):
        subscription.notify(str(number).encode(), SUMMARY)
        pair.run(0.1)
    pair.run(1)
    told = [body for _, body in lamp.shown[1:]]
    assert told[-1] == b"19"
    assert 4 <= len(told) <= 6


def test_who_subscribes_again_is_told_at_once() -> None:
    pair = Pair()
    _, lamp, mailbox = subscribe(pair, interval_s=60)
    mailbox.subscriptions[0].notify(b"next minute", SUMMARY)
    mailbox.subscriptions[0].notify(b"now", SUMMARY, at_once=True)
    pair.run(0.1)
    assert lamp.shown[-1][1] == b"now"


def test_what_waits_is_written_when_it_leaves() -> None:
    pair = Pair()
    _, lamp, mailbox = subscribe(pair)
    asked: list[bytes] = []

    def write() -> bytes:
        asked.append(b"x")
        return b"state %d" % len(asked)

    for _ in range(3):
        mailbox.subscriptions[0].notify(write, SUMMARY)
    pair.run()
    assert [body for _, body in lamp.shown] == [b"first", b"state 1", b"state 2"]


def test_a_notify_that_failed_is_sent_again() -> None:
    pair = Pair()
    _, lamp, mailbox = subscribe(pair)
    pair.alice.rewrite = Failing(2)
    mailbox.subscriptions[0].notify(b"second", SUMMARY)
    pair.run(1)
    mailbox.subscriptions[0].notify(b"third", SUMMARY)
    pair.run(30)
    assert [body for _, body in lamp.shown] == [b"first", b"second", b"third", b"third"]
    assert mailbox.heard == []


def test_a_phone_that_refuses_each_notify_is_given_up() -> None:
    pair = Pair()
    _, lamp, mailbox = subscribe(pair)
    pair.alice.rewrite = Failing(50)
    mailbox.subscriptions[0].notify(b"second", SUMMARY)
    pair.run(60)
    assert mailbox.heard == ["ended"]
    assert len(lamp.shown) == 1 + 4
    assert pair.bob.endpoint.subscription_count == 0


def test_a_refresh_is_granted_what_it_asks_for_within_bounds() -> None:
    pair = Pair()
    _, _, mailbox = subscribe(pair, min_s=60, max_s=1_000)
    pair.run()
    tag = (pair.alice.last_request.from_tag or "").encode()
    subscribed = pair.bob.raw[0]
    to = b"To: <sip:bob@example.com>"
    for number, (asked, status, told) in enumerate(
        ((b"59", 423, "60"), (b"900", 200, "900"), (b"9999", 200, "1000"), (b"0", 200, "0"))
    ):
        data = subscribed.replace(to, to + b";tag=" + tag)
        data = data.replace(b"Expires: 600", b"Expires: " + asked)
        data = data.replace(b"CSeq: 1 ", b"CSeq: %d " % (number + 2))
        data = data.replace(b"z9hG4bK", b"z9hG4bKr%d" % number)
        pair.bob.receive(pair.bob.flow_to(pair.alice), data)
        pair.run()
        response = pair.alice.last_response
        assert response.status == status
        assert (response.header("Min-Expires") or response.header("Expires")) == told
    assert mailbox.heard == ["refreshed", "refreshed", "ended"]
