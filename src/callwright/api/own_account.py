"""What everybody who is signed in may do with his own account."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from callwright.api.access_shapes import (
    AccountShape,
    ConfirmBody,
    EnrolBody,
    MeShape,
    OfferShape,
    PasswordBody,
    RecoveryShape,
    SessionShape,
)
from callwright.api.authorisation import Caller, allowed
from callwright.api.entrance import Entrance, own_desk
from callwright.api.problems import Problem
from callwright.api.session_cookie import source_of_request, take_cookie
from callwright.domains.access.model import PrincipalKind
from callwright.operations.access.accounts import set_own_password
from callwright.operations.access.refusal import AccessRefused
from callwright.operations.access.second_factor import (
    drop_own_second_factor,
    enrol_second_factor,
    offer_second_factor,
)

router = APIRouter(prefix="/api/v1/me", tags=["own account"])
SignedIn = Annotated[Caller, Depends(allowed())]


@router.get("")
def get_me(caller: SignedIn, request: Request) -> MeShape:
    """Who I am and what I may do."""
    principal = caller.principal
    account = None
    if principal.account is not None:
        account = own_desk(request, caller).accounts.account(principal.account)
    return MeShape(
        kind=principal.kind.value,
        name=principal.name,
        organisation=caller.tenant.domain,
        permissions=sorted(principal.permissions),
        account=None if account is None else AccountShape.of(account),
    )


@router.put("/password", status_code=204)
def put_password(
    body: PasswordBody, caller: SignedIn, request: Request, response: Response
) -> None:
    """Sets my password and ends all my sessions, this one too."""
    desk, own = own_desk(request, caller), _own(caller)
    with _slowly(request, own):
        set_own_password(desk, own, old=body.old, new=body.new, by=caller.principal)
    take_cookie(request, response)


@router.post("/second-factor")
def post_second_factor(caller: SignedIn, request: Request, response: Response) -> OfferShape:
    """Offers a secret for an authenticator app; nothing changes until a code is sent back."""
    offer = offer_second_factor(own_desk(request, caller), _own(caller))
    response.headers["Cache-Control"] = "no-store"
    return OfferShape(secret=offer.secret, uri=offer.uri)


@router.put("/second-factor")
def put_second_factor(
    body: EnrolBody, caller: SignedIn, request: Request, response: Response
) -> RecoveryShape:
    """Asks for a code at each sign-in from now on; answers with recovery codes."""
    own = _own(caller)
    with _slowly(request, own):
        codes = enrol_second_factor(
            own_desk(request, caller),
            own,
            secret=body.secret,
            code=body.code,
            password=body.password,
            by=caller.principal,
        )
    response.headers["Cache-Control"] = "no-store"
    return RecoveryShape(recovery_codes=list(codes))


@router.post("/second-factor/off", status_code=204)
def post_second_factor_off(body: ConfirmBody, caller: SignedIn, request: Request) -> None:
    """Signs in by password alone again."""
    desk, own = own_desk(request, caller), _own(caller)
    with _slowly(request, own):
        drop_own_second_factor(desk, own, password=body.password, by=caller.principal)


@router.get("/sessions")
def get_sessions(caller: SignedIn, request: Request) -> list[SessionShape]:
    """Where I am signed in."""
    sessions = own_desk(request, caller).accounts.sessions(_own(caller))
    return [SessionShape.of(session) for session in sessions]


@router.delete("/sessions", status_code=204)
def delete_sessions(caller: SignedIn, request: Request, response: Response) -> None:
    """Signs me out everywhere."""
    own_desk(request, caller).accounts.end_sessions(_own(caller))
    take_cookie(request, response)


@contextmanager
def _slowly(request: Request, account: str) -> Iterator[None]:
    """Lets nobody guess the password with a session that he found open."""
    entrance: Entrance = request.app.state.entrance
    source = source_of_request(request)
    entrance.guard.check(source, account)
    try:
        yield
    except AccessRefused as refused:
        if refused.code == "wrong-password":
            entrance.guard.failed(source, account)
        raise


def _own(caller: Caller) -> str:
    """Raises Problem for a token: what it stole it must not keep."""
    principal = caller.principal
    if principal.kind is not PrincipalKind.ACCOUNT or principal.account is None:
        text = "a token has no account of its own"
        raise Problem(403, "no-account", text, "sign in to do this")
    return principal.account
