"""The expiry queue and the backoff, moment by moment."""

import math

import pytest
from tests.ladders.sip.rig import VirtualClock

from callwright.sip.transaction.timers import EXPIRY_GRAIN_S, Backoff, ExpiryQueue, FirstShots


class Lingering:
    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self.expired: list[tuple[float, int]] = []

    def expire(self, state: int) -> None:
        self.expired.append((self._clock.now_s, state))


class Broken:
    def expire(self, state: int) -> None:
        raise LookupError("a bug")


def test_entries_expire_in_order_after_the_delay_of_their_queue() -> None:
    clock = VirtualClock()
    queue = ExpiryQueue(clock, 5.0)
    item = Lingering(clock)
    began_s = clock.now_s
    queue.add(item, 1)
    clock.run(2.0)
    queue.add(item, 2)
    clock.run(2.9)
    assert item.expired == []
    clock.run(5.0)
    assert [state for _, state in item.expired] == [1, 2]
    assert [at_s - began_s for at_s, _ in item.expired] == [5.0, 7.0]
    assert (len(queue), clock.pending_count) == (0, 0)


def test_one_timer_serves_all_entries() -> None:
    clock = VirtualClock()
    queue = ExpiryQueue(clock, 5.0)
    item = Lingering(clock)
    for state in range(100):
        queue.add(item, state)
        clock.run(0.001)
    assert clock.pending_count == 1
    clock.run(5.0 + EXPIRY_GRAIN_S)
    assert len(item.expired) == 100
    assert len({at_s for at_s, _ in item.expired}) == 2


def test_a_defect_does_not_stop_the_queue() -> None:
    clock = VirtualClock()
    queue = ExpiryQueue(clock, 5.0)
    item = Lingering(clock)
    queue.add(Broken(), 0)
    queue.add(item, 1)
    with pytest.raises(LookupError):
        clock.run(6.0)
    clock.run(6.0)
    assert [state for _, state in item.expired] == [1]


@pytest.mark.parametrize(
    ("longest_s", "sent_at_s"),
    [
        (math.inf, [0.5, 1.5, 3.5, 7.5, 15.5, 31.5]),
        (4.0, [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]),
    ],
)
def test_backoff_doubles_and_gives_up_after_32_s(longest_s: float, sent_at_s: list[float]) -> None:
    clock = VirtualClock()
    began_s = clock.now_s
    sent: list[float] = []
    ended: list[float] = []
    Backoff(
        FirstShots(clock),
        send=lambda: sent.append(clock.now_s - began_s),
        give_up=lambda: ended.append(clock.now_s - began_s),
        longest_s=longest_s,
    )
    clock.run(100.0)
    assert sent == sent_at_s
    assert ended == [32.0]
    assert clock.pending_count == 0


def test_backoff_that_slowed_down_sends_every_t2() -> None:
    clock = VirtualClock()
    began_s = clock.now_s
    sent: list[float] = []
    backoff = Backoff(
        FirstShots(clock),
        send=lambda: sent.append(clock.now_s - began_s),
        give_up=lambda: sent.append(-1.0),
    )
    clock.run(0.6)
    backoff.slow_down()
    clock.run(10.0)
    assert sent == [0.5, 1.5, 5.5, 9.5]
    backoff.stop()
    clock.run(100.0)
    assert len(sent) == 4


def test_who_stops_inside_its_own_sending_is_obeyed() -> None:
    clock = VirtualClock()
    sent: list[float] = []

    def send() -> None:
        sent.append(clock.now_s)
        backoff.stop()

    backoff = Backoff(FirstShots(clock), send=send, give_up=lambda: sent.append(-1.0))
    clock.run(100.0)
    assert len(sent) == 1


def test_first_shots_share_a_timer_and_go_off_in_their_own_time() -> None:
    clock = VirtualClock()
    began_s = clock.now_s
    shots = FirstShots(clock)
    sent: list[tuple[str, float]] = []

    def begin(name: str) -> Backoff:
        return Backoff(
            shots,
            send=lambda: sent.append((name, clock.now_s - began_s)),
            give_up=lambda: sent.append((name, -1.0)),
        )

    early, answered = begin("early"), begin("answered")
    clock.run(0.25)
    late = begin("late")
    assert clock.pending_count == 1
    answered.stop()
    clock.run(0.6)
    assert sent == [("early", 0.5), ("late", 0.75)]
    early.stop()
    late.stop()
    clock.run(100.0)
    assert len(sent) == 2
    assert clock.pending_count == 0


def test_a_first_shot_that_raises_keeps_nobody_elses() -> None:
    clock = VirtualClock()
    shots = FirstShots(clock)
    sent: list[str] = []

    def fail() -> None:
        raise LookupError

    Backoff(shots, send=fail, give_up=lambda: None)
    Backoff(shots, send=lambda: sent.append("next"), give_up=lambda: None)
    with pytest.raises(LookupError):
        clock.run(0.5)
    clock.run(0.1)
    assert sent == ["next"]
