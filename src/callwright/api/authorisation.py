"""Who asks, and whether he may: every route declares its permission by ``allowed``."""

from dataclasses import dataclass
from typing import Protocol

from starlette.requests import HTTPConnection

from callwright.api.problems import Problem
from callwright.api.tenant import Tenant
from callwright.domains.access.model import Permission, Principal
from callwright.operations.actor import Actor

FOLLOWING = "callwright.following"
"""Marks, in the scope, that a connection which goes on is looked at again: that is no use of a
session, which would else never end while a page stands open."""
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="callwright"'}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, proven, and the organisation that he asks about."""

    tenant: Tenant
    principal: Principal

    @property
    def actor(self) -> Actor:
        """As the history shows him."""
        return Actor(self.principal.kind.value, self.principal.name)


class Doorkeeper(Protocol):
    """Reads the credential of a request: a token, a session's cookie, or none."""

    async def identify(self, connection: HTTPConnection) -> Caller | None:
        """None: no credential. Raises Problem (401, 403, 429) for one that does not count."""
        ...


class Allowed:
    """A dependency: the caller, who has all of ``needed``. Raises Problem: 401, 403."""

    def __init__(self, *needed: Permission) -> None:
        self.needed = needed

    async def __call__(self, connection: HTTPConnection) -> Caller:
        caller = await self.identified(connection)
        self.check(caller)
        connection.state.caller = caller
        return caller

    async def identified(self, connection: HTTPConnection) -> Caller:
        """Raises Problem (401)."""
        doorkeeper: Doorkeeper = connection.app.state.doorkeeper
        caller = await doorkeeper.identify(connection)
        if caller is None:
            text = "nobody is signed in"
            remedy = "sign in, or send Authorization: Bearer TOKEN"
            raise Problem(401, "not-signed-in", text, remedy, headers=CHALLENGE)
        return caller

    def check(self, caller: Caller) -> None:
        """Raises Problem (403)."""
        missing = [need for need in self.needed if not caller.principal.may(need)]
        if missing:
            raise lacking(caller, missing[0])


def lacking(caller: Caller, needed: Permission) -> Problem:
    text = f"{caller.principal.name} lacks the permission {needed}"
    return Problem(403, "not-allowed", text, "ask an owner for a role that has it")


def allowed(*needed: Permission) -> Allowed:
    """``caller: Annotated[Caller, Depends(allowed(Permission.USERS_READ))]``."""
    return Allowed(*needed)
