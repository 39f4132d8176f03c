"""Uploads that are no WAV: what is taken, what is refused, and what is broken on purpose."""

import io
import random
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from callwright.kernel.limits.sounds import AUDIO_FILE_BYTES_MAX, PROMPT_S_MAX
from callwright.media.foreign_sounds import decode_foreign, is_foreign
from callwright.media.levels import from_s16
from callwright.media.library import PromptError
from callwright.media.sound_files import look_at_sound, read_sound

KINDS = {
    "mp3": ("mp3", "libmp3lame"),
    "wma": ("asf", "wmav2"),
    "m4a": ("ipod", "aac"),
    "ogg": ("ogg", "libopus"),
    "flac": ("flac", "flac"),
}


def encoded(kind: str, *, layout: str = "mono", seconds: float = 1.0) -> bytes:
    """A sine of 440 Hz."""
    container_format, codec = KINDS[kind]
    rate_hz = 48_000 if codec == "libopus" else 44_100
    file = io.BytesIO()
    time_s = np.arange(int(rate_hz * seconds)) / rate_hz
    wave = (12_000 * np.sin(2 * np.pi * 440 * time_s)).astype(np.int16)
    channels = 2 if layout == "stereo" else 1
    with av.open(file, "w", format=container_format) as container:
        stream = container.add_stream(codec, rate=rate_hz, layout=layout, bit_rate=64_000)
        frame = av.AudioFrame.from_ndarray(
            np.repeat(wave, channels).reshape(1, -1), format="s16", layout=layout
        )
        frame.sample_rate, frame.pts, frame.time_base = rate_hz, 0, Fraction(1, rate_hz)
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return file.getvalue()


def is_440_hz(pcm: bytes) -> bool:
    samples = from_s16(pcm)
    spectrum = np.abs(np.fft.rfft(samples))
    return abs(np.argmax(spectrum) * 8_000 / len(samples) - 440) < 5


@pytest.mark.row(123)
@pytest.mark.parametrize("kind", KINDS)
def test_what_people_have_is_taken(kind: str, tmp_path: Path) -> None:
    file = tmp_path / f"greeting.{kind}"
    file.write_bytes(encoded(kind))
    look_at_sound(str(file))
    pcm = read_sound(str(file))
    assert len(pcm) / 16_000 == pytest.approx(1.0, abs=0.1)
    assert is_440_hz(pcm)


@pytest.mark.row(123)
def test_wma_in_stereo_is_refused_and_says_what_helps(tmp_path: Path) -> None:
    file = tmp_path / "music.wma"
    file.write_bytes(encoded("wma", layout="stereo"))
    with pytest.raises(PromptError, match=r"music\.wma: WMA with 2 channels.*use WAV, MP3, mono W"):
        read_sound(str(file))


@pytest.mark.row(123)
def test_six_megabytes_are_refused_before_they_are_read(tmp_path: Path) -> None:
    file = tmp_path / "long.mp3"
    file.write_bytes(encoded("mp3") + bytes(6 * 1024 * 1024))
    with pytest.raises(PromptError, match="at most 5 MB are allowed"):
        read_sound(str(file))


def test_stereo_mp3_becomes_mono() -> None:
    assert is_440_hz(decode_foreign(encoded("mp3", layout="stereo")))


def test_what_lasts_too_long_is_refused_without_decoding_all_of_it() -> None:
    long = encoded("flac", seconds=PROMPT_S_MAX + 30)
    assert len(long) < AUDIO_FILE_BYTES_MAX * 2
    with pytest.raises(PromptError, match="longer than 600 s"):
        decode_foreign(long)


def test_broken_files_are_refused_or_short_and_never_harm() -> None:
    """Octets changed, cut and swapped in every format; the decoder is another process."""
    chance = random.Random(123)
    for kind in KINDS:
        good = encoded(kind, seconds=0.3)
        for _ in range(2):
            bad = bytearray(good)
            for _ in range(30):
                bad[chance.randrange(16, len(bad))] = chance.randrange(256)
            with suppress(PromptError):
                pcm = decode_foreign(bytes(bad[: chance.randrange(len(bad) // 2, len(bad))]))
                assert len(pcm) < 16_000 * PROMPT_S_MAX


@pytest.mark.parametrize("kind", KINDS)
def test_formats_are_known_by_their_first_octets(kind: str) -> None:
    assert is_foreign(encoded(kind, seconds=0.1)[:16])


def test_text_pictures_and_playlists_are_none() -> None:
    for other in (
        b"",
        b"#EXTM3U\nfile:///etc/passwd",
        b"\x89PNG\r\n\x1a\n",
        b"%PDF-1.7",
        b"GIF89a",
    ):
        assert not is_foreign(other)
