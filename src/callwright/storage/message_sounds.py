"""A forwarded message: what was said about it, a moment of silence, and the message."""

import io
import wave

SILENCE_S = 0.6


def joined(first: bytes, second: bytes) -> tuple[bytes, float]:
    """Two WAV files as one at the second's rate, and how many seconds longer it is than the second:
    the comment comes from a telephone of its own. Raises ValueError for what cannot be read."""
    try:
        said, said_hz = _samples(first)
        rest, rate_hz = _samples(second)
    except (wave.Error, EOFError) as error:
        raise ValueError(f"a recording cannot be read: {error}") from error
    length_s = len(said) / 2 / said_hz
    if said_hz != rate_hz:
        said = _resampled(said, said_hz, rate_hz)
    whole = io.BytesIO()
    with wave.open(whole, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(said + bytes(2 * int(SILENCE_S * rate_hz)) + rest)
    return whole.getvalue(), length_s + SILENCE_S


def _samples(wav: bytes) -> tuple[bytes, int]:
    """As the engine records: s16le, mono, and at which rate."""
    with wave.open(io.BytesIO(wav)) as file:
        if file.getnchannels() != 1 or file.getsampwidth() != 2:
            raise ValueError("a recording is no mono sound of 16 bits")
        return file.readframes(file.getnframes()), file.getframerate()


def _resampled(samples: bytes, from_hz: int, to_hz: int) -> bytes:
    import soxr  # with numpy; most commands need neither

    from callwright.media.levels import from_s16, to_s16

    return to_s16(soxr.resample(from_s16(samples), from_hz, to_hz))
