"""The shape of records: state of the running system, kept and logged as the file's entities are,
but no part of the file (ADR 0030)."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, StrictStr

from callwright.domains.numbers.orders import OrderState
from callwright.domains.numbers.porting import PortScope, PortState
from callwright.kernel.limits.numbers import REMARK_CHARS_MAX
from callwright.operations.organisation_file import values
from callwright.operations.organisation_file.number_schema import Tags
from callwright.operations.organisation_file.refusal import quoted, refused
from callwright.operations.organisation_file.section import Section, example

NUMBER_BLOCK = "number-block"
NUMBER_TAGS = "number-tags"
NUMBER_POOL = "number-pool"
NUMBER_ORDER = "number-order"
NUMBER_ORDER_BOOK = "number-order-book"
NUMBER_UPLOAD = "number-upload"
PORT_ORDER = "port-order"


def _check_instant(text: str) -> str:
    try:
        is_aware = datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        is_aware = False
    if not is_aware:
        raise refused(
            f"{quoted(text)} is not an instant; write one such as 2026-03-01T12:00:00+00:00"
        )
    return text


Instant = Annotated[StrictStr, AfterValidator(_check_instant)]
"""ISO 8601 with its offset."""
Remark = Annotated[StrictStr, AfterValidator(lambda text: text[:REMARK_CHARS_MAX])]


def _names(words: type[Enum]) -> list[str]:
    return [str(word.value) for word in words]


OrderStateName = Annotated[StrictStr, values.one_of("no state is called", _names(OrderState))]
PortStateName = Annotated[StrictStr, values.one_of("no state is called", _names(PortState))]
PortScopeName = Annotated[StrictStr, values.one_of("no scope is called", _names(PortScope))]


class NumberBlockRecord(Section):
    """Keyed by the number, which cannot be assigned meanwhile."""

    until: Instant | None = None
    """None: for ever."""


class NumberTagsRecord(Section):
    """Keyed by the number; tags besides those of its entry in the file."""

    tags: Tags = example("tags: [Front desk]")


class NumberPoolRecord(Section):
    """Keyed by a range, or a number; what the built-in supplier has to give."""

    kind: values.Kind = example("kind: user")
    source: values.Source = example("source: calling-plan")
    country: values.Country = example("country: US")
    city: values.Name | None = None


class NumberOrderRecord(Section):
    """Keyed by its id."""

    name: values.Name = example("name: Seattle office")
    description: Remark = ""
    supplier: StrictStr
    country: values.Country
    kind: values.Kind
    source: values.Source
    city: values.Name | None = None
    location: values.Reference | None = None
    numbers: list[values.Number]
    made_at: Instant
    state: OrderStateName
    remark: Remark = ""


class NumberOrderBookRecord(Section):
    """One, keyed by its kind; written with every order, so that two that are made at the same
    moment take turns: neither offers the other's numbers, nor do both pass the same quota."""

    latest: StrictStr
    state: OrderStateName


class UploadMistakeRecord(Section):
    row: int
    """Counts from 1."""
    number: Remark
    code: StrictStr
    text: Remark


class NumberUploadRecord(Section):
    """Keyed by its id; what became of a bulk upload."""

    at: Instant
    rows: int
    added: int
    """Numbers, not rows."""
    present: int
    """They were there already, and alike."""
    mistakes: list[UploadMistakeRecord] = []


class PortOrderRecord(Section):
    """Keyed by its id; numbers on their way from another carrier."""

    supplier: StrictStr
    organisation: values.Name
    authoriser: values.Name
    authorisation: values.Name = example("authorisation: signed letter 2026-03-01")
    country: values.Country
    kind: values.Kind
    source: values.Source
    scope: PortScopeName
    billing_number: values.Number
    account: values.Name
    pin: values.Secret | None = None
    service_address: values.PostalAddress
    requester: values.Name
    location: values.Reference | None = None
    numbers: list[values.Number]
    made_at: Instant
    state: PortStateName
    transfer_at: Instant | None = None
    remark: Remark = ""


NUMBER_RECORDS: Mapping[str, type[BaseModel]] = {
    NUMBER_BLOCK: NumberBlockRecord,
    NUMBER_TAGS: NumberTagsRecord,
    NUMBER_POOL: NumberPoolRecord,
    NUMBER_ORDER: NumberOrderRecord,
    NUMBER_ORDER_BOOK: NumberOrderBookRecord,
    NUMBER_UPLOAD: NumberUploadRecord,
    PORT_ORDER: PortOrderRecord,
}
