"""INVITEs that want the place of another leg: which they may have (RFC 3891 §3)."""

from callwright.apps.services import Reach
from callwright.calls.leg import DialogName, Leg
from callwright.calls.sip_leg import SipLeg
from callwright.routing.request import FromUser
from callwright.runtime.front_door import Guest
from callwright.sip.message import Request
from callwright.sip.replaces import replaces_of
from callwright.sip.screening import UNKNOWN_DIALOG, Refusal

NOT_ALLOWED = Refusal(403, "That call is not yours")
BUSY = Refusal(486, "The call is answered")
DECLINED = Refusal(603)


def find_replaced(reach: Reach, guest: Guest, request: Request) -> Leg | Refusal | None:
    """The leg whose place the caller gets, or why not; None: the INVITE wants nobody's.

    A user may take what belongs to the same user: an answered call from one phone to another, or
    the ringing of one phone. A trunk may take nothing (row 62).
    """
    try:
        wanted = replaces_of(request)
    except ValueError as error:
        return Refusal(400, str(error))
    if wanted is None:
        return None
    if not isinstance(guest.who, FromUser):
        return NOT_ALLOWED
    to_tag, from_tag = wanted.to_tag, wanted.from_tag
    leg = reach.leg_of(DialogName(wanted.call_id, to_tag, from_tag))
    if leg is None:
        # Some phones copy the tags from a lamp's document as its phone names them (RFC 4235 §4.1).
        leg = reach.leg_of(DialogName(wanted.call_id, from_tag, to_tag))
    if leg is None or leg.party.user != guest.who.user:
        return UNKNOWN_DIALOG  # that there is one nobody is told whose it is not
    if leg.has_ended:
        return DECLINED
    if leg.is_answered:
        return BUSY if wanted.is_early_only else leg
    rings_here = isinstance(leg, SipLeg) and leg.session.role == "uac"
    return leg if rings_here else UNKNOWN_DIALOG
