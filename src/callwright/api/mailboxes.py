"""Whose mailbox a request is about, and who may: its owner, its members, or who has the right."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Path

from callwright.api.authorisation import Caller
from callwright.api.delegation import AllowedOrEntrusted
from callwright.api.problems import Problem, not_found
from callwright.domains.access.model import Permission
from callwright.domains.voicemail.model import KeptMessage, Mailbox
from callwright.kernel.ids import MailboxId, VoicemailId
from callwright.kernel.limits.configuration import NAME_CHARS_MAX
from callwright.operations.organisation_file import build_snapshot
from callwright.routing.mailboxes import members_of
from callwright.routing.snapshot import Snapshot
from callwright.storage.voicemail import Voicemails

MailboxKey = Annotated[str, Path(max_length=NAME_CHARS_MAX, description="Its key.")]
MessageKey = Annotated[str, Path(max_length=NAME_CHARS_MAX)]

to_read = AllowedOrEntrusted(Permission.VOICEMAIL_READ)
to_write = AllowedOrEntrusted(Permission.VOICEMAIL_WRITE)


@dataclass(frozen=True, slots=True)
class Opened:
    """A mailbox that the caller may open."""

    snapshot: Snapshot
    mailbox: Mailbox
    voicemails: Voicemails

    def message(self, key: str) -> KeptMessage:
        """Raises Problem (404)."""
        message = self.voicemails.get(VoicemailId(key))
        if message is None or message.mailbox != self.mailbox.id:
            raise not_found("message", key)
        return message


def opened(caller: Caller, key: str, needed: Permission) -> Opened:
    """Not for the event loop. Raises Problem: 403, 404."""
    tenant = caller.tenant
    snapshot = current_snapshot(caller)
    is_own = caller.principal.user in members_of(snapshot, MailboxId(key))
    if not is_own and not caller.principal.may(needed):
        text = f"{caller.principal.name} may open mailboxes of his own only"
        raise Problem(403, "not-allowed", text, f"ask an owner for a role with {needed}")
    mailbox = snapshot.mailboxes.get(MailboxId(key))
    if mailbox is None:
        raise not_found("mailbox", key)
    voicemails = Voicemails(tenant.database, new_id=tenant.new_id, sealer=tenant.sealer)
    return Opened(snapshot, mailbox, voicemails)


def current_snapshot(caller: Caller) -> Snapshot:
    """Raises Problem (404) where there is no organisation yet."""
    live = caller.tenant.live
    if live is not None and live.snapshot is not None:
        return live.snapshot
    current = caller.tenant.administration.current()
    if current.organisation is None:
        raise Problem(404, "not-found", "there is no organisation yet", "apply a file")
    return build_snapshot(current.organisation, revision=current.revision, base=None)
