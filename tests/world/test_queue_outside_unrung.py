"""Agents outside whose phone was never rung missed nothing (SPEC 10.1)."""

import asyncio

import pytest
from tests.world.contoso_scene import File
from tests.world.queue_scene import call_in, repairs, support
from tests.world.test_queue_outside_agents import ABROAD, MOBILE

from callwright.calls.record import CallRecord
from callwright.calls.visits import OfferOutcome, QueueVisit
from callwright.testing.agent import Ring
from callwright.testing.world import World, play


def forbid(file: File) -> None:
    file["resource_accounts"]["support-line"]["policies"] = {"routing": "nowhere"}
    file["pstn"]["direct_routing"]["policies"]["nowhere"] = {"usages": []}


def broke(file: File) -> None:
    file["credits"]["opening_balance"] = "0.00"


def visit_of(record: CallRecord) -> QueueVisit:
    [visit] = record.visits
    assert isinstance(visit, QueueVisit)
    return visit


@pytest.mark.parametrize(
    ("change", "number"), [(forbid, MOBILE), (broke, ABROAD)], ids=["no route", "no money"]
)
def test_who_cannot_be_rung_is_no_agent_who_missed_a_call(change: object, number: str) -> None:
    """Twenty-five misses in two minutes, and no call."""
    assert callable(change)

    async def scene(world: World) -> None:
        call = call_in(world)
        await call.until_hears("music")
        await asyncio.sleep(120)
        assert not world.carrier("sbc1").invites
        assert not call.is_over
        call.hang_up()
        record = await world.record()
        assert visit_of(record).offers == ()
        assert 1 <= sum("is not rung" in step.what for step in record.steps) <= 3
        assert repairs(world) == 0

    play(scene, organisation=support(change, agents=[{"external": number}]))


def test_who_was_rung_outside_and_did_not_answer_missed_the_call() -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1").reaction = Ring()
        call = call_in(world)
        await call.until_hears("music")
        await asyncio.sleep(18)
        call.hang_up()
        offers = visit_of(await world.record()).offers
        assert [offer.outcome for offer in offers][:1] == [OfferOutcome.MISSED]

    play(scene, organisation=support(agents=[{"external": MOBILE}], alert_s=15))
