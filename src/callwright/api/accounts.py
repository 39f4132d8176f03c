"""Accounts of an organisation, the roles there are, and the log of sign-ins."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from callwright.api.access_shapes import AccountBody, AccountShape, LinkShape
from callwright.api.authorisation import Caller, allowed
from callwright.api.entrance import own_desk
from callwright.api.paging import LIMIT_DEFAULT, CursorText, Limit, Page, page_of, read_cursor
from callwright.domains.access.model import Permission
from callwright.domains.access.roles import ROLES
from callwright.kernel.limits.access import SIGN_IN_LINK_S
from callwright.operations.access.accounts import (
    KnowsUser,
    Wanted,
    change_account,
    known_account,
    make_account,
    refuse_greater,
    remove_account,
)
from callwright.operations.access.links import make_link
from callwright.operations.access.second_factor import reset_second_factor
from callwright.storage.access_events import AccessEvents

router = APIRouter(prefix="/api/v1", tags=["access"])
Reader = Annotated[Caller, Depends(allowed(Permission.ACCESS_READ))]
Writer = Annotated[Caller, Depends(allowed(Permission.ACCESS_WRITE))]
Auditor = Annotated[Caller, Depends(allowed(Permission.AUDIT_READ))]


class RoleShape(BaseModel):
    key: str
    title: str
    purpose: str
    permissions: list[str]


@router.get("/roles")
def get_roles(caller: Annotated[Caller, Depends(allowed())]) -> list[RoleShape]:
    """The roles that an account may have, and what each may do."""
    return [
        RoleShape(
            key=role.key,
            title=role.title,
            purpose=role.purpose,
            permissions=sorted(role.permissions),
        )
        for role in ROLES.values()
    ]


@router.get("/accounts")
def get_accounts(
    caller: Reader, request: Request, limit: Limit = LIMIT_DEFAULT, cursor: CursorText = None
) -> Page:
    """Who may sign in, by name."""
    place = read_cursor(cursor, str)
    after = "" if place is None else str(place[0])
    found = own_desk(request, caller).accounts.accounts(after=after, limit=limit + 1)
    return page_of(
        found,
        limit,
        shown=lambda account: AccountShape.of(account).model_dump(mode="json"),
        place=lambda account: (account.name,),
    )


@router.post("/accounts", status_code=201)
def post_account(
    body: AccountBody, caller: Writer, request: Request, response: Response
) -> AccountShape:
    """Makes an account with roles that allow no more than my own."""
    account = make_account(
        own_desk(request, caller), _wanted(body), by=caller.principal, knows_user=_users(caller)
    )
    response.headers["Location"] = f"/api/v1/accounts/{account.id}"
    return AccountShape.of(account)


@router.get("/accounts/{id}")
def get_account(id: str, caller: Reader, request: Request) -> AccountShape:
    return AccountShape.of(known_account(own_desk(request, caller), id))


@router.patch("/accounts/{id}")
def patch_account(id: str, body: AccountBody, caller: Writer, request: Request) -> AccountShape:
    """Changes the fields that are sent. Another password, other roles, or disabling sign out."""
    desk = own_desk(request, caller)
    account = change_account(
        desk, id, _wanted(body), by=caller.principal, knows_user=_users(caller)
    )
    return AccountShape.of(account)


@router.delete("/accounts/{id}", status_code=204)
def delete_account(id: str, caller: Writer, request: Request) -> None:
    """Removes it with its sessions and tokens."""
    remove_account(own_desk(request, caller), id, by=caller.principal)


@router.post("/accounts/{id}/link")
def post_link(id: str, caller: Writer, request: Request, response: Response) -> LinkShape:
    """Makes a link that signs in once, for who is new or locked out."""
    response.headers["Cache-Control"] = "no-store"
    fragment = make_link(own_desk(request, caller), id, by=caller.principal)
    return LinkShape(fragment=fragment, expires_in_s=int(SIGN_IN_LINK_S))


@router.delete("/accounts/{id}/second-factor", status_code=204)
def delete_second_factor(id: str, caller: Writer, request: Request) -> None:
    """For somebody who lost his device."""
    reset_second_factor(own_desk(request, caller), id, by=caller.principal)


@router.delete("/accounts/{id}/sessions", status_code=204)
def delete_sessions(id: str, caller: Writer, request: Request) -> None:
    """Signs somebody out everywhere."""
    desk = own_desk(request, caller)
    refuse_greater(known_account(desk, id), caller.principal)
    desk.accounts.end_sessions(id)


@router.get("/access-events")
def get_access_events(
    caller: Auditor, limit: Limit = LIMIT_DEFAULT, cursor: CursorText = None
) -> Page:
    """Who signed in, and who gave whom access, the newest first."""
    place = read_cursor(cursor, int)
    before = None if place is None else int(place[0])
    found = AccessEvents(caller.tenant.database).newest(before=before, limit=limit + 1)
    return page_of(
        found,
        limit,
        shown=lambda entry: {
            "id": entry[0],
            "at": entry[1].at.isoformat(),
            "by": {"kind": entry[1].by.kind, "name": entry[1].by.name},
            "act": entry[1].act,
            "subject": entry[1].subject,
            "detail": entry[1].detail,
        },
        place=lambda entry: (entry[0],),
    )


def _wanted(body: AccountBody) -> Wanted:
    return Wanted(**body.model_dump())


def _users(caller: Caller) -> KnowsUser:
    entities = caller.tenant.administration.current().entities
    return lambda key: ("user", key) in entities
