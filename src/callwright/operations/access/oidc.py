"""Signing in at an identity provider: OpenID Connect's code flow with PKCE (RFC 6749, RFC 7636).

What the provider says is believed only from a signed identity token for us, of this sign-in
(OpenID Connect Core §3.1.3.7).
"""

import base64
import hashlib
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from callwright.kernel.limits.access import (
    OIDC_KEYS_AGAIN_S,
    OIDC_KEYS_S,
    OIDC_LEEWAY_S,
    OIDC_PROVIDERS_MAX,
)
from callwright.operations.access.refusal import SignInRefused
from callwright.operations.organisation_file.sign_in_schema import (
    OidcSettings,
    is_loopback,
    is_safe_url,
)

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
"""Signed with a key that only the provider has; never ``none``, never with the client's secret."""
SCOPE = "openid email profile"
DISCOVERY = "/.well-known/openid-configuration"
TROUBLE = "the identity provider does not answer as it should; try again, or use your password"


class ProviderTrouble(Exception):
    """The provider could not be asked, or said nothing usable; the text is for the log."""


class Fetcher(Protocol):
    """Asks a provider, bounded in time and size, without following redirects.

    Raises ProviderTrouble.
    """

    def get(self, url: str) -> Mapping[str, Any]: ...

    def post(self, url: str, form: Mapping[str, str]) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Provider:
    issuer: str
    authorization_url: str
    token_url: str
    keys: KeySet = field(repr=False)
    fetched_at_s: float
    says_issuer: bool
    """It sends its name with the code, too (RFC 9207)."""


@dataclass(frozen=True, slots=True)
class Flow:
    """What has to come back from the provider, kept by the browser that went there."""

    organisation: str
    state: str
    nonce: str
    verifier: str = field(repr=False)
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Proven:
    """Who the provider says it is."""

    issuer: str
    subject: str
    email: str | None
    """Only one that the provider verified."""


class Providers:
    """Endpoints and keys of providers, fetched once in a while; from any thread."""

    def __init__(self, fetcher: Fetcher, monotonic: Callable[[], float]) -> None:
        self._fetcher = fetcher
        self._monotonic = monotonic
        self._known: OrderedDict[str, Provider] = OrderedDict()
        self._turn = threading.Lock()

    def find(self, issuer: str, *, least_age_s: float = OIDC_KEYS_S) -> Provider:
        """Raises ProviderTrouble. ``least_age_s``: how old may be what is kept."""
        now_s = self._monotonic()
        with self._turn:
            known = self._known.get(issuer)
        if known is not None and now_s - known.fetched_at_s < least_age_s:
            return known
        found = self._fetched(issuer, now_s)
        with self._turn:
            self._known.pop(issuer, None)
            self._known[issuer] = found
            while len(self._known) > OIDC_PROVIDERS_MAX:
                self._known.popitem(last=False)
        return found

    def redeem(self, provider: Provider, form: Mapping[str, str]) -> str:
        """Exchanges a code for the identity token. Raises ProviderTrouble."""
        token = self._fetcher.post(provider.token_url, form).get("id_token")
        if not isinstance(token, str):
            raise ProviderTrouble("the token endpoint gave no id_token")
        return token

    def _fetched(self, issuer: str, now_s: float) -> Provider:
        said = self._fetcher.get(issuer + DISCOVERY)
        if str(said.get("issuer")).rstrip("/") != issuer:
            raise ProviderTrouble(f"it calls itself {said.get('issuer')!r}")
        keys = self._fetcher.get(_url(said, "jwks_uri", issuer))
        try:
            read = KeySet.import_key_set(dict(keys))  # type: ignore[arg-type]
        except (JoseError, KeyError, TypeError, ValueError) as error:
            raise ProviderTrouble(f"its keys cannot be read: {error}") from error
        return Provider(
            issuer=said["issuer"],
            authorization_url=_url(said, "authorization_endpoint", issuer),
            token_url=_url(said, "token_endpoint", issuer),
            keys=read,
            fetched_at_s=now_s,
            says_issuer=said.get("authorization_response_iss_parameter_supported") is True,
        )


