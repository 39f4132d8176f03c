"""Which streams count as poor."""

from dataclasses import replace

import pytest

from callwright.calls.record import LegRecord
from callwright.calls.record_form import leg_form
from callwright.calls.stream_class import StreamClass, class_of_stream
from callwright.media.events import LegQuality, LegStatistics

FINE = {"loss": 0.0, "jitter_ms": 2.0, "round_trip_ms": 40.0}


@pytest.mark.row(275)
@pytest.mark.parametrize(
    ("packets", "measured", "kind"),
    [
        (501, {"round_trip_ms": 501.0}, StreamClass.POOR),
        (500, {"round_trip_ms": 501.0}, StreamClass.UNCLASSIFIED),
        (501, {"round_trip_ms": 500.0}, StreamClass.GOOD),
        (501, {"loss": 0.101}, StreamClass.POOR),
        (501, {"loss": 0.10}, StreamClass.GOOD),
        (501, {"jitter_ms": 30.1}, StreamClass.POOR),
        (501, {"jitter_ms": 30.0}, StreamClass.GOOD),
        (None, {}, StreamClass.UNCLASSIFIED),
    ],
)
def test_a_stream_is_poor_by_any_of_three_bounds(
    packets: int | None, measured: dict[str, float], kind: StreamClass
) -> None:
    assert class_of_stream(packets, **(FINE | measured)) is kind  # type: ignore[arg-type]


def test_what_was_not_measured_makes_no_stream_good() -> None:
    """rvoip#200: what nobody had measured was called good."""
    nothing = {"loss": None, "jitter_ms": None, "round_trip_ms": None}
    assert class_of_stream(9_000, **nothing) is StreamClass.UNCLASSIFIED
    assert class_of_stream(9_000, **nothing | {"loss": 0.5}) is StreamClass.POOR


@pytest.mark.row(275)
def test_each_direction_of_a_leg_has_its_class() -> None:
    """A tenth of what was sent is lost exactly at 900 received and 100 lost."""
    quality = LegQuality(packets=900, lost=100, jitter_ms=1.0, late=0, mos=3.0)
    counted = LegStatistics(900, 900, 1, 1, 100, 0, 1.0, None, received=quality, sent=quality)
    leg = LegRecord(1, "101", None, None, "PCMU", counted)
    shown = leg_form(leg)
    received, sent = shown["received"], shown["sent"]
    assert isinstance(received, dict)
    assert isinstance(sent, dict)
    assert (received["class"], sent["class"]) == ("good", "poor")
    unheard = replace(leg, statistics=counted._replace(packets_sent=0, sent=None))
    silent = leg_form(unheard)["sent"]
    assert isinstance(silent, dict)
    assert silent["class"] == "unclassified"
