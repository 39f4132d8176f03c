"""The snapshot's mailboxes: users' own and shared ones."""

from collections.abc import Mapping

from callwright.domains.voicemail.model import Mailbox
from callwright.kernel.ids import MailboxId
from callwright.operations.organisation_file import schema
from callwright.operations.organisation_file.mailbox_schema import MailboxSettings
from callwright.operations.organisation_file.snapshot_apps import Wording, prompt

_PLAIN = MailboxSettings()

MailboxOwner = schema.UserSettings | MailboxSettings


def mailbox_owners(organisation: schema.Organisation) -> Mapping[str, MailboxOwner]:
    """Users have theirs beside the shared ones; no key is both."""
    return {**organisation.users, **organisation.shared_voicemail}


def build_mailbox(key: str, owner: MailboxOwner, wording: Wording) -> Mailbox | None:
    """None: the user has none."""
    if isinstance(owner, MailboxSettings):
        return _mailbox(key, key, owner, wording)
    if owner.voicemail is not None and not owner.voicemail.enabled:
        return None
    return _mailbox(key, owner.name, owner.voicemail or _PLAIN, wording)


def _mailbox(key: str, name: str, mailbox: MailboxSettings, wording: Wording) -> Mailbox:
    return Mailbox(
        MailboxId(key),
        name,
        email=mailbox.email,
        pin=mailbox.pin,
        greeting=prompt(mailbox.greeting, wording),
        message_s_max=mailbox.message_s_max,
    )
