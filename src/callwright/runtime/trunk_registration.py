"""Our registrations with carriers (RFC 3261 §10.2): kept alive, and given back when we stop."""

from collections.abc import Callable
from dataclasses import dataclass, field
from zlib import crc32

import structlog

from callwright.domains.pstn.model import Sbc, TrunkRegistration
from callwright.kernel.clock import Clock, Timer
from callwright.kernel.ids import SbcId
from callwright.kernel.limits.trunks import (
    TRUNK_EXPIRES_S_RANGE,
    TRUNK_KEEP_ALIVE_S,
    TRUNK_RECONNECT_S,
    TRUNK_RETRY_S_MAX,
    TRUNK_RETRY_S_MIN,
)
from callwright.routing.snapshot import Snapshot
from callwright.runtime.locations import Locations
from callwright.runtime.surroundings import Surroundings
from callwright.runtime.trunk_logins import TrunkKeyrings
from callwright.sip.dialog import contact_text
from callwright.sip.endpoint import Endpoint
from callwright.sip.flow import Flow
from callwright.sip.framing import KEEP_ALIVE
from callwright.sip.location import Target
from callwright.sip.message import Response, parse_seconds
from callwright.sip.uri import Uri

log = structlog.get_logger("callwright.trunks")

FIRST_S = 0.2
"""After a start, so that names are resolved by then."""
UNRESOLVED_S = 5.0
REFRESH_SHARE = 0.9
LAST_CHANCE_S = 32.0
"""A refresh begins so long before the end that a silent registrar leaves time for another one."""
DATAGRAM_KEEP_ALIVE = b"\r\n"
"""Over UDP no answer is wanted, and STUN (RFC 5626 §3.5.2) is for those who offer it."""
REFUSED_FOR_GOOD = frozenset({401, 403, 404, 407})
"""The login is wrong or locked: to go on as fast as after a silence would keep it locked."""


@dataclass(slots=True)
class _Registered:
    """One trunk's registration, wanted or given back."""

    sbc: Sbc
    wanted: TrunkRegistration
    call_id: str
    expires_s: int
    cseq: int = 0
    failures: int = 0
    until_s: float = 0.0
    """Clock time until which the registrar knows us."""
    status: int = 0
    """Of the last answer."""
    timer: Timer | None = None
    is_over: bool = False
    awaits_address: bool = False
    tried: set[str] = field(default_factory=set)
    """Addresses that failed since the last success."""
    flow: Flow | None = None
    """The way that the last REGISTER went, and requests to us come back."""
    since_s: float = 0.0
    """Clock time of the last success."""
    breaks: int = 0
    """Connections that broke soon after we had registered over them, one after another."""
    keep_alive: Timer | None = None


