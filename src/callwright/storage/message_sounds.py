"""A forwarded message: what was said about it, a moment of silence, and the message."""

import io
import wave

SILENCE_S = 0.6


def joined(first: bytes, second: bytes) -> tuple[bytes, float]:
    """Two WAV files as one, and how many seconds longer it is than the second. Raises ValueError
    where they cannot be put together."""
    try:
        with wave.open(io.BytesIO(first)) as one, wave.open(io.BytesIO(second)) as other:
            form = one.getparams()
            if form[:3] != other.getparams()[:3]:
                raise ValueError("the two recordings have different formats")
            frames = one.readframes(one.getnframes())
            pause = bytes(int(SILENCE_S * form.framerate) * form.sampwidth * form.nchannels)
            rest = other.readframes(other.getnframes())
    except (wave.Error, EOFError) as error:
        raise ValueError(f"a recording cannot be read: {error}") from error
    whole = io.BytesIO()
    with wave.open(whole, "wb") as file:
        file.setnchannels(form.nchannels)
        file.setsampwidth(form.sampwidth)
        file.setframerate(form.framerate)
        file.writeframes(frames + pause + rest)
    return whole.getvalue(), form.nframes / form.framerate + SILENCE_S
