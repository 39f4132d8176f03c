"""What waiting callers hear: their music, where they are in the line, and an agent at once."""

import asyncio
import wave
from pathlib import Path

import pytest
from tests.world.queue_scene import CUSTOMER, call_in, support

from callwright.calls.record import CallResult
from callwright.testing.handset import Sources
from callwright.testing.world import World, play

NEXT, SECOND = "say: You are next in line.", "say: You are number 2 in line."
ONE_MINUTE = "say: You will wait for about one minute."


def sound(folder: Path, seconds: float) -> dict[str, str]:
    path = folder / "song.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes(bytes(int(seconds * 16_000)))
    return {"file": str(path)}


def without_silence(heard: list[Sources]) -> list[Sources]:
    return [sources for sources in heard if sources]


@pytest.mark.row(157)
def test_a_queue_has_music_of_its_own_which_loops_and_the_default_after_its_removal(
    tmp_path: Path,
) -> None:
    song = sound(tmp_path, 7)

    async def scene(world: World) -> None:
        call = call_in(world)
        await call.answered()
        heard = without_silence(await call.listen(30))
        assert heard == [{f"sound: {song['file']}"}]
        assert not call.is_over
        call.hang_up()
        await world.use(support())
        again = call_in(world)
        await again.until_hears("music")
        assert without_silence(await again.listen(125)) == [{"music"}]

    play(scene, organisation=support(music=song))


def test_callers_hear_their_position_and_then_their_music_again() -> None:
    async def scene(world: World) -> None:
        first, second = call_in(world), call_in(world, "+12065550177")
        heard = await asyncio.gather(first.listen(70), second.listen(70))
        assert [without_silence(sounds) for sounds in heard] == [
            [{"music"}, {NEXT}, {"music"}, {NEXT}, {"music"}],
            [{"music"}, {SECOND}, {"music"}, {SECOND}, {"music"}],
        ]

    play(scene, organisation=support(announce={"every_s": 30}))


def test_the_position_is_told_in_the_queues_language() -> None:
    async def scene(world: World) -> None:
        call = call_in(world)
        await call.until_hears("say: Sie sind als Nächstes an der Reihe.", within_s=20)

    play(scene, organisation=support(announce={"every_s": 15}, language="de-DE"))


def test_the_expected_wait_is_told_as_soon_as_calls_were_answered() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        unknown = call_in(world)
        rung = await alice.rings()
        rung.answer()
        await unknown.until_hears("alice")
        waiting = call_in(world, "+12065550177")
        heard = await waiting.listen(20)
        assert ONE_MINUTE.removeprefix("say: ") not in str(heard), "one answer is no measure"
        rung.hang_up()
        again = await alice.rings(within_s=5)
        again.answer()
        await waiting.until_hears("alice")
        third = call_in(world, "+12065550178")
        await third.until_hears(ONE_MINUTE, within_s=30)

    announce = {"every_s": 15, "position": False, "expected_wait": True}
    play(scene, organisation=support(announce=announce))


@pytest.mark.row(143)
def test_an_agent_who_answers_during_an_announcement_hears_the_caller_at_once() -> None:
    """freeswitch#1148: dead air until the announcement was over."""

    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        call = call_in(world)
        rung = await alice.rings()
        await call.until_hears(NEXT, within_s=20)
        rung.answer()
        await rung.until_hears(CUSTOMER, within_s=0.5)
        await call.until_hears("alice", within_s=0.5)
        await asyncio.sleep(60)
        assert call.hears() == {"alice"}, "no announcement comes into the talk"

    play(scene, organisation=support(announce={"every_s": 15}, alert_s=180))


def test_a_caller_who_hangs_up_during_an_announcement_leaves_nothing_behind() -> None:
    async def scene(world: World) -> None:
        call = call_in(world)
        await call.until_hears(NEXT, within_s=20)
        call.hang_up()
        record = await world.record()
        assert record.result is CallResult.ABANDONED

    play(scene, organisation=support(announce={"every_s": 15}))


def test_announcements_do_not_put_the_end_of_waiting_off() -> None:
    async def scene(world: World) -> None:
        call = call_in(world)
        await call.answered()
        began_s = world.clock.monotonic()
        await call.ended(within_s=80)
        assert world.clock.monotonic() - began_s == pytest.approx(60, abs=1)

    play(scene, organisation=support(announce={"every_s": 15}, timeout={"after_s": 60}))


def test_music_goes_on_where_an_announcement_interrupted_it(tmp_path: Path) -> None:
    """The file of 50 s is over 50 s of music after its beginning, announcements not counted: a
    callback, which is offered at its end, is offered then."""
    offer = {"offer": {"say": "Press 1."}, "key": "1", "mail_to": "a@b.test", "at_waiting": 1}

    async def scene(world: World) -> None:
        call_in(world, "+12065550177")
        call = call_in(world)
        await call.answered()
        began_s = world.clock.monotonic()
        await call.until_hears("say: Press 1.", within_s=60)
        told_s = 3 * 2.4  # seven words, every 15 s
        assert world.clock.monotonic() - began_s == pytest.approx(50 + told_s, abs=1)

    song = sound(tmp_path, 50)
    organisation = support(music=song, announce={"every_s": 15}, callback=offer)
    play(scene, organisation=organisation)
