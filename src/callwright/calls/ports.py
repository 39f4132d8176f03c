"""RTP ports: an even one for RTP and the next for RTCP (RFC 3550 §11), shared where that is safe.

Legs may share a pair where the engine can tell their packets apart: by the address they come
from. Phones at addresses of their own are told apart whatever ports they send from, so some dozens
of them share a pair, whose packets are then received and sent with fewer system calls. All others
have a pair of their own, which needs no telling, while one is free; when none is, a range of one
pair serves a whole system behind a firewall.
"""

from collections import deque
from itertools import islice
from typing import NamedTuple

from callwright.kernel.limits.emergency import RTP_PAIRS_FOR_EMERGENCIES
from callwright.kernel.limits.media import LEGS_PER_RTP_PAIR_MAX, LEGS_PER_RTP_PAIR_USUAL

PAIRS_LOOKED_AT_MAX = 64
"""For one leg when pairs run out; the next one goes on where this one stopped."""
PAIRS_JOINED_MAX = 8
"""Looked at before a pair is opened: the phones of a large office, all behind one address, need
many pairs, and each of them is soon found."""


class PortsExhausted(Exception):
    """Every port pair of the configured range is in use, and none can be shared."""


class MediaPeer(NamedTuple):
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

    __slots__ = ("left", "legs", "others", "peers")

    def __init__(self, first: MediaPeer) -> None:
        self.legs = 1
        self.others = 0 if _is_phone(first) else 1
        """Of them, those of peers that are no phones."""
        self.peers = {first: 1}
        """How many legs each has."""
        self.left: list[str] = []
        """Addresses from which last packets of an ended call may still come; the newest."""

    def add(self, peer: MediaPeer) -> None:
        self.legs += 1
        self.others += not _is_phone(peer)
        self.peers[peer] = self.peers.get(peer, 0) + 1

    def remove(self, peer: MediaPeer) -> None:
        self.legs -= 1
        self.others -= not _is_phone(peer)
        left = self.peers.pop(peer) - 1
        if left:
            self.peers[peer] = left
        self.left.append(peer.address)
        del self.left[:-LEGS_PER_RTP_PAIR_USUAL]

    @property
    def is_joinable(self) -> bool:
        """Phones are here and nobody else, and not as many as there should be."""
        return 0 < self.legs < LEGS_PER_RTP_PAIR_USUAL and not self.others

    def welcomes(self, phone: MediaPeer) -> bool:
        """Whether no packet could be taken for this phone's that is not, wherever it comes from.
        To be asked while the pair is joinable: there are phones only."""
        return phone not in self.peers and phone.address not in self.left

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


def _is_phone(peer: MediaPeer) -> bool:
    return not peer.is_certain and peer.address != NOBODY_KNOWN.address


class RtpPorts:
    """Hands out port pairs, the longest unused first, so that late packets of an old call miss."""

    def __init__(self, low: int, high: int) -> None:
        """Takes the inclusive range; raises ValueError when it holds no pair."""
        first = low + low % 2
        self._free = deque(range(first, high, 2))
        self._kept_back = min(RTP_PAIRS_FOR_EMERGENCIES, len(self._free) // 4)
        self._used: dict[int, _Pair] = {}
        """In the order in which they are looked at for sharing."""
        self._joinable: dict[int, None] = {}
        """Ports of pairs that phones may join, in the order in which they are looked at."""
        if not self._free:
            raise ValueError(f"the RTP range {low}-{high} holds no even port with its successor")

    def take(self, peer: MediaPeer = NOBODY_KNOWN) -> int:
        """Returns an even port; raises PortsExhausted while some are left for emergencies and no
        pair in use can be shared with this peer."""
        joined = self._join(peer) if _is_phone(peer) else None
        if joined is not None:
            return joined
        if len(self._free) > self._kept_back:
            return self._open(peer)
        return self._share(peer)

    def take_for_emergency(self, peer: MediaPeer = NOBODY_KNOWN) -> int:
        """Returns an even port; raises PortsExhausted when none at all is left."""
        return self._open(peer) if self._free else self._share(peer)

    def give_back(self, port: int, peer: MediaPeer = NOBODY_KNOWN) -> None:
        pair = self._used[port]
        if pair.legs > 1:
            pair.remove(peer)
            self._note(port, pair)
        else:
            del self._used[port]
            self._joinable.pop(port, None)
            self._free.append(port)

    @property
    def free_count(self) -> int:
        """Pairs that nobody uses."""
        return len(self._free)

    def _join(self, peer: MediaPeer) -> int | None:
        for port in tuple(islice(self._joinable, PAIRS_JOINED_MAX)):
            if self._used[port].welcomes(peer):
                self._add(port, peer)
                return port
            self._joinable[port] = self._joinable.pop(port)
        return None

    def _open(self, peer: MediaPeer) -> int:
        port = self._free.popleft()
        pair = self._used[port] = _Pair(peer)
        if not pair.others:
            self._joinable[port] = None
        return port

    def _share(self, peer: MediaPeer) -> int:
        for port in tuple(islice(self._used, PAIRS_LOOKED_AT_MAX)):
            pair = self._used[port] = self._used.pop(port)
            if pair.has_room_for(peer):
                self._add(port, peer)
                return port
        raise PortsExhausted

    def _add(self, port: int, peer: MediaPeer) -> None:
        pair = self._used[port]
        pair.add(peer)
        self._note(port, pair)

    def _note(self, port: int, pair: _Pair) -> None:
        """Keeps the list of pairs that can be joined."""
        if not pair.is_joinable:
            self._joinable.pop(port, None)
        else:
            self._joinable.setdefault(port)
