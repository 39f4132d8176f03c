"""NAT boxes of the simulated network, by the behaviours that RFC 4787 names."""

from dataclasses import dataclass, field
from enum import Enum

from callwright.kernel.addresses import HostPort

FIRST_EXTERNAL_PORT = 61_000
EXTERNAL_PORTS_MAX = 4_000
"""A box that has given out so many ports begins again; only long runs get there."""


class Dependence(Enum):
    """What a mapping or a filter looks at (RFC 4787 §4.1, §5)."""

    ENDPOINT_INDEPENDENT = "endpoint-independent"
    ADDRESS_DEPENDENT = "address-dependent"
    ADDRESS_AND_PORT_DEPENDENT = "address-and-port-dependent"

    def key(self, remote: HostPort) -> HostPort | None:
        """What two remotes have in common when this behaviour treats them alike."""
        match self:
            case Dependence.ENDPOINT_INDEPENDENT:
                return None
            case Dependence.ADDRESS_DEPENDENT:
                return HostPort(remote.host, 0)
            case Dependence.ADDRESS_AND_PORT_DEPENDENT:
                return remote


@dataclass(frozen=True, slots=True)
class NatBehaviour:
    """The default is a common home router."""

    mapping: Dependence = Dependence.ENDPOINT_INDEPENDENT
    filtering: Dependence = Dependence.ADDRESS_AND_PORT_DEPENDENT
    binding_timeout_s: float = 120.0
    """Since the last packet from inside (RFC 4787 §4.3: two minutes is the least allowed;
    many boxes keep less)."""


SYMMETRIC = NatBehaviour(mapping=Dependence.ADDRESS_AND_PORT_DEPENDENT)
"""Another port for each destination: the kind that breaks most."""


@dataclass(slots=True)
class _Binding:
    inside: HostPort
    external_port: int
    last_used_s: float
    filter_keys: set[HostPort | None] = field(default_factory=set)


class NatTable:
    """The bindings of one box; pure, asked with the instant of each packet."""

    def __init__(self, behaviour: NatBehaviour) -> None:
        self.behaviour = behaviour
        self._by_inside: dict[tuple[HostPort, HostPort | None], _Binding] = {}
        self._by_port: dict[int, _Binding] = {}
        self._given_out = 0

    def outward(self, inside: HostPort, remote: HostPort, *, now_s: float) -> int:
        """Returns the external port that ``remote`` sees; makes or refreshes the binding."""
        key = (inside, self.behaviour.mapping.key(remote))
        binding = self._by_inside.get(key)
        if binding is None or not self._is_live(binding, now_s):
            if binding is not None:
                self._by_port.pop(binding.external_port, None)
            binding = _Binding(inside, self._next_port(), now_s)
            self._by_inside[key] = binding
            self._by_port[binding.external_port] = binding
        binding.last_used_s = now_s
        binding.filter_keys.add(self.behaviour.filtering.key(remote))
        return binding.external_port

    def inward(self, port: int, remote: HostPort, *, now_s: float) -> HostPort | None:
        """Returns who inside gets a packet from ``remote``; None: it is filtered."""
        binding = self._by_port.get(port)
        if binding is None or not self._is_live(binding, now_s):
            return None
        if self.behaviour.filtering.key(remote) not in binding.filter_keys:
            return None
        return binding.inside

    def forget(self) -> None:
        """The box restarts: every binding is gone, and new ones get other ports."""
        self._by_inside.clear()
        self._by_port.clear()

    def _is_live(self, binding: _Binding, now_s: float) -> bool:
        return now_s - binding.last_used_s < self.behaviour.binding_timeout_s

    def _next_port(self) -> int:
        for _ in range(EXTERNAL_PORTS_MAX):
            port = FIRST_EXTERNAL_PORT + self._given_out % EXTERNAL_PORTS_MAX
            self._given_out += 1
            if port not in self._by_port:
                return port
        raise RuntimeError("the NAT box has no port left")
