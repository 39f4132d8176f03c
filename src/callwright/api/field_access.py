"""Fields that take a permission of their own: a way past the kind's, and a bar within it.

A route that writes such an entity depends on ``AllowedByField``, and calls ``refuse_beyond_fields``
before it writes.
"""

from collections.abc import Iterable

from pydantic import JsonValue
from starlette.requests import HTTPConnection

from callwright.api.authorisation import Allowed, Caller, lacking
from callwright.api.entity_kinds import EntityKind
from callwright.domains.access.fields import needed_for, needed_for_fields, own_permissions
from callwright.domains.access.model import Permission
from callwright.operations.plan import Change


class AllowedByField(Allowed):
    """Lets in who has all that the kind takes, or reads it and has what one of its fields takes."""

    def __init__(self, kind: EntityKind) -> None:
        super().__init__(*kind.needed_to_write)
        self._kind = kind

    async def __call__(self, connection: HTTPConnection) -> Caller:
        caller = await self.identified(connection)
        if not may_write_some(caller, self._kind):
            self.check(caller)
        connection.state.caller = caller
        return caller


def has_own_fields(kind: EntityKind) -> bool:
    return bool(own_permissions(kind.kind))


def may_write_some(caller: Caller, kind: EntityKind) -> bool:
    """Whether there is anything of the kind that the caller may change."""
    principal = caller.principal
    if principal.may(*kind.needed_to_write):
        return True
    return principal.may(kind.read) and not own_permissions(kind.kind).isdisjoint(
        principal.permissions
    )


def refuse_beyond_fields(
    caller: Caller, kind: EntityKind, before: JsonValue, after: JsonValue
) -> None:
    """``after`` is the entity as it would be stored; None: it would be removed. Raises Problem
    (403)."""
    _refuse(caller, needed_for(kind.kind, before, after, kind.needed_to_write))


def refuse_change(caller: Caller, kind: EntityKind, change: Change) -> None:
    """Raises Problem (403) where it is not the caller's to make."""
    needed = set(kind.needed_to_write)
    if change.action != "remove":
        names = [field.path.partition(".")[0] for field in change.fields]
        by_field = needed_for_fields(kind.kind, names, kind.needed_to_write)
        needed = {*by_field, *(needed if change.action == "add" else ())}
    _refuse(caller, needed)


def _refuse(caller: Caller, needed: Iterable[Permission]) -> None:
    for permission in sorted(needed):
        if not caller.principal.may(permission):
            raise lacking(caller, permission)
