"""What a leg and its peer agreed about audio, by offer and answer (RFC 3264)."""

from itertools import count
from typing import NamedTuple

from callwright.calls.media_leg import MediaLeg
from callwright.media.engine import Codec, RemoteMedia
from callwright.sip.sdp import (
    AgreedAudio,
    LocalAudio,
    SdpError,
    SessionDescription,
    agree,
    answer,
    format_offer,
    parse_sdp,
    says_the_same,
)

CODECS = tuple(codec.name for codec in Codec)
DTMF_PAYLOAD_TYPE = 101
_SESSION_IDS = count(1)


class Ends(NamedTuple):
    """What an agreement connects."""

    media: MediaLeg
    signalled_from: str
    """The address that the peer's signalling comes from."""


class AudioAgreement:
    """One leg's side of every offer and answer; connects its audio by what comes out."""

    def __init__(self, own_ip: str) -> None:
        self._own_ip = own_ip
        self._session_id = next(_SESSION_IDS)
        self._version = 0
        self.offered = CODECS
        """What our offers hold, the favourite first."""
        self.agreed: AgreedAudio | None = None
        self.local_sdp = b""

    def codecs(self, offer: SessionDescription | None) -> tuple[str, ...]:
        """What both can speak; ``offer`` is what the peer's INVITE brought."""
        if self.agreed is not None:
            return (self.agreed.codec, *(c for c in CODECS if c != self.agreed.codec))
        offered = () if offer is None else offer.codec_names()
        return tuple(name for name in offered if name in CODECS) or CODECS

    def make_offer(self, media: MediaLeg) -> bytes:
        return self._describe(
            format_offer(
                self._local_audio(media),
                codecs=self.offered,
                dtmf_payload_type=DTMF_PAYLOAD_TYPE,
                session_id=self._session_id,
                version=self._version + 1,
            )
        )

    def answer(self, offer: SessionDescription, order: tuple[str, ...], ends: Ends) -> bytes | None:
        """Our answer, by which the audio is connected; None without a codec in common."""
        answered = answer(
            offer,
            self._local_audio(ends.media),
            codecs=order,
            session_id=self._session_id,
            version=self._version + 1,
        )
        if answered is None:
            return None
        body, agreed = answered
        description = self._describe(body)
        self._apply(agreed, ends)
        return description

    def take_answer(self, body: bytes, ends: Ends) -> bool:
        """The peer's answer to our offer; False when it is none that can be used."""
        agreed = agree_or_none(body, self.offered)
        if agreed is None:
            return False
        self._apply(agreed, ends)
        return True

    def _apply(self, agreed: AgreedAudio, ends: Ends) -> None:
        if agreed == self.agreed:
            return
        self.agreed = agreed
        media, signalled_from = ends
        media.connect(
            RemoteMedia(
                ip=agreed.ip,
                rtp_port=agreed.rtp_port,
                rtcp_port=agreed.rtcp_port,
                codec=Codec[agreed.codec],
                dtmf_payload_type=agreed.dtmf_payload_type,
                ptime_ms=agreed.ptime_ms,
                send=agreed.send,
                receive=agreed.receive,
                also_accept=signalled_from if signalled_from != agreed.ip else None,
            )
        )

    def _local_audio(self, media: MediaLeg) -> LocalAudio:
        return LocalAudio(self._own_ip, media.port)

    def _describe(self, body: bytes) -> bytes:
        """Our description from now on; one that says nothing new keeps text and version."""
        if not says_the_same(body, self.local_sdp):
            self.local_sdp = body
            self._version += 1
        return self.local_sdp


def offer_or_none(body: bytes) -> SessionDescription | None:
    """None: nothing, or nothing readable."""
    try:
        return parse_sdp(body)
    except SdpError:
        return None


def agree_or_none(body: bytes, codecs: tuple[str, ...]) -> AgreedAudio | None:
    try:
        return agree(parse_sdp(body), codecs=codecs)
    except SdpError:
        return None
