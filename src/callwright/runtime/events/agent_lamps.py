"""Lamps of keys by which agents of queues opt out or pause: lit while the agent is away.

A key that is set to ``*52`` or ``*53`` dials the code and shows the state of whoever has the phone.
No call is behind it: a dialog that is confirmed is what phones light a lamp for (RFC 4235).
"""

from callwright.apps.call_queue.agent_desk import AgentDesk
from callwright.kernel.agent_codes import AgentCode
from callwright.kernel.ids import UserId
from callwright.routing.snapshot import Snapshot
from callwright.sip.events.dialog_document import DialogInfo, DialogState, Identity
from callwright.sip.message import Request
from callwright.sip.uri import Uri

LAMPS = (AgentCode.OPT_OUT, AgentCode.PAUSE)
_OF = " of "


def named_agent_key(request: Request, watcher: UserId) -> UserId | None:
    """The watcher's own key with this code, in the place of a user; None: it names no code."""
    code = request.parsed_uri.user or ""
    return next((_key(lamp, watcher) for lamp in LAMPS if lamp.value == code), None)


def is_agent_key(resource: UserId) -> bool:
    return resource.partition(_OF)[0] in {lamp.value for lamp in LAMPS}


def keys_of(agent: UserId) -> tuple[UserId, ...]:
    """Whatever may be lit of an agent."""
    return tuple(_key(lamp, agent) for lamp in LAMPS)


def agent_key_shown(snapshot: Snapshot, desk: AgentDesk, resource: UserId) -> DialogInfo:
    code, _, agent = resource.partition(_OF)
    address = str(Uri("sip", code, host=snapshot.domain))
    if not _is_lit(desk, AgentCode(code), UserId(agent)):
        return DialogInfo(address)
    name = Identity(address, AgentCode(code).told)
    lit = DialogState(id=code, state="confirmed", direction="recipient", local=name)
    return DialogInfo(address, (lit,))


def _is_lit(desk: AgentDesk, code: AgentCode, agent: UserId) -> bool:
    if code is AgentCode.PAUSE:
        return desk.pause_of(agent) is not None
    return any(a.user == agent and a.queue is not None for a in desk.absences())


def _key(code: AgentCode, agent: UserId) -> UserId:
    return UserId(f"{code.value}{_OF}{agent}")
