"""A floor with callers, agents and phones that do anything at any moment, and what must hold.

The floor and the ringing are the real ones; phones, calls and the clock are as simple as can be,
so that a million steps take minutes. The same seed gives the same run.
"""

import random
from collections.abc import Callable
from dataclasses import replace
from itertools import count

from tests.model.queue_caller import Caller, WatchedFloor
from tests.model.queue_phones import AGENTS, PhoneLeg, Phones, SteppedClock

from callwright.apps.call_queue.reconciler import Reconciler
from callwright.apps.call_queue.ticket import Guest, Ticket
from callwright.calls.leg import Failure, LegState
from callwright.domains.queues.absence import Absence
from callwright.domains.queues.model import (
    CallQueue,
    ExceptionAction,
    NoAgentsFor,
    RoutingMethod,
)
from callwright.domains.queues.reconciliation import Finding
from callwright.kernel.ids import CallId, CallQueueId, UserId
from callwright.kernel.target import Disconnect

QUEUES = tuple(CallQueueId(name) for name in ("sales", "support", "billing"))
CALLERS_MAX = 25


class QueueWorld:
    def __init__(self, seed: int, *, is_presence_based: bool) -> None:
        self.random = random.Random(seed)
        self.clock = SteppedClock()
        self.phones = Phones(self.clock)
        self.floor = WatchedFloor(self.phones, self.clock, lambda queue: (queue, ()))
        self.floor.offered = self.check_offer
        self.phones.became_idle = self.floor.agent_became_idle
        self.findings: list[Finding] = []
        self.reconciler = Reconciler(self.floor, self.findings.append)
        self.is_presence_based = is_presence_based
        self.waiting: dict[CallId, Caller] = {}
        self.talkers: dict[Caller, None] = {}
        self.results: dict[str, int] = {}
        self.steps = 0
        self._calls = count(1)
        self.floor.follow({queue: self._configured(queue) for queue in QUEUES})

    # -- what may happen ---------------------------------------------------------------------------

    def step(self) -> None:
        """One thing happens, its consequences follow, and everything is checked."""
        self.steps += 1
        act = self.random.choices(*ACTS)[0]
        act(self)
        self._settle()
        self.check()

    def time_passes(self) -> None:
        for callback in self.clock.due(self.clock.monotonic() + self.random.expovariate(1 / 4)):
            callback()
            self._settle()
            self.check()

    def caller_comes(self) -> None:
        queue = self.floor.queue(self.random.choice(QUEUES))
        if queue is None or len(self.waiting) >= CALLERS_MAX:
            return
        priority = self.random.choice((1, 3, 3, 3, 5))
        guest = Guest(CallId(f"call_{next(self._calls)}"), "+1", None, priority)
        caller = Caller(self, guest, queue, self.random.uniform(5, 300))
        self.waiting[guest.call] = caller
        greeting_s = self.random.choice((0.0, 3.0, 8.0))
        self.clock.call_later(greeting_s, lambda: self._end_greeting(caller))

    def caller_goes(self) -> None:
        if self.waiting:
            self.random.choice(list(self.waiting.values())).leave("abandoned")

    def agent_answers(self) -> None:
        """One or two phones at the same instant, before anybody's script can run."""
        for _ in range(self.random.choice((1, 1, 2))):
            leg = self._some_leg(LegState.RINGING)
            if leg is not None and leg.observer is not None:
                leg.state = LegState.ANSWERED
                leg.observer.leg_answered(leg)
                if self.random.random() < 0.1 and leg.observer is not None:
                    leg.mark_ended()
                    leg.observer.leg_ended(leg)

    def agent_declines(self) -> None:
        leg = self._some_leg(LegState.RINGING)
        if leg is not None and leg.observer is not None:
            leg.mark_ended()
            leg.observer.leg_failed(leg, Failure(self.random.choice((486, 480, 603)), "no"))

    def phone_dies(self) -> None:
        """Its talk ends, its ringing falls silent, and it is no longer registered."""
        user = self.random.choice(AGENTS)
        self.phones.up.discard(user)
        for leg in list(self.phones.legs[user]):
            if leg.observer is not None:
                was_ringing = leg.state is LegState.RINGING
                leg.mark_ended()
                if was_ringing:
                    leg.observer.leg_failed(leg, Failure(408, "silence", is_silence=True))
                else:
                    leg.observer.leg_ended(leg)
            else:
                self.phones.remove(leg)
        self.floor.agent_changed(user)

    def phone_comes_back(self) -> None:
        user = self.random.choice(AGENTS)
        self.phones.up.add(user)
        self.floor.agent_changed(user)

    def talk_ends(self) -> None:
        leg = self._some_leg(LegState.ANSWERED)
        if leg is None:
            return
        leg.mark_ended()
        if leg.observer is not None:
            leg.observer.leg_ended(leg)
        else:
            self.phones.remove(leg)

    def agent_calls_somebody(self) -> None:
        user = self.random.choice(AGENTS)
        if user in self.phones.up and not self.phones.legs[user]:
            leg = PhoneLeg(user)
            leg.state = LegState.ANSWERED
            self.phones.add(leg)

    def agent_opts(self) -> None:
        user, queue = self.random.choice(AGENTS), self.random.choice(QUEUES)
        if not self.floor.desk.end(user, queue):
            self.floor.desk.begin(Absence(user, queue, self.clock.utc()))

    def agent_pauses(self) -> None:
        user = self.random.choice(AGENTS)
        if not self.floor.desk.end(user, None):
            self.floor.desk.begin(Absence(user, None, self.clock.utc(), "lunch"))

    def agent_wraps_up(self) -> None:
        user, desk = self.random.choice(AGENTS), self.floor.desk
        if self.random.random() < 0.5:
            desk.end_wrap_up(user)
        else:
            desk.extend_wrap_up(user, 30.0)

    def administrator_changes_queues(self) -> None:
        left = [queue for queue in QUEUES if self.random.random() < 0.9]
        self.random.shuffle(left)
        self.floor.follow({
            queue: (self.floor.queue(queue) if self.random.random() < 0.5 else None)
            or self._configured(queue)
            for queue in left
        })  # fmt: skip

    # -- what must hold ----------------------------------------------------------------------------

    def check(self) -> None:
        """After every step. What is said of offers is found again from phones that ring."""
        self._check_places()
        self._check_agents()
        self._check_nobody_waits_for_a_free_agent()
        assert not self.findings, f"the reconciler found {self.findings}"

    def _check_places(self) -> None:
        in_line = [t.guest.call for line in self.floor.lines().values() for t in line]
        assert sorted(in_line) == sorted(self.waiting), "each caller is in exactly one place"
        for caller in self.waiting.values():
            assert not caller.results, "who waits has no result"
        assert not any(caller.ticket.guest.call in self.waiting for caller in self.talkers)
        for line in self.floor.lines().values():
            ranks = [ticket.rank for ticket in line]
            assert ranks == sorted(ranks), "a line is in order"

    def _check_agents(self) -> None:
        offers = self.floor.offers()
        for user in AGENTS:
            ringing = {id(leg.observer) for leg in self.phones.rings(user)}
            assert len(ringing) <= 1, f"{user} rings for two callers"
            assert bool(ringing) == (user in offers), f"{user}: offers and ringing phones differ"
            talks = len(self.phones.talks(user))
            if self.is_presence_based:
                assert talks + bool(ringing) <= 1, f"{user} talks, and rings or talks again"
            if ringing:
                caller = self.waiting[offers[user]]
                assert user in caller.ticket.ringing

    def _check_nobody_waits_for_a_free_agent(self) -> None:
        for caller in self.waiting.values():
            ticket = caller.ticket
            queue = self.floor.queue(ticket.queue)
            if queue is None or not ticket.is_ready or ticket.ringing:
                continue
            free = [agent for agent in queue.agents if self.may_ring(queue, agent)]
            assert not free, f"{ticket.guest.call} waits, and {free} could ring"

    def may_ring(self, queue: CallQueue, user: UserId) -> bool:
        """The naive rule, from phones and choices alone."""
        desk = self.floor.desk
        is_out = queue.allow_opt_out and desk.opt_out_of(user, queue.id) is not None
        heeds = queue.presence_based or queue.routing is RoutingMethod.LONGEST_IDLE
        is_engaged = bool(self.phones.legs[user]) if heeds else bool(self.phones.rings(user))
        return (
            user in self.phones.up
            and not is_out
            and desk.pause_of(user) is None
            and desk.wrap_up_of(user) is None
            and not is_engaged
            and not desk.is_resting(user)
        )

    def check_offer(self, mine: Ticket, agent: UserId) -> None:
        """First in, first out within a priority: nobody before could have had the agent."""
        queue = self.floor.queue(mine.queue)
        assert queue is not None
        assert agent in queue.agents, "who is no agent is not asked"
        for other in self.floor.line(mine.queue):
            if other is mine:
                return
            if other.wants_agents and not other.ringing:
                assert not self.may_ring(queue, agent), f"{other.guest.call} is passed over"

    # -- how it is done ----------------------------------------------------------------------------

    def alert_s(self, queue: CallQueueId) -> float:
        known = self.floor.queue(queue)
        return 15.0 if known is None else float(known.alert_s)

    def ended(self, caller: Caller, *, is_answered: bool) -> None:
        del self.waiting[caller.ticket.guest.call]
        assert len(caller.results) == 1
        result = caller.results[0]
        self.results[result] = self.results.get(result, 0) + 1
        if is_answered:
            self.talkers[caller] = None

    def drain(self) -> None:
        """Everybody leaves; nothing may be left."""
        for caller in list(self.waiting.values()):
            caller.leave("abandoned")
        for caller in list(self.talkers):
            caller.leave("over")
        self._settle()
        self.check()
        assert not self.floor.lines()
        assert not self.floor.offers()

    def _settle(self) -> None:
        """Lets every script run that has something to do, until none has."""
        for _ in range(1_000):
            awake = [caller for caller in self.waiting.values() if caller.ticket.news.is_set()]
            if not awake:
                return
            self.random.choice(awake).wake()
        raise AssertionError("scripts wake one another without end")

    def _end_greeting(self, caller: Caller) -> None:
        if caller.ticket.guest.call in self.waiting:
            self.floor.make_ready(caller.ticket)

    def _some_leg(self, state: LegState) -> PhoneLeg | None:
        legs = [leg for user in AGENTS for leg in self.phones.legs[user] if leg.state is state]
        return self.random.choice(legs) if legs else None

    def _configured(self, queue: CallQueueId) -> CallQueue:
        chance = self.random
        agents = tuple(chance.sample(AGENTS, chance.randint(0, len(AGENTS))))
        made = CallQueue(
            queue,
            queue,
            agents,
            routing=chance.choice(list(RoutingMethod)),
            alert_s=chance.choice((15, 30)),
            wrap_up_s=chance.choice((0, 0, 10)),
            allow_opt_out=chance.random() < 0.8,
            presence_based=self.is_presence_based or chance.random() < 0.5,
        )
        if chance.random() < 0.2:
            made = replace(
                made,
                no_agents=ExceptionAction(Disconnect()),
                no_agents_for=chance.choice(list(NoAgentsFor)),
            )
        return made


ACTS: tuple[list[Callable[[QueueWorld], None]], list[int]] = (
    [
        QueueWorld.time_passes,
        QueueWorld.caller_comes,
        QueueWorld.caller_goes,
        QueueWorld.agent_answers,
        QueueWorld.agent_declines,
        QueueWorld.phone_dies,
        QueueWorld.phone_comes_back,
        QueueWorld.talk_ends,
        QueueWorld.agent_calls_somebody,
        QueueWorld.agent_opts,
        QueueWorld.agent_pauses,
        QueueWorld.agent_wraps_up,
        QueueWorld.administrator_changes_queues,
    ],
    [30, 20, 5, 14, 4, 2, 4, 14, 3, 3, 2, 3, 1],
)
