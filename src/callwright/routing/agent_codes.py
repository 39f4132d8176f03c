"""Codes by which agents of queues opt in and out, pause and resume from a phone (ADR 0036)."""

from callwright.kernel.agent_codes import AgentCode
from callwright.kernel.decision import Decision
from callwright.kernel.reason import Reason
from callwright.routing.request import ActAsAgent, Destination, FromUser, Origin
from callwright.routing.snapshot import Snapshot
from callwright.routing.trail import Trail

_CODE_CHARS = 3
_ACTS = {act.value: act for act in AgentCode}


def find_agent_act(
    snapshot: Snapshot, origin: Origin, digits: str, trail: Trail
) -> Decision[Destination] | None:
    """``*52``, ``*531``. None: it is no such code, whoever dials is no agent, or a rule or a
    transfer dials."""
    code, number = digits[:_CODE_CHARS], digits[_CODE_CHARS:]
    act = _ACTS.get(code)
    if act is None or not isinstance(origin, FromUser):
        return None
    if not any(origin.user in queue.agents for queue in snapshot.queues.values()):
        return None
    reason = None
    if number or (act is AgentCode.PAUSE and snapshot.pause_reasons):
        place = int(number) if number.isascii() and number.isdigit() else 1
        known = snapshot.pause_reasons if act is AgentCode.PAUSE else ()
        if (number and not number.isdigit()) or not 1 <= place <= len(known):
            because = f"{code} is followed by the number of a reason, 1 to {len(known)}"
            return trail.refuse(Reason.ADDRESS_UNKNOWN, because)
        reason = known[place - 1]
    trail.note(f"{origin.user} {act.told}", f"{digits} is dialled")
    return trail.decide(ActAsAgent(origin.user, act, reason))
