"""Conversations, and what transfers make of them (RFC 5589 §6, §7)."""

from dataclasses import replace

from callwright.apps.board import Board
from callwright.apps.delivery import Delivery
from callwright.calls.call import Call, owner_of
from callwright.calls.leg import HIDDEN, Leg, Party, TransferRequest
from callwright.domains.directory.rules import shown_address
from callwright.kernel.decision import Step
from callwright.kernel.prompt import Tune
from callwright.kernel.reason import Reason
from callwright.routing.request import CallRequest, OnBehalf
from callwright.routing.route import route_call

_NO_SUCH_CALL = (481, "There is no such call")
_NOT_YOURS = (403, "The other call is not yours to transfer to")
_NO_VISITORS = (403, "Visitors of a web page transfer nobody")


async def converse(board: Board, delivery: Delivery, peer: Leg, *, slip_s: float = 0.0) -> bool:
    """Lets the two talk, each shown to the other; follows a transfer with the party that stays.
    False: the peer left within ``slip_s``, and the party is still there."""
    if not peer.has_met:
        peer.stands_for = _stand_in(delivery, peer)
    delivery.leg.meet(peer)
    peer.meet(delivery.leg)
    request = await delivery.call.converse(delivery.leg, peer, slip_s=slip_s)
    if not isinstance(request, TransferRequest):
        return request is None
    transferee = request.transferee
    assert transferee is not None, "the call said who stays"
    onward = delivery._replace(leg=transferee, label=None, history=())
    if request.transferor.party.is_visitor:
        await _refuse(board, onward, request, *_NO_VISITORS)
    elif request.replaces is None:
        await _carry_out(board, onward, request)
    else:
        await _join(board, onward, request)
    return True


def _stand_in(delivery: Delivery, reached: Leg) -> Party | None:
    """A number outside to which a user or a service leads is not told to whoever called those."""
    if reached.party.gateway is None:
        return None
    if delivery.label is not None:
        return Party(HIDDEN, delivery.label)
    if delivery.history and delivery.forwarder is not None:
        user = delivery.snapshot.users[delivery.forwarder]
        return Party(shown_address(user), user.name, user=user.id)
    return None


async def _join(board: Board, delivery: Delivery, request: TransferRequest) -> None:
    """Attended: the transferor's two calls become one conversation of those who stay.

    Both calls go on, each with the leg it owns, so each record, meter and reservation stays with
    the call that began it.
    """
    call, transferor = delivery.call, request.transferor
    assert request.replaces is not None
    named = board.reach.leg_of(request.replaces)
    other = None if named is None else owner_of(named)
    if named is None or other is None:
        await _refuse(board, delivery, request, *_NO_SUCH_CALL)
    elif not _may_join(call, transferor, other, named):
        await _refuse(board, delivery, request, *_NOT_YOURS)
    elif other.serves(named):
        await _take_place(board, delivery, request, other, named)
    elif (stays := other.give_place(named, delivery.leg, call)) is None:
        await _refuse(board, delivery, request, *_NO_SUCH_CALL)
    else:
        who = transferor.party.address
        call.note(Step(f"{who} joins the call with {stays.party.address}", f"call {other.id}"))
        other.note(Step(f"{who} leaves it to {delivery.leg.party.address}", f"call {call.id}"))
        request.notifier.finish(200, "OK")
        call.dismiss(transferor, Reason.NORMAL)
        await converse(board, delivery, stays)


async def _take_place(
    board: Board, delivery: Delivery, request: TransferRequest, other: Call, named: Leg
) -> None:
    """Semi-attended: nobody talks in the other call yet. It ends, and whoever it was for is called
    again, for the party that stays."""
    dialled = other.story.callee
    other.note(Step(f"{named.party.address} gives the call away", f"call {delivery.call.id}"))
    other.leg_ended(named)
    named.hang_up(Reason.CALLER_CANCELLED)
    await _carry_out(board, delivery, replace(request, dialled=dialled))


