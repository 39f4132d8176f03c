"""Who hears whom in a room, how loud, and under an announcement."""

from tests.contract.media.stage import Party, Stage

from callwright.kernel.ids import RoomId
from callwright.media.events import PlayFinished, TalkingChanged

ROOM, OTHER_ROOM = RoomId(1), RoomId(2)


async def meet(stage: Stage, *names: str) -> list[Party]:
    """Parties that talk, in one room."""
    parties = [await stage.party(name) for name in names]
    for party in parties:
        party.talk()
        stage.engine.join_room(party.leg, ROOM)
    return parties


def test_all_hear_all_others_and_nobody_himself(stage: Stage) -> None:
    async def scene() -> None:
        alice, bob, carol = await meet(stage, "alice", "bob", "carol")
        await alice.until_hears_all("bob", "carol")
        await bob.until_hears_all("alice", "carol")
        await carol.until_hears_all("alice", "bob")
        bob.talk(amplitude=0)
        await alice.until_hears_all("carol")
        await bob.until_hears_all("alice", "carol")
        carol.stop_packets()
        await alice.until_hears_all()
        await carol.until_hears_all("alice")

    stage.run(scene())


def test_one_who_talks_alone_does_not_hear_himself_and_all_others_do(stage: Stage) -> None:
    async def scene() -> None:
        parties = await meet(stage, "alice", "bob", "carol", "dave")
        for party in parties:
            party.talk(amplitude=0)
        for talker in parties:
            talker.talk()
            for listener in parties:
                name = ["alice", "bob", "carol", "dave"][parties.index(talker)]
                await listener.until_hears_all(*([] if listener is talker else [name]))
            talker.talk(amplitude=0)

    stage.run(scene())


def test_who_leaves_is_neither_heard_nor_hears(stage: Stage) -> None:
    async def scene() -> None:
        alice, bob, carol = await meet(stage, "alice", "bob", "carol")
        await alice.until_hears_all("bob", "carol")
        stage.engine.leave_room(carol.leg)
        await alice.until_hears_all("bob")
        await carol.until_hears_all()
        stage.engine.join_room(carol.leg, ROOM)
        await alice.until_hears_all("bob", "carol")
        stage.engine.close_leg(bob.leg)
        await alice.until_hears_all("carol")
        await carol.until_hears_all("alice")

    stage.run(scene())


def test_a_leg_is_in_one_room_or_bridge(stage: Stage) -> None:
    async def scene() -> None:
        alice, bob, carol = await meet(stage, "alice", "bob", "carol")
        dave = await stage.party("dave")
        dave.talk()
        stage.engine.join_room(dave.leg, OTHER_ROOM)
        stage.engine.join_room(carol.leg, OTHER_ROOM)
        await carol.until_hears_all("dave")
        await alice.until_hears_all("bob")
        stage.engine.bridge(carol.leg, alice.leg)
        await carol.until_hears_all("alice")
        await alice.until_hears_all("carol")
        await bob.until_hears_all()
        await dave.until_hears_all()
        stage.engine.join_room(alice.leg, ROOM)
        await alice.until_hears_all("bob")
        await bob.until_hears_all("alice")
        await carol.until_hears_all()

    stage.run(scene())


def test_monitor_whisper_and_barge_are_gains(stage: Stage) -> None:
    async def scene() -> None:
        agent, caller, chief = await meet(stage, "agent", "caller", "chief")
        engine = stage.engine
        for party in (agent, caller):
            engine.set_gain(chief.leg, party.leg, 0.0)
        await chief.until_hears_all("agent", "caller")
        await agent.until_hears_all("caller")
        await caller.until_hears_all("agent")
        engine.set_gain(chief.leg, agent.leg, 1.0)
        await agent.until_hears_all("caller", "chief")
        await caller.until_hears_all("agent")
        engine.set_gain(chief.leg, caller.leg, 1.0)
        await caller.until_hears_all("agent", "chief")
        engine.leave_room(agent.leg)
        await caller.until_hears_all("chief")

    stage.run(scene())


def test_gains_end_with_the_stay(stage: Stage) -> None:
    async def scene() -> None:
        alice, bob, _ = await meet(stage, "alice", "bob", "carol")
        stage.engine.set_gain(alice.leg, bob.leg, 0.0)
        await bob.until_hears_all("carol")
        stage.engine.leave_room(alice.leg)
        stage.engine.set_gain(alice.leg, bob.leg, 0.0)
        stage.engine.join_room(alice.leg, ROOM)
        await bob.until_hears_all("alice", "carol")

    stage.run(scene())


def test_an_announcement_reaches_one_member_alone_or_over_the_others(stage: Stage) -> None:
    async def scene() -> None:
        alice, bob, carol = await meet(stage, "alice", "bob", "carol")
        notice = stage.prompt("notice", 0.6)
        stage.engine.play(alice.leg, [notice], loop=False, token=1)
        await alice.until_hears_all("notice")
        await bob.until_hears_all("alice", "carol")
        await stage.event(PlayFinished)
        await alice.until_hears_all("bob", "carol")
        stage.engine.play(alice.leg, [notice], loop=True, token=2, under=0.25)
        await alice.until_hears_all("notice", "bob", "carol")
        await carol.until_hears_all("alice", "bob")
        stage.engine.stop_play(alice.leg)
        await alice.until_hears_all("bob", "carol")

    stage.run(scene())


def test_a_bridged_party_hears_its_peer_under_an_announcement(stage: Stage) -> None:
    async def scene() -> None:
        alice, bob = await stage.party("alice"), await stage.party("bob")
        alice.talk()
        bob.talk()
        stage.engine.bridge(alice.leg, bob.leg)
        await alice.until_hears_all("bob")
        notice = stage.prompt("notice", 0.5)
        stage.engine.play(alice.leg, [notice], loop=True, token=1, under=0.5)
        await alice.until_hears_all("notice", "bob")
        await bob.until_hears_all("alice")
        stage.engine.stop_play(alice.leg)
        await alice.until_hears_all("bob")

    stage.run(scene())


def test_who_begins_and_ceases_to_talk_is_told_once(stage: Stage) -> None:
    async def scene() -> None:
        alice, bob = await meet(stage, "alice", "bob")
        bob.talk(amplitude=0)
        began = await stage.event(TalkingChanged)
        assert began == TalkingChanged(alice.leg, True)
        alice.talk(amplitude=0)
        ceased = await stage.event(TalkingChanged, nth=2)
        assert ceased == TalkingChanged(alice.leg, False)
        bob.talk()
        assert await stage.event(TalkingChanged, nth=3) == TalkingChanged(bob.leg, True)
        stage.engine.leave_room(bob.leg)
        assert await stage.event(TalkingChanged, nth=4) == TalkingChanged(bob.leg, False)

    stage.run(scene())
