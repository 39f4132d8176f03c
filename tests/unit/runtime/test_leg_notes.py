"""Whose turn it is to have their quality written down."""

from callwright.kernel.ids import CallId
from callwright.kernel.limits.storage import LEG_NOTES_SLOTS
from callwright.runtime.leg_notes import next_turn


def test_nobody_is_passed_over_when_others_leave_and_come() -> None:
    running = [CallId(f"call_{number:03}") for number in range(100)]
    noted, after = set[CallId](), CallId("")
    for turn in range(LEG_NOTES_SLOTS):
        now = next_turn(running, after)
        noted.update(now)
        after = now[-1]
        del running[:: LEG_NOTES_SLOTS + turn]
        running += [CallId(f"call_{200 + 8 * turn + place}") for place in range(8)]
    old = {call for call in running if call < CallId("call_100")}
    assert len(old) > 20
    assert old <= noted


def test_a_turn_is_of_neighbours_and_the_first_follow_the_last() -> None:
    running = [CallId(f"call_{number:02}") for number in range(40)]
    assert next_turn(running, CallId("")) == running[:4]
    assert next_turn(running, running[5]) == running[6:10]
    assert next_turn(running, running[-1]) == running[:4]
    assert next_turn([], running[3]) == []
