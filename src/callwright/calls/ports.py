"""RTP ports: an even one for RTP and the next for RTCP (RFC 3550 §11), shared when they run out.

Legs may share a pair where the engine can tell their packets apart: by the address they come
from. A pair of one's own needs no telling, so pairs are shared only when none is free; then a range
of one pair serves a whole system behind a firewall.
"""

from collections import Counter, deque
from dataclasses import dataclass
from itertools import islice

from callwright.kernel.limits import LEGS_PER_RTP_PAIR_MAX, RTP_PAIRS_FOR_EMERGENCIES

PAIRS_LOOKED_AT_MAX = 64
"""For one leg; the next one goes on where this one stopped."""


class PortsExhausted(Exception):
    """Every port pair of the configured range is in use, and none can be shared."""


@dataclass(frozen=True, slots=True)
class MediaPeer:
    """Who will send to a port, as far as signalling tells before media comes."""

    address: str
    """IP that its signalling comes from: behind a NAT its media comes from there, too."""
    is_certain: bool = False
    """Its packets come from where it says (an SBC), or are told apart by checks (a browser).
    Any other peer may be behind a NAT, and its first packet come from a port that nobody named:
    two of them at one address cannot be told apart."""


NOBODY_KNOWN = MediaPeer("")


class _Pair:
    """A pair of ports in use."""

    __slots__ = ("legs", "peers")

    def __init__(self) -> None:
        self.legs = 0
        self.peers: Counter[MediaPeer] = Counter()

    def add(self, peer: MediaPeer) -> None:
        self.legs += 1
        self.peers[peer] += 1

    def remove(self, peer: MediaPeer) -> None:
        self.legs -= 1
        self.peers[peer] -= 1
        if not self.peers[peer]:
            del self.peers[peer]

    def has_room_for(self, peer: MediaPeer) -> bool:
        """Whether the peer's packets could be told from those of all who are here."""
        if self.legs >= LEGS_PER_RTP_PAIR_MAX or peer == NOBODY_KNOWN or NOBODY_KNOWN in self.peers:
            return False
        alike = self._like(peer)
        return not alike or (peer.is_certain and all(other.is_certain for other in alike))

    def _like(self, peer: MediaPeer) -> list[MediaPeer]:
        """Who is here at the same address."""
        both = (MediaPeer(peer.address), MediaPeer(peer.address, is_certain=True))
        return [other for other in both if other in self.peers]


class RtpPorts:
    """Hands out port pairs, the longest unused first, so that late packets of an old call miss."""

    def __init__(self, low: int, high: int) -> None:
        """Takes the inclusive range; raises ValueError when it holds no pair."""
        first = low + low % 2
        self._free = deque(range(first, high, 2))
        self._kept_back = min(RTP_PAIRS_FOR_EMERGENCIES, len(self._free) // 4)
        self._used: dict[int, _Pair] = {}
        """In the order in which they are looked at for sharing."""
        if not self._free:
            raise ValueError(f"the RTP range {low}-{high} holds no even port with its successor")

    def take(self, peer: MediaPeer = NOBODY_KNOWN) -> int:
        """Returns an even port; raises PortsExhausted while some are left for emergencies and no
        pair in use can be shared with this peer."""
        if len(self._free) > self._kept_back:
            return self._open(peer)
        return self._share(peer)

    def take_for_emergency(self, peer: MediaPeer = NOBODY_KNOWN) -> int:
        """Returns an even port; raises PortsExhausted when none at all is left."""
        return self._open(peer) if self._free else self._share(peer)

    def give_back(self, port: int, peer: MediaPeer = NOBODY_KNOWN) -> None:
        pair = self._used[port]
        pair.remove(peer)
        if not pair.legs:
            del self._used[port]
            self._free.append(port)

    @property
    def free_count(self) -> int:
        """Pairs that nobody uses."""
        return len(self._free)

    def _open(self, peer: MediaPeer) -> int:
        port = self._free.popleft()
        pair = self._used[port] = _Pair()
        pair.add(peer)
        return port

    def _share(self, peer: MediaPeer) -> int:
        for port in tuple(islice(self._used, PAIRS_LOOKED_AT_MAX)):
            pair = self._used[port] = self._used.pop(port)
            if pair.has_room_for(peer):
                pair.add(peer)
                return port
        raise PortsExhausted
