"""Fields of people, groups and resource accounts that take a permission of their own (SPEC 11.1).

Who administers people gives no numbers, licences or policies, and who gives these need not
administer people.
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from callwright.domains.access.model import Permission

_LICENCES = {"licences": Permission.LICENCES_WRITE}
_POLICIES = {"policies": Permission.POLICIES_WRITE}
_NUMBER = {"number": Permission.NUMBERS_WRITE}
_OWN: Mapping[str, Mapping[str, Permission]] = MappingProxyType(
    {
        "user": {
            **_LICENCES,
            **_POLICIES,
            **_NUMBER,
            "voice": Permission.NUMBERS_WRITE,
            "private_line": Permission.NUMBERS_WRITE,
            "alternate_numbers": Permission.NUMBERS_WRITE,
        },
        "group": {**_LICENCES, **_POLICIES},
        "resource-account": {**_LICENCES, **_POLICIES, **_NUMBER},
    }
)
"""By kind of entity; the voice flag follows the number (row 2)."""


def own_permissions(kind: str) -> frozenset[Permission]:
    """Those that fields of the kind take, beside the kind's."""
    return frozenset(_OWN.get(kind, {}).values())


def needed_for(
    kind: str, before: object, after: object, otherwise: Sequence[Permission]
) -> frozenset[Permission]:
    """Returns what it takes to make ``after`` of an entity; None: it is not there.

    ``otherwise`` is needed to make one or to remove it, and for every field without a permission
    of its own; who removes one needs no more.
    """
    if not isinstance(after, Mapping):
        return frozenset(otherwise)
    was = before if isinstance(before, Mapping) else {}
    changed = [str(name) for name in {*was, *after} if was.get(name) != after.get(name)]
    needed = needed_for_fields(kind, changed, otherwise)
    is_made = not isinstance(before, Mapping)
    return needed | frozenset(otherwise) if is_made else needed


def needed_for_fields(
    kind: str, fields: Iterable[str], otherwise: Sequence[Permission]
) -> frozenset[Permission]:
    """Returns what it takes to change these fields of an entity that is there; no field: as any."""
    own = _OWN.get(kind, {})
    names = tuple(fields)
    needed = {own[name] for name in names if name in own}
    if not names or any(name not in own for name in names):
        needed.update(otherwise)
    return frozenset(needed)
