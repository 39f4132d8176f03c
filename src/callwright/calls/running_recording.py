"""A recording until it is over."""

import asyncio
from dataclasses import dataclass

from callwright.media.events import RecordFinished


@dataclass(frozen=True, slots=True)
class RunningRecording:
    token: int
    stop_digits: str
    done: asyncio.Future[RecordFinished]

    def is_ended_by(self, key: str) -> bool:
        return key in self.stop_digits and not self.done.done()
