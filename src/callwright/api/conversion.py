"""Converting uploads: a few at a time, and on no thread that calls wait for."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from callwright.kernel.limits.api import API_CONVERSIONS_AT_ONCE
from callwright.kernel.limits.sounds import AUDIO_FILE_BYTES_MAX

T = TypeVar("T")
UPLOAD_BYTES_MAX = AUDIO_FILE_BYTES_MAX + 1024 * 1024
"""Of a body: what is somewhat too long is told why."""
SOUND_TYPES = (
    "audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave", "audio/mpeg", "audio/mp3",
    "audio/mp4", "audio/x-m4a", "audio/aac", "audio/ogg", "audio/opus", "audio/flac",
    "audio/x-flac", "audio/x-ms-wma", "application/octet-stream",
)  # fmt: skip
_TURNS = ThreadPoolExecutor(API_CONVERSIONS_AT_ONCE, thread_name_prefix="sounds")


async def in_turn(act: Callable[[], T]) -> T:
    """A hostile file keeps its decoder busy for as long as it may."""
    return await asyncio.get_running_loop().run_in_executor(_TURNS, act)
