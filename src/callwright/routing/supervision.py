"""What a user may do in calls of the queues that list him, by the policy that counts for him."""

from callwright.domains.queues.supervision import SupervisorRights
from callwright.kernel.ids import UserId
from callwright.kernel.policy import PolicyKind
from callwright.kernel.supervision import SUPERVISION_CODE
from callwright.routing.policies import resolved_policy
from callwright.routing.request import FromUser, Origin, Supervise
from callwright.routing.snapshot import Snapshot
from callwright.routing.trail import Trail


def supervisor_rights(snapshot: Snapshot, user: UserId) -> SupervisorRights | None:
    """None: no queue lists the user, who may not call, or is none any longer."""
    person, queues = snapshot.users.get(user), snapshot.entrusted_queues.get(user)
    if person is None or not person.is_enabled or not queues:
        return None
    resolved = resolved_policy(snapshot, PolicyKind.VOICE_APPLICATIONS, person)
    policy = snapshot.voice_application_policies.get(resolved.policy)
    if policy is None:
        return SupervisorRights(queues)
    return SupervisorRights(queues, most=policy.supervision, tells_agent=policy.tells_agent)


def find_supervised(
    snapshot: Snapshot, origin: Origin, digits: str, trail: Trail
) -> Supervise | None:
    """``*44101``: a phone wants to hear a call of whoever has the extension. None: it is no such
    code, nobody has it, or a rule or a transfer dials."""
    extension = digits.removeprefix(SUPERVISION_CODE)
    if extension == digits or not isinstance(origin, FromUser):
        return None
    agent = snapshot.user_by_extension.get(extension)
    if agent is None:
        return None
    because = f"{SUPERVISION_CODE} and the extension {extension} are dialled"
    trail.note(f"{origin.user} wants to supervise {agent}", because)
    return Supervise(origin.user, agent)
