"""Queues that record their talks, and what happens when the recorder is down (row 160)."""

import asyncio
import wave

import pytest
from tests.world.queue_scene import CUSTOMER, call_in, support

from callwright.calls.record import CallResult
from callwright.kernel.reason import Reason
from callwright.routing.snapshot import Snapshot
from callwright.testing.agent import Answer
from callwright.testing.phone_call import PhoneCall
from callwright.testing.world import World, play

ANNOUNCED = "say: This call is recorded."
RECORDED = "say: Recorded."
DOWN = "say: Sorry, this call cannot be recorded and ends here. Goodbye."


def recording(**fields: object) -> Snapshot:
    announcement = {"say": ANNOUNCED.removeprefix("say: ")}
    return support(recording={"announcement": announcement, **fields})


async def talk(world: World) -> tuple[PhoneCall, PhoneCall]:
    alice = await world.phone("alice")
    call = call_in(world)
    await call.until_hears(ANNOUNCED, within_s=5)
    rung = await alice.rings()
    rung.answer()
    return call, rung


def test_the_talk_is_recorded_from_the_answer_to_its_end_and_the_caller_is_told() -> None:
    async def scene(world: World) -> None:
        call, rung = await talk(world)
        await call.until_hears("alice", within_s=0.5)
        await asyncio.sleep(20)
        [running] = world.queue_store.recordings.running.values()
        rung.hang_up()
        record = await world.record()
        await asyncio.sleep(1)
        assert not world.queue_store.recordings.running
        [kept] = world.queue_store.recordings.kept
        assert (running.path, running.call) == (kept.path, kept.call)
        assert (kept.call, kept.queue, kept.agent) == (record.id, "support", "alice")
        assert kept.caller == CUSTOMER
        assert kept.duration_s == pytest.approx(20, abs=1)
        with wave.open(str(kept.path), "rb") as file:
            assert file.getnframes() / file.getframerate() == pytest.approx(20, abs=1)
        assert any(step.what == "the talk is recorded" for step in record.steps)

    play(scene, organisation=recording(strict=True))


@pytest.mark.parametrize("is_told", [True, False])
def test_the_agent_alone_hears_that_the_talk_is_recorded_and_the_caller_at_the_same_time(
    is_told: bool,
) -> None:
    async def scene(world: World) -> None:
        call, rung = await talk(world)
        await call.until_hears("alice", within_s=0.5)
        heard = await asyncio.gather(rung.listen(5), call.listen(5))
        by_agent, by_caller = (set().union(*sounds) for sounds in heard)
        assert by_agent == {CUSTOMER} | ({RECORDED} if is_told else set())
        assert all(CUSTOMER in sounds for sounds in heard[0])
        assert by_caller == {"alice"}

    settings = {} if is_told else {"tell_agents": False}
    play(scene, organisation=recording(**settings))


def test_a_recording_goes_on_through_a_transfer() -> None:
    async def scene(world: World) -> None:
        dave = await world.phone("dave")
        call, rung = await talk(world)
        await call.until_hears("alice")
        await asyncio.sleep(5)
        dave.reaction = Answer(after_s=1)
        assert await rung.transfer("104") == 200
        await call.until_hears("dave")
        await asyncio.sleep(5)
        call.hang_up()
        await world.record()
        await asyncio.sleep(1)
        [kept] = world.queue_store.recordings.kept
        assert kept.duration_s > 10

    play(scene, organisation=recording())


@pytest.mark.row(160)
def test_a_strict_queue_ends_the_call_with_an_announcement_when_the_recorder_is_down() -> None:
    async def scene(world: World) -> None:
        world.queue_store.recordings.is_down = True
        call, rung = await talk(world)
        await call.until_hears(DOWN, within_s=1)
        await call.ended(within_s=10)
        await rung.ended(within_s=1)
        record = await world.record()
        assert (record.result, record.reason) == (CallResult.ANSWERED, Reason.RECORDER_DOWN)
        assert not world.queue_store.recordings.kept

    play(scene, organisation=recording(strict=True))


@pytest.mark.row(160)
def test_a_file_that_cannot_be_written_ends_a_strict_talk_likewise() -> None:
    async def scene(world: World) -> None:
        world.queue_store.recordings.is_full = True
        call, _ = await talk(world)
        await call.until_hears("say: Stop.", within_s=1)
        await call.ended(within_s=10)
        assert (await world.record()).reason is Reason.RECORDER_DOWN

    play(scene, organisation=recording(strict=True, failure={"say": "Stop."}))


def test_any_other_queue_goes_on_unrecorded() -> None:
    async def scene(world: World) -> None:
        world.queue_store.recordings.is_down = True
        call, _ = await talk(world)
        await call.until_hears("alice", within_s=1)
        await asyncio.sleep(20)
        assert not call.is_over
        call.hang_up()
        record = await world.record()
        assert any(step.what == "the talk goes on unrecorded" for step in record.steps)

    play(scene, organisation=recording())


def test_a_caller_whom_nobody_answers_leaves_no_recording() -> None:
    async def scene(world: World) -> None:
        call = call_in(world)
        await call.until_hears(ANNOUNCED, within_s=5)
        await asyncio.sleep(20)
        call.hang_up()
        await world.record()
        assert not world.queue_store.recordings.kept

    play(scene, organisation=recording(strict=True))


def test_a_recording_is_kept_whatever_records_after_a_transfer() -> None:
    """The message that the caller did not leave took the recording of the talk with it."""

    async def scene(world: World) -> None:
        call, rung = await talk(world)
        await call.until_hears("alice")
        await asyncio.sleep(20)
        assert await rung.transfer("104") == 200  # whose phone is off
        await call.until_hears("beep", within_s=60)
        await asyncio.sleep(1)
        call.hang_up()
        await world.record()
        await asyncio.sleep(1)
        [kept] = world.queue_store.recordings.kept
        assert kept.duration_s > 20
        with wave.open(str(kept.path), "rb") as file:
            assert file.getnframes() / file.getframerate() > 20

    play(scene, organisation=recording(strict=True))
