"""Finds people for callers who type or say a name (SPEC 6.9)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from callwright.domains.directory.keypad import fits
from callwright.domains.directory.model import User
from callwright.kernel.limits.attendants import DIRECTORY_LISTED_MAX, DIRECTORY_MATCHES_MAX


@dataclass(frozen=True, slots=True)
class Crowd:
    """More people than can be read out."""

    count: int
    is_in_scope: bool
    """False: so many before the dial scope left anybody out."""


InScope = Callable[[User], bool]


def is_listed(user: User) -> bool:
    """Whether callers may find the user at all: hidden and disabled ones never (row 183)."""
    return user.is_enabled and not user.profile.is_hidden


def typed_name(users: Iterable[User], keys: str, in_scope: InScope) -> tuple[User, ...] | Crowd:
    """Returns who fits the keys, by name, or that they are too many (rows 177 to 179)."""
    return _few((u for u in users if fits(u.name, keys)), in_scope)


def said_name(users: Iterable[User], name: str, in_scope: InScope) -> tuple[User, ...] | Crowd:
    """Returns who is called exactly so, whatever the case."""
    wanted = name.casefold()
    return _few((u for u in users if u.name.casefold() == wanted), in_scope)


def _few(fitting: Iterable[User], in_scope: InScope) -> tuple[User, ...] | Crowd:
    listed = [user for user in fitting if is_listed(user)]
    if len(listed) > DIRECTORY_MATCHES_MAX:
        return Crowd(len(listed), is_in_scope=False)
    found = sorted(filter(in_scope, listed), key=lambda user: (user.name.casefold(), user.id))
    if len(found) > DIRECTORY_LISTED_MAX:
        return Crowd(len(found), is_in_scope=True)
    return tuple(found)
