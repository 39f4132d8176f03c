"""Large work is not held up by the collector, and small work hides nothing from it."""

import gc

import pytest

from callwright.operations import circles
from callwright.operations.circles import no_circles_looked_for


def is_young(thing: object) -> bool:
    return any(each is thing for each in gc.get_objects(generation=0))


def test_small_work_leaves_what_is_young_where_it_is() -> None:
    gc.collect()
    thing = [object()]
    with no_circles_looked_for():
        assert not gc.isenabled()
    assert gc.isenabled()
    assert is_young(thing)


def test_what_large_work_made_counts_as_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(circles, "_MANY", 1_000)
    with no_circles_looked_for():
        made = [[number] for number in range(2_000)]
    assert not is_young(made[0])
