"""Decodes one sound file that somebody uploaded, a program of its own: it may be hostile.

Input: the file. Output: ``S`` and samples (s16le, 8,000 Hz, mono), or ``E`` and why not in UTF-8.
Before it looks at the file it bounds its own memory and CPU time; FFmpeg may open no other file.
"""

import io
import resource
import sys

RATE_HZ = 8_000
FORMATS = {"mp3", "asf", "mov", "mp4", "m4a", "ogg", "flac", "wav", "aac", "matroska", "webm"}
MEMORY_BYTES_MAX = 1024 * 1024 * 1024
CPU_S_MAX = 20


class Refused(Exception):
    """The text says why."""


def bound() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S_MAX, CPU_S_MAX + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def decode(content: bytes, length_s_max: float) -> bytes:
    """Raises Refused."""
    import av
    from av.audio.resampler import AudioResampler

    av.logging.set_level(av.logging.PANIC)
    try:
        with av.open(io.BytesIO(content), "r", options={"protocol_whitelist": "pipe"}) as container:
            if not FORMATS & set(container.format.name.split(",")):
                raise Refused(f"a file of format {container.format.name}, which is not taken")
            if not container.streams.audio:
                raise Refused("holds no sound")
            stream = container.streams.audio[0]
            codec = stream.codec_context
            if codec.name.startswith("wma") and codec.channels > 1:
                raise Refused(f"WMA with {codec.channels} channels; only mono WMA is taken")
            resampler = AudioResampler(format="s16", layout="mono", rate=RATE_HZ)
            samples = bytearray()
            for frame in container.decode(stream):
                for resampled in resampler.resample(frame):
                    samples += bytes(resampled.planes[0])[: resampled.samples * 2]
                if len(samples) > length_s_max * RATE_HZ * 2:
                    raise Refused(f"longer than {length_s_max:g} s")
            for resampled in resampler.resample(None):
                samples += bytes(resampled.planes[0])[: resampled.samples * 2]
    except av.FFmpegError as error:
        raise Refused(f"a damaged file, or none with sound ({error.strerror})") from error
    except (MemoryError, OverflowError, ValueError) as error:
        raise Refused("a damaged file") from error
    if not samples:
        raise Refused("holds no sound")
    return bytes(samples)


def main() -> None:
    length_s_max = float(sys.argv[1])
    content = sys.stdin.buffer.read()
    bound()
    try:
        answer = b"S" + decode(content, length_s_max)
    except Refused as refused:
        answer = b"E" + str(refused).encode()
    sys.stdout.buffer.write(answer)


if __name__ == "__main__":
    main()
