"""A hundred calls of every kind over a bad network, and what must hold when they are over.

    play_storm(7, HEAVY)

Callers hang up, are refused, wait, hold, transfer, leave messages, press keys; phones and carriers
crash and come back. Whatever is lost: every call ends, nothing is left of it, and the record tells
what the caller was told.
"""

import asyncio
import contextlib
import random
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable

from callwright.calls.record import CallRecord
from callwright.calls.sip_leg import SipLeg
from callwright.kernel.ids import CallId
from callwright.sip.identity.session_id import uuid_of
from callwright.testing.aftermath import check_record, drawn, timers_left, uuid_of_caller
from callwright.testing.agent import Answer, Decline, Ignore, Reaction, Ring, SimulatedAgent
from callwright.testing.network import Conditions, Fate
from callwright.testing.phone_call import PhoneCall
from callwright.testing.world import World, play

LIGHT = Conditions(delay_s=0.02, jitter_s=0.02, loss=0.05)
HEAVY = Conditions(delay_s=0.04, jitter_s=0.3, loss=0.2, duplication=0.05)
"""One datagram in five is lost, the others overtake each other, some come twice."""

CALLS = 100
EXTENSIONS = ("101", "102", "103", "104", "105", "199")
OUTSIDE = ("2065550199", "+12065550177", "+442079460123", "+441632960999")
DIRECT_NUMBERS = ("4255550101", "4255550102", "4255550103", "4255550105", "4255550199")
QUEUES = ("+14255550151", "+14255550152")
ATTENDANTS = ("+14255550150", "+18005550100")
QUIET_WITHIN_S = 5_000.0
"""An hour on hold, the tail of a queue, and three times 64*T1."""
AGREED_WITHIN_S = 110.0
"""Three times 64*T1: a 200 nobody acknowledges, its BYE, and the linger of that."""

Kind = Callable[["Storm"], Awaitable[None]]


