"""Where each SBC and registrar is now (RFC 3263): resolved in the background, read without waiting.

Calls are set up without a pause for the DNS, so every name of the configuration is kept resolved;
when a look-up fails, what was known last holds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from zlib import crc32

import structlog

from callwright.domains.pstn.model import Sbc
from callwright.kernel.addresses import HostPort
from callwright.kernel.clock import Clock, Timer
from callwright.kernel.ids import SbcId
from callwright.kernel.limits.destinations import (
    LOCATION_RETRY_S,
    LOCATION_TRIES_MAX,
    TARGET_REST_S_MAX,
)
from callwright.routing.snapshot import Snapshot
from callwright.runtime.resolver import LookupFailed, find
from callwright.runtime.surroundings import Surroundings
from callwright.sip.flow import Flow
from callwright.sip.location import Location, Target, Wish, in_order, locate

log = structlog.get_logger("callwright.locations")

TRANSPORTS = ("udp", "tcp", "tls")


@dataclass(slots=True)
class _Place:
    wish: Wish
    location: Location = ()
    timer: Timer | None = None
    is_lost: bool = False
    """The last look-up failed."""


class Locations:
    """Owns the look-ups and what they found. ``changed()`` is called when a location moved."""

    def __init__(self, around: Surroundings, changed: Callable[[], None]) -> None:
        self._clock: Clock = around.clock
        self._tasks = around.tasks
        self._resolver = around.resolver
        self._new_token = around.new_token
        self._changed = changed
        self._places: dict[Wish, _Place] = {}
        self._sbcs: dict[SbcId, Sbc] = {}
        self._elsewhere: list[tuple[Sbc, Wish]] = []
        """Where calls of an SBC may come from, besides the address that it is written with."""
        self._resting: dict[tuple[str, HostPort], float] = {}
        """Until when an address is tried last."""

    def follow(self, snapshot: Snapshot) -> None:
        """Keeps the names of this snapshot resolved from now on."""
        self._sbcs = dict(snapshot.sbcs)
        self._elsewhere = [(sbc, wish) for sbc in snapshot.sbcs.values() for wish in _names(sbc)]
        wanted: dict[Wish, None] = {}
        for sbc in snapshot.sbcs.values():
            wanted[sbc_wish(sbc)] = None
            if sbc.registration is not None:
                wanted[registrar_wish(sbc)] = None
        for wish in tuple(self._places):
            if wish not in wanted:
                self._forget(self._places.pop(wish))
        for wish in wanted:
            if wish not in self._places:
                place = self._places[wish] = _Place(wish)
                if wish.is_numeric:
                    place.location = _numeric(wish)
                else:
                    self._look(place)

    def targets(self, sbc: Sbc) -> list[Target]:
        """Where to send a call of this SBC, in the order to try; nothing: its name is unknown."""
        return self._usable(sbc_wish(sbc))

    def all_targets(self, sbc: Sbc) -> Location:
        """Every address of the SBC, the resting ones, too, always in the same order."""
        place = self._places.get(sbc_wish(sbc))
        return () if place is None else place.location

    def registrars(self, sbc: Sbc) -> list[Target]:
        """Where to register with the SBC's carrier, in the order to try."""
        return self._usable(registrar_wish(sbc))

    def rest(self, target: Target, for_s: float) -> None:
        """Tries this address last for a while: it said so (503), or was silent."""
        now_s = self._clock.monotonic()
        self._resting = {key: until_s for key, until_s in self._resting.items() if until_s > now_s}
        key = (target.transport, target.address)
        self._resting[key] = now_s + min(max(for_s, 0.0), TARGET_REST_S_MAX)

    def resting_sbcs(self) -> frozenset[SbcId]:
        """SBCs of which every address rests."""
        if not self._resting:
            return frozenset()
        return frozenset(sbc.id for sbc in self._sbcs.values() if self._all_rest(sbc))

    def sbc_at(self, flow: Flow) -> SbcId | None:
        """The SBC with a name, or the carrier registered with, that sends from this address.

        Over UDP from the port that the DNS or the file names, unless any port is the SBC's; a
        connection has a port of its own. SBCs that are written as addresses are not looked for.
        """
        remote = flow.remote
        for sbc, wish in self._elsewhere:
            place = self._places.get(wish)
            if place is not None and _is_from(place, sbc, flow, remote):
                return sbc.id
        return None

    def close(self) -> None:
        for place in self._places.values():
            self._forget(place)
        self._places.clear()

    # -- inside ------------------------------------------------------------------------------------

    def _all_rest(self, sbc: Sbc) -> bool:
        now_s = self._clock.monotonic()
        location = self.all_targets(sbc)
        return bool(location) and all(
            self._resting.get((target.transport, target.address), 0.0) > now_s
            for target in location
        )

    def _usable(self, wish: Wish) -> list[Target]:
        place = self._places.get(wish)
        if place is None:
            return []
        order = in_order(place.location, self._chance)
        if self._resting and len(order) > 1:
            now_s = self._clock.monotonic()
            resting = self._resting
            order.sort(key=lambda t: resting.get((t.transport, t.address), 0.0) > now_s)
        return order[:LOCATION_TRIES_MAX]

    def _look(self, place: _Place) -> None:
        place.timer = None
        self._tasks.spawn(self._find(place), f"look-up of {place.wish.host}")

    async def _find(self, place: _Place) -> None:
        wish = place.wish
        try:
            located = await find(self._resolver, wish, TRANSPORTS)
        except LookupFailed as error:
            self._note_lost(place, str(error))
            self._look_later(place, LOCATION_RETRY_S)
            return
        if not located.location:
            self._note_lost(place, "the name has no address")
            self._look_later(place, LOCATION_RETRY_S)
            return
        if place.is_lost:
            log.info("a name is found again", name=wish.host)
        place.is_lost = False
        if place.location != located.location:
            place.location = located.location
            log.info("a name is found", name=wish.host, targets=[str(t) for t in place.location])
            self._changed()
        self._look_later(place, located.ttl_s)

    def _note_lost(self, place: _Place, why: str) -> None:
        if not place.is_lost:
            kept = [str(target) for target in place.location]
            log.warning("a name is not found", name=place.wish.host, why=why, kept=kept)
        place.is_lost = True

    def _look_later(self, place: _Place, delay_s: float) -> None:
        if self._places.get(place.wish) is place:
            place.timer = self._clock.call_later(delay_s, lambda: self._look(place))

    def _forget(self, place: _Place) -> None:
        if place.timer is not None:
            place.timer.cancel()

    def _chance(self) -> float:
        return crc32(self._new_token().encode()) / 2**32


