"""The directory of a snapshot as an attendant's callers may search it (SPEC 6.9)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

from callwright.domains.attendants.model import AutoAttendant, NameSuffix
from callwright.domains.attendants.people import Found, Person, TooMany
from callwright.domains.directory.model import User
from callwright.domains.directory.search import Crowd, is_listed, said_name, typed_name
from callwright.kernel.ids import GroupId, UserId
from callwright.kernel.limits.attendants import DIRECTORY_SPOKEN_MAX
from callwright.kernel.target import Target, ToAttendant, ToGroup, ToQueue, ToUser, ToVoicemail
from callwright.routing.snapshot import Snapshot


@dataclass(frozen=True)
class SearchedPeople:
    """The `People` of one attendant's callers."""

    snapshot: Snapshot = field(repr=False)
    attendant: AutoAttendant = field(repr=False)

    def extensions(self) -> Collection[str]:
        return self._extensions

    def by_extension(self, extension: str) -> Person | None:
        snapshot = self.snapshot
        key = snapshot.user_by_extension.get(extension)
        key = key or snapshot.user_by_other_extension.get(extension)
        user = None if key is None else snapshot.users.get(key)
        if user is None or not is_listed(user) or not self._is_in_scope(user):
            return None
        return self._person(user)

    def by_keys(self, keys: str) -> Found:
        return self._found(typed_name(self.snapshot.users.values(), keys, self._is_in_scope))

    def by_name(self, name: str) -> Found:
        return self._found(said_name(self.snapshot.users.values(), name, self._is_in_scope))

    def spoken_names(self) -> Sequence[str]:
        listed = (user for user in self.snapshot.users.values() if is_listed(user))
        in_scope = (user.name for user in listed if self._is_in_scope(user))
        names = tuple(islice(in_scope, DIRECTORY_SPOKEN_MAX + 1))
        return names if len(names) <= DIRECTORY_SPOKEN_MAX else ()

    def name_of(self, target: Target) -> str | None:
        snapshot = self.snapshot
        match target:
            case ToUser(user=user):
                known = snapshot.users.get(user)
                return None if known is None else known.name
            case ToGroup(group=group):
                team = snapshot.groups.get(group)
                return None if team is None else team.name or team.id
            case ToQueue(queue=queue):
                found = snapshot.queues.get(queue)
                return None if found is None else found.name
            case ToAttendant(attendant=attendant):
                nested = snapshot.attendants.get(attendant)
                return None if nested is None else nested.name
            case ToVoicemail(mailbox=mailbox):
                box = snapshot.mailboxes.get(mailbox)
                return None if box is None else box.name
            case _:
                return None

    def _found(self, found: tuple[User, ...] | Crowd) -> Found:
        if isinstance(found, Crowd):
            return TooMany(found.count, found.is_in_scope)
        return tuple(map(self._person, found))

    def _person(self, user: User) -> Person:
        profile = user.profile
        match self.attendant.name_suffix:
            case NameSuffix.NONE:
                suffix = None
            case NameSuffix.OFFICE:
                suffix = profile.office
            case NameSuffix.DEPARTMENT:
                suffix = profile.department
        return Person(user.id, user.name, suffix)

    def _is_in_scope(self, user: User) -> bool:
        if user.id in self._excluded:
            return False
        return self._included is None or user.id in self._included

    @cached_property
    def _extensions(self) -> Collection[str]:
        known, others = self.snapshot.user_by_extension, self.snapshot.user_by_other_extension
        return known.keys() | others.keys() if others else known.keys()

    @cached_property
    def _included(self) -> frozenset[UserId] | None:
        include = self.attendant.dial_scope.include
        return None if include is None else self._members(include)

    @cached_property
    def _excluded(self) -> frozenset[UserId]:
        return self._members(self.attendant.dial_scope.exclude)

    def _members(self, groups: Sequence[GroupId]) -> frozenset[UserId]:
        known = self.snapshot.groups
        return frozenset(user for key in groups if key in known for user in known[key].members)
