"""Groups of users and groups: who is in them, and what of that cannot be."""

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from callwright.kernel.limits.rights import GROUP_DEPTH_MAX, GROUP_MEMBERS_MAX
from callwright.operations.organisation_file.checks import Finding, Names, unknown
from callwright.operations.organisation_file.schema import GroupSettings, Organisation


def inner_groups(group: GroupSettings) -> Iterator[tuple[int, str]]:
    """Yields position and key of each group that is a member."""
    for index, member in enumerate(group.members):
        if isinstance(member, dict):
            yield index, str(member["group"])


def users_by_group(groups: Mapping[str, GroupSettings]) -> dict[str, tuple[str, ...]]:
    """Returns the users of each group in the order written, those of inner groups in their place.

    Each is there once. Of a circle, which the checks refuse, some are missing.
    """
    resolved: dict[str, tuple[str, ...]] = {}
    try:
        order = _innermost_first(groups)
    except CycleError:
        order = tuple(groups)
    for key in order:
        users: dict[str, None] = {}
        for member in groups[key].members:
            if isinstance(member, dict):
                users |= dict.fromkeys(resolved.get(str(member["group"]), ()))
            else:
                users[str(member)] = None
        resolved[key] = tuple(users)
    return resolved


def _innermost_first(groups: Mapping[str, GroupSettings]) -> tuple[str, ...]:
    """Raises CycleError where groups contain one another."""
    inside = {
        key: [inner for _, inner in inner_groups(group) if inner in groups]
        for key, group in groups.items()
    }
    return tuple(TopologicalSorter(inside).static_order())


def check_groups(organisation: Organisation, names: Names) -> Iterator[Finding]:
    groups = organisation.groups
    for key, group in groups.items():
        for index, text in _member_mistakes(group, names):
            inner = ("group",) if isinstance(group.members[index], dict) else ()
            yield Finding(("groups", key, "members", index, *inner), text)
    yield from _check_nesting(groups)


def _member_mistakes(group: GroupSettings, names: Names) -> Iterator[tuple[int, str]]:
    seen_users: set[str] = set()
    seen_groups: set[str] = set()
    for index, member in enumerate(group.members):
        if isinstance(member, dict):
            name, what, known, seen = str(member["group"]), "group", names.groups, seen_groups
        else:
            name, what, known, seen = str(member), "user", names.users, seen_users
        if name not in known:
            yield index, unknown(what, name, known, f"{what}s")
        elif name in seen:
            yield index, f"{name} is listed twice; leave one out"
        seen.add(name)


def _check_nesting(groups: Mapping[str, GroupSettings]) -> Iterator[Finding]:
    """A circle is told once, by one of its members, and depth where it is passed."""
    try:
        order = _innermost_first(groups)
    except CycleError as error:
        *circle, _ = error.args[1]  # it begins and ends with the same one
        text = f"{' and '.join(circle)} contain one another; leave one of them out"
        if len(circle) == 1:
            text = "is a member of itself; leave it out"
        yield Finding(("groups", circle[-1], "members"), text)
        return
    depths: dict[str, int] = {}
    for key in order:
        depth = 1
        for index, inner in inner_groups(groups[key]):
            depth = max(depth, depths.get(inner, 0) + 1)
            if depths.get(inner) == GROUP_DEPTH_MAX:
                text = f"is the {GROUP_DEPTH_MAX + 1}th level of groups in groups; name users here"
                yield Finding(("groups", key, "members", index, "group"), text)
        depths[key] = depth
    for key, users in users_by_group(groups).items():
        if len(users) > GROUP_MEMBERS_MAX:
            text = f"has {len(users)} users with those of its groups; {GROUP_MEMBERS_MAX} may be"
            yield Finding(("groups", key, "members"), text)
