"""WAV files in all the shapes that people have them."""

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from callwright.media.levels import Samples, from_s16
from callwright.media.library import PromptError
from callwright.media.sound_files import read_sound

EXTENSIBLE = 0xFFFE


def sine(rate_hz: int, seconds: float = 1.0, frequency_hz: float = 440.0) -> Samples:
    time_s = np.arange(int(rate_hz * seconds)) / rate_hz
    return 0.5 * np.sin(2 * np.pi * frequency_hz * time_s)


def as_8(samples: Samples) -> bytes:
    return np.rint(samples * 127 + 128).astype(np.uint8).tobytes()


def as_16(samples: Samples) -> bytes:
    return np.rint(samples * 32767).astype("<i2").tobytes()


def as_24(samples: Samples) -> bytes:
    wide = np.rint(samples * (2**23 - 1)).astype("<i4").view(np.uint8).reshape(-1, 4)
    return wide[:, :3].tobytes()


def as_32(samples: Samples) -> bytes:
    return np.rint(samples * (2**31 - 1)).astype("<i4").tobytes()


WRITERS: dict[int, Callable[[Samples], bytes]] = {8: as_8, 16: as_16, 24: as_24, 32: as_32}


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(
        name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
        for name, data in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WAVE" + body


def form(code: int, bits: int, rate_hz: int = 8000, channels: int = 1) -> tuple[bytes, bytes]:
    block = channels * bits // 8
    plain = struct.pack("<HHIIHH", code, channels, rate_hz, rate_hz * block, block, bits)
    if code == EXTENSIBLE:
        plain += struct.pack("<HHIH", 22, bits, 0, 1) + b"\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71"
    return b"fmt ", plain


def is_440_hz_for_a_second(pcm: bytes) -> None:
    samples = from_s16(pcm)
    assert len(samples) == pytest.approx(8000, abs=2)
    middle = samples[1000:7000]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert float(np.argmax(spectrum)) * 8000 / len(middle) == pytest.approx(440, abs=2)
    assert np.abs(middle).max() == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("bits", [8, 16, 24, 32])
@pytest.mark.parametrize("rate_hz", [8000, 11025, 16000, 44100, 48000])
def test_widths_and_rates_sound_the_same(tmp_path: Path, bits: int, rate_hz: int) -> None:
    path = tmp_path / "sound.wav"
    path.write_bytes(riff(form(1, bits, rate_hz), (b"data", WRITERS[bits](sine(rate_hz)))))
    is_440_hz_for_a_second(read_sound(str(path)))


def test_the_extensible_header_that_other_programs_write_is_read(tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    path.write_bytes(riff(form(EXTENSIBLE, 24), (b"data", as_24(sine(8000)))))
    is_440_hz_for_a_second(read_sound(str(path)))


def test_stereo_is_mixed_and_neither_side_is_lost(tmp_path: Path) -> None:
    left, right = sine(8000), sine(8000, frequency_hz=1000)
    frames = as_16(np.column_stack([left, right]).ravel())
    path = tmp_path / "sound.wav"
    path.write_bytes(riff(form(1, 16, channels=2), (b"data", frames)))
    spectrum = np.abs(np.fft.rfft(from_s16(read_sound(str(path)))))
    assert set(np.argsort(spectrum)[-2:]) == {440, 1000}


def test_chunks_that_nobody_asked_for_are_stepped_over(tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    path.write_bytes(
        riff((b"LIST", b"odd"), form(1, 16), (b"fact", b"1234"), (b"data", as_16(sine(8000))))
    )
    is_440_hz_for_a_second(read_sound(str(path)))


def test_a_recording_that_was_cut_off_is_heard_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    path.write_bytes(riff(form(1, 16), (b"data", as_16(sine(8000))))[:-8001])
    assert len(read_sound(str(path))) == pytest.approx(8000, abs=2)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no sound file of a known format"),
        (b"ID3 an mp3", "a damaged file"),
        (riff(form(1, 16)), "damaged"),
        (riff((b"fmt ", b"short"), (b"data", b"12")), "damaged"),
        (riff((b"data", b"1212")), "damaged"),
        (riff(form(7, 8), (b"data", b"12")), "format 7"),
        (riff(form(1, 12), (b"data", b"1212")), "12 bits"),
        (riff(form(1, 16, channels=0), (b"data", b"1212")), "0 channels"),
        (riff(form(1, 16, rate_hz=0), (b"data", b"1212")), "at 0 Hz"),
        (riff(form(1, 16), (b"data", b"")), "holds no sound"),
        (riff(form(1, 8, rate_hz=1_000), (b"data", b"\x80" * 600_001)), "longer than 600 s"),
        (b"RIFF" + b"\0" * 5 * 1024 * 1024, "at most 5 MB"),
    ],
)
def test_what_cannot_be_used_is_named_with_the_remedy(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "greeting.wav"
    path.write_bytes(content)
    with pytest.raises(PromptError) as refused:
        read_sound(str(path))
    assert str(refused.value).startswith(f"{path}: ")
    assert reason in str(refused.value)
    assert any(
        word in str(refused.value) for word in ("ffmpeg", "shorten", "record it again", "use WAV")
    )


def test_a_folder_is_not_a_sound(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match="is not a file; check the path"):
        read_sound(str(tmp_path))


@pytest.mark.parametrize("rate_hz", [0, 7, 999, 400_000, 4_000_000_000])
def test_a_rate_that_no_recorder_has_is_refused(tmp_path: Path, rate_hz: int) -> None:
    """A resampler would have to make an hour of a few samples, or of millions none."""
    path = tmp_path / "sound.wav"
    samples = bytes(4_000)
    header = struct.pack("<HHIIHH", 1, 1, rate_hz, 0, 2, 16)
    path.write_bytes(riff((b"fmt ", header), (b"data", samples)))
    with pytest.raises(PromptError, match=f"1 channels at {rate_hz} Hz"):
        read_sound(str(path))
