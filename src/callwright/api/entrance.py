"""Puts sign-in, accounts and tokens into the application."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Depends, FastAPI, Request
from fastapi.responses import Response

from callwright.api.authorisation import CHALLENGE, Caller
from callwright.api.doorkeeper import CredentialDoorkeeper
from callwright.api.parameters import no_others
from callwright.api.problems import Mistake, Problem
from callwright.api.tenant import Tenant, Tenants
from callwright.operations.access.desk import AccessDesk
from callwright.operations.access.hashing import PasswordHashes
from callwright.operations.access.leaving import has_left
from callwright.operations.access.oidc import Providers
from callwright.operations.access.refusal import AccessRefused, SignInRefused
from callwright.operations.access.sign_in import SignInGuard
from callwright.runtime.provider_fetching import ProviderFetcher
from callwright.runtime.webhook_posting import PUBLIC_ONLY, Reach
from callwright.storage.accounts import StoredAccounts
from callwright.storage.api_tokens import StoredTokens

_STATUSES = {
    "not-found": 404,
    "name-taken": 409,
    "last-owner": 409,
    "beyond-own-permissions": 403,
    "guest": 403,
    "wrong-password": 403,
}
_SIGN_IN_STATUSES = {"wait": 429, "busy": 503}


@dataclass(frozen=True, slots=True)
class Entrance:
    """What the routes of sign-in work with; ``app.state.entrance``."""

    tenants: Tenants
    hashes: PasswordHashes
    guard: SignInGuard
    providers: Providers
    seal: bytes
    """Key with which this process marks what a browser keeps for it."""

    def desk(self, tenant: Tenant) -> AccessDesk:
        return desk_of(tenant, self.hashes)


def own_desk(request: Request, caller: Caller) -> AccessDesk:
    """Of the organisation of who asks."""
    entrance: Entrance = request.app.state.entrance
    return entrance.desk(caller.tenant)


def desk_of(tenant: Tenant, hashes: PasswordHashes) -> AccessDesk:
    return AccessDesk(
        organisation=tenant.domain,
        accounts=StoredAccounts(tenant.database),
        tokens=StoredTokens(tenant.database),
        hashes=hashes,
        utc=tenant.utc,
        new_id=tenant.new_id,
        new_secret=tenant.new_secret,
        has_left=lambda user: has_left(tenant.administration.current(), user),
    )


def install_entrance(
    app: FastAPI,
    tenants: Tenants,
    *,
    monotonic: Callable[[], float],
    seal: bytes,
    reach: Reach = PUBLIC_ONLY,
) -> None:
    """Sets the doorkeeper, adds the routes, and words refusals.

    ``monotonic`` gives seconds; ``seal`` is 32 random bytes; identity providers are within
    ``reach``.
    """
    from callwright.api import accounts, oidc, own_account, sign_in, sign_in_page, tokens
    from callwright.api.scim.routes import make_scim_router

    entrance = Entrance(
        tenants,
        PasswordHashes(),
        SignInGuard(monotonic),
        Providers(ProviderFetcher(reach), monotonic),
        seal,
    )
    app.state.entrance = entrance
    app.state.doorkeeper = CredentialDoorkeeper(tenants, entrance.desk)
    app.add_exception_handler(AccessRefused, _on_refused)
    app.add_exception_handler(SignInRefused, _on_sign_in_refused)
    app.include_router(sign_in_page.router)
    app.include_router(make_scim_router())
    app.include_router(oidc.router)  # providers add parameters of their own
    for part in (sign_in, own_account, accounts, tokens):
        app.include_router(part.router, dependencies=[Depends(no_others)])


async def _on_refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, AccessRefused)
    detail, _, remedy = error.text.partition("; ")
    place = f"/{error.field}" if error.field else ""
    mistake = Mistake(place, error.code, detail, remedy)
    text = f"{error.field} {detail}".lstrip()
    status = _STATUSES.get(error.code, 422)
    return Problem(status, error.code, text, remedy, errors=[mistake]).response()


async def _on_sign_in_refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, SignInRefused)
    detail, _, remedy = error.text.partition("; ")
    status = _SIGN_IN_STATUSES.get(error.code, 401)
    headers = dict(CHALLENGE) if status == 401 else {}
    if error.wait_s:
        headers["Retry-After"] = str(int(error.wait_s) + 1)
    return Problem(status, error.code, detail, remedy, headers=headers).response()
