"""Attendants and queues that are entrusted to users: a way past ``services:write``, field by field.

A route about one of them depends on ``entry_access``, and calls ``refuse_unlisted`` before it shows
the entry, or ``refuse_beyond_trust`` before it writes.
"""

from pydantic import JsonValue
from starlette.requests import HTTPConnection

from callwright.api.authorisation import Allowed, Caller, lacking
from callwright.api.problems import Problem
from callwright.domains.access.model import Permission
from callwright.operations.access.delegation import DELEGATED_KINDS, may_edit, may_see
from callwright.operations.organisation_file.entities import EntityKey


class AllowedOrEntrusted(Allowed):
    """Lets in who has the permission, and whoever belongs to a user of the directory."""

    async def __call__(self, connection: HTTPConnection) -> Caller:
        caller = await self.identified(connection)
        if caller.principal.user is None:
            self.check(caller)
        connection.state.caller = caller
        return caller


def entry_access(kind: str, *needed: Permission) -> Allowed:
    """What a route about one entity of the kind depends on."""
    return AllowedOrEntrusted(*needed) if kind in DELEGATED_KINDS else Allowed(*needed)


def refuse_unlisted(caller: Caller, address: EntityKey, needed: Permission) -> None:
    """Raises Problem (403) unless the caller has the permission, or the entry lists him."""
    if caller.principal.may(needed):
        return
    organisation = caller.tenant.administration.current().organisation
    if organisation is None or not may_see(organisation, address, caller.principal.user):
        raise lacking(caller, needed)


def refuse_beyond_trust(
    caller: Caller, address: EntityKey, after: JsonValue, needed: Permission
) -> None:
    """Raises Problem (403) unless the caller has the permission, or every field is entrusted.

    ``after`` is the entity as it would be stored; None: it would be removed.
    """
    if caller.principal.may(needed):
        return
    organisation = caller.tenant.administration.current().organisation
    if organisation is not None and address[0] in DELEGATED_KINDS:
        decision = may_edit(organisation, address, after, caller.principal.user)
        if decision.value:
            return
        step = decision.steps[-1]
        text = f"{caller.principal.name} may not {step.what.removeprefix('refuse to ')}"
        raise Problem(403, "not-entrusted", f"{text}: {step.because}", "ask an administrator")
    raise lacking(caller, needed)
