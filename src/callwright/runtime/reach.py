"""Phones and gateways as legs that ring (``apps.services.Reach``)."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from callwright.apps.services import Caller, Way
from callwright.calls.leg import DialogName, Leg, Party
from callwright.calls.media_leg import MediaRoom
from callwright.calls.ports import PortsExhausted
from callwright.calls.sip_audio import CODECS
from callwright.calls.sip_leg import SipLeg
from callwright.domains.directory.rules import shown_address
from callwright.kernel.clock import Clock
from callwright.kernel.ids import SbcId, UserId
from callwright.routing.identify import ANONYMOUS
from callwright.routing.policies import caller_id_policy
from callwright.routing.request import Gateway
from callwright.routing.snapshot import Snapshot
from callwright.runtime.attestation import Attestor
from callwright.runtime.audio_policy import encryption_of, trunk_proposals
from callwright.runtime.offering_leg import OfferingLeg
from callwright.runtime.phone_leg import PhoneLeg
from callwright.runtime.presentation import (
    phone_headers,
    show_parties,
    shown_from,
    trunk_contact,
    trunk_from,
    trunk_headers,
)
from callwright.runtime.surroundings import Surroundings
from callwright.runtime.trunks import Trunks, outbound_headers, own_contact
from callwright.sip.endpoint import Endpoint
from callwright.sip.gruu import is_device
from callwright.sip.identity.session_id import SessionIds, new_uuid
from callwright.sip.location import Target
from callwright.sip.registrar import Binding, Registrar
from callwright.sip.session.session import InviteSession
from callwright.sip.uri import Uri

CODEC_ORDERS_KEPT_MAX = 256
"""Callers' favourites, most of which are one of a few."""


