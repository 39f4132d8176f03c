"""People who do anything at any time. No assertion but the world's own: nothing breaks, nothing
outlives its call, no money is lost, nobody hears two at once."""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable

import pytest

from callwright.testing.agent import Answer, Decline, Ignore, Ring, SimulatedAgent
from callwright.testing.network import PERFECT, ROUGH, Conditions
from callwright.testing.phone_call import PhoneCall
from callwright.testing.world import World, play

TARGETS = (
    "101", "102", "103", "104", "105", "199", "2065550199", "+442079460123", "+14255550150",
    "+14255550151", "+14255550152", "911",
)  # fmt: skip
DIRECT_NUMBERS = (
    "4255550101", "4255550102", "4255550103", "4255550150", "4255550151", "4255550152",
    "+18005550100",
)  # fmt: skip
STEPS = 40


class Crowd:
    """Everybody with a phone, and one generator that decides for all."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.random: random.Random = world.loop.random
        self.people: list[SimulatedAgent] = []
        self.doing: set[asyncio.Task[None]] = set()

    async def gather(self) -> None:
        world = self.world
        home = world.nat()
        await world.phone("alice")
        await world.phone("bob", nat=home)
        await world.phone("bob", name="bob-mobile", transport="tcp")
        await world.phone("dave", codecs=("PCMA",))
        await world.phone("erin", transport="tcp")
        self.people = [*world.phones, world.carrier("sbc1"), world.carrier("sbc2")]

    async def live(self) -> None:
        for _ in range(STEPS):
            self.change_mind()
            act = self.random.choice((self.call, self.call, self.act_in_a_call, self.act_in_a_call))
            task = asyncio.get_running_loop().create_task(self.tolerate(act))
            self.doing.add(task)
            task.add_done_callback(self.doing.discard)
            await asyncio.sleep(self.random.choice((0, 0.005, 0.02, 1, 5, 20)))
            self.listen()
        await asyncio.sleep(30)
        for task in tuple(self.doing):
            task.cancel()

    async def until_all_agree(self) -> None:
        """Each dialog of the node is one of a phone; what crosses at this instant is over soon."""
        node = self.world.node
        for _ in range(100):
            calls = [call for person in self.people for call in person.live_calls]
            if len(calls) == node.endpoint.session_count:
                return
            await asyncio.sleep(0.5)
        raise AssertionError(f"the node has {node.endpoint.session_count} dialogs: {calls}")

    async def nobody_is_left_in_silence(self) -> None:
        """Whoever is in a call hears somebody, music, ringing, a prompt; or is being recorded."""
        calls = [call for person in self.people for call in person.live_calls]
        await asyncio.gather(*map(self.hears_something, calls))

    async def hears_something(self, call: PhoneCall) -> None:
        handset, media = call.audio.handset, self.world.media
        for _ in range(300):
            listens = call.is_answered and handset.stream is not None and handset.stream.receive
            if call.is_over or not listens or call.is_transferring:
                return
            if call.hears() or media.is_recorded(handset):
                return
            await asyncio.sleep(0.1)
        raise AssertionError(f"{call} is left in silence")

    async def tolerate(self, act: Callable[[], Awaitable[None]]) -> None:
        """A call that ends while one does something in it is no failure here."""
        with contextlib.suppress(AssertionError, TimeoutError):
            await act()

    def change_mind(self) -> None:
        person = self.random.choice(self.people)
        person.reaction = self.random.choice(
            (*[Answer(self.random.uniform(0, 6))] * 8, *[Answer(0), Ring()] * 3, Ignore(),
             Decline(486), Decline(603), Decline(503))
        )  # fmt: skip

    async def call(self) -> None:
        if self.random.random() < 0.3:
            number = self.random.choice(DIRECT_NUMBERS)
            self.world.carrier("sbc1").call(number, calling="+12065550123")
        else:
            await self.random.choice(self.world.phones).dial(
                self.random.choice(TARGETS), without_offer=self.random.random() < 0.1
            )

    async def act_in_a_call(self) -> None:
        calls = [call for person in self.people for call in person.live_calls]
        answered = [call for call in calls if call.is_answered]
        if not calls:
            return
        call = self.random.choice(answered or calls)
        if not call.is_answered:
            if call.session.role == "uas" and self.random.random() < 0.6:
                call.answer()
            else:
                call.hang_up()
            return
        acts: tuple[Callable[[], Awaitable[object]], ...] = (
            call.hold, call.resume, lambda: call.press(self.random.choice("0123456789*#")),
            lambda: call.transfer(self.random.choice(TARGETS), within_s=25),
            lambda: self.hang_up(call), lambda: call.hold("inactive"),
        )  # fmt: skip
        await self.random.choice(acts)()

    async def hang_up(self, call: PhoneCall) -> None:
        call.hang_up()

    def listen(self) -> None:
        """One source at a time, in a codec that was agreed."""
        for person in self.people:
            for call in person.live_calls:
                heard = call.hears()
                assert len(heard) <= 1, f"{call} hears {heard} at once"
                assert not any(source.startswith("garbled") for source in heard), heard


@pytest.mark.parametrize("conditions", [PERFECT, ROUGH], ids=["perfect", "rough"])
@pytest.mark.parametrize("seed", range(15))
def test_nothing_breaks(conditions: Conditions, seed: int) -> None:
    async def scene(world: World) -> None:
        crowd = Crowd(world)
        await crowd.gather()
        await crowd.live()
        await crowd.until_all_agree()
        await crowd.nobody_is_left_in_silence()

    play(scene, conditions=conditions, seed=seed)