class Storm:
    """Everybody with a phone, and one generator that decides for all."""

    def __init__(self, world: World, calls: int = CALLS) -> None:
        self.world = world
        self.chance: random.Random = world.loop.random
        self.people: list[SimulatedAgent] = []
        self.kinds: Counter[str] = Counter()
        self._calls = calls
        self._callers: dict[CallId, SipLeg] = {}
        world.journal.on_started = self._note_started

    async def run(self, conditions: Conditions) -> None:
        await self._gather()
        opening = self.world.wallet.balance
        self.world.network.conditions = conditions
        async with asyncio.TaskGroup() as doing:
            for _ in range(self._calls):
                self._change_mind()
                kind = self.chance.choices(KINDS, WEIGHTS)[0]
                self.kinds[kind.__name__] += 1
                doing.create_task(self._live(kind))
                await asyncio.sleep(self.chance.choice((0, 0.01, 0.3, 2, 5, 12)))
        await self._until_all_agree()
        for person in self.people:
            for call in person.live_calls:
                call.hang_up()
        await self._until_quiet()
        self._check_records()
        wallet = self.world.wallet
        if opening is not None and wallet.balance is not None:
            paid = sum(wallet.charges.values(), opening - opening)
            assert wallet.balance + paid == opening, f"{paid} was paid, {wallet.balance} is left"

    # -- who takes part ----------------------------------------------------------------------------

    async def _gather(self) -> None:
        world = self.world
        home = world.nat()
        await world.phone("alice")
        await world.phone("bob", nat=home)
        await world.phone("bob", name="bob-mobile", transport="tcp")
        await world.phone("dave", codecs=("PCMA",))
        await world.phone("erin", transport="tcp")
        await world.phone("erin", name="erin-mobile")
        self.people = [*world.phones, world.carrier("sbc1"), world.carrier("sbc2")]

    def _change_mind(self) -> None:
        person = self.chance.choice(self.people)
        answers = Answer(self.chance.uniform(0, 6))
        moods: tuple[Reaction, ...] = (
            answers, Answer(0), Ring(), Ignore(), Decline(486), Decline(486, 1), Decline(603),
            Decline(503), Decline(404),
        )  # fmt: skip
        person.reaction = self.chance.choices(moods, (8, 3, 3, 1, 1, 1, 1, 1, 1))[0]

    async def _live(self, kind: Kind) -> None:
        """A call that ends while one does something in it is no failure here."""
        with contextlib.suppress(AssertionError, TimeoutError):
            await kind(self)

    # -- what people do ----------------------------------------------------------------------------

    async def dial(self, number: str, *, without_offer: bool = False) -> PhoneCall:
        phone = self.chance.choice(self.world.phones)
        return await phone.dial(number, without_offer=without_offer)

    def comes_in(self, number: str) -> PhoneCall:
        calling = f"+1206555{self.chance.randrange(10_000):04}"
        return self.world.carrier("sbc1").call(number, calling=calling)

    async def some_call(self) -> PhoneCall:
        pick = self.chance.choice
        if self.chance.random() < 0.35:
            return self.comes_in(pick(DIRECT_NUMBERS))
        number = pick(EXTENSIONS) if self.chance.random() < 0.6 else pick(OUTSIDE)
        return await self.dial(number, without_offer=self.chance.random() < 0.1)

    async def answered_call(self) -> PhoneCall:
        call = await self.some_call()
        try:
            await call.answered(within_s=40)
        except AssertionError:
            call.hang_up()
            raise
        return call

    async def part(self, call: PhoneCall) -> None:
        """Either side hangs up first, now and then both."""
        if self.chance.random() < 0.4:
            for person in self.people:
                for other in person.live_calls:
                    if other.is_answered and other.session.role == "uas":
                        other.hang_up()
                        break
            await asyncio.sleep(self.chance.choice((0, 0.02, 5)))
        call.hang_up()

    async def talk(self) -> None:
        call = await self.answered_call()
        await asyncio.sleep(self.chance.uniform(0, 20))
        await self.part(call)

    async def hold(self) -> None:
        call = await self.answered_call()
        try:
            await call.hold(self.chance.choice(("sendonly", "inactive")))
            await asyncio.sleep(self.chance.uniform(0, 5))
            await call.resume()
        finally:
            await self.part(call)

    async def transfer(self) -> None:
        call = await self.answered_call()
        number = self.chance.choice((*EXTENSIONS, *OUTSIDE))
        mine = [call, *(c for p in self.people for c in p.live_calls if c.is_answered)]
        transferor = self.chance.choice(mine)
        try:
            if not transferor.is_transferring:
                await transferor.transfer(number, within_s=50)
            await asyncio.sleep(self.chance.uniform(0, 10))
        finally:
            call.hang_up()
            transferor.hang_up()

    async def give_up(self) -> None:
        """Before the first response, while it rings, or as somebody answers."""
        call = await self.some_call()
        phase = self.chance.randrange(4)
        if phase == 0:
            await asyncio.sleep(self.chance.choice((0, 0.01, 0.05, 0.2)))
        elif phase == 1:
            with contextlib.suppress(AssertionError):
                await call.ringing(within_s=10)
        elif phase == 2:
            with contextlib.suppress(AssertionError):
                await call.answered(within_s=30)
            await asyncio.sleep(self.chance.choice((0, 0.01, 0.1)))
        else:
            await asyncio.sleep(self.chance.uniform(0, 8))
        call.hang_up()

    async def wait_in_a_queue(self) -> None:
        call = self.comes_in(self.chance.choice(QUEUES))
        await asyncio.sleep(self.chance.uniform(1, 90))
        await self.part(call)

    async def ask_the_attendant(self) -> None:
        call = self.comes_in(self.chance.choice(ATTENDANTS))
        try:
            await call.answered(within_s=40)
            await asyncio.sleep(self.chance.uniform(0, 3))
            await call.press(self.chance.choice(("1", "2", "3", "0", "9", "102", "7", "*")))
            await asyncio.sleep(self.chance.uniform(0, 40))
        finally:
            await self.part(call)

    async def leave_a_message(self) -> None:
        call = self.comes_in(self.chance.choice(DIRECT_NUMBERS[:2]))
        try:
            await call.answered(within_s=60)
            await asyncio.sleep(self.chance.uniform(3, 15))
            if self.chance.random() < 0.3:
                await call.press("#")
        finally:
            call.hang_up()

    async def ring_long(self) -> None:
        call = await self.some_call()
        with contextlib.suppress(AssertionError):
            await call.answered(within_s=self.chance.uniform(20, 120))
        call.hang_up()

    async def ask_for_help(self) -> None:
        call = await self.dial("911")
        try:
            await call.answered(within_s=60)
            await asyncio.sleep(self.chance.uniform(0, 10))
        finally:
            call.hang_up()

    async def crash(self) -> None:
        """In the middle of whatever it does; some are off for a while, some start at once."""
        call = await self.some_call()
        await asyncio.sleep(self.chance.uniform(0, 8))
        person = self.chance.choice(self.people)
        person.host.is_up = False
        await asyncio.sleep(self.chance.choice((0, 0, 1, 10, 50)))
        person.host.is_up = True
        person.restart()
        await asyncio.sleep(self.chance.uniform(0, 20))
        call.hang_up()

    # -- what must hold ----------------------------------------------------------------------------

    async def _until_all_agree(self) -> None:
        """Who believes to be in a call is in one: a crash apart, the node knows it, too."""
        endpoint = self.world.node.endpoint
        for _ in range(int(AGREED_WITHIN_S / 0.5)):
            live = [
                call
                for person in self.people
                for call in person.live_calls
                if call.is_answered or call.session.role == "uac" or self._was_heard(call)
            ]
            if len(live) <= endpoint.session_count:
                return
            await asyncio.sleep(0.5)
        told = ", ".join(map(str, live))
        ladders = "\n\n".join(map(self._ladder_of, live))
        raise AssertionError(
            f"{endpoint.session_count} dialogs of the node; and yet: {told}\n\n{ladders}"
        )

    def _was_heard(self, call: PhoneCall) -> bool:
        """Something that the phone said of this call arrived. Of one that rings after the last
        copy of an INVITE, and whose 100 and 180 are lost, nobody can know."""
        call_id = call.session.request.call_id.encode()
        return any(
            p.fate is Fate.DELIVERED and p.sender == call.agent.name and call_id in p.data
            for p in self.world.recorder.passages
        )

    async def _until_quiet(self) -> None:
        left = ""
        for _ in range(int(QUIET_WITHIN_S)):
            left = self._left()
            if not left:
                return
            await asyncio.sleep(1.0)
        raise AssertionError(f"something outlived its call: {left}; {self.world.state}")

    def _left(self) -> str:
        node = self.world.node
        endpoints = {"node": node.endpoint} | {p.name: p.endpoint for p in self.people}
        left = [
            f"{each.transaction_count} transactions, {each.session_count} sessions of {name}"
            for name, each in endpoints.items()
            if each.transaction_count or each.session_count
        ]
        if not self.world.is_idle:
            left.append("calls")
        return "; ".join(left + timers_left(self.world.loop))

    def _note_started(self, call: CallId) -> None:
        leg = self.world.node.calls.find(call).caller
        assert isinstance(leg, SipLeg)
        self._callers[call] = leg

    def _check_records(self) -> None:
        records = self.world.journal.records
        counted = Counter(record.id for record in records)
        assert set(counted) == set(self._callers), "not one record for each call"
        assert set(counted.values()) <= {1}, f"two records of one call: {counted.most_common(1)}"
        calls = [call for person in self.people for call in person.calls]
        made = {c.session.request.call_id: c for c in calls if c.session.role == "uac"}
        taken: dict[str | None, list[PhoneCall]] = defaultdict(list)
        for call in calls:
            if call.session.role == "uas":
                taken[uuid_of(call.session.request)].append(call)
        for record in records:
            leg = self._callers[record.id]
            call_id = leg.session.request.call_id
            try:
                check_record(record, made.get(call_id), taken[uuid_of_caller(leg)])
            except AssertionError as error:
                ladder = self._ladder_around(call_id, record)
                raise AssertionError(f"{error}\n{record}\n\n{ladder}") from error

    def _ladder_of(self, call: PhoneCall) -> str:
        """What that phone and the node said to each other about it."""
        call_id = call.session.request.call_id.encode()
        return drawn(self.world.recorder, lambda passage: call_id in passage.data)

    def _ladder_around(self, call_id: str, record: CallRecord) -> str:
        """The caller's messages, and those of everybody else in the life of the call."""
        started_at = self.world.loop.started_at
        begin_s = (record.started_at - started_at).total_seconds()
        end_s = min((record.ended_at - started_at).total_seconds(), begin_s + 60) + 1
        name = call_id.encode()
        return drawn(
            self.world.recorder, lambda p: name in p.data or begin_s <= p.sent_at_s <= end_s
        )


KINDS: tuple[Kind, ...] = (
    Storm.talk, Storm.hold, Storm.transfer, Storm.give_up, Storm.wait_in_a_queue,
    Storm.ask_the_attendant, Storm.leave_a_message, Storm.ring_long, Storm.crash,
    Storm.ask_for_help,
)  # fmt: skip
WEIGHTS = (22, 10, 10, 20, 10, 8, 6, 6, 5, 3)


def play_storm(seed: int, conditions: Conditions, *, calls: int = CALLS) -> Counter[str]:
    """Raises AssertionError for what does not hold; returns how many calls of each kind."""

    async def scene(world: World) -> Counter[str]:
        storm = Storm(world, calls)
        await storm.run(conditions)
        return storm.kinds + Counter(f"= {record.result.value}" for record in world.journal.records)

    return play(scene, seed=seed)
