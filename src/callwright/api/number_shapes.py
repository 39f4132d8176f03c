"""How numbers, orders and ports look in requests and answers."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from callwright.domains.licences.model import Sku
from callwright.domains.numbers.licence_loss import Loss
from callwright.domains.numbers.model import NumberKind, NumberSource
from callwright.domains.numbers.orders import BUILT_IN_SUPPLIER, NumberOrder, OrderState
from callwright.domains.numbers.porting import RIGHTS, PortRight, PortScope, PortState
from callwright.domains.numbers.search import SearchMode
from callwright.domains.numbers.states import (
    BlockState,
    Capability,
    Holding,
    Line,
    Standing,
    Status,
)
from callwright.kernel.limits.numbers import (
    NUMBER_BLOCK_DAYS_RANGE,
    NUMBER_TAGS_MAX,
    NUMBERS_PER_ORDER_MAX,
    NUMBERS_PER_UPLOAD_MAX,
    REMARK_CHARS_MAX,
    UPLOAD_BYTES_MAX,
)
from callwright.operations.numbers.port_orders import PortOrder

Text = Annotated[str, Field(max_length=REMARK_CHARS_MAX)]
Numbers = Annotated[list[Text], Field(min_length=1, max_length=NUMBERS_PER_UPLOAD_MAX)]
Days = Annotated[int, Field(ge=NUMBER_BLOCK_DAYS_RANGE[0], le=NUMBER_BLOCK_DAYS_RANGE[1])]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AssignmentBody(Body):
    """Either ``user`` or ``resource_account`` is its key."""

    number: Text = Field(examples=["+14255550101"])
    user: Text | None = None
    resource_account: Text | None = None
    line: Line = Line.PRIMARY
    location: Text | None = Field(None, description="Emergency address to give with it.")


class AssignBody(Body):
    assignments: list[AssignmentBody] = Field(min_length=1, max_length=NUMBERS_PER_UPLOAD_MAX)


class BlockBody(Body):
    """Neither: for ever."""

    numbers: Numbers
    days: Days | None = None


class RemoveBody(Body):
    numbers: Numbers
    block_days: Days | None = None
    block_forever: bool = False


class NumbersBody(Body):
    numbers: Numbers


class ConvertBody(Body):
    numbers: Numbers
    kind: NumberKind


class ReleaseBody(Body):
    numbers: Numbers
    supplier: Text = BUILT_IN_SUPPLIER


class TagBody(Body):
    numbers: Numbers
    add: list[Text] = Field([], max_length=NUMBER_TAGS_MAX)
    remove: list[Text] = Field([], max_length=NUMBER_TAGS_MAX)


class UploadRowBody(Body):
    number: Text = Field(description="A number, or +14255550100..+14255550119.")
    kind: NumberKind | None = None
    source: NumberSource | None = None
    country: Text | None = None
    city: Text | None = None
    location: Text | None = None
    tags: list[Text] | None = None
    capabilities: list[Text] | None = None


class UploadBody(Body):
    """``rows``, or ``text``: CSV with a header, or a number in each line."""

    rows: list[UploadRowBody] = Field([], max_length=NUMBERS_PER_UPLOAD_MAX + 1)
    text: str = Field("", max_length=UPLOAD_BYTES_MAX)
    kind: NumberKind = Field(NumberKind.USER, description="Of rows that say nothing else.")
    source: NumberSource = NumberSource.DIRECT_ROUTING
    good_ones: bool = Field(False, description="Add right rows although others are wrong.")


class SearchBody(Body):
    name: Text = Field(examples=["Seattle office"])
    description: Text = ""
    country: Text = Field(examples=["US"])
    kind: NumberKind = NumberKind.USER
    quantity: int = Field(1, ge=1, le=NUMBERS_PER_ORDER_MAX)
    by: SearchMode
    text: Text = Field(examples=["206"], description="A prefix, area code, city or address.")
    location: Text | None = None
    supplier: Text = BUILT_IN_SUPPLIER


class PoolBody(Body):
    numbers: Numbers = Field(description="Numbers, or ranges as +14255550100..+14255550119.")
    kind: NumberKind = NumberKind.USER
    source: NumberSource = NumberSource.CALLING_PLAN
    country: Text
    city: Text | None = None


class PortBody(Body):
    """What the losing carrier is told."""

    organisation: Text | None = None
    authoriser: Text | None = None
    authorisation: Text | None = Field(None, description="The signed letter of authorisation.")
    country: Text | None = None
    kind: NumberKind | None = None
    source: NumberSource | None = None
    scope: PortScope | None = None
    billing_number: Text | None = None
    account: Text | None = None
    pin: Text | None = Field(None, repr=False)
    service_address: Text | None = None
    requester: Text | None = None
    location: Text | None = None
    numbers: list[Text] | None = Field(None, max_length=NUMBERS_PER_UPLOAD_MAX)
    csv: str | None = Field(
        None, max_length=UPLOAD_BYTES_MAX, description="One column, PhoneNumber."
    )
    supplier: Text = BUILT_IN_SUPPLIER


class PortMoveBody(Body):
    state: PortState
    transfer_at: datetime | None = None
    remark: Text = ""


class LicenceHolders(Body):
    users: list[Text] = Field([], max_length=NUMBERS_PER_UPLOAD_MAX)
    groups: list[Text] = Field([], max_length=NUMBERS_PER_UPLOAD_MAX)
    resource_accounts: list[Text] = Field([], max_length=NUMBERS_PER_UPLOAD_MAX)


class LicencesBody(LicenceHolders):
    """The same for all named; what stands in both lists is kept."""

    add: list[Sku] = []
    remove: list[Sku] = []


class HolderShape(BaseModel):
    kind: str
    key: str
    line: Line
    number: str


class NumberShape(BaseModel):
    number: str
    status: Status
    activation: str
    block: BlockState
    blocked_until: datetime | None
    kind: NumberKind
    source: NumberSource
    capabilities: list[Capability]
    country: str | None
    city: str | None
    location: str | None
    tags: list[str]
    ported: bool
    entry: str
    holders: list[HolderShape]


class OrderShape(BaseModel):
    id: str
    name: str
    description: str
    supplier: str
    country: str
    kind: NumberKind
    source: NumberSource
    city: str | None
    location: str | None
    numbers: list[str]
    made_at: datetime
    reserved_until: datetime
    state: OrderState
    remark: str


class PortShape(BaseModel):
    id: str
    state: PortState
    rights: list[PortRight]
    organisation: str
    authoriser: str
    country: str
    kind: NumberKind
    scope: PortScope
    billing_number: str
    account: str
    service_address: str
    numbers: list[str]
    supplier: str
    made_at: datetime
    transfer_at: datetime | None
    remark: str


class UploadedShape(BaseModel):
    id: str
    rows: int
    added: int
    present: int
    mistakes: list[dict[str, JsonValue]]


class LostShape(BaseModel):
    user: str
    number: str
    loss: Loss


ACTIVATED = "activated"
"""SPEC 3.5: what is assigned here works from the next call on, so there is no other state."""


def number_shape(standing: Standing, holdings: Iterable[Holding] | None = None) -> JsonValue:
    entry = standing.entry
    holders = [
        HolderShape(kind=h.holder_kind.value, key=h.holder, line=h.line, number=str(h.number))
        for h in (standing.holdings if holdings is None else holdings)
    ]
    shape = NumberShape(
        number=standing.number,
        status=standing.status,
        activation=ACTIVATED,
        block=standing.block_state,
        blocked_until=None if standing.block is None else standing.block.until,
        kind=entry.kind,
        source=entry.source,
        capabilities=sorted(entry.capabilities, key=lambda capability: capability.value),
        country=entry.country,
        city=entry.city,
        location=entry.location,
        tags=list(standing.tags),
        ported=entry.is_ported,
        entry=entry.key,
        holders=holders,
    )
    return plain(shape)


def order_shape(order: NumberOrder, now: datetime) -> JsonValue:
    return plain(
        OrderShape(
            id=order.id,
            name=order.name,
            description=order.description,
            supplier=order.supplier,
            country=order.country,
            kind=order.kind,
            source=order.source,
            city=order.city,
            location=order.location,
            numbers=list(order.numbers),
            made_at=order.made_at,
            reserved_until=order.reserved_until,
            state=order.state_at(now),
            remark=order.remark,
        )
    )


def port_shape(order: PortOrder) -> JsonValue:
    request = order.request
    return plain(
        PortShape(
            id=order.id,
            state=order.state,
            rights=sorted(RIGHTS[order.state], key=lambda right: right.value),
            organisation=request.organisation,
            authoriser=request.authoriser,
            country=request.country,
            kind=request.kind,
            scope=request.scope,
            billing_number=request.billing_number,
            account=request.account,
            service_address=request.service_address,
            numbers=list(request.numbers),
            supplier=order.supplier,
            made_at=order.made_at,
            transfer_at=order.transfer_at,
            remark=order.remark,
        )
    )


def plain(shape: BaseModel) -> JsonValue:
    found: JsonValue = shape.model_dump(mode="json")
    return found
