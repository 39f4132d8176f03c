"""Whom a SUBSCRIBE or PUBLISH is about."""

from callwright.domains.directory.rules import find_user
from callwright.kernel.e164 import E164
from callwright.kernel.ids import UserId
from callwright.routing.snapshot import Snapshot
from callwright.sip.identity.numbers import number_of
from callwright.sip.message import Request
from callwright.sip.screening import Refusal
from callwright.sip.uri import Uri

UNKNOWN = Refusal(404)


def colleague(snapshot: Snapshot, request: Request) -> UserId | Refusal:
    """The user whom the Request-URI names by name, extension or number."""
    address = number_of(request.parsed_uri) or ""
    number = E164.parse_or_none(address)
    user = None if number is None else snapshot.user_by_number.get(number)
    if user is None:
        user = find_user(address, users=snapshot.users, by_extension=snapshot.user_by_extension)
    return UNKNOWN if user is None else user


def oneself(snapshot: Snapshot, request: Request, who: UserId) -> UserId | Refusal:
    """The user, whom the Request-URI has to name; there is nothing to learn about others."""
    named = colleague(snapshot, request)
    return who if named == who else Refusal(403, "Your own address only")


def address_of(snapshot: Snapshot, user: UserId) -> str:
    """The user's address of record."""
    return str(Uri("sip", user, host=snapshot.domain))