class TrunkRegistrations:
    """Owns the timers; one REGISTER at a time for each trunk."""

    def __init__(
        self,
        around: Surroundings,
        endpoint: Endpoint,
        locations: Locations,
        keyrings: TrunkKeyrings,
        alarm: Callable[[SbcId, int], None],
    ) -> None:
        """``alarm(sbc, status)``: the carrier does not let us register."""
        self._clock: Clock = around.clock
        self._flow_to = around.flow_to
        self._transmit = around.transmit
        self._new_token = around.new_token
        self._endpoint = endpoint
        self._locations = locations
        self._keyrings = keyrings
        self._alarm = alarm
        self._registered: dict[SbcId, _Registered] = {}
        self._leaving = 0

    @property
    def leaving_count(self) -> int:
        """Registrations that are being given back."""
        return self._leaving

    @property
    def wanted_count(self) -> int:
        return len(self._registered)

    def follow(self, snapshot: Snapshot) -> None:
        """Registers the trunks of this snapshot from now on, and gives others back."""
        wanted = {sbc.id: sbc for sbc in snapshot.sbcs.values() if sbc.registration is not None}
        for sbc_id, known in tuple(self._registered.items()):
            if not _is_same(known.sbc, wanted.get(sbc_id)):
                self._leave(self._registered.pop(sbc_id))
        for sbc in wanted.values():
            if sbc.registration is not None and sbc.id not in self._registered:
                entry = _Registered(
                    sbc, sbc.registration, self._new_token(), sbc.registration.expires_s
                )
                self._registered[sbc.id] = entry
                self._later(entry, FIRST_S)

    def look(self) -> None:
        """Registers with those whose address has just become known."""
        for entry in self._registered.values():
            if entry.awaits_address and entry.timer is not None:
                entry.timer.cancel()
                self._later(entry, FIRST_S)

    def unregistered(self) -> frozenset[SbcId]:
        """Trunks that should be registered and are not."""
        now_s = self._clock.monotonic()
        return frozenset(e.sbc.id for e in self._registered.values() if e.until_s <= now_s)

    def flow_failed(self, flow: Flow) -> None:
        """Registers again where the connection is gone: no request of the carrier's finds another
        way to us (RFC 5626 §4.5)."""
        now_s = self._clock.monotonic()
        for entry in self._registered.values():
            if entry.flow != flow or entry.until_s <= now_s:
                continue  # a REGISTER that is under way there fails by itself
            entry.until_s = now_s
            if entry.timer is not None:
                entry.timer.cancel()
                self._reconnect(entry, now_s)

    def close(self) -> None:
        for entry in self._registered.values():
            self._leave(entry)
        self._registered.clear()

    # -- inside ------------------------------------------------------------------------------------

    def _later(self, entry: _Registered, delay_s: float) -> None:
        if not entry.is_over:
            entry.timer = self._clock.call_later(delay_s, lambda: self._register(entry))

    def _register(self, entry: _Registered) -> None:
        entry.timer = None
        target = self._target(entry)
        if target is None:
            entry.awaits_address = True
            self._later(entry, UNRESOLVED_S)
            return
        entry.awaits_address = False
        flow = self._flow_to(target.transport, target.address, target.server_name)
        entry.flow = flow
        self._send(entry, flow, entry.expires_s, lambda answer: self._take(entry, target, answer))

    def _reconnect(self, entry: _Registered, now_s: float) -> None:
        """Soon, not all at once; and ever later with a peer that takes and breaks connections."""
        has_held = now_s - entry.since_s >= TRUNK_KEEP_ALIVE_S
        entry.breaks = 0 if has_held else entry.breaks + 1
        delay_s = TRUNK_RECONNECT_S * self._jitter()
        if entry.breaks:
            delay_s = self._backoff_s(entry.breaks)
        log.warning("the connection to a registrar broke", sbc=entry.sbc.id, retry_s=round(delay_s))
        self._later(entry, delay_s)

    def _target(self, entry: _Registered) -> Target | None:
        """The first address that did not fail since all did."""
        targets = self._locations.registrars(entry.sbc)
        for target in targets:
            if str(target) not in entry.tried:
                return target
        return targets[0] if targets else None

    def _send(
        self,
        entry: _Registered,
        flow: Flow,
        expires_s: int,
        on_response: Callable[[Response], None],
    ) -> None:
        wanted = entry.wanted
        entry.cseq += 1
        us = f"<{Uri('sip', wanted.user, host=wanted.registrar.host)}>"
        port = wanted.registrar.port or None
        self._endpoint.request(
            method="REGISTER",
            flow=flow,
            uri=str(Uri("sip", host=wanted.registrar.host, port=port)),
            from_=us,
            to=us,
            headers=(
                ("Contact", contact_text(flow, wanted.contact_user)),
                ("Expires", str(expires_s)),
            ),
            call_id=entry.call_id,
            cseq=entry.cseq,
            keyring=self._keyrings.of(entry.sbc),
            on_response=on_response,
        )

    def _take(self, entry: _Registered, target: Target, response: Response) -> None:
        if entry.is_over:
            return
        entry.status = response.status
        entry.cseq = max(entry.cseq, response.cseq[0])
        if response.status < 300:
            self._succeed(entry, target, response)
        elif response.status == 423 and self._lengthen(entry, response):
            self._register(entry)
        else:
            self._fail(entry, target, response)

    def _succeed(self, entry: _Registered, target: Target, response: Response) -> None:
        was_registered = entry.until_s > self._clock.monotonic()
        granted_s = _granted_s(response, entry.wanted.contact_user, entry.expires_s)
        entry.failures = 0
        entry.tried.clear()
        entry.since_s = self._clock.monotonic()
        entry.until_s = entry.since_s + granted_s
        self._keep_alive_later(entry)
        self._later(entry, max(min(granted_s * REFRESH_SHARE, granted_s - LAST_CHANCE_S), 15.0))
        if not was_registered:
            log.info("trunk registered", sbc=entry.sbc.id, at=str(target), expires_s=granted_s)

    def _keep_alive_later(self, entry: _Registered) -> None:
        """RFC 5626 §4.4.1: after 80 to 100 % of the time, so that not all come at once."""
        if entry.keep_alive is not None:
            entry.keep_alive.cancel()
        delay_s = TRUNK_KEEP_ALIVE_S * (0.6 + 0.4 * self._jitter())
        entry.keep_alive = self._clock.call_later(delay_s, lambda: self._keep_alive(entry))

    def _keep_alive(self, entry: _Registered) -> None:
        entry.keep_alive = None
        if entry.is_over or entry.flow is None or entry.until_s <= self._clock.monotonic():
            return
        self._transmit(entry.flow, KEEP_ALIVE if entry.flow.is_reliable else DATAGRAM_KEEP_ALIVE)
        self._keep_alive_later(entry)

    def _lengthen(self, entry: _Registered, response: Response) -> bool:
        """423: the registrar wants longer registrations (RFC 3261 §10.2.8)."""
        least_s = parse_seconds(response.header("Min-Expires") or "") or 0
        if not entry.expires_s < least_s <= TRUNK_EXPIRES_S_RANGE[1]:
            return False
        entry.expires_s = least_s
        return True

    def _fail(self, entry: _Registered, target: Target, response: Response) -> None:
        """Another address at once where one was silent or overloaded; else after a while."""
        is_elsewhere = response.is_local or response.status == 503
        if is_elsewhere:
            entry.tried.add(str(target))
            rest = self._locations.registrars(entry.sbc)
            if any(str(other) not in entry.tried for other in rest):
                self._register(entry)
                return
        entry.tried.clear()
        entry.failures += 1
        delay_s = self._backoff_s(entry.failures)
        if response.status in REFUSED_FOR_GOOD and not response.is_local:
            delay_s = TRUNK_RETRY_S_MAX * self._jitter()
        asked_s = parse_seconds((response.header("Retry-After") or "").partition(";")[0].strip())
        if asked_s is not None:
            delay_s = max(delay_s, min(float(asked_s), TRUNK_RETRY_S_MAX))
        log.warning(
            "trunk not registered",
            sbc=entry.sbc.id,
            at=str(target),
            status=response.status,
            is_silent=response.is_local,
            retry_s=round(delay_s),
        )
        if entry.failures == 1:
            self._alarm(entry.sbc.id, response.status)
        self._later(entry, delay_s)

    def _backoff_s(self, failures: int) -> float:
        """30 s, doubled to half an hour, each time between half and all of it by luck."""
        longest_s = min(TRUNK_RETRY_S_MIN * 2.0 ** min(failures - 1, 10), TRUNK_RETRY_S_MAX)
        return max(longest_s * self._jitter(), TRUNK_RETRY_S_MIN)

    def _jitter(self) -> float:
        return 0.5 + crc32(self._new_token().encode()) / 2**33

    def _leave(self, entry: _Registered) -> None:
        """Takes our Contact back, where it is known: calls would come to nobody."""
        entry.is_over = True
        for timer in (entry.timer, entry.keep_alive):
            if timer is not None:
                timer.cancel()
        if entry.flow is None or entry.until_s <= self._clock.monotonic():
            return
        self._leaving += 1
        self._send(entry, entry.flow, 0, self._left)

    def _left(self, response: Response) -> None:
        self._leaving -= 1


def _is_same(known: Sbc, wanted: Sbc | None) -> bool:
    return wanted is not None and (
        (known.registration, known.credentials, known.address, known.transport)
        == (wanted.registration, wanted.credentials, wanted.address, wanted.transport)
    )


def _granted_s(response: Response, contact_user: str, asked_s: int) -> float:
    """What the registrar says of our Contact, else of all (RFC 3261 §10.2.4)."""
    for contact in response.contacts:
        if contact.uri.user == contact_user:
            granted = parse_seconds(contact.parameter("expires") or "")
            if granted:
                return float(granted)
    return float(response.expires or asked_s)
