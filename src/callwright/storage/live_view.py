"""The live view of a server's queues as a file beside its data, for commands on the same machine.

It is worth nothing after a restart, so it is neither in the database nor flushed to the disk.
"""

import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from callwright.domains.queues.board import Board
from callwright.kernel.instants import iso_utc
from callwright.kernel.limits.supervision import LIVE_FILE_BYTES_MAX, LIVE_STALE_S

NAME = "live-queues.json"
ONLY_OURS = 0o600
"""Callers' numbers are in it."""


class LiveViewFile:
    """Whole at every instant: it is replaced, never written over."""

    def __init__(self, data: Path) -> None:
        self._path = data / NAME

    def write(self, boards: Sequence[Board], at: datetime) -> None:
        """Raises OSError."""
        text = json.dumps({"at": iso_utc(at), "boards": boards}, ensure_ascii=False)
        draft = self._path.with_suffix(".new")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, ONLY_OURS), "wb") as file:
            file.write(text.encode())
        draft.replace(self._path)

    def remove(self) -> None:
        self._path.unlink(missing_ok=True)

    def read(self, now: datetime) -> tuple[Board, ...] | None:
        """None: no server runs here, or it writes none."""
        try:
            with self._path.open(encoding="utf-8") as file:
                kept = json.loads(file.read(LIVE_FILE_BYTES_MAX))
            age_s = (now - datetime.fromisoformat(kept["at"])).total_seconds()
            return tuple(kept["boards"]) if age_s <= LIVE_STALE_S else None
        except (OSError, ValueError, KeyError, TypeError):
            return None
