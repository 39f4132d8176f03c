"""What a caller's INVITE says of the caller, as far as its sender is believed (ADR 0017)."""

from callwright.calls.introduction import Introduction, Retarget
from callwright.domains.pstn.model import Sbc
from callwright.kernel.limits.identity import HISTORY_ENTRIES_MAX
from callwright.kernel.plain_text import plain, plain_address
from callwright.sip.identity.alerting import asks_to_auto_answer
from callwright.sip.identity.asserted import (
    asserted_identity,
    hides_remote_party,
    preferred_identity,
)
from callwright.sip.identity.diversion import diversions_of
from callwright.sip.identity.history import history_of
from callwright.sip.identity.numbers import number_of
from callwright.sip.identity.privacy import wants_anonymity
from callwright.sip.identity.session_id import SessionIds, new_uuid, uuid_of
from callwright.sip.message import Request
from callwright.sip.session.session import InviteSession
from callwright.sip.session.uas import UasSession
from callwright.sip.uri import NameAddr, UriError


def calling_number(request: Request) -> str:
    """The number in From, as it came (SPEC 2.4)."""
    try:
        return plain_address(number_of(request.from_.uri))
    except UriError:
        return ""


def number_from(sbc: Sbc, request: Request) -> str:
    """The number that the SBC asserts, where it is trusted to; else that in From, as it came.

    P-Preferred-Identity is a wish of phones to their own proxy: no trunk's is believed.
    """
    asserted = asserted_identity(request) if sbc.trusted else None
    number = "" if asserted is None else plain_address(number_of(asserted.uri))
    return number or calling_number(request)


def preferred_number(request: Request) -> str | None:
    """The number that a phone asks to show (RFC 3325 §9.2); whether it may is routing's affair."""
    preferred = preferred_identity(request)
    return None if preferred is None else plain_address(number_of(preferred.uri))


def name_from(sbc: Sbc, request: Request) -> str | None:
    """The display name that came with the number."""
    asserted = asserted_identity(request) if sbc.trusted else None
    return shown_name(asserted) or shown_name(request.from_)


def hides_caller(request: Request, sbc: Sbc | None = None) -> bool:
    """Anybody may ask to stay unknown, trusted or not."""
    if wants_anonymity(request):
        return True
    return sbc is not None and sbc.trusted and hides_remote_party(request)


def of_user(request: Request, *, is_private: bool) -> Introduction:
    return Introduction(is_private=is_private, wants_intercom=asks_to_auto_answer(request))


def of_gateway(
    sbc: Sbc, request: Request, dialled: str, *, is_private: bool, verstat: str | None = None
) -> Introduction:
    return Introduction(
        is_private=is_private, history=_history(sbc, request, dialled), verstat=verstat
    )


def name_conversation(session: InviteSession) -> SessionIds:
    """Both halves of the Session-ID of a call that comes in; a caller without one gets one."""
    new_token = session.layer.new_token
    remote = uuid_of(session.request) or new_uuid(new_token())
    ids = SessionIds(new_uuid(new_token()), remote)
    if isinstance(session, UasSession):
        session.identify(ids)
    return ids


def _history(sbc: Sbc, request: Request, dialled: str) -> tuple[Retarget, ...]:
    """Kept only where the trunk is told to (SPEC 2.4: two systems that feed each other loop)."""
    if not (sbc.forward_call_history or sbc.diversion):
        return ()
    entries = history_of(request)
    if entries:
        if entries[-1].cause is None or entries[-1].number == dialled:
            entries = entries[:-1]  # the newest is where the call is now: here
        found = [(entry.number, entry.cause or 302) for entry in entries if not entry.is_private]
    else:
        found = [(value.number, value.cause) for value in reversed(diversions_of(request))]
    return tuple(Retarget(plain(number), cause) for number, cause in found if number)[
        -HISTORY_ENTRIES_MAX:
    ]


def shown_name(address: NameAddr | None) -> str | None:
    """The display name, as people may be shown it."""
    return None if address is None else plain(address.display) or None
