"""What a process uses, sampled, and whether it grows: for `soak_media.py`."""

import ctypes
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

KB = 1_024
PAGE_KB = os.sysconf("SC_PAGE_SIZE") // KB


class _Mallinfo(ctypes.Structure):
    """`struct mallinfo2` of the GNU C library; sizes in octets, over all arenas."""

    _fields_: ClassVar = [
        (name, ctypes.c_size_t)
        for name in (
            "arena", "ordblks", "smblks", "hblks", "hblkhd",
            "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost",
        )
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Use:
    """What the process uses at an instant."""

    at_s: float
    """Since the soak began."""
    rss_kb: int
    heap_kb: int | None
    """Allocated and not freed; None where the C library does not tell."""
    threads: int
    descriptors: int
    legs: int
    """Open in both engines."""
    calls: int
    """Ended so far."""


def look(at_s: float, legs: int, calls: int) -> Use:
    own = Path("/proc/self")
    resident = int((own / "statm").read_text().split()[1]) * PAGE_KB
    # The listing itself is an open descriptor.
    descriptors = len(os.listdir(own / "fd")) - 1
    threads = len(os.listdir(own / "task"))
    return Use(at_s, resident, _heap_kb(), threads, descriptors, legs, calls)


def give_back() -> None:
    """Has the C library return what is free, so that what stays is what is used."""
    library = ctypes.CDLL(None)
    if hasattr(library, "malloc_trim"):
        library.malloc_trim(0)


def _heap_kb() -> int | None:
    library = ctypes.CDLL(None)
    if not hasattr(library, "mallinfo2"):
        return None
    library.mallinfo2.restype = _Mallinfo
    told = library.mallinfo2()
    return int(told.uordblks + told.hblkhd) // KB


@dataclass(frozen=True, slots=True)
class Slope:
    """A straight line through samples, by least squares."""

    per_x: float
    error: float
    """Standard error of it."""

    @classmethod
    def of(cls, xs: Sequence[float], ys: Sequence[float]) -> "Slope | None":
        """None for less than three samples: nothing is known of their scatter."""
        count = len(xs)
        if count < 3:
            return None
        mean_x, mean_y = sum(xs) / count, sum(ys) / count
        spread = sum((x - mean_x) ** 2 for x in xs)
        if spread == 0:
            return None
        pairs = list(zip(xs, ys, strict=True))
        per_x = sum((x - mean_x) * (y - mean_y) for x, y in pairs) / spread
        left = sum((y - mean_y - per_x * (x - mean_x)) ** 2 for x, y in pairs)
        return cls(per_x, (left / (count - 2) / spread) ** 0.5)

    def is_above(self, bound: float) -> bool:
        """Beyond what the scatter of the samples explains (two standard errors)."""
        return self.per_x - 2 * self.error > bound
