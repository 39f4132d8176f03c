"""Agents outside: rung through a trunk on the queue's account, and asked to press a key.

An answering machine presses none, so no caller is ever brought to one; until the key is pressed
the others ring on, and the caller hears music.
"""

from collections.abc import Iterator
from dataclasses import replace

from callwright.apps.board import Board
from callwright.apps.call_queue.phones import NO_PORT
from callwright.apps.call_queue.ringing import AgentRinging
from callwright.apps.call_queue.ticket import Ticket
from callwright.apps.delivery import Delivery
from callwright.apps.phrases_queues import accept_call
from callwright.calls.leg import Leg
from callwright.calls.metering import Meter, WalletUnavailable
from callwright.calls.ports import PortsExhausted
from callwright.domains.queues.model import CallQueue
from callwright.kernel.decision import Decision, Step
from callwright.kernel.e164 import E164
from callwright.kernel.ids import UserId
from callwright.kernel.limits.queues import (
    QUEUE_ACCEPT_ALL_S,
    QUEUE_ACCEPT_ROUNDS,
    QUEUE_ACCEPT_S,
    QUEUE_NOT_ACCEPTED_REST_S,
)
from callwright.kernel.reason import Reason
from callwright.kernel.target import ToExternal
from callwright.routing.request import Destination, OnBehalf, PlaceOutbound
from callwright.routing.route import route_target

ACCEPT_KEY = "1"


class OutsideAgent:
    """One attempt to reach one agent for one caller."""

    def __init__(
        self,
        board: Board,
        delivery: Delivery,
        queue: CallQueue,
        ticket: Ticket,
        ringing: AgentRinging,
        agent: UserId,
    ) -> None:
        self._board = board
        self._delivery = delivery
        self._queue = queue
        self._ticket = ticket
        self._ringing = ringing
        self._agent = agent
        self._meter: Meter | None = None
        self._has_caller = False
        """True from the key on: caller and agent talk, or are about to."""

    async def ring(self) -> None:
        """Returns when the phone rings, or will not."""
        call = self._delivery.call
        decision = self._decide()
        call.note(*decision.steps)
        outbound = decision.value
        legs: list[Leg] = []
        if not isinstance(outbound, PlaceOutbound):
            call.note(Step(f"{self._agent} is not rung", "the number does not lead outside"))
            self._rest()
        elif await self._can_pay(outbound):
            try:
                legs = list(self._legs(outbound))
            except PortsExhausted:
                call.note(Step(f"{self._agent} is not rung", NO_PORT))
        if self._agent not in self._ticket.ringing:  # meanwhile somebody else answered
            for leg in legs:
                leg.hang_up(Reason.CALLER_CANCELLED)
            legs = []
        else:
            for_s = self._queue.alert_s
            self._ringing.ring(self._agent, legs, for_s=for_s, screen=self._screen)
        rings = [leg for leg in legs if not leg.has_ended]
        if self._meter is not None and rings:
            call.pay(rings[0], self._meter)
        elif self._meter is not None:
            await self._meter.close()

    def _decide(self) -> Decision[Destination]:
        delivery, board = self._delivery, self._board
        account = delivery.account or next(iter(self._queue.caller_ids), None)
        return route_target(
            delivery.snapshot,
            ToExternal(E164(self._agent)),
            OnBehalf(
                None,
                account,
                delivery.leg.party.address,
                is_private=delivery.leg.party.introduction.is_private,
            ),
            now=board.clock.utc(),
            live=board.live(),
        )

    async def _can_pay(self, outbound: PlaceOutbound) -> bool:
        call, rate = self._delivery.call, outbound.rate
        if rate is None or rate.is_free:
            return True
        meter = Meter(
            f"{call.id}/{len(call.meters)}",
            rate,
            self._board.wallet,
            self._board.clock,
            spawn=call.spawn,
            cut=self._cut,
        )
        call.meters.append(meter)
        try:
            if await meter.open():
                self._meter = meter
                return True
        except WalletUnavailable:
            call.note(Step(f"{self._agent} is not rung", Reason.CREDITS_UNAVAILABLE.text))
        else:
            call.note(Step(f"{self._agent} is not rung", Reason.CREDITS_EXHAUSTED.text))
        self._rest()
        return False

    def _cut(self) -> None:
        """The money is spent. Who did not press the key yet is nobody that the caller needs: the
        waiting goes on (SPEC 5.1)."""
        call = self._delivery.call
        if self._has_caller:
            call.end(Reason.CREDITS_EXHAUSTED)
        else:
            call.note(Step(f"{self._agent} rings no longer", Reason.CREDITS_EXHAUSTED.text))
            self._let_go()

    def _let_go(self) -> None:
        self._rest()
        self._ringing.give_up(self._agent)

    def _rest(self) -> None:
        """What the agent cannot be rung for now holds in a few seconds, too."""
        self._board.floor.leave_alone(self._agent, QUEUE_NOT_ACCEPTED_REST_S)

    def _legs(self, outbound: PlaceOutbound) -> Iterator[Leg]:
        """One, through the first gateway that has room; another one is tried at the next offer."""
        delivery, reach = self._delivery, self._board.reach
        for gateway in outbound.gateways:
            ways = reach.ways(delivery.snapshot, gateway.sbc)
            if ways and reach.bar(delivery.snapshot, gateway.sbc) is None:
                caller = replace(delivery.caller(), address=gateway.calling, name=None)
                leg = reach.gateway_leg(delivery.snapshot, gateway, caller, ways[0])
                leg.party = replace(leg.party, user=self._agent)
                yield leg
                return
        self._delivery.call.note(Step(f"{self._agent} is not rung", Reason.TRUNK_FULL.text))

    def _screen(self, leg: Leg) -> None:
        """Somebody or something answered."""
        call = self._delivery.call
        self._ticket.more_s = max(self._ticket.more_s, QUEUE_ACCEPT_ALL_S)
        if self._meter is not None:
            call.pay(leg, self._meter)
        call.spawn(self._ask(leg))

    async def _ask(self, leg: Leg) -> None:
        call, media = self._delivery.call, leg.media
        media.forget_digits()
        for _ in range(QUEUE_ACCEPT_ROUNDS):
            await media.play_until_digit(accept_call(self._queue.name, self._queue.language))
            key = await media.next_digit(within_s=QUEUE_ACCEPT_S / QUEUE_ACCEPT_ROUNDS)
            if key == ACCEPT_KEY:
                self._ringing.accept(leg)
                self._has_caller = self._ringing.winner is leg
                return
            if key is not None or leg.has_ended:
                break
        if self._agent not in self._ticket.ringing:  # somebody else answered, or the caller left
            return
        call.note(Step(f"{self._agent} did not take the call", f"{ACCEPT_KEY} was not pressed"))
        self._let_go()
