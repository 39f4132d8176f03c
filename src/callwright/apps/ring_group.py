"""Rings everybody of a group, on all phones of each, without a line to wait in."""

from collections.abc import Iterator, Sequence

from callwright.apps.board import Board
from callwright.apps.delivery import Delivery
from callwright.apps.first_answer import first_answer
from callwright.calls.introduction import Alert
from callwright.calls.leg import Leg
from callwright.domains.directory.model import Group, RingOrder
from callwright.kernel.decision import Step
from callwright.kernel.ids import UserId
from callwright.kernel.limits.queues import GROUP_RUNG_MAX, GROUP_SLIP_S
from callwright.kernel.reason import Reason
from callwright.kernel.target import Disconnect
from callwright.routing.groups import member_bar, nobody_answered
from callwright.routing.request import RingGroup


async def ring(board: Board, delivery: Delivery, wanted: RingGroup) -> None:
    """The first to answer has the call, unless it was by mistake; a member who declines stops
    nobody else's ringing."""
    call, group = delivery.call, delivery.snapshot.groups[wanted.group]
    inside = delivery.through_app(group.name or group.id)
    if inside is None:
        board.give_up(delivery, Reason.LOOP)
        return
    members = left = tuple(_members(board, inside, group))
    if members:
        call.story.via = call.story.via or f"group {group.id}"
    while left and (peer := await _first_of(board, inside, group, left)) is not None:
        who = call.story.callee_user = peer.party.user
        if await board.converse(inside, peer, slip_s=GROUP_SLIP_S):
            return
        call.note(Step(f"{who} hung up at once", "the others of the group ring again"))
        call.story.callee_user = None
        inside = inside.once_reached()
        left = tuple(member for member in left if member != who) if who in left else ()
    call.note(nobody_answered(group, len(members)))
    if isinstance(group.ring.then, Disconnect):
        board.give_up(delivery, Reason.NOT_ANSWERED)
    else:
        await board.send_to(delivery, group.ring.then)


async def _first_of(
    board: Board, delivery: Delivery, group: Group, members: Sequence[UserId]
) -> Leg | None:
    return await first_answer(
        board,
        delivery,
        members,
        delivery.caller(Alert.GROUP),
        at_once=len(members) if group.ring.order is RingOrder.ALL else 1,
        for_s=group.ring.for_s,
        because=f"group {group.id}",
    )


def _members(board: Board, delivery: Delivery, group: Group) -> Iterator[UserId]:
    """Who can take the call now, in the group's order; the record says why others are not rung."""
    snapshot, now = delivery.snapshot, board.clock.utc()
    roster = board.floor.roster
    if len(group.members) > GROUP_RUNG_MAX:
        because = f"of {len(group.members)} members {GROUP_RUNG_MAX} may be rung"
        delivery.call.note(Step("only the first members are rung", because))
    is_from_outside = delivery.leg.party.is_from_outside
    for member in group.members[:GROUP_RUNG_MAX]:
        caller = delivery.leg.party.user
        bar = member_bar(snapshot, member, caller, now, is_from_outside=is_from_outside)
        if bar is None and not roster.has_phone(member):
            bar = "no phone of the user is registered"
        elif bar is None and roster.is_engaged(member):
            bar = "busy, or not to be disturbed"
        if bar is None:
            yield member
        else:
            delivery.call.note(Step(f"{member} is not rung", bar))
