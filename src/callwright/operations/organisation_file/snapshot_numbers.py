"""The snapshot's numbers: the inventory, who answers service numbers, and what nobody has."""

import re
from collections.abc import Mapping

from callwright.domains.directory.model import Contact
from callwright.domains.numbers.model import (
    NumberKind,
    NumberRange,
    NumberSource,
    ResourceAccount,
)
from callwright.domains.numbers.rules import Inventory
from callwright.domains.numbers.unassigned import Announcement, ToAccount, UnassignedTreatment
from callwright.kernel.e164 import E164, LineNumber
from callwright.kernel.ids import ResourceAccountId, UserId
from callwright.kernel.target import ToAttendant, ToQueue, ToUser
from callwright.operations.organisation_file import schema, values
from callwright.operations.organisation_file.number_schema import NumberSettings
from callwright.operations.organisation_file.snapshot_apps import Wording, prompt, target
from callwright.operations.organisation_file.unassigned_schema import TreatmentSettings

SKIP_INTERNAL = "skip-internal"
_KINDS = {kind.value: kind for kind in NumberKind}
_SOURCES = {source.value: source for source in NumberSource}


def build_inventory(organisation: schema.Organisation) -> Inventory:
    return Inventory(map(_range, organisation.numbers))


def _range(entry: NumberSettings) -> NumberRange:
    first, last = map(E164, entry.ends)
    return NumberRange(
        first=first,
        last=last,
        kind=_KINDS[entry.kind],
        source=_SOURCES[entry.source],
        skips_internal=entry.reverse_lookup == SKIP_INTERNAL,
        caller_id_policy=entry.policies.caller_id,
    )


def split_line(text: str | None) -> tuple[E164 | None, str | None]:
    """Returns number and extension of a line that the schema accepted."""
    if text is None:
        return None, None
    line = LineNumber(text)
    return line.base, line.extension


def build_accounts(
    organisation: schema.Organisation,
) -> Mapping[ResourceAccountId, ResourceAccount]:
    return {
        ResourceAccountId(key): _account(ResourceAccountId(key), settings)
        for key, settings in organisation.resource_accounts.items()
    }


def _account(key: ResourceAccountId, settings: schema.ResourceAccountSettings) -> ResourceAccount:
    answers = target(settings.answers)
    assert isinstance(answers, ToAttendant | ToQueue), "the schema takes nothing else"
    number, extension = split_line(settings.number)
    return ResourceAccount(
        key,
        settings.name,
        number,
        answers,
        extension=extension,
        location=settings.location,
        licences=frozenset(settings.licences),
        country=settings.country,
        policies=settings.policies.by_kind(),
        delegates=tuple(map(UserId, settings.delegates)),
        delegates_ring_s=settings.delegates_ring_s,
        web_pages=frozenset(settings.web_pages),
    )


def build_contacts(organisation: schema.Organisation) -> tuple[Contact, ...]:
    return tuple(
        Contact(contact.name, tuple(map(E164, contact.phones)))
        for contact in organisation.contacts.values()
    )


def build_treatments(
    organisation: schema.Organisation, wording: Wording
) -> tuple[UnassignedTreatment, ...]:
    """By priority, so that the first that covers a number is the one that counts."""
    treatments = [
        UnassignedTreatment(key, settings.priority, _covered(settings), _action(settings, wording))
        for key, settings in organisation.unassigned_numbers.items()
    ]
    return tuple(sorted(treatments, key=lambda treatment: treatment.priority))


def _covered(settings: TreatmentSettings) -> re.Pattern[str] | range:
    if settings.pattern is not None:
        return values.compiled(settings.pattern)
    assert settings.range is not None, "the schema wants one of them"
    first, last = values.split_range(settings.range)
    return range(int(first), int(last) + 1)


def _action(
    settings: TreatmentSettings, wording: Wording
) -> Announcement | ToAccount | ToUser | ToQueue | ToAttendant:
    heard = prompt(settings.announcement, wording)
    if heard is not None:
        return Announcement(heard)
    form = settings.to
    if isinstance(form, dict) and "resource_account" in form:
        return ToAccount(ResourceAccountId(str(form["resource_account"])))
    reached = target(form)
    assert isinstance(reached, ToUser | ToQueue | ToAttendant), "the schema takes nothing else"
    return reached
