"""OPTIONS to every SBC that wants them; one that fell silent is demoted (SPEC 2.5)."""

from dataclasses import dataclass

import structlog

from callwright.domains.pstn.model import Sbc
from callwright.kernel.clock import Clock, Timer
from callwright.kernel.ids import SbcId
from callwright.kernel.limits import OPTIONS_HEALTHY_S, OPTIONS_INTERVAL_S
from callwright.routing.snapshot import Snapshot
from callwright.runtime.surroundings import Surroundings
from callwright.sip.endpoint import Endpoint
from callwright.sip.message import Response

log = structlog.get_logger("callwright.gateways")

FIRST_ASK_S = 0.5
UNWELL = frozenset({408, 503})
"""An SBC that answers so is there and cannot take calls."""


@dataclass(slots=True)
class _Watch:
    sbc: Sbc
    last_well_s: float
    """Clock time of the last good answer; at first the time when we began to ask."""
    timer: Timer | None = None
    is_demoted: bool = False


class GatewayHealth:
    """Owns the timers of all SBCs. An SBC without ``send_options`` counts as healthy."""

    def __init__(self, around: Surroundings, endpoint: Endpoint) -> None:
        self._clock: Clock = around.clock
        self._flow_to = around.flow_to
        self._endpoint = endpoint
        self._watches: dict[SbcId, _Watch] = {}
        self._host = ""

    def follow(self, snapshot: Snapshot) -> None:
        """Asks the SBCs of this snapshot from now on."""
        self._host = snapshot.domain
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
        """SBCs without a good answer for three intervals."""
        limit_s = self._clock.monotonic() - OPTIONS_HEALTHY_S
        return frozenset(w.sbc.id for w in self._watches.values() if w.last_well_s < limit_s)

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
        self._note_change(watch)
        address = watch.sbc.address
        flow = self._flow_to(watch.sbc.transport, address)
        self._endpoint.request(
            method="OPTIONS",
            flow=flow,
            uri=f"sip:{address}",
            from_=f"<sip:{flow.local}>",
            to=f"<sip:{address}>",
            headers=(("Accept", "application/sdp"),),
            on_response=lambda response: self._answered(watch, response),
        )

    def _answered(self, watch: _Watch, response: Response) -> None:
        if not response.is_local and response.status not in UNWELL:
            watch.last_well_s = self._clock.monotonic()
            self._note_change(watch)

    def _note_change(self, watch: _Watch) -> None:
        is_demoted = watch.last_well_s < self._clock.monotonic() - OPTIONS_HEALTHY_S
        if is_demoted != watch.is_demoted:
            watch.is_demoted = is_demoted
            log.warning("gateway demoted" if is_demoted else "gateway is back", sbc=watch.sbc.id)
