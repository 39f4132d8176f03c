"""Tokens with which programs come to this API."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from callwright.api.access_shapes import DAY_S, NewTokenShape, TokenBody, TokenShape
from callwright.api.authorisation import Caller, allowed
from callwright.api.entrance import own_desk
from callwright.api.paging import LIMIT_DEFAULT, CursorText, Limit, Page, page_of, read_cursor
from callwright.domains.access.model import Permission
from callwright.operations.access.tokens import WantedToken, make_token, revoke_token

router = APIRouter(prefix="/api/v1/tokens", tags=["access"])
Reader = Annotated[Caller, Depends(allowed(Permission.ACCESS_READ))]
Writer = Annotated[Caller, Depends(allowed(Permission.ACCESS_WRITE))]


@router.get("")
def get_tokens(
    caller: Reader, request: Request, limit: Limit = LIMIT_DEFAULT, cursor: CursorText = None
) -> Page:
    """All of them, those that ended too; the oldest first."""
    place = read_cursor(cursor, str)
    after = "" if place is None else str(place[0])
    found = own_desk(request, caller).tokens.tokens(after=after, limit=limit + 1)
    return page_of(
        found,
        limit,
        shown=lambda token: TokenShape.of(token).model_dump(mode="json"),
        place=lambda token: (token.id,),
    )


@router.post("", status_code=201)
def post_token(
    body: TokenBody, caller: Writer, request: Request, response: Response
) -> NewTokenShape:
    """Makes a token with no more permissions than mine. It is shown in this answer only."""
    wanted = WantedToken(body.name, body.permissions, body.lasts_days * DAY_S)
    token, text = make_token(own_desk(request, caller), wanted, by=caller.principal)
    response.headers["Cache-Control"] = "no-store"
    return NewTokenShape(**TokenShape.of(token).model_dump(), token=text)


@router.delete("/{id}", status_code=204)
def delete_token(id: str, caller: Writer, request: Request) -> None:
    """It does not hold from now on."""
    revoke_token(own_desk(request, caller), id, by=caller.principal)
