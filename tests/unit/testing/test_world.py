"""The world's own promises: a scene that leaves something behind fails, a file makes a world."""

import asyncio
from pathlib import Path

import pytest

from callwright.kernel.clock import Timer
from callwright.testing.phone_call import CallFailed
from callwright.testing.stores import MemoryWallet
from callwright.testing.world import World, play

EXAMPLE = Path(__file__).parents[3] / "src/callwright/examples/contoso.yaml"


def test_a_leg_that_outlives_its_call_fails_the_scene() -> None:
    async def scene(world: World) -> None:
        world.node.room.open()

    with pytest.raises(AssertionError, match="outlived its call: 0 calls, 1 media legs, 1 RTP"):
        play(scene)


def test_money_that_stays_reserved_fails_the_scene() -> None:
    async def scene(world: World) -> None:
        assert world.wallet.balance is not None
        await world.wallet.reserve("forgotten", 0, world.wallet.balance)

    with pytest.raises(AssertionError, match=r"50\.00 reserved"):
        play(scene)


class BrokenWallet(MemoryWallet):
    async def reserve(self, key: str, slice_number: int, amount: object) -> bool:
        raise LookupError("the disk is gone")


def test_a_defect_in_a_call_fails_the_scene() -> None:
    async def scene(world: World) -> None:
        world.wallet.reserve = BrokenWallet(None).reserve  # type: ignore[method-assign]
        world.carrier("sbc1")
        alice = await world.phone("alice")
        call = await alice.dial("+442079460123")
        assert await call.ended() == 500

    with pytest.raises(AssertionError, match="a defect ended"):
        play(scene)


def test_waiting_for_what_does_not_come_fails_with_its_reason() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = await alice.dial("102")
        with pytest.raises(AssertionError, match="was not answered within 3 s"):
            await call.answered(within_s=3)
        (await bob.rings()).decline(603)
        with pytest.raises(CallFailed, match="the call of alice with 102 was not answered: 603"):
            await call.answered()
        with pytest.raises(AssertionError, match="bob did not ring within 5 s"):
            await bob.rings(within_s=5)

    play(scene)


def test_an_organisation_file_makes_a_world() -> None:
    async def scene(world: World) -> None:
        erin = await world.phone("erin")
        call = world.carrier("sbc1").call("4255550105", calling="2065550123")
        (await erin.rings()).answer()
        await call.until_hears("erin")

    play(scene, organisation=EXAMPLE)


def test_days_pass_in_no_time() -> None:
    async def scene(world: World) -> None:
        await world.phone("alice")
        await asyncio.sleep(2 * 86_400)

    play(scene)


def test_the_clock_of_the_world_sets_timers() -> None:
    async def scene(world: World) -> None:
        fired: list[float] = []
        timer: Timer = world.clock.call_later(5, lambda: fired.append(world.clock.monotonic()))
        began_s = world.clock.monotonic()
        await asyncio.sleep(10)
        timer.cancel()
        assert fired == [began_s + 5]

    play(scene)
