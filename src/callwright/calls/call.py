"""A call: who is in it, what became of it, and the verbs that voice apps script it with.

One task runs the call's script. While the caller is being served (rings, waits, listens) its
hang-up cancels the script; while two parties talk, `converse` decides what a hang-up means.

    SERVING   the served leg leaves -> the script is cancelled
    TALKING   either leg leaves -> the other is hung up, the script goes on to its end
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable

from callwright.calls.fork import Fork, RingOutcome
from callwright.calls.introduction import acquaint
from callwright.calls.key_relay import KeyRelay
from callwright.calls.leg import Failure, Leg, Text, TransferRequest
from callwright.calls.metering import Meter
from callwright.calls.ports import PortsExhausted
from callwright.calls.record import CallResult
from callwright.calls.story import Story, result_of, said_before_an_answer
from callwright.calls.talk import Comfort, Onward, Replacement, Slip, Talk, TalkEnd
from callwright.calls.talk_audio import close_audio, open_audio
from callwright.kernel.clock import Clock
from callwright.kernel.decision import Step
from callwright.kernel.ids import CallId
from callwright.kernel.limits.calls import FORWARDS_MAX, TRANSFERS_PER_CALL_MAX
from callwright.kernel.prompt import Prompt, Tune
from callwright.kernel.reason import Reason


class Call:
    """The aggregate. Only its own task and its legs' events change it."""

    def __init__(
        self,
        call_id: CallId,
        caller: Leg,
        story: Story,
        clock: Clock,
        *,
        on_engagement: Callable[["Call", Leg, int], None],
        on_leg: Callable[["Call", Leg], None] | None = None,
    ) -> None:
        """``on_engagement(call, leg, change)``: a leg joined (1) or left (-1);
        ``on_leg(call, leg)``: it joined."""
        self.id = call_id
        self.caller = caller
        self.story = story
        self.meters: list[Meter] = []
        self.hops = 0
        self.is_emergency = False
        """True: a stopping node lets it go on."""
        self._transfers = 0
        self._metered: dict[Leg, Meter] = {}
        self._clock = clock
        self._legs: dict[Leg, None] = {caller: None}
        self._served: Leg | None = caller
        self._talk: Talk | None = None
        self._beyond: Call | None = None
        """The call whose party talks to ours, while two calls are joined."""
        self._joined_by: Call | None = None
        """The last call that did so of its own; ours may not know it yet as the one beyond."""
        self._task: asyncio.Task[None] | None = None
        self._side_tasks: set[asyncio.Task[None]] = set()
        self._ended_for: Reason | None = None
        self._on_engagement = on_engagement
        self._on_leg = on_leg
        caller.observer = self
        self._tell_engagement(caller, 1)

    # -- life ------------------------------------------------------------------------------------

    async def run(self, script: Callable[["Call"], Awaitable[None]]) -> None:
        """Runs the script to its end, whatever ends it; no leg and no task survives it."""
        self._task = asyncio.current_task()
        if self.caller.has_ended:
            self.settle(CallResult.MISSED, Reason.CALLER_CANCELLED)
            return
        try:
            await script(self)
        except asyncio.CancelledError:
            if self._ended_for is not None:
                self._settle_end(self._ended_for)
            elif self.story.result is None:
                left = said_before_an_answer(self.caller.ended_for)
                self.settle(result_of(left.sip_status), left)
        except PortsExhausted:
            self.settle(CallResult.FAILED, Reason.OVERLOADED)
        except Exception:
            self.settle(CallResult.FAILED, Reason.INTERNAL)
            raise
        finally:
            self._task = self._served = None
            self._part_from_beyond()
            follower, self._joined_by = self._joined_by, None
            if follower is not None:
                follower.be_left(self)
            for leg in tuple(self._legs):
                self.drop(leg, self.story.reason)
            for task in tuple(self._side_tasks):
                task.cancel()

    def spawn(self, work: Coroutine[object, object, None]) -> None:
        """Runs side work that ends with the call at the latest."""
        task = asyncio.get_running_loop().create_task(work, name=f"{self.id} side work")
        self._side_tasks.add(task)
        task.add_done_callback(self._side_tasks.discard)

    def end(self, reason: Reason) -> None:
        """Ends the call from outside: money ran out, the node stops."""
        self._ended_for = reason
        self.story.reason = reason
        if self._talk is not None:
            self._talk.end()
        elif self._task is not None:
            self._task.cancel()

    # -- verbs ---------------------------------------------------------------------------------

    def note(self, *steps: Step) -> None:
        self.story.steps.extend(steps)

    def settle(self, result: CallResult, reason: Reason, *, sip_status: int | None = None) -> None:
        """Says what became of the call; the last word counts."""
        self.story.result = result
        self.story.reason = reason
        self.story.sip_status = sip_status if sip_status is not None else reason.sip_status

    def answer(self, leg: Leg, *, prefer: tuple[str, ...] = ()) -> bool:
        """Answers the served leg (no-op when it already talks); False without a common codec."""
        if not leg.answer(prefer):
            if leg.has_ended and self.story.answered_at is None:
                self.settle(CallResult.FAILED, Reason.MEDIA_UNACCEPTABLE)
            return False
        if self.story.answered_at is None:
            self.story.answered_at = self._clock.utc()
        if leg in self._metered:
            self._metered[leg].answered()
        return True

    def pay(self, leg: Leg, meter: Meter) -> None:
        """Lets one of the call's meters run while the leg is answered and in the call."""
        self._metered[leg] = meter
        if leg.is_answered:
            meter.answered()

    def refuse(self, leg: Leg, reason: Reason, *, status: int | None = None) -> None:
        """Ends the served leg for a reason that the record and the caller's phone show."""
        status = status or reason.sip_status
        if self.story.has_talked:
            self.settle(CallResult.ANSWERED, reason, sip_status=200)
        else:
            told = 200 if self.story.answered_at is not None else status
            self.settle(result_of(status), reason, sip_status=told)
        self.drop(leg, reason, status=status)

    def hop(self) -> bool:
        """Counts one more forward; False when the call has been forwarded too often."""
        self.hops += 1
        return self.hops <= FORWARDS_MAX

    def drop(self, leg: Leg, reason: Reason, *, status: int | None = None) -> None:
        self._remove(leg)
        leg.hang_up(reason, status=status)

    def add(self, leg: Leg) -> None:
        """Takes a ringing leg into the call; whoever lets it ring hears of it until it wins."""
        self._legs[leg] = None
        self._tell_engagement(leg, 1)

    async def ring(
        self,
        served: Leg,
        targets: Iterable[Leg],
        *,
        for_s: float,
        first_sign_s: float | None = None,
        progress_s: float | None = None,
        music: Prompt | None = None,
        rings: Callable[[], None] | None = None,
    ) -> RingOutcome:
        """Rings targets for the served leg, which hears ringing (or ``music``) meanwhile;
        ``rings()``: one of them says so.

        A leg that answered belongs to the call when this returns.
        """
        fork = Fork(Comfort(served, music, rings), served)
        ringing = list(targets)
        for leg in ringing:
            fork.add(leg)
            self.add(leg)
        try:
            return await fork.outcome(for_s=for_s, first_sign_s=first_sign_s, progress_s=progress_s)
        finally:
            for leg in ringing:
                if leg.has_ended:
                    self._remove(leg)
                else:
                    leg.observer = self

    async def converse(self, served: Leg, peer: Leg, *, slip_s: float = 0.0) -> Onward:
        """Lets two answered legs talk until one leaves or transfers.

        The peer may be another call's, which stays its owner: each of the two calls then ends its
        own leg. Returns the transfer that was asked for; a slip: the peer left within ``slip_s``,
        and the call goes on; None: nobody is left.
        """
        acquaint(served.names, peer.names)
        if not self.answer(served, prefer=peer.codecs()[:1]):
            self.dismiss(peer, Reason.CALLER_CANCELLED)
            return None
        self.settle(CallResult.ANSWERED, Reason.NORMAL, sip_status=200)
        self.story.has_talked = True
        self._beyond = None if peer in self._legs else owner_of(peer)
        if self._beyond is not None:
            self._beyond._joined_by = self
        while True:
            outcome = await self._talk_until(Talk(served, peer, self._clock, slip_s=slip_s))
            if not isinstance(outcome, Replacement):
                break
            served = peer if outcome.leaving is served else served
            peer = outcome.newcomer
            if outcome.leaving in self._legs:
                self.drop(outcome.leaving, Reason.NORMAL)
            self._beyond, slip_s = outcome.owner, 0.0
        if isinstance(outcome, TransferRequest):
            close_audio(served, peer)
            return outcome
        if isinstance(outcome, Slip):
            self.story.has_talked = False
            self.settle(CallResult.MISSED, Reason.NOT_ANSWERED)
            self.serve(served)
            return outcome
        for leg in (served, peer):
            if leg in self._legs:
                self.drop(leg, self.story.reason)
        self._part_from_beyond()
        return None

    async def _talk_until(self, talk: Talk) -> TalkEnd:
        one, other = talk.legs
        self._served = None
        for leg in talk.legs:
            if leg.has_ended:  # its audio is closed and must not be opened again
                talk.left(leg)
                return talk.outcome.result()
        self._talk = talk
        open_audio(one, other)
        for leg in talk.legs:
            leg.tell_change()
        keys = KeyRelay(one, other)
        try:
            outcome = await talk.outcome
            return outcome if self._ended_for is None else None
        finally:
            self._talk = None
            keys.stop()

    def give_place(self, leaving: Leg, newcomer: Leg, owner: "Call") -> Leg | None:
        """Lets the newcomer, a leg of ``owner``, talk instead of ``leaving``, which is hung up.

        Returns the party that stays, for ``owner`` to converse with; None: nobody talks here, the
        other one is leaving, or it is an emergency call, which nobody takes over.
        """
        talk, beyond = self._talk, self._beyond
        if talk is None or not self.can_give_place(leaving):
            return None
        stays = talk.other(leaving)
        if beyond is not None and stays not in self._legs:
            # Nobody of this call would be left in the talk: the call beyond goes on without it.
            beyond.give_place(leaving, newcomer, owner)
            self.be_left(beyond)
        else:
            talk.replaced(Replacement(leaving, newcomer, owner))
        return stays

    def can_give_place(self, leaving: Leg) -> bool:
        """Whether ``give_place`` would succeed now."""
        talk, beyond = self._talk, self._beyond
        if talk is None or talk.outcome.done() or leaving not in talk.legs or self.is_emergency:
            return False
        stays = talk.other(leaving)
        if beyond is not None and stays not in self._legs:
            return beyond.can_give_place(leaving)
        return not stays.has_ended

    def peer_of(self, leg: Leg) -> Leg | None:
        """Whom the leg talks to now."""
        talk = self._talk
        return None if talk is None or leg not in talk.legs else talk.other(leg)

    @property
    def is_talking(self) -> bool:
        """Two parties hear each other; not so while the call beyond transfers its own one."""
        return self._talk is not None and (self._beyond is None or self._beyond._talk is not None)

    def serves(self, leg: Leg) -> bool:
        """Whether the leg rings, waits or listens here, and its hang-up ends the script."""
        return leg is self._served

    def dismiss(self, leg: Leg, reason: Reason) -> None:
        """Ends a leg that may be another call's; its call ends with it."""
        if leg in self._legs:
            self.drop(leg, reason)
        else:
            self._part_from_beyond()

    def be_left(self, by: "Call") -> None:
        """The call that this one was joined with goes on without it, or is over."""
        if self._beyond is by:
            self._beyond = None
            if self._talk is not None:
                self._talk.end()

    def _part_from_beyond(self) -> None:
        beyond, self._beyond = self._beyond, None
        if beyond is not None:
            beyond.be_left(self)

    def serve(self, leg: Leg) -> None:
        """Names the leg whose hang-up ends the script from here on. Only the script calls it, and
        ends here when that leg has left already: a cancellation would wait for its next await,
        and might hit what comes after the script."""
        self._served = leg
        if leg.has_ended:
            raise asyncio.CancelledError

    # -- LegObserver -------------------------------------------------------------------------

    def leg_trying(self, leg: Leg) -> None:
        """Of interest to forks only, as are the next three."""

    leg_ringing = leg_early_media = leg_answered = leg_trying

    def leg_failed(self, leg: Leg, failure: Failure) -> None:
        self.leg_ended(leg)

    def leg_ended(self, leg: Leg) -> None:
        self._remove(leg)
        if leg.last_words is not None:
            self.note(Step(f"{leg.party.address} left", leg.last_words))
        if leg.ended_for is not Reason.NORMAL:
            self.story.reason = leg.ended_for
        if self._talk is not None:
            self._talk.left(leg)
        elif leg is self._served and self._task is not None:
            self._task.cancel()

    def leg_hold(self, leg: Leg, held: bool) -> None:
        peer = self.peer_of(leg) if self.is_talking else None
        if peer is not None and held:
            peer.media.start_play(Tune.DEFAULT_MUSIC, loop=True)
        elif peer is not None:
            peer.media.stop_play()

    def leg_transfer(self, leg: Leg, request: TransferRequest) -> None:
        # Whoever owns the party that stays carries the transfer out.
        call = self if self._beyond is None else self._beyond
        is_free = self._talk is not None and not self._talk.outcome.done()  # not transferred itself
        if not is_free or not call.take_transfer(request):
            request.notifier.finish(603, "Decline")

    def leg_text(self, leg: Leg, text: Text) -> None:
        peer = self.peer_of(leg) if self.is_talking else None
        if peer is None:
            text.answer(480)
        else:
            peer.send_text(text)

    def take_transfer(self, request: TransferRequest) -> bool:
        if self._talk is None or self._transfers >= TRANSFERS_PER_CALL_MAX:
            return False
        self._transfers += 1
        return self._talk.transfer(request)

    def _remove(self, leg: Leg) -> None:
        leg.observer = None
        if leg in self._legs:
            del self._legs[leg]
            self._tell_engagement(leg, -1)
        meter = self._metered.pop(leg, None)
        if meter is not None:
            meter.stop()
            self.spawn(meter.close())

    def _settle_end(self, reason: Reason) -> None:
        """Ended from outside while nobody talked: by money or by the node."""
        status = 200 if self.story.answered_at is not None else reason.sip_status
        self.settle(result_of(status), reason, sip_status=status)

    def _tell_engagement(self, leg: Leg, change: int) -> None:
        self._on_engagement(self, leg, change)
        if self._on_leg is not None and change > 0:
            self._on_leg(self, leg)


def owner_of(leg: Leg) -> Call | None:
    """The call that an answered leg, or a caller's, is in; None: it rings, or it is over."""
    return leg.observer if isinstance(leg.observer, Call) else None
