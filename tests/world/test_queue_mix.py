"""Everything that a queue does at once, at random: nothing is left behind, and nothing repaired."""

import asyncio

import pytest
from tests.world.queue_scene import call_in, callback, repairs, support

from callwright.routing.snapshot import Snapshot
from callwright.testing.agent import Answer, Decline, Reaction, Ring
from callwright.testing.phone_call import PhoneCall
from callwright.testing.world import World, play

MOBILE = "+12065550188"
STEPS = 120


def everything(routing: str) -> Snapshot:
    return support(
        routing=routing,
        agents=[{"user": "alice"}, {"external": MOBILE}, {"user": "bob"}],
        announce={"every_s": 15, "expected_wait": True},
        callback=callback(after_wait_s=20),
        recording={"announcement": {"say": "Recorded."}},
        timeout={"after_s": 180, "to": {"voicemail": "support"}},
        wrap_up_s=5,
    )


@pytest.mark.parametrize("routing", ["attendant", "round-robin", "longest-idle"])
@pytest.mark.parametrize("seed", range(1))
def test_a_busy_hour_leaves_nothing_behind(seed: int, routing: str) -> None:
    async def scene(world: World) -> None:
        random, carrier = world.loop.random, world.carrier("sbc1")
        inside: list[Reaction] = [Answer(after_s=2), Ring(), Decline(486), Decline(603)]
        outside: list[Reaction] = [Answer(after_s=1), Ring(), Decline(486)]
        phones = [await world.phone(name) for name in ("alice", "bob")]
        callers: list[PhoneCall] = []
        for number in range(STEPS):
            for phone in phones:
                phone.reaction = random.choice(inside)
            carrier.reaction = random.choice(outside)
            if random.random() < 0.3 and len(callers) < 5:
                callers.append(call_in(world, f"+1206444{number:04}"))
            for live in (*carrier.live_calls, *(c for p in phones for c in p.live_calls)):
                act = random.random()
                if act < 0.1:
                    live.hang_up()
                elif act < 0.4 and live.is_answered:
                    await live.press("1")
            callers = [call for call in callers if not call.is_over]
            await asyncio.sleep(random.uniform(0.1, 25))
        world.hang_up()
        carrier.reaction = Decline(486)
        for phone in phones:
            phone.reaction = Decline(486)
        await asyncio.sleep(1_500)
        world.hang_up()
        assert repairs(world) == 0
        assert not world.queue_store.callback_requests.kept
        assert all(recording.duration_s > 0.5 for recording in world.queue_store.recordings.kept)

    play(scene, organisation=everything(routing), seed=seed)