def sbc_wish(sbc: Sbc) -> Wish:
    return Wish(sbc.address.host, sbc.address.port, sbc.transport)


def registrar_wish(sbc: Sbc) -> Wish:
    """Over the SBC's transport; a registrar of another name may choose its own."""
    assert sbc.registration is not None
    host, port = sbc.registration.registrar
    return Wish(host, port, sbc.transport)


def _names(sbc: Sbc) -> list[Wish]:
    """What has to be looked up to know the SBC again: nothing for one that is an address."""
    wishes = [sbc_wish(sbc)]
    if sbc.registration is not None:
        wishes.append(registrar_wish(sbc))
    return [w for w in wishes if not w.is_numeric or (w.host, w.port) != sbc.address]


def _numeric(wish: Wish) -> Location:
    """An address needs no question."""
    try:
        next(locate(wish))
    except StopIteration as end:
        location: Location = end.value
        return location
    raise ValueError(f"{wish.host} is a name")


def _is_from(place: _Place, sbc: Sbc, flow: Flow, remote: HostPort) -> bool:
    for target in place.location:
        if target.address.host != remote.host:
            continue
        # Without TLS anybody on the way could have written it; and a name is proven by a
        # certificate (`find_named_sbc`), not by an address that the DNS gives (RFC 5922).
        if target.transport == "tls" and not (flow.is_secure and place.wish.is_numeric):
            continue
        if sbc.match_any_port or flow.is_reliable or target.address.port == remote.port:
            return True
    return False
