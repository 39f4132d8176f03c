"""A leg of the native engine whose phone is a leg of another native engine.

So it speaks every codec and every protection. It talks in one tone and records what it hears.
"""

import asyncio
import os
import wave
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from tests.contract.media.voices import Samples

from callwright.kernel.ids import LegId
from callwright.media.remote import AudioFormat, Codec, Dtls, RemoteMedia, Sdes, Suite

if TYPE_CHECKING:
    from tests.contract.media.call_stage import CallStage

PCMU = AudioFormat(Codec.PCMU, 0)
PCMA = AudioFormat(Codec.PCMA, 8)
G722 = AudioFormat(Codec.G722, 9)
OPUS = AudioFormat(Codec.OPUS, 111, 48_000, "useinbandfec=1;maxplaybackrate=16000")
FORMATS = (PCMU, PCMA, G722, OPUS)
KEY_BYTES = {
    Suite.AES_CM_128_HMAC_SHA1_80: 30,
    Suite.AES_CM_128_HMAC_SHA1_32: 30,
    Suite.AEAD_AES_128_GCM: 28,
    Suite.AEAD_AES_256_GCM: 44,
}
"""Master key and salt (RFC 4568 §6.2, RFC 7714 §12)."""
TELEPHONE_EVENT, COMFORT_NOISE = 101, 13
TONE_RMS = 7_218 / np.sqrt(2)
"""Of a sine of -10 dBm0."""
RECORD_MS = 60_000
WINDOW_S = 0.2
SETTLING_S = 0.12
"""What was said before a change may be heard for so long after it."""
NEAR_HZ = 12
PURITY = 0.8
SILENT_RMS = 30.0


@dataclass(frozen=True, slots=True)
class Sound:
    """What a window of audio holds."""

    rms: float
    frequency_hz: float
    """The strongest."""
    purity: float
    """How much of the energy that one frequency has, 0 to 1."""

    @classmethod
    def of(cls, samples: Samples, rate_hz: int) -> "Sound":
        linear = samples.astype(float)
        energy = np.abs(np.fft.rfft(linear * np.hanning(len(linear)))) ** 2
        step_hz = rate_hz / len(linear)
        peak = int(np.argmax(energy[2:])) + 2
        near = energy[peak - 2 : peak + 3].sum()
        rms = float(np.sqrt(np.mean(linear**2)))
        return cls(rms, peak * step_hz, float(near / max(energy.sum(), 1.0)))

    def is_tone(self, frequency_hz: int) -> bool:
        """Nothing else is heard, and it is about as loud as it was said."""
        is_it = abs(self.frequency_hz - frequency_hz) <= NEAR_HZ and self.purity >= PURITY
        return is_it and TONE_RMS / 2 < self.rms < TONE_RMS * 1.5

    def __str__(self) -> str:
        return f"{self.frequency_hz:.0f} Hz ({self.rms:.0f}, {self.purity:.2f})"


