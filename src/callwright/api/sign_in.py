"""Signing in and out. The two routes to sign in are open: they ask for their own proof."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from callwright.api.access_shapes import AccountShape, LinkBody, SignInBody
from callwright.api.authorisation import Caller, allowed
from callwright.api.entrance import Entrance
from callwright.api.session_cookie import (
    SESSION_PREFIX,
    cookie_of,
    give_cookie,
    refuse_foreign,
    source_of_request,
    take_cookie,
)
from callwright.api.tenant import Tenant, Tenants
from callwright.domains.access.credentials import fingerprint, read, written
from callwright.operations.access.links import LINK_PREFIX
from callwright.operations.access.sign_in import Attempt, SignedIn, sign_in, sign_in_by_link

router = APIRouter(prefix="/api/v1/session", tags=["sign-in"])


@router.post("")
def post_session(body: SignInBody, request: Request, response: Response) -> AccountShape:
    """Begins a session by password, and by code where the account has a second factor.

    Answers 401 ``second-factor-needed`` where only the code is missing, and 429 with Retry-After
    after too many wrong attempts.
    """
    _refuse_other_sites(request)
    entrance: Entrance = request.app.state.entrance
    tenant = _named(entrance.tenants, body.organisation)
    attempt = Attempt(body.name, body.password, body.code, source_of_request(request))
    desk = None if tenant is None else entrance.desk(tenant)
    signed_in = sign_in(desk, entrance.guard, attempt)
    assert tenant is not None, "nobody signs in to no organisation"
    return _begun(request, response, tenant, signed_in)


@router.post("/link")
def post_session_by_link(body: LinkBody, request: Request, response: Response) -> AccountShape:
    """Begins a session by a link, which works once."""
    _refuse_other_sites(request)
    entrance: Entrance = request.app.state.entrance
    credential = read(LINK_PREFIX, body.token)
    organisation, secret = (credential.organisation, credential.secret) if credential else ("", "")
    tenant = entrance.tenants.find(organisation) or entrance.tenants.first()
    signed_in = sign_in_by_link(
        entrance.desk(tenant),
        entrance.guard,
        secret,
        code=body.code,
        source=source_of_request(request),
    )
    return _begun(request, response, tenant, signed_in)


@router.delete("", status_code=204)
def delete_session(
    caller: Annotated[Caller, Depends(allowed())], request: Request, response: Response
) -> None:
    """Ends this session."""
    credential = read(SESSION_PREFIX, cookie_of(request) or "")
    if credential is not None:
        entrance: Entrance = request.app.state.entrance
        desk = entrance.desk(caller.tenant)
        desk.accounts.end_session(fingerprint(credential.secret))
    take_cookie(request, response)


def _begun(
    request: Request, response: Response, tenant: Tenant, signed_in: SignedIn
) -> AccountShape:
    give_cookie(request, response, written(SESSION_PREFIX, tenant.domain, signed_in.secret))
    response.headers["Cache-Control"] = "no-store"
    return AccountShape.of(signed_in.account)


def _named(tenants: Tenants, domain: str | None) -> Tenant | None:
    return tenants.first() if not domain else tenants.find(domain.strip().lower())


def _refuse_other_sites(request: Request) -> None:
    """So that no page signs its visitor in to an account of its own. No browser: no page."""
    if "origin" in request.headers or "sec-fetch-site" in request.headers:
        refuse_foreign(request)