async def _refuse(
    board: Board, delivery: Delivery, request: TransferRequest, status: int, phrase: str
) -> None:
    """The transferor gets its party back."""
    delivery.call.note(Step("the transfer is refused", phrase))
    request.notifier.finish(status, phrase)
    await converse(board, delivery, request.transferor)


def _may_join(call: Call, transferor: Leg, other: Call, named: Leg) -> bool:
    """Two calls of one party; nobody is brought out of a call for help, nor into one."""
    is_emergency = call.is_emergency or other.is_emergency
    return other is not call and not is_emergency and _is_same_party(named, transferor)


def _is_same_party(one: Leg, other: Leg) -> bool:
    """Whether both legs are of one user, or of one trunk."""
    if one.party.user is not None or other.party.user is not None:
        return one.party.user == other.party.user
    return one.party.gateway is not None and one.party.gateway == other.party.gateway


async def _carry_out(board: Board, delivery: Delivery, request: TransferRequest) -> None:
    """Blind: the transferor's rights decide, the transferee is shown to the target, hears ringing,
    and may leave at any time."""
    call = delivery.call
    transferor = request.transferor
    call.note(Step(f"{transferor.party.address} transfers to {request.dialled}", "REFER"))
    call.serve(delivery.leg)
    story = call.story
    before = story.callee, story.direction, story.gateway
    was_emergency = call.is_emergency, delivery.leg.is_emergency
    delivery.leg.media.start_play(Tune.RINGBACK, loop=True)

    attempt = _Attempt(call, request)
    user = transferor.party.user
    decision = route_call(
        delivery.snapshot,
        CallRequest(
            OnBehalf(
                user,
                None,
                delivery.leg.shown_party.address,
                is_private=delivery.leg.party.introduction.is_private,
            ),
            request.dialled,
        ),
        now=board.clock.utc(),
        live=board.live(),
    )
    onward = delivery._replace(
        forwarder=user,
        connected=attempt.succeed,
        rings=attempt.ring,
        fallback=attempt.fall_back,
        referred_by=_shown_referrer(delivery, request),
    )
    try:
        await board.deliver(onward, decision)
    finally:
        if not attempt.has_succeeded:  # the record tells of whom the party did talk to
            story.callee, story.direction, story.gateway = before
    if attempt.fell_back and not transferor.has_ended:
        call.is_emergency, delivery.leg.is_emergency = was_emergency
        await converse(board, delivery, transferor)


def _shown_referrer(delivery: Delivery, request: TransferRequest) -> str | None:
    """URI text of who transfers, as far as the target may know and can believe it: a user as
    proven, whatever the phone wrote; what a trunk wrote where it is told to be kept (SPEC 2.3)."""
    party, snapshot = request.transferor.party, delivery.snapshot
    if request.referred_by is None or party.introduction.is_private:
        return None
    if party.user is not None:
        return f"sip:{party.user}@{snapshot.domain}"
    sbc = None if party.gateway is None else snapshot.sbcs.get(party.gateway)
    is_believed = sbc is not None and (sbc.trusted or sbc.forward_call_history)
    return request.referred_by if is_believed else None


class _Attempt:
    """One transfer under way; the transferor may wait for its end or leave."""

    def __init__(self, call: Call, request: TransferRequest) -> None:
        self._call = call
        self._request = request
        self.fell_back = False
        self.has_succeeded = False
        self._has_rung = False

    def ring(self) -> None:
        if not self._has_rung:
            self._has_rung = True
            self._request.notifier.progress(180, "Ringing")

    def succeed(self) -> None:
        self.has_succeeded = True
        self._request.notifier.finish(200, "OK")
        self._call.dismiss(self._request.transferor, Reason.NORMAL)

    def fall_back(self, status: int) -> bool:
        """The target refused: a transferor who is still there gets the party back."""
        self._request.notifier.finish(status, "The target did not take the call")
        self.fell_back = not self._request.transferor.has_ended
        return self.fell_back
