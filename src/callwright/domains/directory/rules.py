"""How people are found and shown (SPEC 3.9)."""

from collections.abc import Mapping

from callwright.domains.directory.model import User
from callwright.kernel.ids import UserId


def find_user(
    address: str, *, users: Mapping[UserId, User], by_extension: Mapping[str, UserId]
) -> UserId | None:
    """Returns whose extension or name ``address`` is, the extension first."""
    user = by_extension.get(address)
    if user is None and UserId(address) in users:
        return UserId(address)
    return user


def shown_address(user: User) -> str:
    """What another party sees of a caller: the number, else the extension, else the name."""
    return user.number or user.extension or user.id
