"""What the file says of lines beyond who has them: treatments, contacts, mailboxes (all pure)."""

from collections.abc import Iterator

from callwright.domains.numbers.rules import Inventory
from callwright.kernel.e164 import E164
from callwright.operations.organisation_file import forms
from callwright.operations.organisation_file.checks import Finding, Names, twice
from callwright.operations.organisation_file.document import Path
from callwright.operations.organisation_file.schema import AnsweringSettings, Organisation
from callwright.operations.organisation_file.snapshot_numbers import build_inventory
from callwright.operations.organisation_file.unassigned_schema import TreatmentSettings
from callwright.operations.organisation_file.values import compiled, split_range
from callwright.operations.organisation_file.walk import referring_forms

_ANYWHERE = tuple(map(E164, ("+12025550143", "+442079460000", "+4930123456", "+81312345678")))
"""Numbers that are hardly one's own, to try a pattern with."""


def check_treatments(organisation: Organisation, names: Names) -> Iterator[Finding]:
    """The priority decides between two that cover one number, so no two have the same."""
    priorities: list[tuple[Path, int]] = [
        (("unassigned_numbers", key, "priority"), treatment.priority)
        for key, treatment in organisation.unassigned_numbers.items()
    ]
    yield from twice(priorities, "give each treatment a priority of its own")


def check_contacts(organisation: Organisation, names: Names) -> Iterator[Finding]:
    """A number shows one name."""
    phones: list[tuple[Path, str]] = [
        (("contacts", key, "phones", index), phone)
        for key, contact in organisation.contacts.items()
        for index, phone in enumerate(contact.phones)
    ]
    yield from twice(phones, "leave one out")


def check_voicemail_off(organisation: Organisation, names: Names) -> Iterator[Finding]:
    """Nothing leads to the mailbox of a user who has none."""
    without = {
        key
        for key, user in organisation.users.items()
        if user.voicemail is not None and not user.voicemail.enabled
    }
    if not without:
        return
    for path, form in referring_forms(organisation):
        if form.get("voicemail") in without:
            text = f"{form['voicemail']} has no voicemail; choose another mailbox, or enable it"
            yield Finding((*path, "voicemail"), text)
    for key in without:
        for field in _leading_to_own(organisation.users[key].answering):
            path = ("users", key, "answering", field, "to")
            yield Finding(path, f"{key} has no voicemail; write disconnect, or enable it")


def _leading_to_own(answering: AnsweringSettings | None) -> Iterator[str]:
    """Names the rules that are written and lead to one's own voicemail."""
    if answering is None:
        return
    for field, rule in (("forward", answering.forward), ("unanswered", answering.unanswered)):
        is_written = rule is not None and "to" in rule.model_fields_set
        if rule is not None and is_written and rule.to == forms.OWN_VOICEMAIL:
            yield field


def caution_wide_treatments(organisation: Organisation, names: Names) -> Iterator[Finding]:
    """A treatment keeps colleagues from calling whoever else it covers (SPEC 3.10, row 35)."""
    if not organisation.unassigned_numbers:
        return  # the inventory of a large organisation takes half a second
    inventory = build_inventory(organisation)
    for key, treatment in organisation.unassigned_numbers.items():
        foreign = _covered_of_others(treatment, inventory)
        if foreign is not None:
            field = "range" if treatment.pattern is None else "pattern"
            text = f"covers {foreign}, too, which is not yours; nobody inside can call it any more"
            yield Finding(("unassigned_numbers", key, field), text)


def _covered_of_others(treatment: TreatmentSettings, inventory: Inventory) -> E164 | None:
    """Returns a number outside the inventory that the treatment covers; None: none is found."""
    if treatment.range is not None:
        tried = tuple(map(E164, split_range(treatment.range)))
    else:
        assert treatment.pattern is not None, "the schema wants one of them"
        pattern = compiled(treatment.pattern)
        tried = tuple(number for number in _ANYWHERE if pattern.search(number) is not None)
    return next((number for number in tried if inventory.find(number) is None), None)


def caution_untold(organisation: Organisation, names: Names) -> Iterator[Finding]:
    """Who is told of emergency calls by no mail, since voicemail took its address with it."""
    emergency = organisation.emergency
    for index, form in enumerate(() if emergency is None else emergency.notify):
        key = str(form["user"]) if isinstance(form, dict) else ""
        user = organisation.users.get(key)
        if user is None or user.voicemail is None or user.voicemail.enabled:
            continue
        if user.profile.email is None:
            text = f"{key} has no voicemail, and so no mail; write users.{key}.profile.email"
            yield Finding(("emergency", "notify", index), text)
