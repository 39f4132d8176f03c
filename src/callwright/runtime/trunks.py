"""Everything that the node knows of its SBCs while it runs: where, whether, and how many calls."""

from collections.abc import Callable

import structlog

from callwright.domains.pstn.headers import translated
from callwright.domains.pstn.model import Sbc
from callwright.kernel.ids import SbcId
from callwright.routing.request import Gateway
from callwright.routing.snapshot import Snapshot
from callwright.runtime.gateway_health import GatewayHealth
from callwright.runtime.locations import Locations
from callwright.runtime.presentation import trunk_contact
from callwright.runtime.surroundings import Surroundings
from callwright.runtime.trunk_limits import TrunkLimits
from callwright.runtime.trunk_logins import TrunkKeyrings
from callwright.runtime.trunk_registration import TrunkRegistrations
from callwright.sip.endpoint import Endpoint
from callwright.sip.flow import Flow
from callwright.sip.identity.numbers import line_of, number_of
from callwright.sip.location import Target
from callwright.sip.message import Request
from callwright.sip.uri import UriError

log = structlog.get_logger("callwright.trunks")


class Trunks:
    def __init__(
        self, around: Surroundings, endpoint: Endpoint, *, live_calls: Callable[[SbcId], int]
    ) -> None:
        """``live_calls(sbc)``: legs of the SBC, in both directions."""
        self.keyrings = TrunkKeyrings(around.new_token)
        self.locations = Locations(around, self._moved)
        self.limits = TrunkLimits(around.clock, live_calls)
        self._health = GatewayHealth(around, endpoint, self.locations, self.keyrings)
        self._registrations = TrunkRegistrations(
            around, endpoint, self.locations, self.keyrings, _alarm
        )

    @property
    def leaving_count(self) -> int:
        """Registrations that are being given back."""
        return self._registrations.leaving_count

    @property
    def unregistered_count(self) -> int:
        return len(self._registrations.unregistered())

    def follow(self, snapshot: Snapshot) -> None:
        self.keyrings.follow(snapshot)
        self.locations.follow(snapshot)
        self._health.follow(snapshot)
        self._registrations.follow(snapshot)

    def leave(self) -> None:
        """Gives our registrations back and asks nobody for signs of life any more. Where the SBCs
        are stays known until ``close``: a stopping node still calls for help."""
        self._registrations.close()
        self._health.close()

    def close(self) -> None:
        self.locations.close()

    def unhealthy(self) -> frozenset[SbcId]:
        """SBCs that calls try last: silent, not registered, or at rest by their own wish."""
        unhealthy = self._health.unhealthy()
        if self._registrations.wanted_count:
            unhealthy |= self._registrations.unregistered()
        return unhealthy | self.locations.resting_sbcs()

    def flow_failed(self, flow: Flow) -> None:
        """The connection is gone."""
        self._registrations.flow_failed(flow)

    def ways(self, sbc: Sbc) -> list[Target]:
        return self._health.healthy_first(sbc.id, self.locations.targets(sbc))

    def _moved(self) -> None:
        self._health.look()
        self._registrations.look()


def own_contact(sbc: Sbc) -> str | None:
    """A carrier that we register with knows us by the Contact it was told."""
    return None if sbc.registration is None else sbc.registration.contact_user


def outbound_headers(
    sbc: Sbc, gateway: Gateway, headers: list[tuple[str, str]], call_id: str
) -> list[tuple[str, str]]:
    """The fields of an INVITE by the SBC's rules; a caller that From hides stays hidden."""
    words = {"calling": trunk_contact(gateway), "called": gateway.called, "call_id": call_id}
    return translated(sbc.outbound_headers, headers, words)


def read_by_rules(sbc: Sbc, request: Request) -> None:
    """Makes the carrier's INVITE say what the SBC's rules make of it, before anybody reads it."""
    if not sbc.inbound_headers:
        return
    try:
        called = number_of(request.parsed_uri)
    except UriError:
        called = ""
    words = {
        "calling": number_of(request.from_.uri),
        "called": called,
        "call_id": request.call_id,
    }
    request.rewrite_headers(translated(sbc.inbound_headers, request.headers, words))


def dialled_by_registration(sbc: Sbc, dialled: str, request: Request) -> str:
    """A carrier that we register with calls our Contact, and names the number in To."""
    wanted = sbc.registration
    if wanted is None or dialled != wanted.contact_user:
        return dialled
    named = line_of(request.to.uri)
    return named if named and named != wanted.user else dialled


def _alarm(sbc: SbcId, status: int) -> None:
    log.error("the carrier refuses our registration", sbc=sbc, status=status)
