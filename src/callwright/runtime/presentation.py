"""What phones and trunks are told of a caller: From and the fields beside it (ADR 0017).

Text in, text out: whether a caller is hidden, and what is asserted, was decided by ``routing``.
"""

from callwright.apps.services import Caller
from callwright.calls.introduction import Alert
from callwright.calls.leg import Leg, Party
from callwright.calls.sip_leg import SipLeg
from callwright.domains.pstn.model import Sbc
from callwright.kernel.ids import UserId
from callwright.routing.identify import ANONYMOUS
from callwright.routing.policies import caller_id_policy
from callwright.routing.request import Gateway
from callwright.routing.snapshot import Snapshot
from callwright.sip.identity import alerting, early_media
from callwright.sip.identity.asserted import ASSERTED
from callwright.sip.identity.diversion import DIVERSION, diversions
from callwright.sip.identity.history import HISTORY_INFO, line_of
from callwright.sip.identity.numbers import USER_IS_PHONE
from callwright.sip.identity.privacy import KEPT, anonymous
from callwright.sip.uri import NameAddr, Uri

Header = tuple[str, str]
_ALERTS = {
    Alert.INTERNAL: alerting.INTERNAL,
    Alert.EXTERNAL: alerting.EXTERNAL,
    Alert.GROUP: alerting.GROUP,
    Alert.PRIVATE: alerting.PRIVATE,
    Alert.URGENT: alerting.URGENT,
}


def shown_from(address: str, name: str | None, host: str) -> str:
    """Text of a From that phones show."""
    if address == ANONYMOUS:
        return str(anonymous(name or ""))
    return str(NameAddr(name or "", Uri("sip", address, host=host)))


def trunk_from(gateway: Gateway, host: str) -> str:
    """Text of From towards a trunk."""
    if gateway.is_private or gateway.calling == ANONYMOUS:
        return str(anonymous())
    uri = Uri("sip", gateway.calling, host=host, parameters=USER_IS_PHONE)
    return str(NameAddr(gateway.name or "", uri))


def trunk_contact(gateway: Gateway) -> str:
    """User part of Contact, which must not tell what From hides."""
    return ANONYMOUS if gateway.is_private else gateway.calling


def trunk_headers(sbc: Sbc, gateway: Gateway, caller: Caller, host: str) -> list[Header]:
    """Of an INVITE to ``sbc``; ``host`` is our address as it sees it."""
    headers = [_hops(caller)]
    if gateway.asserted is not None:
        uri = Uri("sip", gateway.asserted, host=host, parameters=USER_IS_PHONE)
        headers.append((ASSERTED, f"<{uri}>"))
    if gateway.is_private:
        headers.append(KEPT)
    if sbc.trusted:
        headers.append(early_media.SUPPORTED)
    if caller.history:
        headers += _history(sbc, gateway, caller, host)
    if caller.referred_by is not None and sbc.forward_call_history:
        headers.append(("Referred-By", f"<{caller.referred_by}>"))
    return headers


def phone_headers(
    caller: Caller, shown: str, domain: str, *, show_verstat: bool = False
) -> list[Header]:
    """Of an INVITE to a phone of ours whose From is ``shown``. Phones are outside the trust domain:
    they are told no identity that they may not show (RFC 3325 §6)."""
    headers = [_hops(caller), _ALERTS[caller.alert]]
    if caller.address == ANONYMOUS:
        headers.append(KEPT)
    elif show_verstat and caller.verstat is not None:
        headers.append((ASSERTED, str(_judged(caller, domain))))
    else:
        headers.append((ASSERTED, shown))
    if caller.referred_by is not None:
        headers.append(("Referred-By", f"<{caller.referred_by}>"))
    if caller.is_intercom:
        headers += alerting.auto_answer(domain)
    return headers


def show_parties(leg: SipLeg, snapshot: Snapshot, user: UserId) -> None:
    """Lets the user's phone show whom a transfer makes it talk to, with a request inside the call
    (RFC 5876)."""

    def show(leg: Leg, peer: Party) -> None:
        if isinstance(leg, SipLeg):
            hides_outside = caller_id_policy(snapshot, snapshot.users[user]).hide_inbound
            is_seen = not (hides_outside and peer.is_from_outside)
            shown = peer if is_seen else Party(ANONYMOUS)
            leg.session.offers.tell(_met(shown, snapshot.domain))

    leg.on_meeting = show


def _met(peer: Party, domain: str) -> tuple[Header, ...]:
    """A phone that shows the asserted identity shows nobody any longer for a hidden party."""
    asserted = (ASSERTED, shown_from(peer.shown_address, peer.shown_name, domain))
    return (asserted, KEPT) if peer.shown_address == ANONYMOUS else (asserted,)


def _judged(caller: Caller, domain: str) -> NameAddr:
    """With the verdict on the number (3GPP TS 24.229 §7.2A.20)."""
    user = f"{caller.address};verstat={caller.verstat}"
    uri = Uri("sip", user, host=domain, parameters=USER_IS_PHONE)
    return NameAddr(caller.name or "", uri)


def _history(sbc: Sbc, gateway: Gateway, caller: Caller, host: str) -> list[Header]:
    """Where the call was before: History-Info, or what the trunk wants in its place."""
    targets = [(target.address, target.cause) for target in caller.history]
    if sbc.diversion:
        return [(DIVERSION, str(value)) for value in diversions(targets, host=host)]
    if sbc.forward_call_history:
        line = line_of(targets, gateway.called, host=host)
        return [(HISTORY_INFO, str(entry)) for entry in line]
    return []


def _hops(caller: Caller) -> Header:
    """A call that comes back to us through a carrier has fewer left each time."""
    return ("Max-Forwards", str(caller.hops_left))
