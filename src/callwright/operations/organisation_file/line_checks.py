"""What the file says of lines beyond who has them: treatments, contacts, mailboxes (all pure)."""

from collections.abc import Iterator

from callwright.operations.organisation_file import forms
from callwright.operations.organisation_file.checks import Finding, Names, twice
from callwright.operations.organisation_file.document import Path
from callwright.operations.organisation_file.schema import Organisation
from callwright.operations.organisation_file.walk import referring_forms


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
        answering = organisation.users[key].answering
        if answering is None:
            continue
        forward, unanswered = answering.forward, answering.unanswered
        wanted = [
            ("forward", forward is not None and forward.to == forms.OWN_VOICEMAIL),
            (
                "unanswered",
                unanswered is not None
                and "to" in unanswered.model_fields_set
                and unanswered.to == forms.OWN_VOICEMAIL,
            ),
        ]
        for field, leads_there in wanted:
            if leads_there:
                path = ("users", key, "answering", field, "to")
                yield Finding(path, f"{key} has no voicemail; write disconnect, or enable it")
