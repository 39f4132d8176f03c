"""Who hears what: bridges, plays, tones, hold."""

import pytest
from tests.contract.media.stage import Stage
from tests.contract.media.voices import LAWS

from callwright.kernel.ids import LegId
from callwright.media.events import PlayFinished
from callwright.media.remote import AudioFormat


@pytest.mark.parametrize("law", LAWS)
def test_bridged_parties_hear_each_other_until_the_bridge_ends(
    stage: Stage, law: AudioFormat
) -> None:
    async def scene() -> None:
        alice, bob = await stage.party("alice"), await stage.party("bob", format=law)
        alice.talk()
        bob.talk()
        stage.engine.bridge(alice.leg, bob.leg)
        await alice.until_hears("bob")
        await bob.until_hears("alice")
        stage.engine.unbridge(bob.leg)
        await alice.until_hears(None)
        await bob.until_hears(None)

    stage.run(scene())


def test_a_new_bridge_replaces_the_old(stage: Stage) -> None:
    async def scene() -> None:
        alice, bob, carol = [await stage.party(name) for name in ("alice", "bob", "carol")]
        for party in (alice, bob, carol):
            party.talk()
        stage.engine.bridge(alice.leg, bob.leg)
        await bob.until_hears("alice")
        stage.engine.bridge(carol.leg, alice.leg)
        await alice.until_hears("carol")
        await carol.until_hears("alice")
        await bob.until_hears(None)

    stage.run(scene())


def test_a_closed_leg_leaves_its_peer_in_silence(stage: Stage) -> None:
    async def scene() -> None:
        alice, bob = await stage.party("alice"), await stage.party("bob")
        alice.talk()
        stage.engine.bridge(alice.leg, bob.leg)
        await bob.until_hears("alice")
        stage.engine.close_leg(alice.leg)
        await bob.until_hears(None)

    stage.run(scene())


def test_prompts_follow_each_other_and_the_end_is_told(stage: Stage) -> None:
    async def scene() -> None:
        alice = await stage.party("alice")
        prompts = [stage.prompt("welcome", 0.3), stage.prompt("menu", 0.3)]
        stage.engine.play(alice.leg, prompts, loop=False, token=7)
        await alice.until_hears("welcome")
        await alice.until_hears("menu")
        assert await stage.event(PlayFinished) == PlayFinished(alice.leg, 7)
        await alice.until_hears(None)
        assert len(stage.events) == 1

    stage.run(scene())


def test_a_loop_goes_on_until_it_is_stopped(stage: Stage) -> None:
    async def scene() -> None:
        alice = await stage.party("alice")
        music = [stage.prompt("la", 0.15), stage.prompt("li", 0.15)]
        stage.engine.play(alice.leg, music, loop=True, token=1)
        for _ in range(3):
            await alice.until_hears("la")
            await alice.until_hears("li")
        stage.engine.stop_play(alice.leg)
        await alice.until_hears(None)
        assert stage.events == []

    stage.run(scene())


def test_the_beginning_of_a_play_can_be_left_out(stage: Stage) -> None:
    async def scene() -> None:
        alice = await stage.party("alice")
        prompts = [stage.prompt("long", 30.0), stage.prompt("short", 0.4)]
        stage.engine.play(alice.leg, prompts, loop=False, token=1, start_ms=29_600)
        await alice.until_hears("long")
        await alice.until_hears("short")
        assert await stage.event(PlayFinished) == PlayFinished(alice.leg, 1)
        stage.engine.play(alice.leg, prompts, loop=False, token=2, start_ms=60_000)
        assert await stage.event(PlayFinished, nth=2) == PlayFinished(alice.leg, 2)
        stage.engine.play(alice.leg, prompts, loop=True, token=3, start_ms=60_800 + 30_000)
        await alice.until_hears("short")
        await alice.until_hears("long")

    stage.run(scene())


def test_a_new_play_replaces_the_old_silently(stage: Stage) -> None:
    async def scene() -> None:
        alice = await stage.party("alice")
        long, short = stage.prompt("long", 60), stage.prompt("short", 0.2)
        stage.engine.play(alice.leg, [long], loop=False, token=1)
        await alice.until_hears("long")
        stage.engine.play(alice.leg, [short], loop=False, token=2)
        await alice.until_hears("short")
        await stage.event(PlayFinished)
        assert stage.events == [PlayFinished(alice.leg, 2)]

    stage.run(scene())


def test_a_play_of_nothing_is_over_at_once(stage: Stage) -> None:
    async def scene() -> None:
        alice = await stage.party("alice")
        gone = stage.prompt("gone", 1)
        stage.engine.unload_prompt(gone)
        stage.engine.play(alice.leg, [gone], loop=False, token=1)
        stage.engine.play(alice.leg, [], loop=False, token=2)
        assert (await stage.event(PlayFinished)).token in (1, 2)

    stage.run(scene())


