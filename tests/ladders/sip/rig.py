"""Endpoints under a virtual clock, on a network that loses, delays, doubles and reorders."""

import heapq
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from callwright.kernel.addresses import HostPort
from callwright.sip.endpoint import Endpoint
from callwright.sip.flow import Flow
from callwright.sip.ladder import LadderStep, has_sdp, read_label
from callwright.sip.message import Request, Response
from callwright.sip.owner import Doorkeeper
from callwright.sip.parser import ParseError, parse
from callwright.sip.session.listener import EndCause
from callwright.sip.session.session import InviteSession
from callwright.sip.transaction.server import ServerTransaction

OFFER = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
ANSWER = OFFER.replace(b"192.0.2.1", b"192.0.2.2")
LINGER_S = 33.0
"""After the last message every transaction is gone: 32 s, and the grain of the expiry queue."""


def without(data: bytes, *names: bytes) -> bytes:
    """The message without these header fields."""
    head, end, body = data.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if line.partition(b":")[0] not in names]
    return b"\r\n".join(lines) + end + body


def plain(data: bytes) -> bytes:
    """The message as a peer writes it that knows neither 100rel nor session timers."""
    return without(data, b"Supported", b"Session-Expires", b"Min-SE")


class VirtualTimer:
    __slots__ = ("callback", "is_cancelled")

    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback = callback
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True


class VirtualClock:
    """A ``Clock`` whose time passes only in ``run``."""

    def __init__(self) -> None:
        self.now_s = 1_000.0
        self._heap: list[tuple[float, int, VirtualTimer]] = []
        self._numbers = count()

    def monotonic(self) -> float:
        return self.now_s

    def utc(self) -> datetime:
        return datetime(2026, 3, 2, 9, 0, tzinfo=UTC) + timedelta(seconds=self.now_s)

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> VirtualTimer:
        timer = VirtualTimer(callback)
        heapq.heappush(self._heap, (self.now_s + delay_s, next(self._numbers), timer))
        return timer

    @property
    def pending_count(self) -> int:
        return sum(not timer.is_cancelled for _, _, timer in self._heap)

    def run(self, seconds: float) -> None:
        """Lets ``seconds`` pass."""
        until_s = self.now_s + seconds
        while self._heap and self._heap[0][0] <= until_s:
            at_s, _, timer = heapq.heappop(self._heap)
            if not timer.is_cancelled:
                self.now_s = at_s
                timer.callback()
        self.now_s = until_s


@dataclass
class Weather:
    """How bad the network is; chances are from 0 to 1."""

    loss: float = 0.0
    doubling: float = 0.0
    delay_s: float = 0.01
    jitter_s: float = 0.0


class Network:
    """Brings datagrams from one endpoint to another, and keeps the ladder."""

    def __init__(
        self, clock: VirtualClock, *, seed: int = 0, weather: Weather | None = None
    ) -> None:
        self.clock = clock
        self.random = random.Random(seed)
        self.weather = weather or Weather()
        self.steps: list[LadderStep] = []
        self.parties: dict[HostPort, Party] = {}
        self.nat: dict[HostPort, HostPort] = {}
        """Inside address to the address that others see."""
        self.losing: list[str] = []
        """Ladder lines to lose, each once, in any order."""
        self.is_watched = True

    def send(self, sender: "Party", flow: Flow, data: bytes) -> None:
        seen_as = self.nat.get(sender.address, sender.address)
        inside = {outer: inner for inner, outer in self.nat.items()}
        receiver = self.parties.get(inside.get(flow.remote, flow.remote))
        lost = receiver is None or self.random.random() < self.weather.loss
        if self.is_watched and receiver is not None:
            lost = self._note(sender, receiver, data, lost=lost)
        if lost or receiver is None:
            return
        copies = 2 if self.random.random() < self.weather.doubling else 1
        arrives_on = Flow(
            flow.transport, receiver.address, seen_as, 7 if flow.is_reliable else None
        )
        for _ in range(copies):
            delay_s = self.weather.delay_s + self.random.random() * self.weather.jitter_s
            self.clock.call_later(delay_s, lambda: receiver.receive(arrives_on, data))

    def _note(self, sender: "Party", receiver: "Party", data: bytes, *, lost: bool) -> bool:
        label, method = read_label(data)
        step = LadderStep(self.clock.now_s, sender.name, receiver.name, label, method)
        if step.line in self.losing:
            self.losing.remove(step.line)
            lost = True
        tags = {tag for tag, holds in (("sdp", has_sdp(data)), ("lost", lost)) if holds}
        self.steps.append(
            LadderStep(step.at_s, step.source, step.target, label, method, frozenset(tags))
        )
        return lost

    @property
    def lines(self) -> list[str]:
        return [step.line for step in self.steps]

    def forget(self) -> None:
        self.steps.clear()


