"""The collector works in quiet moments, and is not put off for ever."""

import gc
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from callwright.kernel.clock import Timer
from callwright.kernel.limits.running import CIRCLES_EVERY_S, CIRCLES_GROWTH_MAX, CIRCLES_LATEST_S
from callwright.runtime.circles import Circles


class Circle:
    """Refers to itself, so that only the collector can free it."""

    def __init__(self) -> None:
        self.itself = self


@dataclass
class Scene:
    """A process whose time and work the test sets; its clock has no timers."""

    now_s: float = 100.0
    is_quiet: bool = False
    circles: Circles = field(init=False)

    def __post_init__(self) -> None:
        self.circles = Circles(self, lambda: self.is_quiet)

    def monotonic(self) -> float:
        return self.now_s

    def utc(self) -> datetime:
        return datetime.fromtimestamp(self.now_s, UTC)

    def call_later(self, delay_s: float, callback: object) -> Timer:
        raise AssertionError("nothing here sets a timer")

    def lives_through_a_look(self, after_s: float) -> bool:
        """Whether a circle that died just now is still there ``after_s`` later."""
        dead = weakref.ref(Circle())
        self.now_s += after_s
        self.circles.look()
        return dead() is not None


@pytest.fixture
def scene() -> Iterator[Scene]:
    scene = Scene()
    scene.circles.begin()
    yield scene
    scene.circles.end()


def test_a_quiet_moment_is_used(scene: Scene) -> None:
    scene.is_quiet = True
    assert not scene.lives_through_a_look(CIRCLES_EVERY_S)
    assert scene.circles.collected > 0


def test_quiet_moments_one_after_the_other_are_not_all_used(scene: Scene) -> None:
    scene.is_quiet = True
    scene.lives_through_a_look(CIRCLES_EVERY_S)
    assert scene.lives_through_a_look(CIRCLES_EVERY_S / 2)


def test_a_busy_process_is_left_alone(scene: Scene) -> None:
    assert scene.lives_through_a_look(CIRCLES_EVERY_S)


def test_but_not_for_ever(scene: Scene) -> None:
    assert not scene.lives_through_a_look(CIRCLES_LATEST_S)


def test_nor_while_it_grows_and_grows(scene: Scene) -> None:
    crowd = [[] for _ in range(CIRCLES_GROWTH_MAX)]  # type: list[list[object]]
    assert not scene.lives_through_a_look(1.0)
    assert len(crowd) == CIRCLES_GROWTH_MAX


def test_the_interpreter_does_not_collect_by_itself_meanwhile(scene: Scene) -> None:
    assert not gc.isenabled()


def test_afterwards_the_interpreter_collects_by_itself_again() -> None:
    circles = Scene().circles
    circles.begin()
    circles.end()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