def test_an_unloaded_prompt_is_heard_to_its_end_by_those_who_listen(stage: Stage) -> None:
    async def scene() -> None:
        alice = await stage.party("alice")
        prompt = stage.prompt("welcome", 0.4)
        stage.engine.play(alice.leg, [prompt], loop=False, token=3)
        stage.engine.unload_prompt(prompt)
        await alice.until_hears("welcome")
        await stage.event(PlayFinished)

    stage.run(scene())


def test_music_on_hold_covers_the_peer_and_ends(stage: Stage) -> None:
    async def scene() -> None:
        alice, bob = await stage.party("alice"), await stage.party("bob")
        music = stage.prompt("music", 0.4)
        alice.talk()
        bob.talk()
        stage.engine.bridge(alice.leg, bob.leg)
        await alice.until_hears("bob")
        stage.engine.play(alice.leg, [music], loop=False, token=1)
        await alice.until_hears("music")
        await bob.until_hears("alice")
        await stage.event(PlayFinished)
        await alice.until_hears("bob")
        stage.engine.play(alice.leg, [music], loop=True, token=2)
        await alice.until_hears("music")
        stage.engine.stop_play(alice.leg)
        await alice.until_hears("bob")

    stage.run(scene())


def test_a_bridge_ends_the_plays_of_both(stage: Stage) -> None:
    async def scene() -> None:
        alice, bob = await stage.party("alice"), await stage.party("bob")
        music = stage.prompt("music", 0.5)
        alice.talk()
        bob.talk()
        for token, party in enumerate((alice, bob)):
            stage.engine.play(party.leg, [music], loop=False, token=token)
            await party.until_hears("music")
        stage.engine.bridge(alice.leg, bob.leg)
        await alice.until_hears("bob")
        await bob.until_hears("alice")
        await stage.elapse(0.6)
        assert stage.events == []

    stage.run(scene())


def test_a_tone_ends_by_itself_or_goes_on(stage: Stage) -> None:
    async def scene() -> None:
        alice = await stage.party("alice")
        stage.engine.tone(alice.leg, 1_400, 300, 5)
        await alice.until_hears("1400 Hz")
        assert await stage.event(PlayFinished) == PlayFinished(alice.leg, 5)
        await alice.until_hears(None)
        stage.engine.tone(alice.leg, 440, 0, 6)
        await stage.elapse(1.2)
        await alice.until_hears("440 Hz")
        stage.engine.stop_play(alice.leg)
        await alice.until_hears(None)
        assert len(stage.events) == 1

    stage.run(scene())


def test_nothing_is_sent_to_a_party_on_hold(stage: Stage) -> None:
    async def scene() -> None:
        alice, bob = await stage.party("alice", send=False), await stage.party("bob")
        bob.talk()
        alice.talk()
        stage.engine.bridge(alice.leg, bob.leg)
        await bob.until_hears("alice")
        stage.engine.tone(alice.leg, 1_000, 100, 1)
        await stage.event(PlayFinished)
        statistics = stage.engine.statistics(alice.leg)
        assert statistics is not None
        assert statistics.packets_sent == 0
        alice.change(send=True)
        await alice.until_hears("bob")

    stage.run(scene())


def test_what_arrives_is_ignored_while_receiving_is_off(stage: Stage) -> None:
    async def scene() -> None:
        alice, bob = await stage.party("alice", receive=False), await stage.party("bob")
        bob.talk()
        alice.talk()
        stage.engine.bridge(alice.leg, bob.leg)
        await alice.until_hears("bob")
        assert bob.hears() is None
        await alice.press("1")
        assert stage.events == []
        alice.change(receive=True)
        await bob.until_hears("alice")

    stage.run(scene())


def test_commands_about_legs_that_are_gone_do_nothing(stage: Stage) -> None:
    async def scene() -> None:
        alice = await stage.party("alice")
        nobody = LegId(4_711)
        prompt = stage.prompt("welcome", 0.1)
        engine = stage.engine
        engine.set_remote(nobody, alice.remote)
        engine.bridge(nobody, alice.leg)
        engine.unbridge(nobody)
        engine.play(nobody, [prompt], loop=False, token=1)
        engine.stop_play(nobody)
        engine.tone(nobody, 440, 100, 1)
        engine.send_dtmf(nobody, "1")
        engine.stop_record(nobody)
        engine.set_media_timeout(nobody, 0.01)
        engine.close_leg(nobody)
        assert engine.statistics(nobody) is None
        engine.play(alice.leg, [prompt], loop=False, token=2)
        await stage.event(PlayFinished)
        assert stage.events == [PlayFinished(alice.leg, 2)]

    stage.run(scene())