@dataclass
class Recorder:
    """An ``InviteListener`` that notes what it hears and then does what the test wants."""

    heard: list[str] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    reactions: dict[str, Callable[[InviteSession], None]] = field(default_factory=dict)
    """What to do inside a callback, by its name without ``on_``."""
    transactions: list[ServerTransaction] = field(default_factory=list)

    def on_provisional(self, session: InviteSession, response: Response) -> None:
        self._note(session, "provisional", str(response.status), response)

    def on_answered(self, session: InviteSession, response: Response) -> None:
        self._note(session, "answered", str(response.status), response)

    def on_failed(self, session: InviteSession, response: Response) -> None:
        local = " local" if response.is_local else ""
        self._note(session, "failed", f"{response.status}{local}", response)

    def on_cancelled(self, session: InviteSession, request: Request) -> None:
        self._note(session, "cancelled", request.method, request)

    def on_acknowledged(self, session: InviteSession, request: Request) -> None:
        self._note(session, "acknowledged", "sdp" if request.body else "", request)

    def on_offer(self, session: InviteSession, request: Request) -> None:
        self._note(session, "offer", request.method, request)
        if "offer" not in self.reactions:
            session.answer_offer(ANSWER)

    def on_reoffer_answered(self, session: InviteSession, response: Response) -> None:
        self._note(session, "reoffer_answered", str(response.status), response)

    def on_reoffer_failed(self, session: InviteSession, response: Response) -> None:
        self._note(session, "reoffer_failed", str(response.status), response)

    def on_refer(self, session: InviteSession, transaction: ServerTransaction) -> None:
        self.transactions.append(transaction)
        self._note(session, "refer", "", transaction.request)

    def on_request(self, session: InviteSession, transaction: ServerTransaction) -> None:
        self.transactions.append(transaction)
        self._note(session, "request", transaction.request.method, transaction.request)
        transaction.respond(200)

    def on_ended(self, session: InviteSession, cause: EndCause, request: Request | None) -> None:
        self._note(session, "ended", cause.value, request)

    def _note(
        self, session: InviteSession, event: str, detail: str, message: Request | Response | None
    ) -> None:
        self.heard.append(f"{event} {detail}".strip())
        if isinstance(message, Response):
            self.responses.append(message)
        elif message is not None:
            self.requests.append(message)
        reaction = self.reactions.get(event)
        if reaction is not None:
            reaction(session)


