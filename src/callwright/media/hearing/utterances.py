"""Where somebody speaks, and where he has ended: cuts a stream of samples into utterances.

Pure: time is what is fed. Speech is what stands out of the noise of this line by `SPEECH_OVER_DB`;
the noise is followed down at once and up slowly, so that a loud line is no speech for long.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np

from callwright.kernel.limits.speech import UTTERANCE_S_MAX

FRAME_S = 0.02
BEFORE_FRAMES = 12
"""Kept of what was before: the first sound of a word is soft."""
BEGIN_FRAMES, BEGIN_AMONG = 4, 6
"""So many loud frames among the latest ones begin an utterance: a click is none."""
PAUSE_FRAMES = 8
"""160 ms of quiet: perhaps the end, and soon enough to act within 300 ms of it. No sound of a word
is silent for longer, the gap before a plosive has 100 ms."""
END_FRAMES = 30
"""600 ms of quiet: certainly the end."""
SPEECH_OVER_DB = 8.0
QUIET_DBFS = -55.0
"""Nothing below is speech."""
NOISE_RISE_DB = 0.06
"""In a frame: 3 dB a second."""
UTTERANCE_FRAMES_MAX = int(UTTERANCE_S_MAX / FRAME_S)


@dataclass(frozen=True, slots=True)
class Utterance:
    """Samples (s16le, mono) with a little quiet around them."""

    pcm: bytes
    is_over: bool
    """False: a pause that may be one between words; the same again and longer may follow."""


class Utterances:
    """Of one party, at one rate. `feed` gives what ended with these samples."""

    def __init__(self, rate_hz: int) -> None:
        self.rate_hz = rate_hz
        self._frame_bytes = int(rate_hz * FRAME_S) * 2
        self._rest = b""
        self._noise_dbfs = 0.0
        """Nothing is known before the first frame."""
        self._before: deque[bytes] = deque(maxlen=BEFORE_FRAMES)
        self._loud: deque[bool] = deque(maxlen=BEGIN_AMONG)
        self._spoken: list[bytes] = []
        self._quiet_frames = 0

    def feed(self, pcm: bytes) -> list[Utterance]:
        self._rest += pcm
        ended: list[Utterance] = []
        while len(self._rest) >= self._frame_bytes:
            frame, self._rest = self._rest[: self._frame_bytes], self._rest[self._frame_bytes :]
            utterance = self._take(frame)
            if utterance is not None:
                ended.append(utterance)
        return ended

    def _take(self, frame: bytes) -> Utterance | None:
        is_loud = self._is_speech(frame)
        if not self._spoken:
            self._before.append(frame)
            self._loud.append(is_loud)
            if sum(self._loud) >= BEGIN_FRAMES:
                self._spoken = list(self._before)
                self._quiet_frames = 0
            return None
        self._spoken.append(frame)
        self._quiet_frames = 0 if is_loud else self._quiet_frames + 1
        is_over = self._quiet_frames >= END_FRAMES or len(self._spoken) >= UTTERANCE_FRAMES_MAX
        if not is_over and self._quiet_frames != PAUSE_FRAMES:
            return None
        pcm = b"".join(self._spoken)
        if is_over:
            self.forget()
        return Utterance(pcm, is_over)

    @property
    def is_amid_speech(self) -> bool:
        """An utterance has begun and is not over."""
        return bool(self._spoken)

    def forget(self) -> None:
        """What was said until now has been understood."""
        self._spoken = []
        self._before.clear()
        self._loud.clear()

    def _is_speech(self, frame: bytes) -> bool:
        samples = np.frombuffer(frame, "<i2").astype(np.float64)
        power = float(np.dot(samples, samples)) / len(samples) / 32_768.0**2
        level_dbfs = 10.0 * np.log10(power + 1e-12)
        if level_dbfs < self._noise_dbfs:
            self._noise_dbfs += 0.3 * (level_dbfs - self._noise_dbfs)
        else:
            self._noise_dbfs = min(level_dbfs, self._noise_dbfs + NOISE_RISE_DB)
        return bool(level_dbfs > max(self._noise_dbfs + SPEECH_OVER_DB, QUIET_DBFS))
