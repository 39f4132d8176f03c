"""A seeded network in virtual time: hosts, datagrams that get late, lost, doubled; NAT; TCP.

Everything that happens to a packet is drawn from the loop's generator in the order of sending, so
that the same seed and program give the same fate to the same packet. A recorder sees each passage.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from callwright.kernel.addresses import HostPort
from callwright.testing.nat import NatBehaviour, NatTable
from callwright.testing.virtual_loop import VirtualLoop, running_loop

Receiver = Callable[[HostPort, bytes], None]
"""Called with the source, as the receiving host sees it, and the bytes."""

EPHEMERAL_PORT_FIRST = 49_152
PASSAGES_MAX = 1_000_000
"""A recorder that is fuller than this belongs to a run that nobody will read."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What the network does to each packet."""

    delay_s: float = 0.005
    jitter_s: float = 0.0
    """Up to so much is added, evenly drawn: more than the gap between packets reorders them."""
    loss: float = 0.0
    """Probability that a datagram is lost; TCP is spared."""
    duplication: float = 0.0
    """Probability that a datagram arrives twice."""
    tcp_segment_bytes: int | None = None
    """TCP arrives in pieces of at most so many bytes; None: as it was written."""


PERFECT = Conditions()
ROUGH = Conditions(delay_s=0.04, jitter_s=0.06, loss=0.08, duplication=0.03)
"""A bad wireless network: one datagram in twelve is lost."""


class Fate(Enum):
    ON_ITS_WAY = "on its way"
    DELIVERED = "delivered"
    LOST = "lost"
    BLOCKED = "blocked"
    """A link is cut, or a host is down."""
    FILTERED = "filtered"
    """A NAT box has no binding for it, or its filter forbids it."""
    UNREACHABLE = "unreachable"
    """No host has the address, or nobody listens at the port."""


@dataclass(slots=True)
class Passage:
    """One packet's way, recorded when it is sent; ``fate`` is settled when it arrives."""

    sent_at_s: float
    transport: str
    sender: str
    """Name of the sending host."""
    source: HostPort
    """As the receiver sees it, behind NAT as well."""
    receiver: str
    """Name of the receiving host, or the address where no host is."""
    destination: HostPort
    data: bytes
    fate: Fate = Fate.ON_ITS_WAY
    is_copy: bool = False
    """The network made it: a duplicate."""


class Recorder:
    """Every packet in the order of sending."""

    def __init__(self) -> None:
        self.passages: list[Passage] = []

    def add(self, passage: Passage) -> None:
        assert len(self.passages) < PASSAGES_MAX, "the recorder is full"
        self.passages.append(passage)

    def clear(self) -> None:
        self.passages.clear()


class NatBox:
    """A router with one public address and hosts behind it."""

    def __init__(self, network: "Network", ip: str, behaviour: NatBehaviour) -> None:
        self.ip = ip
        self.table = NatTable(behaviour)
        self._network = network

    def host(self, name: str, ip: str) -> "Host":
        """A host with a private address; the same address may exist behind other boxes."""
        return self._network.add_host(name, ip, self)

    def restart(self) -> None:
        self.table.forget()
        self._network.changed()

    def move(self, ip: str) -> None:
        """Gets another public address, and restarts; raises ValueError when it is taken."""
        self._network.rename(self, ip)
        self.restart()


class DatagramSocket:
    """One bound UDP port of a host."""

    def __init__(self, host: "Host", port: int, receiver: Receiver) -> None:
        self.host = host
        self.local = HostPort(host.ip, port)
        self.receiver = receiver

    def send(self, destination: HostPort, data: bytes) -> None:
        """Sends at once and forgets it; the network never says what became of it."""
        self.host.network.send_datagram(self.host, self.local.port, destination, data)

    def close(self) -> None:
        self.host.sockets.pop(self.local.port, None)


class Host:
    """A machine with one address. ``is_up = False`` takes it off the network."""

    def __init__(self, network: "Network", name: str, ip: str, nat: NatBox | None) -> None:
        self.network = network
        self.name = name
        self.ip = ip
        self.nat = nat
        self.sockets: dict[int, DatagramSocket] = {}
        self.listeners: dict[int, Callable[[object], None]] = {}
        """TCP ports and who takes their connections (`callwright.testing.streams`)."""
        self._is_up = True
        self._ephemeral = EPHEMERAL_PORT_FIRST

    @property
    def is_up(self) -> bool:
        return self._is_up

    @is_up.setter
    def is_up(self, is_up: bool) -> None:
        self._is_up = is_up
        self.network.changed()

    def bind(self, port: int, receiver: Receiver) -> DatagramSocket:
        """Opens a UDP port; raises OSError when it is taken."""
        if port in self.sockets:
            raise OSError(98, f"{self.ip}:{port} is in use")
        self.sockets[port] = DatagramSocket(self, port, receiver)
        return self.sockets[port]

    def ephemeral_port(self) -> int:
        self._ephemeral += 1
        return self._ephemeral


@dataclass(frozen=True, slots=True)
class Route:
    """Where a packet gets to now, and how its source looks there."""

    host: Host | None
    port: int
    source: HostPort
    fate: Fate


