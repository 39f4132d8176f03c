"""RTP ports: an even one for RTP and the next for RTCP (RFC 3550 §11)."""

from collections import deque

from callwright.kernel.limits import RTP_PAIRS_FOR_EMERGENCIES


class PortsExhausted(Exception):
    """Every port pair of the configured range is in use."""


class RtpPorts:
    """Hands out port pairs, the longest unused first, so that late packets of an old call miss."""

    def __init__(self, low: int, high: int) -> None:
        """Takes the inclusive range; raises ValueError when it holds no pair."""
        first = low + low % 2
        self._free = deque(range(first, high, 2))
        self._kept_back = min(RTP_PAIRS_FOR_EMERGENCIES, len(self._free) // 4)
        if not self._free:
            raise ValueError(f"the RTP range {low}-{high} holds no even port with its successor")

    def take(self) -> int:
        """Returns an even port; raises PortsExhausted while some are left for emergencies."""
        if len(self._free) <= self._kept_back:
            raise PortsExhausted
        return self._free.popleft()

    def take_for_emergency(self) -> int:
        """Returns an even port; raises PortsExhausted when none at all is left."""
        if not self._free:
            raise PortsExhausted
        return self._free.popleft()

    def give_back(self, port: int) -> None:
        self._free.append(port)

    @property
    def free_count(self) -> int:
        return len(self._free)
