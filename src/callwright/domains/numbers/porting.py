"""Moving numbers here from another carrier: an order's fields, states and rights (SPEC 3.11)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

import phonenumbers

from callwright.domains.numbers.countries import parsed_or_none
from callwright.domains.numbers.model import NumberKind
from callwright.kernel.e164 import E164
from callwright.kernel.limits.numbers import (
    PORT_AUTHORISER_CHARS_MAX,
    PORT_NUMBERS_MAX,
    PORT_ORGANISATION_CHARS_MAX,
    PORT_PENDING_S,
)


class PortState(Enum):
    PROCESSING = "processing"
    CONTACTING_CARRIER = "contacting-carrier"
    TRANSFER_APPROVED = "transfer-approved"
    """The losing carrier agreed and a date is set."""
    TRANSFER_PENDING = "transfer-pending"
    """Less than a day to go."""
    ERROR = "error"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class PortRight(Enum):
    VIEW = "view"
    EDIT = "edit"
    CANCEL = "cancel"
    DELETE = "delete"


_VIEW, _EDIT, _CANCEL, _DELETE = PortRight
RIGHTS: dict[PortState, frozenset[PortRight]] = {
    PortState.PROCESSING: frozenset({_VIEW, _CANCEL}),
    PortState.CONTACTING_CARRIER: frozenset({_VIEW, _CANCEL}),
    PortState.TRANSFER_APPROVED: frozenset({_VIEW, _CANCEL}),
    PortState.TRANSFER_PENDING: frozenset({_VIEW}),
    PortState.ERROR: frozenset({_EDIT, _CANCEL, _DELETE}),
    PortState.COMPLETED: frozenset({_VIEW}),
    PortState.CANCELLED: frozenset({_EDIT}),
}
"""SPEC 3.11, its table row by row. Whoever may edit sees what he edits."""

_NEXT: dict[PortState, frozenset[PortState]] = {
    PortState.PROCESSING: frozenset({PortState.CONTACTING_CARRIER, PortState.ERROR}),
    PortState.CONTACTING_CARRIER: frozenset({PortState.TRANSFER_APPROVED, PortState.ERROR}),
    PortState.TRANSFER_APPROVED: frozenset({PortState.TRANSFER_PENDING, PortState.ERROR}),
    PortState.TRANSFER_PENDING: frozenset({PortState.COMPLETED, PortState.ERROR}),
    PortState.ERROR: frozenset(),
    PortState.COMPLETED: frozenset(),
    PortState.CANCELLED: frozenset(),
}
"""How the carriers move an order; a person cancels, or edits and so sends it in again."""


_INTERNATIONAL_FREEPHONE = "+800"
_MOBILE_COUNTRIES = frozenset({"US", "PR"})
"""SPEC 3.11: mobile numbers are ported there only."""


class PortScope(Enum):
    FULL = "full"
    """All numbers of the account, among them the billing number."""
    PARTIAL = "partial"
    """Some numbers; the billing number, or a new one, stays with the losing carrier."""


@dataclass(frozen=True, slots=True)
class PortRequest:
    """What the losing carrier is told."""

    organisation: str
    authoriser: str
    """Who signed the letter of authorisation."""
    country: str
    kind: NumberKind
    scope: PortScope
    billing_number: E164
    """The account's billing telephone number; of a partial port the one that remains."""
    account: str
    service_address: str
    numbers: tuple[E164, ...]


class PortRefused(ValueError):
    """The order cannot be what was asked for; says why and what to do."""


def state_at(state: PortState, transfer_at: datetime | None, now: datetime) -> PortState:
    """An approved move is pending from a day before its date."""
    is_near = transfer_at is not None and transfer_at - now < timedelta(seconds=PORT_PENDING_S)
    if state is PortState.TRANSFER_APPROVED and is_near:
        return PortState.TRANSFER_PENDING
    return state


def require_right(state: PortState, right: PortRight) -> None:
    """Raises PortRefused where an order in ``state`` does not allow it (row 40)."""
    if right not in RIGHTS[state]:
        able = [other.value for other in PortState if right in RIGHTS[other]]
        raise PortRefused(
            f"an order that is {state.value} does not allow to {right.value}; "
            f"that is possible while it is {' or '.join(able)}"
        )


def require_step(state: PortState, to: PortState, transfer_at: datetime | None) -> None:
    """Raises PortRefused where the carriers do not move an order so."""
    if to not in _NEXT[state]:
        ahead = sorted(step.value for step in _NEXT[state])
        possible = f"next can be {' or '.join(ahead)}" if ahead else "it moves no further"
        raise PortRefused(f"an order does not go from {state.value} to {to.value}; {possible}")
    if to is PortState.TRANSFER_APPROVED and transfer_at is None:
        raise PortRefused("an approved transfer has a date; say when the numbers move")


def mistakes(request: PortRequest) -> Iterator[str]:
    """Yields what is wrong with a request; each says what to do instead."""
    yield from _too_long(
        "the organisation's name", request.organisation, PORT_ORGANISATION_CHARS_MAX
    )
    yield from _too_long("the authoriser's name", request.authoriser, PORT_AUTHORISER_CHARS_MAX)
    count = len(request.numbers)
    if count == 0:
        yield "there are no numbers; list those to move"
    if request.kind is NumberKind.USER and count > PORT_NUMBERS_MAX:
        yield f"{count} numbers are too many for one order; split it into {PORT_NUMBERS_MAX} each"
    if len(set(request.numbers)) < count:
        yield "a number is listed twice; list each once"
    has_billing_number = request.billing_number in request.numbers
    if request.scope is PortScope.FULL and not has_billing_number:
        yield (
            f"a full port moves the billing number {request.billing_number}, too; "
            "list it, or order a partial port"
        )
    yield from _not_portable(request)
    if request.scope is PortScope.PARTIAL and has_billing_number:
        yield (
            f"{request.billing_number} is to move and to stay as the billing number; name the one "
            "that remains with the losing carrier, or order a full port"
        )


def _not_portable(request: PortRequest) -> Iterator[str]:
    for number in request.numbers:
        if number.startswith(_INTERNATIONAL_FREEPHONE):
            yield f"{number} is an international freephone number, which cannot move; leave it out"
            continue
        parsed = parsed_or_none(number)
        if parsed is None:
            yield f"{number} is of no country; correct it"
            continue
        sort = phonenumbers.number_type(parsed)
        is_toll_free = sort == phonenumbers.PhoneNumberType.TOLL_FREE
        if is_toll_free is not (request.kind is NumberKind.TOLL_FREE):
            toll_free = "toll-free" if is_toll_free else "not toll-free"
            yield f"{number} is {toll_free}; order toll and toll-free numbers separately"
        is_mobile = sort == phonenumbers.PhoneNumberType.MOBILE
        if is_mobile and request.country not in _MOBILE_COUNTRIES:
            yield f"{number} is mobile and cannot move in {request.country}; leave it out"


def _too_long(what: str, text: str, most: int) -> Iterator[str]:
    if not 0 < len(text.strip()) <= most:
        yield f"{what} has {len(text.strip())} characters; write 1 to {most}"
