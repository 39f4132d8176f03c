"""The sound of a message as it is attached to a mail: WAV as recorded, or a quarter as large."""

import io
from dataclasses import dataclass
from pathlib import Path

from callwright.domains.voicemail.model import Attachment
from callwright.storage.message_files import name_of

BIT_RATE_BPS = 24_000
"""Telephone speech needs no more."""
_CODECS = {
    Attachment.MP3: ("mp3", "libmp3lame", 16_000),
    Attachment.OPUS: ("ogg", "libopus", 48_000),
}
_KINDS = {Attachment.WAV: "wav", Attachment.MP3: "mpeg", Attachment.OPUS: "ogg"}


@dataclass(frozen=True, slots=True)
class MailedSound:
    path: Path
    kind: Attachment

    @property
    def name(self) -> str:
        return f"{name_of(self.path)}.{self.kind.value}"


def mailed(wav: bytes, sound: MailedSound) -> tuple[bytes, str, str]:
    """The attachment with its media type's two halves. Raises ValueError for what is no sound."""
    kind = sound.kind
    content = wav if kind not in _CODECS else _encoded(wav, *_CODECS[kind])
    return content, "audio", _KINDS[kind]


def _encoded(wav: bytes, container: str, codec: str, rate_hz: int) -> bytes:
    import av  # large, and few organisations want it

    target = io.BytesIO()
    try:
        with (
            av.open(io.BytesIO(wav), "r", format="wav") as source,
            av.open(target, "w", format=container) as made,
        ):
            stream = made.add_stream(codec, rate=rate_hz, layout="mono")
            assert isinstance(stream, av.AudioStream), "the codecs are of audio"
            stream.bit_rate = BIT_RATE_BPS
            resampler = av.AudioResampler(stream.format, "mono", rate_hz)
            for frame in (*source.decode(audio=0), None):
                for each in resampler.resample(frame):
                    made.mux(stream.encode(each))
            made.mux(stream.encode(None))
    except av.FFmpegError as error:
        raise ValueError(f"the sound cannot be converted: {error}") from error
    return target.getvalue()
