"""The calls of this node: starts and ends them, makes their records, knows who is engaged."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable, Container, Coroutine, Mapping
from typing import Protocol

from callwright.calls.call import Call
from callwright.calls.leg import Leg
from callwright.calls.record import CallRecord, CallResult
from callwright.calls.story import Story
from callwright.kernel.clock import Clock
from callwright.kernel.ids import CallId, SbcId, UserId
from callwright.kernel.limits.calls import CALLS_MAX
from callwright.kernel.limits.emergency import SHUTDOWN_EMERGENCY_S
from callwright.kernel.money import Money
from callwright.kernel.reason import Reason

Script = Callable[[Call], Awaitable[None]]


class CallObserver(Protocol):
    """Records, metrics, live view: they watch and never stand in the way."""

    def call_started(self, call: Call) -> None: ...

    def call_ended(self, call: Call, record: CallRecord) -> None: ...

    def call_failed(self, call: Call, error: BaseException) -> None:
        """A defect ended this call; the node goes on."""
        ...

    def user_became_idle(self, user: UserId) -> None:
        """The user's last talk is over, though a phone may ring; or the last leg is gone. A queue
        may want to ring."""
        ...

    def leg_changed(self, leg: Leg) -> None:
        """A user's leg came or went; who wants to hear of its states says so with ``on_state``."""
        ...

    def gateway_used(self, sbc: SbcId, sessions: int) -> None:
        """A leg of the gateway came or went; ``sessions`` it has now."""
        ...


class LiveCalls:
    """Owner of every running call. Its answers about users are derived from the legs."""

    def __init__(
        self,
        clock: Clock,
        *,
        new_id: Callable[[], CallId],
        spawn: Callable[[Coroutine[object, object, None], str], "asyncio.Task[None]"],
        observer: CallObserver,
        on_leg: Callable[[Call, Leg], None] | None = None,
    ) -> None:
        """``on_leg(call, leg)``: a leg joined a call."""
        self._clock = clock
        self._new_id = new_id
        self._spawn = spawn
        self._observer = observer
        self._on_leg = on_leg
        self._calls: dict[CallId, Call] = {}
        self._engaged: dict[UserId, dict[Leg, Call]] = {}
        """Live legs by user; a user without one is not in it."""
        self._gateway_legs: Counter[SbcId] = Counter()
        self._idle_since: dict[UserId, float] = {}
        self._started_at = clock.monotonic()
        self._empty = asyncio.Event()
        self._empty.set()

    def __len__(self) -> int:
        return len(self._calls)

    def find(self, call: CallId) -> Call:
        """Raises KeyError for a call that is over."""
        return self._calls[call]

    def running(self) -> tuple[Call, ...]:
        return tuple(self._calls.values())

    @property
    def is_full(self) -> bool:
        return len(self._calls) >= CALLS_MAX

    def start(self, caller: Leg, story: Story, script: Script) -> Call:
        call = Call(
            self._new_id(),
            caller,
            story,
            self._clock,
            on_engagement=self._note_engagement,
            on_leg=self._on_leg,
        )
        self._calls[call.id] = call
        self._empty.clear()
        self._observer.call_started(call)
        self._spawn(self._run(call, script), call.id)
        return call

    def is_engaged(self, user: UserId) -> bool:
        """True while the user has a ringing or talking leg."""
        return user in self._engaged

    def engaged(self) -> Container[UserId]:
        """All of these users, as they come and go."""
        return self._engaged.keys()

    def gateway_legs(self, sbc: SbcId) -> int:
        """Live legs of a gateway, in either direction."""
        return self._gateway_legs[sbc]

    def legs_of(self, user: UserId) -> Mapping[Leg, Call]:
        """The user's ringing and talking legs, each with its call, the oldest first."""
        return self._engaged.get(user, {})

    def idle_since(self, user: UserId) -> float:
        return self._idle_since.get(user, self._started_at)

    async def drain(self, grace_s: float) -> None:
        """Waits until every call ended, at most ``grace_s``; then ends the rest."""
        try:
            async with asyncio.timeout(grace_s):
                await self._empty.wait()
        except TimeoutError:
            running = tuple(self._calls.values())
            for call in running:
                if not call.is_emergency:
                    call.end(Reason.SHUTTING_DOWN)
            is_urgent = any(call.is_emergency for call in running)
            await self._until_empty(SHUTDOWN_EMERGENCY_S if is_urgent else grace_s)

    async def _until_empty(self, within_s: float) -> None:
        """Calls that do not end by then end with the process; a start repairs what they leave."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._empty.wait()

    async def _run(self, call: Call, script: Script) -> None:
        try:
            await call.run(script)
        except Exception as error:  # a defect ends one call, not the node (design §5)
            self._observer.call_failed(call, error)
        finally:
            charge = await self._close_meters(call) if call.meters else None
            del self._calls[call.id]
            self._observer.call_ended(call, self._record(call, charge))
            if not self._calls:
                self._empty.set()

    async def _close_meters(self, call: Call) -> Money | None:
        """Settles every paid leg; None when the call had no price at all."""
        total: Money | None = None
        for meter in call.meters:
            try:
                await meter.close()
            except Exception as error:  # the reservation stays, and is settled at the next start
                self._observer.call_failed(call, error)
            total = meter.charge if total is None else total + meter.charge
        return total

    def _record(self, call: Call, charge: Money | None) -> CallRecord:
        story = call.story
        result = story.result or CallResult.FAILED
        return CallRecord(
            id=call.id,
            started_at=story.started_at,
            answered_at=story.answered_at,
            ended_at=self._clock.utc(),
            caller=story.caller,
            callee=story.callee,
            direction=story.direction,
            result=result,
            sip_status=_told(story),
            reason=story.reason,
            charge=charge,
            caller_user=story.caller_user,
            callee_user=story.callee_user,
            gateway=story.gateway,
            via=story.via,
            steps=tuple(story.steps),
            visits=tuple(sorted(story.visits, key=lambda visit: visit.started_at)),
            legs=story.legs.records(),
        )

    def _note_engagement(self, call: Call, leg: Leg, change: int) -> None:
        party = leg.party
        if change > 0:
            call.story.legs.joined(leg)
        else:
            call.story.legs.left(leg)
        if party.gateway is not None:
            self._gateway_legs[party.gateway] += change
            self._observer.gateway_used(party.gateway, self._gateway_legs[party.gateway])
        if party.user is None:
            return
        legs = self._engaged.setdefault(party.user, {})
        if change > 0:
            legs[leg] = call
        elif legs.get(leg) is call:
            del legs[leg]
            if leg.was_answered:  # a phone that only rang was no call: its user is idle no less
                self._idle_since[party.user] = self._clock.monotonic()
        self._observer.leg_changed(leg)
        is_done = change < 0 and leg.was_answered and not any(each.is_answered for each in legs)
        if not legs:
            del self._engaged[party.user]
        if is_done or not legs:
            self._observer.user_became_idle(party.user)


def _told(story: Story) -> int:
    """A phone that was told 200 is told no other final status, whatever ends the call."""
    if story.answered_at is not None:
        return 200
    return story.sip_status or story.reason.sip_status
