"""What was bought, who holds it, and what of it is wasted (SPEC 1)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from callwright.domains.licences.model import SKUS_WITH, Holding, Right, Sku, Standing, Term
from callwright.domains.licences.rules import (
    free_resource_accounts,
    overlaps,
    phone_system_seats,
    standing,
)
from callwright.operations.organisation_file.licence_checks import seats_held
from callwright.operations.organisation_file.membership import users_by_group
from callwright.operations.organisation_file.schema import Organisation


@dataclass(frozen=True, slots=True)
class Usage:
    """Of one SKU that was bought or is held."""

    sku: str
    bought: int
    """For resource accounts with the free pool."""
    held: int
    standing: Standing
    expires: date | None

    @property
    def unused(self) -> int:
        return max(0, self.bought - self.held)


@dataclass(frozen=True, slots=True)
class Waste:
    """A seat that could be given back, or a licence that is there twice."""

    holder: str
    """``users.alice``."""
    sku: str
    text: str
    """What is odd, a semicolon, what to do."""


@dataclass(frozen=True, slots=True)
class LicenceReport:
    usage: tuple[Usage, ...]
    waste: tuple[Waste, ...]

    def as_json(self) -> dict[str, object]:
        """``{"usage": [{"sku", "bought", "held", "unused", ...}], "waste": [{"holder", ...}]}``."""
        return {
            "usage": [
                {
                    "sku": row.sku,
                    "bought": row.bought,
                    "held": row.held,
                    "unused": row.unused,
                    "standing": row.standing.value,
                    "expires": row.expires and row.expires.isoformat(),
                }
                for row in self.usage
            ],
            "waste": [
                {"holder": row.holder, "sku": row.sku, "text": row.text} for row in self.waste
            ],
        }


def report_licences(organisation: Organisation, today: date) -> LicenceReport:
    """Returns every SKU that matters, in the order of the price list, and all that is wasted."""
    held = seats_held(organisation)
    accounts = organisation.resource_accounts.values()
    service = Sku.RESOURCE_ACCOUNT.value
    held[service] += sum(service in account.licences for account in accounts)
    known = [sku.value for sku in Sku if sku.value in organisation.licences or held[sku.value]]
    usage = tuple(_usage(organisation, sku, held[sku], today) for sku in known)
    return LicenceReport(usage, tuple(_waste(organisation)))


def _usage(organisation: Organisation, sku: str, held: int, today: date) -> Usage:
    bought = organisation.seats.get(sku, 0)
    if sku == Sku.RESOURCE_ACCOUNT.value:
        bought += free_resource_accounts(phone_system_seats(organisation.seats))
    licence = organisation.licences.get(sku)
    term = None
    if licence is not None and licence.expires is not None:
        term = Term(date.fromisoformat(licence.expires), licence.grace_days)
    expires = None if term is None else term.expires
    return Usage(sku, bought, held, standing(term, today), expires)


def _waste(organisation: Organisation) -> Iterator[Waste]:
    """By user in the file's order; a seat is named once, for the first reason that applies."""
    given = held_by_groups(organisation)
    for key, user in organisation.users.items():
        holdings = [*map(Holding, user.licences), *given.get(key, ())]
        holder = f"users.{key}"
        if not user.enabled:
            for sku in dict.fromkeys(holding.sku for holding in holdings):
                yield Waste(holder, sku, "the account is disabled; take the licence back")
            continue
        spare = list(overlaps(holdings))
        for overlap in spare:
            yield Waste(holder, overlap.spare.sku, _overlap_text(overlap.spare, overlap.instead))
        phone = _phone_licence(holdings)
        if phone is not None and not _is_reachable(organisation, key):
            text = "no number and no shared one; assign a number, or take the licence back"
            yield Waste(holder, phone, text)
        elif phone is not None and user.voice is False:
            yield Waste(holder, phone, "voice is off; switch it on, or take the licence back")


def held_by_groups(organisation: Organisation) -> dict[str, list[Holding]]:
    """Returns what groups give, by user; resolves every group, so ask once for all users."""
    giving = {key: group for key, group in organisation.groups.items() if group.licences}
    members = users_by_group(organisation.groups) if giving else {}
    found: dict[str, list[Holding]] = {}
    for key, group in giving.items():
        for user in members[key]:
            found.setdefault(user, []).extend(Holding(sku, key) for sku in group.licences)
    return found


def _overlap_text(spare: Holding, instead: Holding) -> str:
    if spare.sku != instead.sku:
        return f"{instead.sku} contains it; take it back, which frees a seat"
    return f"held {_way(instead)} and {_way(spare)}, in one seat; one of them is enough"


def _way(holding: Holding) -> str:
    return "directly" if holding.group is None else f"by group {holding.group}"


def _phone_licence(holdings: list[Holding]) -> str | None:
    for holding in holdings:
        if holding.sku in SKUS_WITH[Right.PHONE_SYSTEM]:
            return holding.sku
    return None


def _is_reachable(organisation: Organisation, key: str) -> bool:
    """Whether the user has a number, or may be meant to share one."""
    user = organisation.users[key]
    return user.number is not None or bool(organisation.policies.shared_calling)
