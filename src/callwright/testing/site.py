"""The machine that nodes run on, and the network around it: what the worlds of several
organisations on one system share."""

from collections.abc import Callable
from itertools import count

from callwright.calls.ports import RtpPorts
from callwright.kernel.addresses import HostPort
from callwright.media.engine import MediaEngine
from callwright.runtime.backlog import Backlog
from callwright.runtime.marks import FIRST
from callwright.runtime.node import Node
from callwright.runtime.reception import Reception
from callwright.runtime.shared_media import SharedMedia
from callwright.runtime.tasks import Tasks
from callwright.testing.media import SimulatedMedia
from callwright.testing.network import PERFECT, Conditions, Host, Network
from callwright.testing.virtual_loop import VirtualClock, running_loop
from callwright.testing.wires import SipWire
from callwright.testing.world_media import WorldMedia
from callwright.testing.zone import Zone

NODE_ADDRESS = HostPort("192.0.2.1", 5060)
RTP_PORTS = (20_000, 29_999)


class Site:
    """Belongs to the virtual loop that runs."""

    def __init__(
        self,
        *,
        conditions: Conditions = PERFECT,
        rtp_ports: tuple[int, int] = RTP_PORTS,
        media: Callable[[Host], WorldMedia] = SimulatedMedia,
        is_shared: bool = False,
    ) -> None:
        """``is_shared``: several nodes will move in."""
        self.clock = VirtualClock(running_loop())
        self.backlog = Backlog(self.clock)
        """What the nodes' sockets would tell of what waits in them."""
        self.network = Network(conditions)
        self.host = self.network.add_host("node", NODE_ADDRESS.host)
        self.media = media(self.host)
        self.zone = Zone()
        self.ports = RtpPorts(*rtp_ports)
        self.failures: list[tuple[str, BaseException]] = []
        """Tasks of the nodes that a defect ended."""
        self.tasks = Tasks(lambda name, error: self.failures.append((name, error)))
        self.reception = Reception()
        self.wire = SipWire(
            self.host,
            NODE_ADDRESS.port,
            receive=self.reception.receive,
            failed=self.reception.failed,
        )
        self.numbers = count(FIRST)
        """Of nodes."""
        self.phone_numbers = count(1)
        self.nat_numbers = count(1)
        self._shared_media = SharedMedia(self.media) if is_shared else None

    def engine(self, number: int) -> MediaEngine:
        """What the node with this number calls its engine."""
        return self.media if self._shared_media is None else self._shared_media.share(number)

    def admit(self, number: int, node: Node) -> None:
        self.reception.admit(number, node)
