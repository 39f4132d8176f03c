"""The inventory of an organisation's numbers, made from its configuration and records."""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain

from callwright.domains.numbers.inventory import Inventory
from callwright.domains.numbers.model import NumberKind, NumberSource
from callwright.domains.numbers.spans import Span
from callwright.domains.numbers.states import Block, Entry, HolderKind, Holding, Line
from callwright.kernel.e164 import E164, LineNumber
from callwright.operations.configuration import Configuration
from callwright.operations.organisation_file.number_schema import NumberSettings
from callwright.operations.organisation_file.record_schema import NUMBER_BLOCK, NUMBER_TAGS
from callwright.operations.organisation_file.schema import (
    Organisation,
    ResourceAccountSettings,
    UserSettings,
)


class InventoryReader:
    """Reads one revision after the other; of people who did not change nothing is read again.

    For one thread at a time.
    """

    def __init__(self) -> None:
        self._users: dict[str, tuple[UserSettings, tuple[Holding, ...]]] = {}
        self._entries: tuple[list[NumberSettings], tuple[Entry, ...]] = ([], ())

    def read(self, configuration: Configuration, organisation: Organisation) -> Inventory:
        """``organisation`` is the configuration's own."""
        blocks: dict[E164, Block] = {}
        tags: dict[E164, tuple[str, ...]] = {}
        for (kind, key), settings in configuration.entities.items():
            if kind == NUMBER_BLOCK and isinstance(settings, dict):
                blocks[E164(key)] = Block(instant_or_none(settings.get("until")))
            elif kind == NUMBER_TAGS and isinstance(settings, dict):
                own = settings.get("tags")
                tags[E164(key)] = tuple(map(str, own)) if isinstance(own, list) else ()
        if self._entries[0] is not organisation.numbers:
            self._entries = organisation.numbers, tuple(map(read_entry, organisation.numbers))
        holdings = chain(self._of_users(organisation), _holdings(organisation))
        return Inventory(self._entries[1], holdings, blocks=blocks, tags=tags)

    def _of_users(self, organisation: Organisation) -> Iterator[Holding]:
        known = self._users
        self._users = {}
        for key, user in organisation.users.items():
            former = known.get(key)
            if former is None or former[0] is not user:
                former = user, tuple(lines_of_user(key, user))
            self._users[key] = former
            yield from former[1]


def read_entry(settings: NumberSettings) -> Entry:
    first, last = settings.ends
    return Entry(
        key=settings.range or str(settings.number),
        span=Span(E164(first), E164(last)),
        kind=NumberKind(settings.kind),
        source=NumberSource(settings.source),
        capabilities=settings.capability_set,
        country=settings.country,
        city=settings.city,
        location=settings.location,
        tags=tuple(settings.tags),
        is_ported=settings.ported,
    )


def instant_or_none(value: object) -> datetime | None:
    """Of a record, whose schema took it."""
    return None if value is None else datetime.fromisoformat(str(value))


def _holdings(organisation: Organisation) -> Iterator[Holding]:
    """What others than users have."""
    for key, account in organisation.resource_accounts.items():
        yield from lines_of_account(key, account)
    for key, policy in organisation.policies.shared_calling.items():
        for number in policy.emergency_numbers:
            yield Holding(LineNumber(number), HolderKind.SHARED_CALLING, key)
    locations = {} if organisation.emergency is None else organisation.emergency.locations
    for key, location in locations.items():
        if location.elin is not None:
            yield Holding(LineNumber(location.elin), HolderKind.LOCATION, key)


def lines_of_account(key: str, account: ResourceAccountSettings) -> Iterator[Holding]:
    if account.number is not None:
        yield Holding(LineNumber(account.number), HolderKind.RESOURCE_ACCOUNT, key)


def lines_of_user(key: str, user: UserSettings) -> Iterator[Holding]:
    """Yields what a user has, the primary number first."""
    if user.number is not None:
        yield Holding(LineNumber(user.number), HolderKind.USER, key)
    if user.private_line is not None:
        yield Holding(LineNumber(user.private_line), HolderKind.USER, key, Line.PRIVATE)
    for number in user.alternate_numbers:
        yield Holding(LineNumber(number), HolderKind.USER, key, Line.ALTERNATE)
