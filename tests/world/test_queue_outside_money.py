"""The money for an agent outside runs out: before the key was pressed, and after (SPEC 5.1)."""

import asyncio

from tests.world.contoso_scene import File
from tests.world.queue_scene import call_in, repairs, support
from tests.world.test_queue_outside_agents import ABROAD, ASKED, rung_outside

from callwright.calls.record import CallResult
from callwright.kernel.reason import Reason
from callwright.routing.snapshot import Snapshot
from callwright.testing.agent import Ring
from callwright.testing.world import World, play


def poor(file: File) -> None:
    """One slice of six seconds, and nothing for the next."""
    file["credits"]["opening_balance"] = "0.06"
    file["credits"]["rates"] = [
        {"prefix": "+1", "per_minute": "0.00"},
        {"prefix": "+4479", "per_minute": "0.50", "increment_s": 6},
    ]


def team(*others: str) -> Snapshot:
    agents = [{"external": ABROAD}, *({"user": other} for other in others)]
    return support(poor, agents=agents, routing="attendant", alert_s=180)


def test_a_caller_waits_on_when_nobody_can_pay_for_the_phone_outside_any_longer() -> None:
    """The whole call ended, though another agent rang."""

    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        alice.reaction = Ring()
        call = call_in(world)
        rung = await alice.rings()
        machine = await rung_outside(world)
        await machine.ended(within_s=10)
        await asyncio.sleep(20)
        assert not call.is_over
        assert not rung.is_over
        assert call.hears() == {"music"}
        rung.answer()
        await call.until_hears("alice", within_s=0.5)
        call.hang_up()
        record = await world.record()
        assert (record.result, record.reason) == (CallResult.ANSWERED, Reason.NORMAL)
        assert len(world.carrier("sbc1").invites) == 1
        assert repairs(world) == 0

    play(scene, organisation=team("alice"))


def test_who_took_the_call_outside_talks_for_as_long_as_the_money_lasts() -> None:
    async def scene(world: World) -> None:
        call = call_in(world)
        mobile = await rung_outside(world)
        await mobile.until_hears(ASKED, within_s=3)
        await mobile.press("1")
        await call.until_hears(ABROAD, within_s=1)
        await call.ended(within_s=10)
        record = await world.record()
        assert (record.result, record.reason) == (CallResult.ANSWERED, Reason.CREDITS_EXHAUSTED)

    play(scene, organisation=team())
