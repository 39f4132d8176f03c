"""How people are found and shown (SPEC 3.9)."""

from collections.abc import Iterable, Mapping

from callwright.domains.directory.model import Contact, User
from callwright.kernel.e164 import E164
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


def names_by_number(users: Iterable[User], contacts: Iterable[Contact]) -> dict[E164, str]:
    """Returns who calls from which number, a colleague rather than a contact (SPEC 3.9).

    A number that colleagues share by extension says nothing about who calls, and a private line
    is never called from.
    """
    names = {phone: contact.name for contact in contacts for phone in contact.phones}
    for user in users:
        if user.number is not None and user.number_extension is None:
            names[user.number] = user.name
        for number in user.alternate_numbers:
            names[number] = user.name
    return names