def authorization_url(provider: Provider, settings: OidcSettings, flow: Flow) -> str:
    """Where the browser is sent."""
    digest = hashlib.sha256(flow.verifier.encode()).digest()
    query = {
        "response_type": "code",
        "client_id": settings.client_id,
        "redirect_uri": flow.redirect_uri,
        "scope": SCOPE,
        "state": flow.state,
        "nonce": flow.nonce,
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    separator = "&" if "?" in provider.authorization_url else "?"
    return f"{provider.authorization_url}{separator}{urlencode(query)}"


def prove(
    providers: Providers,
    settings: OidcSettings,
    secret: str | None,
    flow: Flow,
    *,
    answer: Mapping[str, str],
    now_s: int,
) -> Proven:
    """Who came back, from the parameters of the callback. Raises SignInRefused, ProviderTrouble."""
    if not secrets.compare_digest(answer.get("state", "").encode(), flow.state.encode()):
        text = "this sign-in was not begun in this browser; begin again"
        raise SignInRefused("sign-in-unknown", text)
    provider = providers.find(settings.issuer)
    if answer.get("iss", None if provider.says_issuer else provider.issuer) != provider.issuer:
        raise ProviderTrouble("the answer came from another provider")
    if "code" not in answer:
        raise SignInRefused("provider-refused", "the identity provider let nobody in; try again")
    form = {
        "grant_type": "authorization_code",
        "code": answer["code"],
        "redirect_uri": flow.redirect_uri,
        "client_id": settings.client_id,
        "code_verifier": flow.verifier,
    }
    if secret is not None:
        form["client_secret"] = secret
    token = providers.redeem(provider, form)
    try:
        claims = _claims(provider, token)
    except ProviderTrouble:
        # It may have begun to sign with a new key (OpenID Connect Core §10.1.1).
        newer = providers.find(settings.issuer, least_age_s=OIDC_KEYS_AGAIN_S)
        if newer is provider:
            raise
        claims = _claims(newer, token)
    return _proven(provider, settings, claims, nonce=flow.nonce, now_s=now_s)


def _claims(provider: Provider, token: str) -> Mapping[str, Any]:
    try:
        return jwt.decode(token, provider.keys, algorithms=list(ALGORITHMS)).claims
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise ProviderTrouble(f"its token cannot be verified: {error}") from error


def _proven(
    provider: Provider,
    settings: OidcSettings,
    claims: Mapping[str, Any],
    *,
    nonce: str,
    now_s: int,
) -> Proven:
    registry = jwt.JWTClaimsRegistry(
        now=now_s,
        leeway=OIDC_LEEWAY_S,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": settings.client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        registry.validate(dict(claims))
    except (JoseError, ValueError, TypeError) as error:
        raise ProviderTrouble(f"its token is not for this sign-in: {error}") from error
    audience, party = claims["aud"], claims.get("azp")
    is_shared = isinstance(audience, list) and len(audience) > 1
    if party != settings.client_id and (party is not None or is_shared):
        raise ProviderTrouble("its token is for another program, too")
    email, is_verified = claims.get("email"), claims.get("email_verified") is True
    return Proven(
        issuer=provider.issuer,
        subject=str(claims["sub"]),
        email=email.strip().lower() if is_verified and isinstance(email, str) else None,
    )


def _url(said: Mapping[str, Any], name: str, issuer: str) -> str:
    """No provider on the network may send us to a program on our own machine."""
    url = said.get(name)
    if not isinstance(url, str) or not is_safe_url(url, may_be_loopback=is_loopback(issuer)):
        raise ProviderTrouble(f"its {name} is no https URL")
    return url


def fresh_flow(organisation: str, redirect_uri: str, new_secret: Callable[[int], bytes]) -> Flow:
    """Three secrets: one that the answer must name, one for the token, one for the exchange."""
    state, nonce, verifier = (new_secret(32).hex() for _ in range(3))
    return Flow(organisation, state, nonce, verifier, redirect_uri)
