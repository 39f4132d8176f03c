"""Busy lamps: the live calls of a user as dialogs (RFC 4235), derived from the legs each time."""

from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import blake2s

from callwright.apps.call_queue.agent_desk import AgentDesk
from callwright.apps.supervision import VIA as SUPERVISION
from callwright.calls.call import Call, owner_of
from callwright.calls.leg import HIDDEN, Leg, LegState, Party
from callwright.calls.sip_leg import SipLeg
from callwright.domains.directory.rules import shown_address
from callwright.kernel.ids import UserId
from callwright.routing.snapshot import Snapshot
from callwright.runtime.events.agent_lamps import (
    agent_key_shown,
    is_agent_key,
    named_agent_key,
)
from callwright.runtime.events.resources import address_of, colleague
from callwright.runtime.events.switch_lamps import lapses_in_s, named_switch, switch_shown
from callwright.sip.events.dialog_document import DialogInfo, DialogState, DialogTags, Identity
from callwright.sip.events.package import DIALOG
from callwright.sip.message import Request
from callwright.sip.screening import Refusal
from callwright.sip.uri import Uri

STATES = {
    LegState.SETTING_UP: "trying",
    LegState.RINGING: "early",
    LegState.ANSWERED: "confirmed",
}
NOBODY_KNOWN = Identity("sip:anonymous@anonymous.invalid")


class BusyLamps:
    """Tells of a user's calls (``EventSource``).

    Every colleague sees that a user is called, by whom, and whether the user talks. Whom the user
    calls is shown when that is a colleague, too. The names of the dialogs, with which one can take
    or end them, are for the user's own phones.
    """

    package = DIALOG

    def __init__(
        self,
        snapshot: Callable[[], Snapshot | None],
        legs: Callable[[UserId], Mapping[Leg, Call]],
        follow_legs: Callable[[UserId], None],
        utc: Callable[[], datetime],
        agents: Callable[[], AgentDesk | None],
    ) -> None:
        """``legs(user)``: the user's live legs, each with its call; ``follow_legs(user)``: they
        have to tell of their states from now on; ``agents()``: who is away from queues."""
        self._snapshot = snapshot
        self._legs = legs
        self._follow_legs = follow_legs
        self._utc = utc
        self._agents = agents

    def resource(self, snapshot: Snapshot, request: Request, watcher: UserId) -> UserId | Refusal:
        key = named_agent_key(request, watcher)
        if key is not None:
            return key
        switch = named_switch(snapshot, request, watcher)
        return colleague(snapshot, request) if switch is None else switch

    def prepare(self, resource: UserId) -> bool:
        self._follow_legs(resource)
        return True

    def describe(self, resource: UserId, *, is_own: bool) -> DialogInfo | None:
        snapshot = self._snapshot()
        if snapshot is None:
            return None
        if resource in snapshot.schedule_switches:
            return switch_shown(snapshot, resource, self._utc())
        desk = self._agents()
        if desk is not None and is_agent_key(resource):
            return agent_key_shown(snapshot, desk, resource)
        dialogs = [
            self._dialog(snapshot, resource, leg, call, is_own=is_own)
            for leg, call in self._legs(resource).items()
            if leg.state in STATES
        ]
        return DialogInfo(address_of(snapshot, resource), tuple(dialogs))

    def changes_in_s(self, resource: UserId) -> float | None:
        """Only what is set of a schedule ends by itself."""
        snapshot = self._snapshot()
        return None if snapshot is None else lapses_in_s(snapshot, resource, self._utc())

    def forget(self, resource: UserId) -> None:
        """Nothing is kept."""

    def _dialog(
        self, snapshot: Snapshot, user: UserId, leg: Leg, call: Call, *, is_own: bool
    ) -> DialogState:
        tags = _tags(leg)
        called = leg is not call.caller
        person = snapshot.users.get(user)
        return DialogState(
            id=_id(tags, call),
            state=STATES[leg.state],
            direction="recipient" if called else "initiator",
            local=Identity(address_of(snapshot, user), None if person is None else person.name),
            remote=_remote(snapshot, leg, call, is_own=is_own),
            tags=tags if is_own else None,
        )


def _remote(snapshot: Snapshot, leg: Leg, call: Call, *, is_own: bool) -> Identity | None:
    """Whom the user talks to, which a transfer may have changed; else who calls or is called."""
    peer = call.peer_of(leg)
    if leg.party.introduction.is_private and not is_own:
        return None  # whoever is called could look at all lamps to learn who it is
    if peer is not None:
        owner = owner_of(peer)
        came_in = owner is not None and owner.caller is peer
        may_know = is_own or came_in or peer.party.user is not None
        return _party(snapshot, peer.party) if may_know else None
    if call.story.via == SUPERVISION and not is_own:
        return None  # an agent who may not be told could watch the supervisor's lamp
    if leg is not call.caller:
        return _party(snapshot, call.caller.party)
    return _called(snapshot, call, is_own=is_own)


def _party(snapshot: Snapshot, party: Party) -> Identity:
    return _shown(snapshot, party.shown_address, party.shown_name)


def _called(snapshot: Snapshot, call: Call, *, is_own: bool) -> Identity | None:
    callee = call.story.callee_user
    if callee is not None and callee in snapshot.users:
        person = snapshot.users[callee]
        return _shown(snapshot, shown_address(person), person.name)
    return _shown(snapshot, call.story.callee, None) if is_own else None


def _shown(snapshot: Snapshot, address: str, name: str | None) -> Identity:
    if address == HIDDEN:
        return NOBODY_KNOWN
    return Identity(str(Uri("sip", address, host=snapshot.domain)), name)


def _tags(leg: Leg) -> DialogTags | None:
    if not isinstance(leg, SipLeg):
        return None
    session = leg.session
    call_id, ours = session.request.call_id, session.local_tag
    if session.role == "uas":
        return DialogTags(call_id, session.request.from_tag, ours)
    return DialogTags(call_id, leg.peer_tag, ours)


def _id(tags: DialogTags | None, call: Call) -> str:
    """The same for the life of the dialog; tells nothing of its tags."""
    known = call.id if tags is None else tags.remote_tag
    return blake2s(known.encode(), digest_size=8).hexdigest()
