"""What an offer and its answer agree about one audio stream (RFC 3264), seen from one side."""

from dataclasses import dataclass, field

from callwright.kernel.value import value
from callwright.sip.sdp.carriage import IceCredentials
from callwright.sip.sdp.codecs import (
    COMFORT_NOISE_NAME,
    DTMF_NAME,
    PTIME_MS_DEFAULT,
    PTIMES_MS,
    TELEPHONE_RATE_HZ,
    find_codec,
)
from callwright.sip.sdp.description import Media, Payload


@dataclass(frozen=True, slots=True)
class SdesKeys:
    suite: str
    """One of ``crypto.KEY_OCTETS``."""
    local_key: bytes = field(repr=False)
    remote_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class DtlsRole:
    is_client: bool
    fingerprint: str
    """Of the peer's certificate."""


@dataclass(frozen=True, slots=True)
class IcePair:
    local: IceCredentials
    remote: IceCredentials


@value
class AgreedAudio:
    """The stream both sides want."""

    format: Payload
    """What the peer wants to get."""
    ip: str
    """The peer's; ``0.0.0.0`` while it holds us in the old way, and then ``send`` is False."""
    rtp_port: int
    rtcp_port: int
    dtmf_payload_type: int | None
    """Of telephone-event, see `events_beside`; None: the peer does not want it."""
    ptime_ms: int
    """Length of the packets the peer wants from us."""
    send: bool
    receive: bool
    comfort_noise_payload_type: int | None = None
    accepts: tuple[Payload, ...] = ()
    """What else the peer may send, under the numbers that we gave it."""
    rtcp_mux: bool = False
    protection: SdesKeys | DtlsRole | None = None
    ice: IcePair | None = None

    @property
    def codec(self) -> str:
        return self.format.name


def agreed_audio(
    media: Media,
    payload: Payload,
    *,
    accepts: tuple[Payload, ...] = (),
    with_keys: bool = True,
    has_comfort_noise: bool = False,
    rtcp_mux: bool = False,
    protection: SdesKeys | DtlsRole | None = None,
    ice: IcePair | None = None,
) -> AgreedAudio:
    """``media`` is what the peer said, ``payload`` the codec that was chosen of it."""
    assert media.ip is not None, "an audio stream in use has an address"
    is_nowhere = media.is_nowhere
    events = events_beside(media, payload)
    return AgreedAudio(
        format=payload,
        ip=media.ip,
        rtp_port=media.port,
        rtcp_port=media.port if rtcp_mux else media.rtcp_port,
        dtmf_payload_type=events.number if with_keys and events is not None else None,
        ptime_ms=_ptime_ms(media, payload),
        send=media.direction in ("sendrecv", "recvonly") and not is_nowhere,
        receive=media.direction in ("sendrecv", "sendonly"),
        comfort_noise_payload_type=_comfort_noise(media, payload) if has_comfort_noise else None,
        accepts=accepts,
        rtcp_mux=rtcp_mux,
        protection=protection,
        ice=ice,
    )


def events_beside(media: Media, payload: Payload) -> Payload | None:
    """The telephone-events with the clock of the codec (RFC 4733 §2.1). Phones that take Opus and
    know only those with 8,000 Hz send their keys so, or not at all."""
    beside = _find(media, DTMF_NAME, payload.rate_hz)
    if beside is None and payload.rate_hz != TELEPHONE_RATE_HZ:
        return _find(media, DTMF_NAME, TELEPHONE_RATE_HZ)
    return beside


def _find(media: Media, name: str, rate_hz: int) -> Payload | None:
    for payload in media.payloads:
        if payload.name == name and payload.rate_hz == rate_hz:
            return payload
    return None


def _comfort_noise(media: Media, payload: Payload) -> int | None:
    """Opus has its own (RFC 7587 §3.1.3); the noise shares the clock of its codec."""
    if payload.rate_hz != TELEPHONE_RATE_HZ:
        return None
    noise = _find(media, COMFORT_NOISE_NAME, TELEPHONE_RATE_HZ)
    return None if noise is None else noise.number


def _ptime_ms(media: Media, payload: Payload) -> int:
    codec = find_codec(payload.name, payload.rate_hz, payload.channels)
    ptimes_ms = PTIMES_MS if codec is None else codec.ptimes_ms
    wish = media.ptime_ms if media.ptime_ms in ptimes_ms else PTIME_MS_DEFAULT
    assert wish is not None, "None is in no list"
    if media.maxptime_ms is None or wish <= media.maxptime_ms:
        return wish
    return max((ptime for ptime in ptimes_ms if ptime <= media.maxptime_ms), default=ptimes_ms[0])
