"""The soak of the media engine: it plays, and it notices growth."""

import sys

import pytest

import soak_media
from soak_media_gauges import Slope


def test_a_line_has_its_slope_whatever_scatters_around_it() -> None:
    xs = [float(x) for x in range(40)]
    steady = Slope.of(xs, [7.0 + 2.5 * x for x in xs])
    assert steady is not None
    assert (steady.per_x, steady.error) == pytest.approx((2.5, 0.0))
    noisy = Slope.of(xs, [7.0 + 2.5 * x + (-1) ** int(x) for x in xs])
    assert noisy is not None
    assert noisy.per_x == pytest.approx(2.5, abs=0.05)
    assert noisy.is_above(2.3)
    assert not noisy.is_above(2.5)


def test_nothing_is_said_of_two_samples() -> None:
    assert Slope.of([1.0, 2.0], [1.0, 5.0]) is None
    assert Slope.of([3.0, 3.0, 3.0], [1.0, 2.0, 3.0]) is None


def test_calls_in_virtual_time_are_heard_and_leave_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = "soak_media.py --virtual --minutes 0.3 --alive 4 --seed 3"
    monkeypatch.setattr(sys, "argv", words.split())
    assert soak_media.main() == 0
    said = capsys.readouterr().out
    assert "every call was heard" in said
    assert "0 failed  (ebb)" in said
