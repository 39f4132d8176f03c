"""Phones and gateways as legs that ring (``apps.services.Reach``)."""

from callwright.apps.services import Caller
from callwright.calls.leg import DialogName, Leg, Party
from callwright.calls.media_leg import MediaRoom
from callwright.calls.ports import PortsExhausted
from callwright.calls.sip_audio import CODECS
from callwright.calls.sip_leg import SipLeg
from callwright.domains.directory.rules import shown_address
from callwright.kernel.clock import Clock
from callwright.kernel.ids import UserId
from callwright.routing.request import Gateway
from callwright.routing.snapshot import Snapshot
from callwright.runtime.attestation import Attestor
from callwright.runtime.presentation import (
    phone_headers,
    shown_from,
    trunk_contact,
    trunk_from,
    trunk_headers,
)
from callwright.runtime.surroundings import Surroundings
from callwright.sip.endpoint import Endpoint
from callwright.sip.identity.session_id import SessionIds, new_uuid
from callwright.sip.registrar import Binding, Registrar
from callwright.sip.uri import Uri


class PhoneReach:
    """Sends INVITEs to where phones registered and to gateways."""

    def __init__(
        self,
        around: Surroundings,
        endpoint: Endpoint,
        registrar: Registrar,
        room: MediaRoom,
        attestor: Attestor,
    ) -> None:
        self._clock: Clock = around.clock
        self._new_token = around.new_token
        self._flow_to = around.flow_to
        self._endpoint = endpoint
        self._registrar = registrar
        self._room = room
        self._attestor = attestor

    def has_phone(self, user: UserId) -> bool:
        return bool(self.bindings(user))

    def bindings(self, user: UserId) -> tuple[Binding, ...]:
        return self._registrar.bindings(user, now_s=self._clock.monotonic())

    def leg_of(self, dialog: DialogName) -> Leg | None:
        session = self._endpoint.find_session(dialog.call_id, dialog.local_tag, dialog.remote_tag)
        listener = None if session is None else session.listener
        return listener if isinstance(listener, SipLeg) else None

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
        headers = trunk_headers(sbc, gateway, caller, near)
        if gateway.claim is not None:
            headers += self._attestor.sign(gateway.claim)
        leg = SipLeg(Party(gateway.called, gateway=sbc.id), self._room, near)
        leg.is_emergency = caller.is_emergency
        leg.obeys_early_media = sbc.trusted
        ids = self._name(leg, caller)
        leg.attach(
            self._endpoint.invite(
                flow=flow,
                uri=str(uri),
                from_=trunk_from(gateway, near),
                to=f"<{Uri('sip', gateway.called, host=far, parameters=parameters)}>",
                contact_user=trunk_contact(gateway),
                body=leg.first_offer(_known(caller.codecs)),
                headers=(*headers, ids.header),
                listener=leg,
            )
        )
        leg.session.ids = ids
        return leg

    def _phone_leg(self, snapshot: Snapshot, user: UserId, binding: Binding, caller: Caller) -> Leg:
        person = snapshot.users[user]
        shown = shown_from(caller.address, caller.name, snapshot.domain)
        verification = snapshot.verification
        headers = phone_headers(
            caller,
            shown,
            snapshot.domain,
            show_verstat=verification is not None and verification.show_verstat,
        )
        party = Party(shown_address(person), person.name, user=user)
        leg = SipLeg(party, self._room, binding.flow.local.host)
        ids = self._name(leg, caller)
        leg.attach(
            self._endpoint.invite(
                flow=binding.flow,
                uri=str(binding.contact),
                from_=shown,
                to=f"<{Uri('sip', user, host=snapshot.domain)}>",
                contact_user=caller.address,
                body=leg.first_offer(_known(caller.codecs)),
                route=binding.path,
                headers=(*headers, ids.header),
                listener=leg,
            )
        )
        leg.session.ids = ids
        return leg

    def _name(self, leg: SipLeg, caller: Caller) -> SessionIds:
        """The called party hears the caller's name in the conversation (RFC 7989 §7)."""
        ids = SessionIds(caller.uuid or new_uuid(self._new_token()))
        leg.names = ids
        return ids


def _known(codecs: tuple[str, ...]) -> tuple[str, ...]:
    """The caller's codecs that we speak, first; then our others, for the engine can transcode."""
    shared = tuple(name for name in codecs if name in CODECS)
    return (*shared, *(name for name in CODECS if name not in shared))
