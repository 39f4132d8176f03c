"""Many watchers, many changes: what the notifier costs, and what it never forgets."""

import time
from dataclasses import dataclass

from tests.ladders.sip.rig import VirtualClock

from callwright.kernel.addresses import HostPort
from callwright.kernel.ids import UserId
from callwright.kernel.limits.subscriptions import (
    NOTIFIES_PER_TURN_MAX,
    NOTIFY_TURN_S,
    SUBSCRIPTIONS_PER_USER_MAX,
)
from callwright.routing.snapshot import Snapshot
from callwright.runtime.events.notifier import Notifier
from callwright.sip.endpoint import Endpoint
from callwright.sip.events.package import DIALOG
from callwright.sip.flow import Flow
from callwright.sip.message import Request, Response, encode, make_response
from callwright.sip.parser import parse
from callwright.sip.screening import Refusal
from callwright.sip.session.session import InviteSession
from callwright.sip.transaction.server import ServerTransaction
from callwright.testing.builders import contoso_snapshot

BOB = UserId("bob")
NODE = HostPort("192.0.2.1", 5060)


@dataclass(frozen=True, slots=True)
class Number:
    value: int

    def body(self, version: int) -> bytes:
        return f"{version} {self.value}".encode()


class Counting:
    """A package whose state is a number (``EventSource``)."""

    package = DIALOG

    def __init__(self) -> None:
        self.value = 0
        self.described = 0
        self.forgotten: list[UserId] = []

    def resource(self, snapshot: Snapshot, request: Request, watcher: UserId) -> UserId | Refusal:
        return UserId(request.parsed_uri.user)

    def prepare(self, resource: UserId) -> bool:
        return True

    def describe(self, resource: UserId, *, is_own: bool) -> Number:
        self.described += 1
        return Number(self.value)

    def changes_in_s(self, resource: UserId) -> float | None:
        return None

    def forget(self, resource: UserId) -> None:
        self.forgotten.append(resource)


