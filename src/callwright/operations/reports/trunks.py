"""How well a trunk brings calls through (SPEC 10.6)."""

from collections.abc import Mapping
from dataclasses import dataclass

from callwright.calls.record import CallResult
from callwright.kernel.ids import SbcId
from callwright.kernel.limits.reports import EFFECTIVENESS_CALLS_MIN
from callwright.operations.reports.figures import Stay

INEFFECTIVE = frozenset({CallResult.FAILED})
"""Ends that are neither the caller's nor the called party's doing; busy, no answer and a refusal
are theirs."""


@dataclass(frozen=True, slots=True)
class TrunkFigures:
    """One SBC over a span of time."""

    sbc: SbcId
    results: Mapping[CallResult, int]
    talk: Stay
    """Of answered calls."""

    @property
    def calls(self) -> int:
        return sum(self.results.values())

    @property
    def effectiveness(self) -> float | None:
        """Network effectiveness ratio: of 100 calls, those the network did not spoil (row 272)."""
        failed = sum(self.results.get(result, 0) for result in INEFFECTIVE)
        return 100 * (self.calls - failed) / self.calls if self.calls else None

    @property
    def is_telling(self) -> bool:
        """Of fewer calls the ratio says little."""
        return self.calls >= EFFECTIVENESS_CALLS_MIN
