"""Finds people by what is dialled and by what they call from, without a walk over all of them."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeVar

from callwright.domains.directory.model import Contact, User
from callwright.kernel.e164 import E164
from callwright.kernel.ids import UserId

K = TypeVar("K", bound=str)


class PeopleIndex(NamedTuple):
    user_by_number: Mapping[str, UserId]
    """By each line, ``+14255550101`` or ``+14255388701;ext=1001``, that rings as rules say."""
    user_by_private_line: Mapping[E164, UserId]
    user_by_extension: Mapping[str, UserId]
    user_by_other_extension: Mapping[str, UserId]
    """By extensions that only attendants know: of shared numbers and of profiles (SPEC 6.9)."""
    name_by_number: Mapping[E164, str]
    """Of contacts, and of colleagues by the phones in their profiles (row 30)."""


def follow_people(index: PeopleIndex, gone: Iterable[User], come: Iterable[User]) -> PeopleIndex:
    """Returns what ``index_people`` would after users went and came, who have no private phones.

    A user that changed goes as it was and comes as it is.
    """
    left, came = index_people(gone, ()), index_people(come, ())
    return PeopleIndex(
        _followed(index.user_by_number, left.user_by_number, came.user_by_number),
        _followed(index.user_by_private_line, left.user_by_private_line, came.user_by_private_line),
        _followed(index.user_by_extension, left.user_by_extension, came.user_by_extension),
        _followed(
            index.user_by_other_extension,
            left.user_by_other_extension,
            came.user_by_other_extension,
        ),
        index.name_by_number,
    )


def _followed(
    kept: Mapping[K, UserId], left: Mapping[K, UserId], came: Mapping[K, UserId]
) -> Mapping[K, UserId]:
    followed = dict(kept)
    for key, user in left.items():
        if followed.get(key) == user:
            del followed[key]
    followed.update(came)
    return followed


def index_people(users: Iterable[User], contacts: Iterable[Contact]) -> PeopleIndex:
    """A number of a colleague and a contact names the colleague; one who is hidden from the
    directory is not named by private phones."""
    lines: dict[str, UserId] = {}
    private_lines: dict[E164, UserId] = {}
    extensions: dict[str, UserId] = {}
    others: dict[str, UserId] = {}
    names = {phone: contact.name for contact in contacts for phone in contact.phones}
    for user in users:
        line = user.number if user.number_extension is None else user.line
        if line is not None:
            lines[line] = user.id
        for number in user.alternate_numbers:
            lines[number] = user.id
        if user.private_line is not None:
            private_lines[user.private_line] = user.id
        if user.extension is not None:
            extensions[user.extension] = user.id
        if user.number_extension is not None:
            others[user.number_extension] = user.id
        others.update(dict.fromkeys(user.profile.extensions, user.id))
        profile = user.profile
        if profile.phones and not profile.is_hidden:
            names.update(dict.fromkeys(profile.phones.values(), user.name))
    return PeopleIndex(lines, private_lines, extensions, others, names)
