"""Phones and gateways as legs that ring (``apps.services.Reach``)."""

from callwright.apps.services import Caller
from callwright.calls.leg import Leg, Party
from callwright.calls.media_leg import MediaRoom
from callwright.calls.ports import PortsExhausted
from callwright.calls.sip_leg import CODECS, SipLeg
from callwright.domains.directory.rules import shown_address
from callwright.kernel.clock import Clock
from callwright.kernel.ids import UserId
from callwright.routing.identify import ANONYMOUS
from callwright.routing.request import Gateway
from callwright.routing.snapshot import Snapshot
from callwright.runtime.surroundings import Surroundings
from callwright.sip.endpoint import Endpoint
from callwright.sip.registrar import Binding, Registrar
from callwright.sip.uri import NameAddr, Uri

ANONYMOUS_HOST = "anonymous.invalid"
"""RFC 3323 §4.1.1.3."""


class PhoneReach:
    """Sends INVITEs to where phones registered and to gateways."""

    def __init__(
        self, around: Surroundings, endpoint: Endpoint, registrar: Registrar, room: MediaRoom
    ) -> None:
        self._clock: Clock = around.clock
        self._flow_to = around.flow_to
        self._endpoint = endpoint
        self._registrar = registrar
        self._room = room

    def has_phone(self, user: UserId) -> bool:
        return bool(self.bindings(user))

    def bindings(self, user: UserId) -> tuple[Binding, ...]:
        return self._registrar.bindings(user, now_s=self._clock.monotonic())

    def user_legs(self, snapshot: Snapshot, user: UserId, caller: Caller) -> list[Leg]:
        """With too few ports for all phones those ring that got one; raises PortsExhausted when
        none did."""
        legs: list[Leg] = []
        for binding in self.bindings(user):
            try:
                legs.append(self._phone_leg(snapshot, user, binding, caller))
            except PortsExhausted:
                if not legs:
                    raise
        return legs

    def gateway_leg(self, snapshot: Snapshot, gateway: Gateway, caller: Caller) -> Leg:
        sbc = snapshot.sbcs[gateway.sbc]
        flow = self._flow_to(sbc.transport, sbc.address)
        far, near = sbc.address.host, flow.local.host
        parameters = (("user", "phone"),)
        uri = Uri("sip", gateway.called, host=far, port=sbc.address.port, parameters=parameters)
        headers = [_hops(caller)]
        if gateway.asserted is not None:
            asserted = Uri("sip", gateway.asserted, host=near, parameters=parameters)
            headers.append(("P-Asserted-Identity", f"<{asserted}>"))
        leg = SipLeg(Party(gateway.called, gateway=sbc.id), self._room, near)
        leg.is_emergency = caller.is_emergency
        leg.attach(
            self._endpoint.invite(
                flow=flow,
                uri=str(uri),
                from_=_from(gateway.calling, caller.name, near),
                to=f"<{Uri('sip', gateway.called, host=far, parameters=parameters)}>",
                contact_user=gateway.calling,
                body=leg.first_offer(_known(caller.codecs)),
                headers=headers,
                listener=leg,
            )
        )
        return leg

    def _phone_leg(self, snapshot: Snapshot, user: UserId, binding: Binding, caller: Caller) -> Leg:
        person = snapshot.users[user]
        party = Party(shown_address(person), person.name, user=user)
        leg = SipLeg(party, self._room, binding.flow.local.host)
        leg.attach(
            self._endpoint.invite(
                flow=binding.flow,
                uri=str(binding.contact),
                from_=_from(caller.address, caller.name, snapshot.domain),
                to=f"<{Uri('sip', user, host=snapshot.domain)}>",
                contact_user=caller.address,
                body=leg.first_offer(_known(caller.codecs)),
                route=binding.path,
                headers=(_hops(caller),),
                listener=leg,
            )
        )
        return leg


def _hops(caller: Caller) -> tuple[str, str]:
    """A call that comes back to us through a carrier has fewer left each time."""
    return ("Max-Forwards", str(caller.hops_left))


def _from(address: str, name: str | None, host: str) -> str:
    if address == ANONYMOUS:
        return str(NameAddr("Anonymous", Uri("sip", ANONYMOUS, host=ANONYMOUS_HOST)))
    return str(NameAddr(name or "", Uri("sip", address, host=host)))


def _known(codecs: tuple[str, ...]) -> tuple[str, ...]:
    """The caller's codecs that we speak, first; then our others, for the engine can transcode."""
    shared = tuple(name for name in codecs if name in CODECS)
    return (*shared, *(name for name in CODECS if name not in shared))
