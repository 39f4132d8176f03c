"""OPTIONS to every address of every SBC that wants them; what fell silent is demoted (SPEC 2.5)."""

from dataclasses import dataclass, field

import structlog

from callwright.domains.pstn.model import Sbc
from callwright.kernel.clock import Clock, Timer
from callwright.kernel.ids import SbcId
from callwright.kernel.limits.trunks import OPTIONS_HEALTHY_S, OPTIONS_INTERVAL_S
from callwright.routing.snapshot import Snapshot
from callwright.runtime.locations import Locations
from callwright.runtime.surroundings import Surroundings
from callwright.runtime.trunk_logins import TrunkKeyrings
from callwright.sip.endpoint import Endpoint
from callwright.sip.location import Target
from callwright.sip.message import Response

log = structlog.get_logger("callwright.gateways")

FIRST_ASK_S = 0.5
UNWELL = frozenset({408, 503})
"""An SBC that answers so is there and cannot take calls."""


@dataclass(slots=True)
class _Watch:
    sbc: Sbc
    began_at_s: float
    well_s: dict[Target, float] = field(default_factory=dict)
    """By address: clock time of its last good answer; at first when we began to ask."""
    demoted: set[Target] = field(default_factory=set)
    timer: Timer | None = None
    is_demoted: bool = False

    @property
    def last_well_s(self) -> float:
        """Of the best address: one that answers is enough."""
        return max(self.well_s.values(), default=self.began_at_s)


class GatewayHealth:
    """Owns the timers of all SBCs. An SBC without ``send_options`` counts as healthy."""

    def __init__(
        self,
        around: Surroundings,
        endpoint: Endpoint,
        locations: Locations,
        keyrings: TrunkKeyrings,
    ) -> None:
        self._clock: Clock = around.clock
        self._flow_to = around.flow_to
        self._endpoint = endpoint
        self._locations = locations
        self._keyrings = keyrings
        self._watches: dict[SbcId, _Watch] = {}

    def follow(self, snapshot: Snapshot) -> None:
        """Asks the SBCs of this snapshot from now on."""
        wanted = {sbc.id: sbc for sbc in snapshot.sbcs.values() if sbc.send_options}
        for sbc_id in tuple(self._watches):
            if wanted.get(sbc_id) != self._watches[sbc_id].sbc:
                self._stop(sbc_id)
        for sbc in wanted.values():
            if sbc.id not in self._watches:
                watch = _Watch(sbc, self._clock.monotonic())
                self._watches[sbc.id] = watch
                self._ask_later(watch, FIRST_ASK_S)

    def unhealthy(self) -> frozenset[SbcId]:
        """SBCs of which no address gave a good answer for three intervals."""
        limit_s = self._clock.monotonic() - OPTIONS_HEALTHY_S
        return frozenset(w.sbc.id for w in self._watches.values() if w.last_well_s < limit_s)

    def healthy_first(self, sbc: SbcId, targets: list[Target]) -> list[Target]:
        """The order to try: addresses that fell silent come last (row 91)."""
        watch = self._watches.get(sbc)
        if watch is None or not watch.demoted:
            return targets
        return sorted(targets, key=lambda target: target in watch.demoted)

    def look(self) -> None:
        """Asks SBCs whose addresses have just become known, rather than at the next interval."""
        for watch in self._watches.values():
            is_new = not watch.well_s and self._locations.all_targets(watch.sbc)
            if is_new and watch.timer is not None:
                watch.timer.cancel()
                self._ask_later(watch, FIRST_ASK_S)

    def close(self) -> None:
        for sbc_id in tuple(self._watches):
            self._stop(sbc_id)

    def _stop(self, sbc_id: SbcId) -> None:
        timer = self._watches.pop(sbc_id).timer
        if timer is not None:
            timer.cancel()

    def _ask_later(self, watch: _Watch, delay_s: float) -> None:
        watch.timer = self._clock.call_later(delay_s, lambda: self._ask(watch))

    def _ask(self, watch: _Watch) -> None:
        self._ask_later(watch, OPTIONS_INTERVAL_S)
        now_s = self._clock.monotonic()
        targets = self._locations.all_targets(watch.sbc)
        watch.well_s = {target: watch.well_s.get(target, now_s) for target in targets}
        watch.demoted.intersection_update(targets)
        self._note_change(watch)
        for target in targets:
            self._ask_target(watch, target)

    def _ask_target(self, watch: _Watch, target: Target) -> None:
        flow = self._flow_to(target.transport, target.address, target.server_name)
        address = watch.sbc.address
        uri = f"sip:{address}" if address.port else f"sip:{address.host}"
        self._endpoint.request(
            method="OPTIONS",
            flow=flow,
            uri=uri,
            from_=f"<sip:{flow.local}>",
            to=f"<{uri}>",
            headers=(("Accept", "application/sdp"),),
            keyring=self._keyrings.of(watch.sbc),
            on_response=lambda response: self._answered(watch, target, response),
        )

    def _answered(self, watch: _Watch, target: Target, response: Response) -> None:
        if not response.is_local and response.status not in UNWELL and target in watch.well_s:
            watch.well_s[target] = self._clock.monotonic()
            self._note_change(watch)

    def _note_change(self, watch: _Watch) -> None:
        limit_s = self._clock.monotonic() - OPTIONS_HEALTHY_S
        watch.demoted = {target for target, well_s in watch.well_s.items() if well_s < limit_s}
        is_demoted = watch.last_well_s < limit_s
        if is_demoted != watch.is_demoted:
            watch.is_demoted = is_demoted
            log.warning("gateway demoted" if is_demoted else "gateway is back", sbc=watch.sbc.id)
