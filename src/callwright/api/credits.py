"""Communications credits: the balance, what moved it, paying in."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from callwright.api.authorisation import Caller, allowed
from callwright.api.documents import problems
from callwright.api.idempotency import IdempotencyKey, Keeper, once
from callwright.api.paging import (
    LIMIT_DEFAULT,
    CursorText,
    Limit,
    Page,
    page_of,
    paged,
    read_cursor,
)
from callwright.api.problems import Mistake, refused
from callwright.domains.access.model import Permission
from callwright.domains.credits.model import Standing
from callwright.kernel.instants import iso_utc
from callwright.kernel.money import Money
from callwright.operations.organisation_file.values import is_printable
from callwright.storage.ledger import Entry

TOP_UP_KEY = "top-up:"
AMOUNT = r"^[0-9]{1,10}(\.[0-9]{1,6})?$"
router = APIRouter(prefix="/credits", tags=["credits"])
Reader = Annotated[Caller, Depends(allowed(Permission.CREDITS_READ))]
Payer = Annotated[Caller, Depends(allowed(Permission.CREDITS_WRITE))]


class BalanceShape(BaseModel):
    """All null: nothing was ever paid in."""

    currency: str | None
    balance: str | None
    reserved: str | None
    """By calls that run."""
    available: str | None


class TopUpBody(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    amount: str = Field(pattern=AMOUNT, description="In the organisation's currency: 20.00")
    note: str = Field(default="", max_length=200)


@router.get("/balance", operation_id="get_balance", responses=problems(401, 403, 422))
async def get_balance(asker: Reader) -> BalanceShape:
    return _shape(await asyncio.to_thread(asker.tenant.ledger.standing))


@router.get(
    "/ledger", operation_id="list_ledger", response_model=Page, responses=problems(401, 403, 422)
)
async def list_ledger(
    asker: Reader, cursor: CursorText = None, limit: Limit = LIMIT_DEFAULT
) -> Response:
    """Newest first. Every entry moves an amount from one account to another."""
    place = read_cursor(cursor, int)
    before = None if place is None else place[0]
    ledger = asker.tenant.ledger
    return await paged(
        lambda: page_of(
            ledger.latest(limit + 1, before=before),
            limit,
            shown=entry_form,
            place=lambda entry: (entry.id,),
        )
    )


@router.post(
    "/top-ups",
    operation_id="top_up",
    status_code=201,
    response_model=BalanceShape,
    responses=problems(400, 401, 403, 409, 422),
)
async def post_top_up(
    request: Request, asker: Payer, body: TopUpBody, key: IdempotencyKey = None
) -> Response:
    """Pays in; with an Idempotency-Key a repetition is not paid twice."""
    if not is_printable(body.note):
        text = "is not printable; write it on one line"
        raise refused([Mistake.at(("note",), "bad-text", text)])

    async def act(keeper: Keeper) -> Response:
        return await asyncio.to_thread(_top_up, asker, body, keeper)

    return await once(request, asker, act)


def _top_up(asker: Caller, body: TopUpBody, keeper: Keeper) -> Response:
    tenant = asker.tenant
    organisation = tenant.administration.current().organisation
    if organisation is None or organisation.credits is None:
        text = "the organisation has no credits; write that section first"
        raise refused([Mistake.at((), "no-credits", text)])
    amount = Money.parse(body.amount, organisation.credits.currency)
    if amount.micros == 0:
        raise refused([Mistake.at(("amount",), "nothing", "is nothing; pay in more than 0")])
    note = body.note or f"by {asker.principal.name}"
    with tenant.database.writing() as connection:
        tenant.ledger.deposit_within(
            connection, f"{TOP_UP_KEY}{tenant.new_id()}", amount, note, tenant.utc()
        )
        standing = tenant.ledger.standing_within(connection)
        response = JSONResponse(_shape(standing).model_dump(), status_code=201)
        keeper.keep_within(connection, response)
    return response


def _shape(standing: Standing | None) -> BalanceShape:
    if standing is None:
        return BalanceShape(currency=None, balance=None, reserved=None, available=None)
    return BalanceShape(
        currency=standing.balance.currency,
        balance=str(standing.balance),
        reserved=str(standing.balance - standing.available),
        available=str(standing.available),
    )


def entry_form(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "at": iso_utc(entry.at),
        "act": entry.act.value,
        "key": entry.key,
        "slice": entry.slice_number,
        "from": entry.source.value,
        "to": entry.destination.value,
        "amount": str(entry.amount),
        "currency": entry.amount.currency,
        "note": entry.note,
    }
