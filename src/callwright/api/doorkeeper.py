"""Reads who asks from a token, from a session's cookie, or from the process that asks itself."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from callwright.api.authorisation import CHALLENGE, FOLLOWING, Caller
from callwright.api.problems import Problem
from callwright.api.session_cookie import SESSION_PREFIX, cookie_of, refuse_foreign
from callwright.api.tenant import Tenant, Tenants
from callwright.domains.access.account import Account
from callwright.domains.access.credentials import TOKEN_PREFIX, Credential, fingerprint, read
from callwright.domains.access.model import Permission, Principal, PrincipalKind
from callwright.kernel.limits.access import SESSION_TOUCH_S, SIGN_IN_LINK_S
from callwright.operations.access.desk import AccessDesk, local_principal
from callwright.operations.access.sign_in import BY_LINK

ORGANISATION_HEADER = "callwright-organisation"
LOCAL_SCOPE = "callwright.local"
Desks = Callable[[Tenant], AccessDesk]


class LocalCaller:
    """Wraps the application for a program on the data directory itself: it may do everything.

    No request from the network can carry this mark.
    """

    def __init__(self, app: ASGIApp, name: str) -> None:
        self._app = app
        self._name = name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app({**scope, LOCAL_SCOPE: self._name}, receive, send)


class CredentialDoorkeeper:
    """Implements authorisation.Doorkeeper."""

    def __init__(self, tenants: Tenants, desks: Desks) -> None:
        self._tenants = tenants
        self._desks = desks

    async def identify(self, connection: HTTPConnection) -> Caller | None:
        name = connection.scope.get(LOCAL_SCOPE)
        header = connection.headers.get("authorization")
        if name is not None:
            caller = Caller(self._tenants.first(), local_principal(name))
        elif header is not None:
            caller = await asyncio.to_thread(self._by_token, header)
        else:
            value = cookie_of(connection)
            if value is None:
                return None
            refuse_foreign(connection)
            is_use = FOLLOWING not in connection.scope
            caller = await asyncio.to_thread(self._by_session, value, is_use)
        wanted = connection.headers.get(ORGANISATION_HEADER)
        return caller if wanted is None else self._elsewhere(caller, wanted)

    def _by_token(self, header: str) -> Caller:
        scheme, _, text = header.partition(" ")
        credential = read(TOKEN_PREFIX, text.strip()) if scheme.lower() == "bearer" else None
        tenant = self._tenant(credential)
        if credential is None or tenant is None:
            raise _unknown("token")
        desk = self._desks(tenant)
        found = desk.tokens.find(fingerprint(credential.secret))
        now = tenant.utc()
        if found is None or not found[0].holds(now):
            raise _unknown("token")
        token, maker = found
        if token.account is not None and (maker is None or not desk.lets_in(maker)):
            raise _unknown("token")
        if _is_older(token.used_at, now):
            desk.tokens.touch(token.id, now)
        permissions = token.permissions_under(maker)
        principal = Principal(
            PrincipalKind.TOKEN, token.name, permissions, account=token.account, token=token.id
        )
        return Caller(tenant, principal)

    def _by_session(self, value: str, is_use: bool) -> Caller:
        credential = read(SESSION_PREFIX, value)
        tenant = self._tenant(credential)
        if credential is None or tenant is None:
            raise _unknown("session")
        desk = self._desks(tenant)
        hash = fingerprint(credential.secret)
        found = desk.accounts.session(hash)
        now = tenant.utc()
        if found is None or not found[0].holds(now) or not desk.lets_in(found[1]):
            raise _unknown("session")
        session, account = found
        if is_use and _is_older(session.used_at, now):
            desk.accounts.touch_session(hash, now)
        is_fresh = now - session.began_at < timedelta(seconds=SIGN_IN_LINK_S)
        by_link = session.method == BY_LINK and is_fresh
        return Caller(tenant, replace(principal_of(account), came_by_link=by_link))

    def _tenant(self, credential: Credential | None) -> Tenant | None:
        """The first organisation may have had another domain when it gave the credential."""
        if credential is None:
            return None
        return self._tenants.find(credential.organisation) or self._tenants.first()

    def _elsewhere(self, caller: Caller, wanted: str) -> Caller:
        """Who operates the system may ask about any organisation; the others about theirs."""
        if wanted.lower() == caller.tenant.domain.lower():
            return caller
        own, principal = caller.tenant, caller.principal
        is_operator = own.domain == self._tenants.first().domain
        if not is_operator or not principal.may(Permission.SYSTEM_WRITE):
            text = "this credential is for another organisation"
            raise Problem(403, "other-organisation", text, "use one of that organisation")
        tenant = self._tenants.find(wanted)
        if tenant is None:
            text = f"there is no organisation {wanted[:100]!r}"
            raise Problem(404, "not-found", text, "see `callwright organisations`")
        if principal.kind is PrincipalKind.LOCAL:
            return Caller(tenant, principal)
        guest = Principal(principal.kind, f"{principal.name}@{own.domain}", principal.permissions)
        return Caller(tenant, guest)


def principal_of(account: Account) -> Principal:
    return Principal(
        PrincipalKind.ACCOUNT,
        account.name,
        account.permissions,
        account=account.id,
        user=account.user,
    )


def _is_older(used_at: datetime | None, now: datetime) -> bool:
    return used_at is None or now - used_at > timedelta(seconds=SESSION_TOUCH_S)


def _unknown(what: str) -> Problem:
    """The same whether it never was, ended, or was revoked."""
    text = f"the {what} is unknown, or does not hold any more"
    return Problem(401, f"{what}-unknown", text, "sign in again", headers=CHALLENGE)
