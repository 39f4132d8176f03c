"""Agents outside the organisation, rung through a trunk, who press a key to take a call."""

import asyncio
from typing import Any

from tests.world.queue_scene import CUSTOMER, call_in, repairs, support

from callwright.calls.visits import OfferOutcome, QueueVisit
from callwright.routing.snapshot import Snapshot
from callwright.testing.agent import Answer, Ring
from callwright.testing.phone_call import PhoneCall
from callwright.testing.world import World, play

MOBILE = "+12065550188"
ABROAD = "+447900900123"
ASKED = "say: A call for support. Press 1 to take it."


def with_mobile(*others: str, number: str = MOBILE, **fields: Any) -> Snapshot:
    agents = [{"external": number}, *({"user": other} for other in others)]
    return support(agents=agents, **fields)


async def rung_outside(world: World) -> PhoneCall:
    """The mobile's call at the carrier, answered."""
    carrier = world.carrier("sbc1")
    for _ in range(100):
        if carrier.invites:
            break
        await asyncio.sleep(0.1)
    call = carrier.live_calls[-1]
    await call.answered(within_s=5)
    return call


def test_an_agent_outside_takes_the_call_with_a_key() -> None:
    async def scene(world: World) -> None:
        call = call_in(world)
        await call.until_hears("music")
        mobile = await rung_outside(world)
        [invite] = world.carrier("sbc1").invites
        assert invite.uri.partition("@")[0] == f"sip:{MOBILE}"
        assert invite.from_.uri.user == CUSTOMER
        await mobile.until_hears(ASKED, within_s=3)
        assert call.hears() == {"music"}
        await mobile.press("1")
        await call.until_hears(MOBILE, within_s=0.5)
        await mobile.until_hears(CUSTOMER, within_s=0.5)
        await asyncio.sleep(10)
        call.hang_up()
        record = await world.record()
        [visit] = record.visits
        assert isinstance(visit, QueueVisit)
        assert visit.agent == MOBILE
        assert [offer.outcome for offer in visit.offers] == [OfferOutcome.ANSWERED]

    play(scene, organisation=with_mobile())


def test_an_answering_machine_never_gets_a_caller() -> None:
    """What users suffered elsewhere: the mailbox of a mobile phone won the race."""

    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        call = call_in(world)
        rung = await alice.rings()
        machine = await rung_outside(world)
        await machine.ended(within_s=40)
        assert not rung.is_over, "an answer that does not count stops nobody's ringing"
        assert call.hears() == {"music"}
        rung.answer()
        await call.until_hears("alice", within_s=0.5)
        assert repairs(world) == 0

    organisation = with_mobile("alice", routing="attendant", alert_s=180)
    play(scene, organisation=organisation)


def test_the_first_to_take_the_call_wins_and_the_one_outside_is_let_go() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        call = call_in(world)
        rung = await alice.rings()
        mobile = await rung_outside(world)
        await mobile.until_hears(ASKED, within_s=3)
        rung.answer()
        await call.until_hears("alice", within_s=0.5)
        await mobile.ended(within_s=1)
        await asyncio.sleep(30)
        assert call.hears() == {"alice"}

    play(scene, organisation=with_mobile("alice", routing="attendant"))


def test_a_caller_who_leaves_stops_the_ringing_outside() -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1").reaction = Ring()
        call = call_in(world)
        await call.until_hears("music")
        await asyncio.sleep(2)
        assert len(world.carrier("sbc1").live_calls) == 2
        call.hang_up()
        await world.record()
        await asyncio.sleep(1)
        assert not world.carrier("sbc1").live_calls

    play(scene, organisation=with_mobile())


def test_a_paid_number_is_paid_from_the_answer_and_nothing_is_left_reserved() -> None:
    async def scene(world: World) -> None:
        call = call_in(world)
        mobile = await rung_outside(world)
        await mobile.until_hears(ASKED, within_s=3)
        await mobile.press("1")
        await call.until_hears(ABROAD)
        await asyncio.sleep(90)
        call.hang_up()
        record = await world.record()
        assert record.charge is not None
        assert str(record.charge) == "0.21"  # connection and two minutes begun

    play(scene, organisation=with_mobile(number=ABROAD))


def test_who_is_not_reached_outside_is_tried_again_and_pays_nothing() -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1").reaction = Ring()
        call = call_in(world)
        await asyncio.sleep(50)
        assert len(world.carrier("sbc1").invites) >= 3
        call.hang_up()
        record = await world.record()
        assert record.charge is None or record.charge.micros == 0

    play(scene, organisation=with_mobile(number=ABROAD, alert_s=15))


def test_an_account_that_may_not_call_out_rings_nobody_outside() -> None:
    def forbid(file: dict[str, object]) -> None:
        accounts = file["resource_accounts"]
        assert isinstance(accounts, dict)
        accounts["support-line"]["policies"] = {"routing": "nowhere"}
        direct = file["pstn"]["direct_routing"]  # type: ignore[index]
        direct["policies"]["nowhere"] = {"usages": []}

    async def scene(world: World) -> None:
        call = call_in(world)
        await call.until_hears("music")
        await asyncio.sleep(20)
        assert not world.carrier("sbc1").invites
        call.hang_up()
        record = await world.record()
        assert any("is not rung" in step.what for step in record.steps)

    agents = [{"external": MOBILE}]
    play(scene, organisation=support(forbid, agents=agents))


def test_a_slow_finger_outside_is_waited_for_beyond_the_alert_time() -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1").reaction = Answer(after_s=14)
        call = call_in(world)
        await call.until_hears("music")
        await asyncio.sleep(15)
        [mobile] = [each for each in world.carrier("sbc1").live_calls if each is not call]
        await mobile.until_hears(ASKED, within_s=3)
        await asyncio.sleep(13)
        await mobile.press("1")
        await call.until_hears(MOBILE, within_s=1)
        assert repairs(world) == 0

    play(scene, organisation=with_mobile(alert_s=15))


def test_a_mailbox_that_answers_for_an_agent_is_not_filled_with_requests() -> None:
    """It was called again as soon as it had not pressed the key, and paid for each time."""

    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        carrier.reaction = Answer(after_s=1)
        call = call_in(world)
        await call.until_hears("music")
        await asyncio.sleep(180)
        assert 2 <= len(carrier.invites) <= 3
        assert not call.is_over
        call.hang_up()

    play(scene, organisation=with_mobile())
