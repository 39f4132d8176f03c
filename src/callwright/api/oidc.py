"""Signing in at an identity provider: the browser goes there and comes back with a code."""

import base64
import binascii
import hashlib
import hmac
import json
import os
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import structlog
from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse

from callwright.api.entrance import Entrance
from callwright.api.problems import Problem
from callwright.api.session_cookie import (
    SESSION_PREFIX,
    give_cookie,
    is_secure,
    source_of_request,
)
from callwright.api.tenant import Tenant
from callwright.domains.access.account import Identity
from callwright.domains.access.credentials import written
from callwright.kernel.limits.access import (
    OIDC_AT_ONCE,
    OIDC_FLOW_S,
)
from callwright.operations.access.oidc import (
    TROUBLE,
    Flow,
    ProviderTrouble,
    authorization_url,
    fresh_flow,
    prove,
)
from callwright.operations.access.refusal import SignInRefused
from callwright.operations.access.sign_in import sign_in_by_identity
from callwright.operations.organisation_file.sign_in_schema import (
    OidcSettings,
    SignInSettings,
)

router = APIRouter(prefix="/api/v1/session/oidc", tags=["sign-in"])
CALLBACK = "/api/v1/session/oidc/callback"
COOKIE = "callwright-sign-in"
HOME = "/sign-in"
"""Says who is signed in."""
SECRETS = "secrets"
"""Folder of the data directory with secrets that the organisation file names."""
SECRET_CHARS_MAX = 1_000
_log = structlog.get_logger("callwright.sign-in")
Parameter = Annotated[str | None, Query(max_length=4_096)]


@router.get("", status_code=302)
def get_oidc(request: Request, organisation: Parameter = None) -> RedirectResponse:
    """Sends the browser to the organisation's identity provider."""
    entrance: Entrance = request.app.state.entrance
    tenants = entrance.tenants
    tenant = tenants.find(organisation.lower()) if organisation else tenants.first()
    settings = _settings(tenant)
    if tenant is None or settings.oidc is None:
        text = "no identity provider is set up here"
        raise Problem(404, "no-provider", text, "sign in with your password, or set up sign_in")
    base = settings.url or str(request.base_url).rstrip("/")
    flow = fresh_flow(tenant.domain, base + CALLBACK, tenant.new_secret)
    with _patiently():
        provider = entrance.providers.find(settings.oidc.issuer)
    response = RedirectResponse(authorization_url(provider, settings.oidc, flow), 302)
    response.set_cookie(
        COOKIE,
        _sealed(entrance.seal, flow),
        max_age=int(OIDC_FLOW_S),
        path=CALLBACK,
        secure=is_secure(request),
        httponly=True,
        samesite="lax",  # the way back begins on the provider's page
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@router.get("/callback", status_code=303)
def get_callback(request: Request) -> RedirectResponse:
    """Where the provider sends the browser back to; begins a session and says so."""
    entrance: Entrance = request.app.state.entrance
    flow = _unsealed(entrance.seal, request.cookies.get(COOKIE, ""))
    tenant = None if flow is None else entrance.tenants.find(flow.organisation)
    settings = _settings(tenant)
    if flow is None or tenant is None or settings.oidc is None:
        text = "this sign-in was not begun in this browser, or took too long; begin again"
        raise SignInRefused("sign-in-unknown", text)
    secret = _client_secret(entrance, tenant, settings.oidc)
    now_s = int(tenant.utc().timestamp())
    with _patiently():
        proven = prove(
            entrance.providers,
            settings.oidc,
            secret,
            flow,
            answer=request.query_params,
            now_s=now_s,
        )
    identity = Identity(proven.issuer, proven.subject)
    source = source_of_request(request)
    signed_in = sign_in_by_identity(entrance.desk(tenant), identity, proven.email, source=source)
    response = RedirectResponse(HOME, 303)
    give_cookie(request, response, written(SESSION_PREFIX, tenant.domain, signed_in.secret))
    response.delete_cookie(COOKIE, path=CALLBACK)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


_turns = threading.BoundedSemaphore(OIDC_AT_ONCE)


class _patiently:
    """Asks few providers at once, and tells nothing of their trouble but that there is some."""

    def __enter__(self) -> None:
        if not _turns.acquire(blocking=False):
            text = "too many sign in at an identity provider; try again"
            raise SignInRefused("busy", text, wait_s=1.0)

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        _turns.release()
        if isinstance(error, ProviderTrouble):
            _log.warning("an identity provider is in trouble", because=str(error))
            raise SignInRefused("provider-trouble", TROUBLE) from error


def _settings(tenant: Tenant | None) -> SignInSettings:
    organisation = None if tenant is None else tenant.administration.current().organisation
    return SignInSettings() if organisation is None else organisation.sign_in


def _client_secret(entrance: Entrance, tenant: Tenant, settings: OidcSettings) -> str | None:
    """Only the first organisation may name variables: they belong to who runs the process."""
    kind, _, name = (settings.client_secret or "").partition(":")
    found: str | None = None
    if kind == "":
        return None
    if kind == "env" and tenant.domain == entrance.tenants.first().domain:
        found = os.environ.get(name)
    elif kind == "file":
        found = _read(tenant.database.data / SECRETS / name)
    if not found:
        _log.error("the secret of the identity provider is missing", reference=f"{kind}:{name}")
        raise SignInRefused("provider-trouble", TROUBLE)
    return found


def _read(file: Path) -> str | None:
    try:
        with file.open(encoding="utf-8") as stream:
            return stream.read(SECRET_CHARS_MAX).strip()
    except (OSError, UnicodeDecodeError):
        return None


def _sealed(key: bytes, flow: Flow) -> str:
    """Only this process can have written it; the browser that has it began the sign-in."""
    text = base64.urlsafe_b64encode(json.dumps(asdict(flow)).encode()).decode()
    return f"{text}.{hmac.new(key, text.encode(), hashlib.sha256).hexdigest()}"


def _unsealed(key: bytes, value: str) -> Flow | None:
    text, _, tag = value.partition(".")
    expected = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), tag.encode()):
        return None
    try:
        return Flow(**json.loads(base64.urlsafe_b64decode(text)))
    except (ValueError, TypeError, binascii.Error):
        return None