class PhoneReach:
    """Sends INVITEs to where phones registered and to gateways."""

    def __init__(
        self,
        around: Surroundings,
        endpoint: Endpoint,
        registrar: Registrar,
        room: MediaRoom,
        attestor: Attestor,
        trunks: Trunks,
    ) -> None:
        self._clock: Clock = around.clock
        self._new_token = around.new_token
        self._flow_to = around.flow_to
        self._endpoint = endpoint
        self._registrar = registrar
        self._store = around.registrations
        self._room = room
        self._attestor = attestor
        self._trunks = trunks

    def has_phone(self, user: UserId) -> bool:
        return bool(self._registrar.bindings(user, now_s=self._clock.monotonic()))

    def bindings(self, user: UserId) -> tuple[Binding, ...]:
        """One of each phone, over the flow to use."""
        phones = self._registrar.phones(user, now_s=self._clock.monotonic())
        return tuple([flows[0] for flows in phones])

    def leg_of(self, dialog: DialogName) -> Leg | None:
        session = self._endpoint.find_session(dialog.call_id, dialog.local_tag, dialog.remote_tag)
        listener = None if session is None else session.listener
        return listener if isinstance(listener, SipLeg) else None

    def user_legs(self, snapshot: Snapshot, user: UserId, caller: Caller) -> list[Leg]:
        """With too few ports for all phones those ring that got one; raises PortsExhausted when
        none did."""
        legs: list[Leg] = []
        for flows in self._registrar.phones(user, now_s=self._clock.monotonic()):
            if caller.device is not None and not is_device(flows[0], caller.device):
                continue
            try:
                legs.append(self._phone_leg(snapshot, user, flows, caller))
            except PortsExhausted:
                if not legs:
                    raise
        return legs

    def ways(self, snapshot: Snapshot, sbc: SbcId) -> Sequence[Target]:
        return self._trunks.ways(snapshot.sbcs[sbc])

    def bar(self, snapshot: Snapshot, sbc: SbcId) -> str | None:
        return self._trunks.limits.outbound_bar(snapshot.sbcs[sbc])

    def rest(self, way: Way, for_s: float) -> None:
        if isinstance(way, Target):
            self._trunks.locations.rest(way, for_s)

    def gateway_leg(self, snapshot: Snapshot, gateway: Gateway, caller: Caller, way: Way) -> Leg:
        if not isinstance(way, Target):
            raise TypeError(f"{way} is none of the addresses of {gateway.sbc}")
        sbc = snapshot.sbcs[gateway.sbc]
        flow = self._flow_to(way.transport, way.address, way.server_name)
        far, near = sbc.address.host, flow.local.host
        port = sbc.address.port or None
        parameters = (("user", "phone"),)
        uri = Uri("sip", gateway.called, host=far, port=port, parameters=parameters)
        headers = trunk_headers(sbc, gateway, caller, near)
        if gateway.claim is not None:
            headers += self._attestor.sign(gateway.claim)
        is_emergency = caller.is_emergency
        proposals = trunk_proposals(sbc, is_emergency=is_emergency)
        leg = OfferingLeg(Party(gateway.called, gateway=sbc.id), self._room, flow, proposals)
        leg.is_emergency = is_emergency
        leg.obeys_early_media = sbc.trusted
        leg.demand(encryption_of(sbc, is_emergency=is_emergency))
        ids = self._name(leg, caller)
        codecs = _known(caller.codecs)

        def invite() -> InviteSession:
            call_id = self._new_token() if sbc.outbound_headers else None
            named = headers if call_id is None else outbound_headers(sbc, gateway, headers, call_id)
            session = self._endpoint.invite(
                flow=flow,
                uri=str(uri),
                from_=trunk_from(gateway, near),
                to=f"<{Uri('sip', gateway.called, host=far, parameters=parameters)}>",
                contact_user=own_contact(sbc) or trunk_contact(gateway),
                call_id=call_id,
                keyring=self._trunks.keyrings.of(sbc),
                body=leg.first_offer(codecs, leg.proposal),
                headers=(*named, ids.header),
                listener=leg,
            )
            session.ids = ids
            return session

        leg.call(invite)
        return leg

    def _phone_leg(
        self, snapshot: Snapshot, user: UserId, flows: tuple[Binding, ...], caller: Caller
    ) -> Leg:
        person = snapshot.users[user]
        if caller.is_from_outside and caller_id_policy(snapshot, person).hide_inbound:
            caller = replace(caller, address=ANONYMOUS, name=None)
        shown = shown_from(caller.address, caller.name, snapshot.domain)
        verification = snapshot.verification
        headers = phone_headers(
            caller,
            shown,
            snapshot.domain,
            show_verstat=verification is not None and verification.show_verstat,
        )
        party = Party(shown_address(person), person.name, user=user)
        leg = PhoneLeg(
            party,
            self._room,
            flows,
            clock=self._clock,
            flow_is_dead=lambda binding: self._drop(user, binding),
        )
        show_parties(leg, snapshot, user)
        ids = self._name(leg, caller)
        codecs = _known(caller.codecs)

        def invite(binding: Binding) -> InviteSession:
            session = self._endpoint.invite(
                flow=binding.flow,
                uri=str(binding.contact),
                from_=shown,
                to=f"<{Uri('sip', user, host=snapshot.domain)}>",
                contact_user=caller.address,
                body=leg.first_offer(codecs, leg.proposal),
                route=binding.path,
                headers=(*headers, ids.header),
                listener=leg,
            )
            session.ids = ids
            session.phone = binding.phone
            return session

        leg.ring_phone(invite)
        return leg

    def _drop(self, user: UserId, binding: Binding) -> None:
        if self._registrar.drop(user, binding):
            now_s = self._clock.monotonic()
            self._store.save(user, self._registrar.bindings(user, now_s=now_s))

    def _name(self, leg: SipLeg, caller: Caller) -> SessionIds:
        """The called party hears the caller's name in the conversation (RFC 7989 §7)."""
        ids = SessionIds(caller.uuid or new_uuid(self._new_token()))
        leg.names = ids
        return ids


@lru_cache(CODEC_ORDERS_KEPT_MAX)
def _known(codecs: tuple[str, ...]) -> tuple[str, ...]:
    """The caller's codecs that we speak, first; then our others, for the engine can transcode."""
    shared = tuple(name for name in codecs if name in CODECS)
    return (*shared, *(name for name in CODECS if name not in shared))
