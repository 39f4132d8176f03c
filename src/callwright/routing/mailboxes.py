"""Whose mailbox it is, who may listen, and which policy it has."""

from collections.abc import Iterator

from callwright.domains.voicemail.model import Mailbox, VoicemailPolicy
from callwright.kernel.ids import MailboxId, UserId
from callwright.kernel.policy import GLOBAL_POLICY, PolicyKind
from callwright.routing.policies import resolved_policy
from callwright.routing.request import FromUser, ListenToVoicemail, Origin
from callwright.routing.snapshot import Snapshot
from callwright.routing.trail import Trail

_POLICY = VoicemailPolicy()


def voicemail_policy(snapshot: Snapshot, mailbox: Mailbox) -> VoicemailPolicy:
    """A user's own mailbox goes by the user's policy; a shared one names its own."""
    user = snapshot.users.get(UserId(mailbox.id))
    if user is None:
        name = mailbox.policy or GLOBAL_POLICY
    else:
        name = resolved_policy(snapshot, PolicyKind.VOICEMAIL, user).policy
    return snapshot.voicemail_policies.get(name, _POLICY)


def members_of(snapshot: Snapshot, mailbox: MailboxId) -> tuple[UserId, ...]:
    """Who listens to a mailbox, and whose lamps it lights, each once; of a user's, the user."""
    found = snapshot.mailboxes.get(mailbox)
    if UserId(mailbox) in snapshot.users or found is None:
        return (UserId(mailbox),) if UserId(mailbox) in snapshot.users else ()
    members = dict.fromkeys(found.members)
    for key in found.groups:
        group = snapshot.groups.get(key)
        if group is not None:
            members |= dict.fromkeys(group.members)
    return tuple(user for user in members if user in snapshot.users)


def shared_mailboxes(snapshot: Snapshot, user: UserId) -> Iterator[MailboxId]:
    """Those that the user is a member of, in the order of the file."""
    for key in snapshot.shared_mailboxes:
        if user in members_of(snapshot, key):
            yield key


def find_own_mailbox(
    snapshot: Snapshot, origin: Origin, digits: str, trail: Trail
) -> ListenToVoicemail | None:
    """Who dials the voicemail code, or himself, listens to his messages; None: neither was
    dialled. Only a user's own phone does: nobody outside comes to a mailbox so."""
    if not isinstance(origin, FromUser):
        return None
    user = snapshot.users[origin.user]
    if digits == snapshot.voicemail_code:
        because = f"{digits} is the code for voicemail"
    elif digits and digits in (user.extension, user.number):
        because = f"{digits} is {user.id}'s own"
    else:
        return None
    trail.note(f"{user.id} listens to messages", because)
    return ListenToVoicemail(user.id)