class Party:
    """One endpoint with an owner that keeps what comes in (``EndpointOwner``)."""

    def __init__(
        self,
        network: Network,
        name: str,
        address: str,
        *,
        transactions_max: int = 100_000,
        doorkeeper: Doorkeeper | None = None,
    ) -> None:
        self.name = name
        self.address = HostPort.parse(address)
        self.network = network
        self.listener = Recorder()
        self.listener_for: Callable[[InviteSession], Recorder] = lambda _: self.listener
        self.rings: list[InviteSession] = []
        self.asked: list[ServerTransaction] = []
        self.on_ring: Callable[[InviteSession], None] = lambda session: None
        self.on_asked: Callable[[ServerTransaction], None] = lambda transaction: None
        self.raw: list[bytes] = []
        """What arrived, for tests that read bytes."""
        self.is_deaf = False
        self.rewrite: Callable[[bytes], bytes] = lambda data: data
        """What it puts on the wire instead, for peers that differ from us; b"": nothing."""
        tokens = count(1)
        self.endpoint = Endpoint(
            clock=network.clock,
            transmit=self._send,
            new_token=lambda: f"{name}{next(tokens)}",
            owner=self,
            user_agent=f"{name}/1",
            transactions_max=transactions_max,
            doorkeeper=doorkeeper,
        )
        network.parties[self.address] = self

    def _send(self, flow: Flow, data: bytes) -> None:
        sent = self.rewrite(data)
        if sent:
            self.network.send(self, flow, sent)

    def receive(self, flow: Flow, data: bytes) -> None:
        if not self.is_deaf:
            self.raw.append(data)
            self.endpoint.receive(flow, data)

    def on_invite(self, session: InviteSession) -> None:
        session.listener = self.listener_for(session)
        self.rings.append(session)
        self.on_ring(session)

    def on_request(self, transaction: ServerTransaction) -> None:
        self.asked.append(transaction)
        self.on_asked(transaction)

    def flow_to(self, other: "Party", transport: str = "udp") -> Flow:
        seen_as = self.network.nat.get(other.address, other.address)
        return Flow(transport, self.address, seen_as)

    def call(
        self,
        other: "Party",
        *,
        body: bytes = OFFER,
        listener: Recorder | None = None,
        transport: str = "udp",
        headers: Sequence[tuple[str, str]] = (),
    ) -> InviteSession:
        return self.endpoint.invite(
            flow=self.flow_to(other, transport),
            uri=f"sip:{other.name}@{other.address}",
            from_=f"<sip:{self.name}@example.com>",
            to=f"<sip:{other.name}@example.com>",
            body=body,
            listener=listener or self.listener,
            contact_user=self.name,
            headers=headers,
        )

    @property
    def last_response(self) -> Response:
        return next(m for m in reversed(self.messages) if isinstance(m, Response))

    @property
    def last_request(self) -> Request:
        return next(m for m in reversed(self.messages) if isinstance(m, Request))

    @property
    def messages(self) -> list[Request | Response]:
        read = []
        for data in self.raw:
            try:
                read.append(parse(data))
            except ParseError:
                continue
        return read


class Pair:
    """alice and bob, and whoever else the test wants."""

    def __init__(self, *, seed: int = 0, weather: Weather | None = None) -> None:
        self.clock = VirtualClock()
        self.network = Network(self.clock, seed=seed, weather=weather)
        self.alice = Party(self.network, "alice", "192.0.2.1:5060")
        self.bob = Party(self.network, "bob", "192.0.2.2:5060")

    def run(self, seconds: float = 0.2) -> None:
        self.clock.run(seconds)

    @property
    def lines(self) -> list[str]:
        return self.network.lines

    def answered_call(self, *, transport: str = "udp") -> tuple[InviteSession, InviteSession]:
        """alice called, bob answered; the ladder begins anew."""
        self.bob.on_ring = lambda session: session.answer(ANSWER)
        hers = self.alice.call(self.bob, transport=transport)
        self.run()
        self.network.forget()
        self.alice.listener.heard.clear()
        self.bob.listener.heard.clear()
        return hers, self.bob.rings[-1]

    def assert_nothing_remains(self) -> None:
        """No transaction, session, subscription or timer."""
        for party in self.network.parties.values():
            endpoint = party.endpoint
            assert (party.name, endpoint.transaction_count) == (party.name, 0)
            assert (party.name, endpoint.session_count) == (party.name, 0)
            assert (party.name, endpoint.subscription_count) == (party.name, 0)
        assert self.clock.pending_count == 0
