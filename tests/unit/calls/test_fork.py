"""How long targets may say nothing, say 100 and no more, and ring."""

from collections.abc import Sequence

import pytest

from callwright.calls.absent_leg import AbsentLeg
from callwright.calls.fork import Fork, RingOutcome, Silent, Unanswered
from callwright.calls.leg import Leg, Party
from callwright.testing.virtual_loop import run, running_loop

FIRST_SIGN_S, PROGRESS_S, RING_S = 10.0, 4.0, 30.0


class Deaf:
    """Does not listen to the ringing (``RingWatcher``)."""

    def target_ringing(self) -> None:
        pass

    def target_early_media(self, leg: Leg) -> None:
        pass


def rung(said: Sequence[tuple[float, int]]) -> tuple[RingOutcome, float]:
    """What becomes of one target that says so, and when; ``said``: times and statuses."""

    async def main() -> tuple[RingOutcome, float]:
        loop, fork, leg = running_loop(), Fork(Deaf()), AbsentLeg(Party("bob"))
        fork.add(leg)
        for at_s, status in said:
            tell = fork.leg_trying if status == 100 else fork.leg_ringing
            loop.call_later(at_s, tell, leg)
        outcome = await fork.outcome(for_s=RING_S, first_sign_s=FIRST_SIGN_S, progress_s=PROGRESS_S)
        return outcome, loop.time()

    return run(main())


@pytest.mark.parametrize(
    ("said", "outcome", "at_s"),
    [
        pytest.param([], Silent(), FIRST_SIGN_S, id="nothing"),
        pytest.param([(1.0, 100)], Silent(), 1.0 + PROGRESS_S, id="100-and-no-more"),
        pytest.param([(9.0, 100)], Silent(), 9.0 + PROGRESS_S, id="a-late-100"),
        pytest.param([(8.0, 180)], Unanswered(), 8.0 + RING_S, id="rings"),
        pytest.param([(1.0, 100), (2.0, 180)], Unanswered(), 2.0 + RING_S, id="100-then-rings"),
        pytest.param([(8.0, 180), (20.0, 180)], Unanswered(), 8.0 + RING_S, id="rings-on"),
    ],
)
def test_each_stage_has_its_own_time(
    said: Sequence[tuple[float, int]], outcome: RingOutcome, at_s: float
) -> None:
    ended, after_s = rung(said)
    assert ended == outcome
    assert after_s == pytest.approx(at_s)


def test_no_timer_outlives_the_ringing() -> None:
    async def main() -> int:
        loop, fork, leg = running_loop(), Fork(Deaf()), AbsentLeg(Party("bob"))
        fork.add(leg)
        loop.call_later(1.0, fork.leg_ringing, leg)
        loop.call_later(2.0, fork.leg_answered, leg)
        await fork.outcome(for_s=RING_S, first_sign_s=FIRST_SIGN_S)
        return len([timer for timer in loop.timers() if not timer.cancelled()])

    assert run(main()) == 0