class Phone:
    """A phone in a call of the engine; both ends of the line."""

    def __init__(
        self, stage: "CallStage", name: str, ports: tuple[tuple[LegId, int], tuple[LegId, int]],
        frequency_hz: int, recording: Path,
    ) -> None:  # fmt: skip
        self.name = name
        self.frequency_hz = frequency_hz
        (self.leg, self.engine_port), (self.own_leg, self.own_port) = ports
        self._stage = stage
        self._recording = recording
        self._begun_s = 0.0
        self._changed_s = 0.0
        here, there = self.own_port, self.engine_port
        blank = RemoteMedia("127.0.0.1", 0, 0, PCMU, TELEPHONE_EVENT)
        self.remote = replace(blank, rtp_port=here, rtcp_port=here + 1)
        """What the engine was told of the phone."""
        self.own_remote = replace(blank, rtp_port=there, rtcp_port=there + 1)
        """What the phone was told of the engine."""

    # -- signalling --------------------------------------------------------------------------------

    def agree(self, **changes: Any) -> None:
        """Both ends take the changes, each from its own side."""
        self.remote = replace(self.remote, **changes)
        self.own_remote = replace(self.own_remote, **changes)
        self.tell_engine()
        self.tell_phone()

    def protect(self, kind: "Suite | str | None", *, phone_begins: bool = True) -> None:
        """New keys of a suite, a handshake (``dtls``), or none; takes effect with `agree`."""
        mine: Sdes | Dtls | None = None
        theirs: Sdes | Dtls | None = None
        if isinstance(kind, Suite):
            one, other = (os.urandom(KEY_BYTES[kind]) for _ in range(2))
            mine, theirs = Sdes(kind, one, other), Sdes(kind, other, one)
        elif kind is not None:
            mine = Dtls(phone_begins, self._stage.engine.fingerprint)
            theirs = Dtls(not phone_begins, self._stage.phones.fingerprint)
        self.own_remote = replace(self.own_remote, protection=mine)
        self.remote = replace(self.remote, protection=theirs)

    def tell_engine(self, **changes: Any) -> None:
        self.remote = replace(self.remote, **changes)
        self._stage.engine.set_remote(self.leg, self.remote)
        self.forget()

    def tell_phone(self, **changes: Any) -> None:
        self.own_remote = replace(self.own_remote, **changes)
        self._stage.phones.set_remote(self.own_leg, self.own_remote)
        self.forget()

    # -- speaking ----------------------------------------------------------------------------------

    def talk(self) -> None:
        self._stage.phones.tone(self.own_leg, self.frequency_hz, 0, 1)

    def hush(self) -> None:
        self._stage.phones.stop_play(self.own_leg)

    def press(self, keys: str) -> None:
        self._stage.phones.send_dtmf(self.own_leg, keys)

    # -- hearing -----------------------------------------------------------------------------------

    def listen(self) -> None:
        """Records from now on."""
        self._begun_s = asyncio.get_running_loop().time()
        self.forget()
        self._stage.phones.record(
            self.own_leg, str(self._recording), max_ms=RECORD_MS, silence_ms=0, stop_digits="",
            token=self.own_leg,
        )  # fmt: skip

    def forget(self) -> None:
        """Only what is said from now on counts."""
        self._changed_s = asyncio.get_running_loop().time() + SETTLING_S

    def heard(self) -> Sound | None:
        """The latest window; None: nothing is recorded yet since the last change."""
        read = self._read()
        if read is None:
            return None
        samples, rate_hz = read
        window = round(WINDOW_S * rate_hz)
        start = round((self._changed_s - self._begun_s) * rate_hz)
        return Sound.of(samples[-window:], rate_hz) if len(samples) - start >= window else None

    def all_heard(self) -> tuple[Samples, int]:
        """All samples since the last change, and their rate."""
        read = self._read()
        assert read is not None, "nothing was recorded"
        samples, rate_hz = read
        return samples[round((self._changed_s - self._begun_s) * rate_hz) :], rate_hz

    def _read(self) -> tuple[Samples, int] | None:
        if not self._recording.exists() or self._recording.stat().st_size <= 44:
            return None
        with wave.open(str(self._recording), "rb") as file:
            octets = file.readframes(file.getnframes())
            return np.frombuffer(octets, dtype=np.int16), file.getframerate()


@dataclass(frozen=True, slots=True)
class Hope:
    """What a phone is to hear."""

    ear: Phone
    voice: Phone | None
    """None: silence."""

    def is_true(self) -> bool:
        sound = self.ear.heard()
        if sound is None:
            return False
        if self.voice is None:
            return sound.rms < SILENT_RMS
        return sound.is_tone(self.voice.frequency_hz)

    def __str__(self) -> str:
        wanted = "silence" if self.voice is None else f"{self.voice.frequency_hz} Hz"
        return f"{self.ear.name} hears {self.ear.heard()} and not {wanted}"


def both_ways(pairs: Iterable[tuple[Phone, Phone]]) -> list[Hope]:
    return [hope for one, two in pairs for hope in (Hope(one, two), Hope(two, one))]
