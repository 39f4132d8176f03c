"""A voice for tests: a burst of tone for each text, without a process or a clock."""

import asyncio
import hashlib

import numpy as np

from callwright.media.levels import SAMPLE_RATE_HZ, to_s16

WORD_S = 0.3


class SyntheticVoice:
    """Says the same text always alike, another one most likely not, and a longer one longer."""

    version = "synthetic 1"

    def __init__(self) -> None:
        self.spoken: list[tuple[str, str]] = []
        """Text and language of everything that was asked for, in order."""
        self.may_speak: asyncio.Event | None = None
        """Not set: it takes its time."""

    async def speak(self, text: str, language: str) -> bytes:
        """0.3 s of one sine for each word, at `frequency_of` the text."""
        self.spoken.append((text, language))
        await asyncio.sleep(0)  # as a voice in another process lets others go on
        if self.may_speak is not None:
            await self.may_speak.wait()
        count = round(max(1, len(text.split())) * WORD_S * SAMPLE_RATE_HZ)
        time_s = np.arange(count) / SAMPLE_RATE_HZ
        return to_s16(0.2 * np.sin(2 * np.pi * frequency_of(text, language) * time_s))

    async def close(self) -> None:
        """Nothing to end."""


def frequency_of(text: str, language: str) -> int:
    """Between 300 and 3000 Hz in steps of 50, so that a test can tell texts apart by ear."""
    digest = hashlib.sha256(f"{language}\n{text}".encode()).digest()
    return 300 + 50 * (int.from_bytes(digest[:4], "big") % 55)
