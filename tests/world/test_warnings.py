"""What an administrator is warned of before it hurts."""

import asyncio
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from callwright.testing.agent import Answer
from callwright.testing.builders import SBC1, contoso_credits, contoso_snapshot, usd
from callwright.testing.world import World, play

LONDON = "+442079460123"


@pytest.mark.row(93)
def test_a_gateway_at_nine_tenths_of_its_sessions_is_told_once_and_takes_more() -> None:
    contoso = contoso_snapshot()
    sbc1 = replace(contoso.sbcs[SBC1], max_concurrent_sessions=10)
    organisation = contoso_snapshot(sbcs={**contoso.sbcs, SBC1: sbc1})

    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        with capture_logs() as logs:
            calls = []
            for number in range(11):
                calls.append(carrier.call("+14255550150", calling=f"+1206555{number:04}"))
                await calls[-1].answered()
                warned = [entry for entry in logs if entry["event"] == "gateway near its limit"]
                assert len(warned) == (1 if number >= 8 else 0)
        assert warned[0]["sbc"] == "sbc1"
        assert warned[0]["limit"] == 10
        for call in calls:
            call.hang_up()
        await world.record(11)

    play(scene, organisation=organisation)


def test_low_credits_are_told_when_they_fall_below_the_mark() -> None:
    credits = replace(contoso_credits(), opening_balance=usd("5.02"))

    async def scene(world: World) -> None:
        world.carrier("sbc1").reaction = Answer(1)
        alice = await world.phone("alice")
        with capture_logs() as logs:
            call = await alice.dial(LONDON)
            await call.answered()
            await asyncio.sleep(30)
            call.hang_up()
            await world.record()
        (warned,) = [entry for entry in logs if entry["event"] == "credits are low"]
        assert warned["currency"] == "USD"

    play(scene, organisation=contoso_snapshot(credits=credits))
