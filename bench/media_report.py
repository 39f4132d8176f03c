"""What was heard, and the table that people read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from media_servers import MediaError
from server import Usage

LATE_MS = 40
"""Phones that are later than this had too little of the machine for themselves."""
PACKETS_PER_S = 50


@dataclass(frozen=True, slots=True)
class Heard:
    """One run of the phones, and what the server used while they counted."""

    result: dict[str, Any]
    before: Usage
    after: Usage

    @property
    def cpu_s_per_s(self) -> float:
        return (self.after.cpu_s - self.before.cpu_s) / (self.after.at_s - self.before.at_s)

    @property
    def calls(self) -> float:
        """As many calls were relayed: phones that are late say less than they should, and more when
        they catch up."""
        said = self.result["checked"]
        if not said:
            raise MediaError("the phones said nothing")
        return float(said / self.result["seconds"] / (2 * PACKETS_PER_S))

    @property
    def is_good(self) -> bool:
        result = self.result
        return result["hearing"] == result["expected"] and not (result["lost"] or result["wrong"])


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table."""

    name: str
    value: float | None
    unit: str
    target: float | None = None
    note: str = ""
    is_good: bool = True
    rounds: tuple[float, ...] = ()


def is_heard(run: Heard) -> bool:
    """Whether phones without numbered packets heard sound, all the time."""
    result = run.result
    wanted = result["expected"] * result["seconds"] * PACKETS_PER_S
    return bool(
        result["received"] >= 0.99 * wanted and result["silent"] <= 0.01 * result["listened"]
    )


def delay_of(run: Heard, share: str) -> float:
    if run.result["delay_ms"] is None:
        raise MediaError("no delay was measured: nothing was heard")
    return float(run.result["delay_ms"][share])


def told(runs: Sequence[Heard]) -> str:
    """What was checked, and what went wrong."""
    total = {
        name: sum(run.result[name] for run in runs)
        for name in ("checked", "received", "lost", "wrong", "listened", "silent")
    }
    deaf = sum(run.result["expected"] - run.result["hearing"] for run in runs)
    late = max(run.result["late_ms"] for run in runs)
    parts = []
    if total["checked"]:
        parts.append(f"{total['lost']} of {total['checked']:,} packets lost")
    else:
        parts.append(f"{total['received']:,} packets heard")
    parts += [f"{total[name]} {name}" for name in ("wrong", "silent") if total[name]]
    parts += [f"{deaf} phones heard nothing"] if deaf else []
    parts += [f"phones late by {late:.0f} ms"] if late > LATE_MS else []
    return ", ".join(parts)


def table(rows: Sequence[Row]) -> str:
    lines = [("measured", "value", "target", "", "")]
    for row in rows:
        spread = f" ({min(row.rounds):.3g} to {max(row.rounds):.3g})" if len(row.rounds) > 1 else ""
        value = "not measured" if row.value is None else f"{row.value:.3g} {row.unit}{spread}"
        target = "" if row.target is None else f"<= {row.target:g} {row.unit}"
        lines.append((row.name, value, target, _verdict(row), row.note))
    widths = [max(len(cells[column]) for cells in lines) for column in range(5)]
    padded = ([cell.ljust(w) for cell, w in zip(cells, widths, strict=True)] for cells in lines)
    return "\n".join("  ".join(cells).rstrip() for cells in padded)


def _verdict(row: Row) -> str:
    if not row.is_good:
        return "missed"
    if row.target is None:
        return ""
    return "met" if row.value is not None and row.value <= row.target else "missed"
