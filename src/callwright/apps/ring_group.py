"""Rings everybody of a group, on all phones of each, without a line to wait in."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from callwright.apps.call_queue.phones import phones_of
from callwright.apps.call_queue.ringing import AgentRinging
from callwright.apps.delivery import Delivery
from callwright.calls.introduction import Alert
from callwright.calls.leg import Leg
from callwright.calls.visits import OfferOutcome
from callwright.domains.directory.model import Group, RingOrder
from callwright.kernel.decision import Step
from callwright.kernel.ids import UserId
from callwright.kernel.limits.queues import GROUP_RUNG_MAX
from callwright.kernel.prompt import Tune
from callwright.kernel.reason import Reason
from callwright.kernel.target import Disconnect
from callwright.routing.request import RingGroup
from callwright.routing.rights import may_call, may_serve_callers

if TYPE_CHECKING:
    from callwright.apps.switchboard import Switchboard


async def ring(board: Switchboard, delivery: Delivery, wanted: RingGroup) -> None:
    """The first to answer has the call; a member who declines stops nobody else's ringing."""
    call, group = delivery.call, delivery.snapshot.groups[wanted.group]
    inside = delivery.through_app(group.name or group.id)
    if inside is None:
        board.give_up(delivery, Reason.LOOP)
        return
    members = tuple(_members(board, inside, group))
    peer: Leg | None = None
    if members:
        call.story.via = call.story.via or f"group {group.id}"
        _let_hear_ringing(inside.leg)
        peer = await _first_answer(board, inside, group, members)
    if peer is not None:
        call.story.callee_user = peer.party.user
        await board.converse(inside, peer)
        return
    call.note(Step(f"nobody of {group.id} answered", f"{len(members)} of the group were rung"))
    if isinstance(group.ring.then, Disconnect):
        board.give_up(delivery, Reason.NOT_ANSWERED)
    else:
        await board.send_to(delivery, group.ring.then)


def _members(board: Switchboard, delivery: Delivery, group: Group) -> Iterator[UserId]:
    """Who can take the call now, in the group's order; the record says why others are not rung."""
    snapshot, now = delivery.snapshot, board.clock.utc()
    roster = board.floor.roster
    if len(group.members) > GROUP_RUNG_MAX:
        because = f"of {len(group.members)} members {GROUP_RUNG_MAX} may be rung"
        delivery.call.note(Step("only the first members are rung", because))
    is_from_outside = delivery.leg.party.gateway is not None
    for member in group.members[:GROUP_RUNG_MAX]:
        user = snapshot.users[member]
        right = (
            may_serve_callers(snapshot, user, now) if is_from_outside else may_call(snapshot, user)
        )
        bar = None if right.is_given else right.because
        if member == delivery.leg.party.user:
            bar = "who calls is not rung"
        elif not roster.has_phone(member):
            bar = "no phone of the user is registered"
        elif roster.is_engaged(member):
            bar = "busy, or not to be disturbed"
        if bar is None:
            yield member
        else:
            delivery.call.note(Step(f"{member} is not rung", bar))


def _let_hear_ringing(leg: Leg) -> None:
    if leg.hears:
        leg.media.start_play(Tune.RINGBACK, loop=True)
    else:
        leg.ring()


async def _first_answer(
    board: Switchboard, delivery: Delivery, group: Group, members: Sequence[UserId]
) -> Leg | None:
    """All at once, or one after the other; None: nobody took it."""
    news = asyncio.Event()
    left = list(members)
    ringing_now: set[UserId] = set()

    def ended(member: UserId, _outcome: OfferOutcome) -> None:
        ringing_now.discard(member)
        news.set()

    ringing = AgentRinging(
        delivery.call, delivery.leg, board.clock, answered=lambda _who: news.set(), ended=ended
    )
    caller = replace(delivery.caller(), alert=Alert.GROUP)
    at_once = len(members) if group.ring.order is RingOrder.ALL else 1
    try:
        while left or ringing_now:
            while left and len(ringing_now) < at_once:
                member = left.pop(0)
                delivery.call.note(Step(f"{member} rings", f"group {group.id}"))
                ringing_now.add(member)
                legs = phones_of(board, delivery, member, caller)
                ringing.ring(member, legs, for_s=group.ring.for_s)
            if ringing_now:
                await news.wait()
                news.clear()
            lost = ringing.take_lost_winner()
            if lost is not None:  # gone before anybody could talk: the others ring again
                others = ringing_now - {lost.party.user}
                left = [*(member for member in members if member in others), *left]
                ringing_now.clear()
            winner = ringing.take_winner()
            if winner is not None:
                return winner
        return None
    finally:
        ringing.close()