class Network:
    """Hosts and the paths between them; belongs to the virtual loop it is made in."""

    def __init__(self, conditions: Conditions = PERFECT) -> None:
        self.loop: VirtualLoop = running_loop()
        self.conditions = conditions
        self.recorder = Recorder()
        self.on_change: list[Callable[[], None]] = []
        """Called when a link or a host comes or goes."""
        self.loses: Callable[[Passage], bool] = lambda passage: False
        """What is lost besides what chance takes: datagrams that a test picks."""
        self._hosts: dict[tuple[NatBox | None, str], Host] = {}
        self._boxes: dict[str, NatBox] = {}
        self._blocked: set[frozenset[str]] = set()

    def add_host(self, name: str, ip: str, nat: NatBox | None = None) -> Host:
        """Raises ValueError when the address is taken in its realm."""
        if (nat, ip) in self._hosts or (nat is None and ip in self._boxes):
            raise ValueError(f"{ip} is taken")
        host = Host(self, name, ip, nat)
        self._hosts[nat, ip] = host
        return host

    def add_nat(self, ip: str, behaviour: NatBehaviour | None = None) -> NatBox:
        if ip in self._boxes or (None, ip) in self._hosts:
            raise ValueError(f"{ip} is taken")
        self._boxes[ip] = NatBox(self, ip, behaviour or NatBehaviour())
        return self._boxes[ip]

    def rename(self, box: NatBox, ip: str) -> None:
        if ip in self._boxes or (None, ip) in self._hosts:
            raise ValueError(f"{ip} is taken")
        del self._boxes[box.ip]
        box.ip = ip
        self._boxes[ip] = box

    def block(self, one: Host, other: Host) -> None:
        """Cuts the path between two hosts, both ways, until `unblock`."""
        self._blocked.add(frozenset((one.name, other.name)))
        self.changed()

    def unblock(self, one: Host, other: Host) -> None:
        self._blocked.discard(frozenset((one.name, other.name)))
        self.changed()

    def is_open(self, one: Host, other: Host) -> bool:
        linked = frozenset((one.name, other.name)) not in self._blocked
        return linked and one.is_up and other.is_up

    def changed(self) -> None:
        for listener in self.on_change:
            listener()

    def route(self, sender: Host, port: int, destination: HostPort) -> Route:
        """Where a packet sent now would get to; makes or refreshes NAT bindings like one."""
        now_s = self.loop.time()
        inside = HostPort(sender.ip, port)
        neighbour = self._hosts.get((sender.nat, destination.host))
        if neighbour is not None:
            return self._arrival(sender, neighbour, destination.port, inside)
        source = inside
        if sender.nat is not None:
            external = sender.nat.table.outward(inside, destination, now_s=now_s)
            source = HostPort(sender.nat.ip, external)
        box = self._boxes.get(destination.host)
        if box is None:
            host = self._hosts.get((None, destination.host))
            return self._arrival(sender, host, destination.port, source)
        private = box.table.inward(destination.port, source, now_s=now_s)
        if private is None:
            return Route(None, destination.port, source, Fate.FILTERED)
        host = self._hosts.get((box, private.host))
        return self._arrival(sender, host, private.port, source)

    def send_datagram(self, sender: Host, port: int, destination: HostPort, data: bytes) -> None:
        route = self.route(sender, port, destination)
        passage = self.record("udp", sender, route, destination, data)
        if passage.fate is not Fate.ON_ITS_WAY:
            return
        if self.loop.random.random() < self.conditions.loss or self.loses(passage):
            passage.fate = Fate.LOST
            return
        self._deliver_later(route, passage)
        if self.loop.random.random() < self.conditions.duplication:
            copy = self.record("udp", sender, route, destination, data)
            copy.is_copy = True
            self._deliver_later(route, copy)

    def record(
        self, transport: str, sender: Host, route: Route, destination: HostPort, data: bytes
    ) -> Passage:
        passage = Passage(
            sent_at_s=self.loop.time(),
            transport=transport,
            sender=sender.name,
            source=route.source,
            receiver=str(destination) if route.host is None else route.host.name,
            destination=destination,
            data=data,
            fate=route.fate,
        )
        self.recorder.add(passage)
        return passage

    def transit_s(self) -> float:
        """Draws how long one packet takes."""
        conditions = self.conditions
        if not conditions.jitter_s:
            return conditions.delay_s
        return conditions.delay_s + self.loop.random.uniform(0, conditions.jitter_s)

    def _arrival(self, sender: Host, host: Host | None, port: int, source: HostPort) -> Route:
        if host is None:
            return Route(None, port, source, Fate.UNREACHABLE)
        is_open = self.is_open(sender, host)
        return Route(host, port, source, Fate.ON_ITS_WAY if is_open else Fate.BLOCKED)

    def _deliver_later(self, route: Route, passage: Passage) -> None:
        self.loop.call_later(self.transit_s(), self._deliver, route, passage)

    def _deliver(self, route: Route, passage: Passage) -> None:
        host = route.host
        if host is None or not host.is_up:
            passage.fate = Fate.BLOCKED
            return
        socket = host.sockets.get(route.port)
        if socket is None:
            passage.fate = Fate.UNREACHABLE
            return
        passage.fate = Fate.DELIVERED
        socket.receiver(route.source, passage.data)