class Rig:
    """Watchers that answer every NOTIFY at once."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.tokens = 0
        self.told: list[bytes] = []
        self.refused: list[int] = []
        self.answers = True
        self.endpoint = Endpoint(
            clock=self.clock,
            transmit=self._transmit,
            new_token=self._token,
            owner=self,
            user_agent="test",
        )
        self.source = Counting()
        self.notifier = Notifier(self.clock, self.endpoint)
        self.notifier.add(self.source)
        self.snapshot = contoso_snapshot()

    def _token(self) -> str:
        self.tokens += 1
        return f"t{self.tokens}"

    def _transmit(self, flow: Flow, data: bytes) -> None:
        message = parse(data)
        if isinstance(message, Response):
            self.refused += [message.status] if message.status >= 300 else []
        else:
            self.told.append(message.body)
            if self.answers:
                answer = encode(make_response(message, 200))
                self.clock.call_later(0.001, lambda: self.endpoint.receive(flow, answer))

    def on_invite(self, session: InviteSession) -> None:
        raise AssertionError

    def on_request(self, transaction: ServerTransaction) -> None:
        watcher = UserId(transaction.request.from_.uri.user)
        self.notifier.subscribe(transaction, self.snapshot, watcher)

    def subscribe(self, number: int, *, watcher: str = "", user: str = "bob") -> None:
        lines = (
            f"SUBSCRIBE sip:{user}@contoso.test SIP/2.0",
            f"Via: SIP/2.0/UDP 10.0.0.1:{1024 + number};branch=z9hG4bKs{number}",
            f"From: <sip:{watcher or f'u{number}'}@contoso.test>;tag=f{number}",
            f"To: <sip:{user}@contoso.test>",
            f"Call-ID: c{number}",
            "CSeq: 1 SUBSCRIBE",
            f"Contact: <sip:w@10.0.0.1:{1024 + number}>",
            "Event: dialog",
            "Expires: 3600",
        )
        flow = Flow("udp", NODE, HostPort("10.0.0.1", 1024 + number))
        self.endpoint.receive(flow, "\r\n".join([*lines, "", ""]).encode())


def test_a_thousand_watchers_are_told_in_turns_each_once() -> None:
    rig = Rig()
    for number in range(1_000):
        rig.subscribe(number)
    rig.clock.run(1)
    assert len(rig.told) == 1_000
    rig.told.clear()
    rig.source.described = 0
    rig.source.value = 1
    started_s = time.process_time()
    rig.notifier.changed(DIALOG, BOB)
    rig.clock.run(0)
    assert len(rig.told) == NOTIFIES_PER_TURN_MAX
    rig.clock.run(1_000 / NOTIFIES_PER_TURN_MAX * NOTIFY_TURN_S)
    took_s = time.process_time() - started_s
    assert rig.told == [b"1 1"] * 1_000
    assert rig.source.described <= 1_000 / NOTIFIES_PER_TURN_MAX + 1
    assert took_s / 1_000 < 0.002, f"{took_s * 1000:.0f} us for each NOTIFY"


def test_changes_on_the_way_reach_everybody_in_the_end() -> None:
    rig = Rig()
    for number in range(300):
        rig.subscribe(number)
    rig.clock.run(1)
    rig.told.clear()
    for value in range(1, 200):
        rig.source.value = value
        rig.notifier.changed(DIALOG, BOB)
        rig.clock.run(0.01)
    rig.clock.run(2)
    assert sum(body.endswith(b" 199") for body in rig.told) == 300
    assert len(rig.told) <= 300 * 7


def test_a_restless_user_with_many_watchers_holds_nobody_up() -> None:
    rig = Rig()
    for number in range(500):
        rig.subscribe(number)
    rig.subscribe(1_000, user="carol")
    rig.clock.run(1)
    rig.told.clear()
    rig.notifier.changed(DIALOG, BOB)
    rig.notifier.changed(DIALOG, UserId("carol"))
    for value in range(1, 10):
        rig.source.value = value
        rig.notifier.changed(DIALOG, BOB)
        rig.clock.run(0.01)
    rig.clock.run(0.1)
    assert any(body == b"1 1" for body in rig.told[: 2 * NOTIFIES_PER_TURN_MAX + 1])


def test_many_users_whose_state_stays_are_looked_at_in_turns() -> None:
    rig = Rig()
    for number in range(500):
        rig.subscribe(number, user=f"user{number}")
    rig.clock.run(1)
    rig.source.described = 0
    for number in range(500):
        rig.notifier.changed(DIALOG, UserId(f"user{number}"))
    rig.clock.run(0)
    assert rig.source.described == NOTIFIES_PER_TURN_MAX
    rig.clock.run(1)
    assert rig.source.described == 500
    assert len(rig.told) == 500


def test_who_knows_the_state_is_not_told_again() -> None:
    rig = Rig()
    rig.subscribe(1)
    rig.clock.run(1)
    for _ in range(5):
        rig.notifier.changed(DIALOG, BOB)
        rig.clock.run(1)
    assert rig.told == [b"0 0"]


def test_what_nobody_watches_is_not_even_described() -> None:
    rig = Rig()
    rig.subscribe(1)
    rig.clock.run(1)
    described = rig.source.described
    rig.notifier.changed(DIALOG, UserId("alice"))
    rig.clock.run(1)
    assert rig.source.described == described
    assert not rig.notifier.is_watched(UserId("alice"))
    started_s = time.process_time()
    for _ in range(100_000):
        rig.notifier.is_watched(UserId("alice"))
    assert (time.process_time() - started_s) / 100_000 < 2e-6


def test_one_user_cannot_fill_the_table() -> None:
    rig = Rig()
    for number in range(SUBSCRIPTIONS_PER_USER_MAX + 3):
        rig.subscribe(number, watcher="alice")
    rig.subscribe(10_000, watcher="carol")
    assert rig.refused == [503] * 3
    assert len(rig.notifier) == SUBSCRIPTIONS_PER_USER_MAX + 1


def test_nothing_is_left_of_watchers_that_are_gone() -> None:
    rig = Rig()
    for number in range(20):
        rig.subscribe(number)
    rig.clock.run(1)
    rig.answers = False
    rig.source.value = 1
    rig.notifier.changed(DIALOG, BOB)
    rig.clock.run(70)
    assert len(rig.notifier) == 0
    assert rig.source.forgotten == [BOB]
    assert (rig.notifier.watchers(), rig.notifier.resources()) == ((), ())
    assert rig.endpoint.subscription_count == 0
    assert rig.endpoint.transaction_count == 0
    assert rig.clock.pending_count == 0


def test_they_expire() -> None:
    rig = Rig()
    rig.subscribe(1)
    rig.clock.run(3_700)
    assert len(rig.notifier) == 0
    assert rig.clock.pending_count == 0
