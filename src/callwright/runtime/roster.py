"""What queues ask of a running system's people (``apps.call_queue.roster``)."""

from collections.abc import Callable

from callwright.apps.call_queue.roster import Engagement
from callwright.calls.call import Call, owner_of
from callwright.calls.leg import Leg
from callwright.calls.live_calls import LiveCalls
from callwright.domains.queues.model import is_outside
from callwright.kernel.ids import UserId
from callwright.routing.snapshot import Snapshot
from callwright.runtime.reach import PhoneReach


class LiveRoster:
    """Derived from registrations and live legs; stores nothing."""

    def __init__(
        self, reach: PhoneReach, calls: LiveCalls, current: Callable[[], Snapshot | None]
    ) -> None:
        self._reach = reach
        self.idle_since = calls.idle_since
        self.engaged = calls.engaged
        self._calls = calls
        self._current = current

    def has_phone(self, user: UserId) -> bool:
        """Who is outside has one as far as anybody knows."""
        return is_outside(user) or self._reach.has_phone(user)

    def is_engaged(self, user: UserId) -> bool:
        """Who is not to be disturbed is as busy as who talks."""
        if self._calls.is_engaged(user):
            return True
        snapshot = self._current()
        known = None if snapshot is None else snapshot.users.get(user)
        return known is not None and known.answering.do_not_disturb

    def engagement(self, user: UserId) -> Engagement | None:
        """The user's talk, if there is one; else the call that rings at the user's phones."""
        first: Engagement | None = None
        for leg, call in self._calls.legs_of(user).items():
            since = call.story.answered_at or call.story.started_at
            peer = call.peer_of(leg)
            if peer is not None:
                return Engagement(since, peer.party.shown_address, _via(call, peer))
            first = first or Engagement(since, None)
        return first


def _via(call: Call, peer: Leg) -> str | None:
    """The party may be another call's, as when the user went on with another phone."""
    owner = owner_of(peer)
    return call.story.via or (None if owner is None else owner.story.via)
