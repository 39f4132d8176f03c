"""Offer and answer (RFC 3264): which codec, where to, and who may speak."""

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address

from callwright.sip.sdp.description import (
    DTMF_NAME,
    TELEPHONE_RATE_HZ,
    Media,
    Payload,
    SessionDescription,
)

CODEC_PAYLOAD_TYPES = {"PCMU": 0, "PCMA": 8}
"""Codecs that can be agreed, all with 8,000 Hz, one channel and their static number (RFC 3551)."""

PTIMES_MS = (10, 20, 30, 40, 60)
"""Packet lengths that are sent; an other wish becomes the default."""
PTIME_MS_DEFAULT = 20

_OWN_ADDRESSES = 64
"""Of one machine; more than a machine has are only read more often."""

_AFTER_VERSION = b"\r\ns=-\r\n"
"""Before it only v= and o= stand in what is written here; the address is in c=, too."""

_MIRRORED = {
    "sendrecv": "sendrecv",
    "sendonly": "recvonly",
    "recvonly": "sendonly",
    "inactive": "inactive",
}


@dataclass(frozen=True, slots=True)
class LocalAudio:
    """Where we receive; RTCP one port above."""

    ip: str
    rtp_port: int


@dataclass(frozen=True, slots=True)
class AgreedAudio:
    """The stream both sides want, seen from us."""

    codec: str
    """``PCMU`` or ``PCMA``."""
    ip: str
    """The peer's; ``0.0.0.0`` while it holds us in the old way, and then ``send`` is False."""
    rtp_port: int
    rtcp_port: int
    dtmf_payload_type: int | None
    """Number of telephone-event at 8,000 Hz (RFC 4733); None: the peer does not want it."""
    ptime_ms: int
    """Length of the packets the peer wants from us."""
    send: bool
    receive: bool


def answer(
    offer: SessionDescription,
    local: LocalAudio,
    *,
    codecs: tuple[str, ...],
    session_id: int,
    version: int,
) -> tuple[bytes, AgreedAudio] | None:
    """The answering body and what it agrees; None: no stream of the offer is usable.

    Takes the first audio stream that shares a codec with ``codecs``, and of those the first in
    *their* order; every other stream is declined in its place (RFC 3264 §6).
    """
    chosen = next((media for media in offer.media if _choose(media, codecs) is not None), None)
    if chosen is None:
        return None
    codec = _choose(chosen, codecs)
    assert codec is not None, "chosen because it has one"
    agreed = _agreed(chosen, codec)
    lines = _session_lines(local, session_id, version, offer.timing)
    for media in offer.media:
        if media is chosen:
            direction = _MIRRORED[media.direction]
            if media.is_nowhere and direction == "sendrecv":
                direction = "recvonly"
            lines += _audio_lines(
                local,
                media.protocol,
                [codec],
                dtmf_payload_type=agreed.dtmf_payload_type,
                ptime_ms=agreed.ptime_ms,
                direction=direction,
            )
        else:
            lines.append(f"m={media.kind} 0 {media.protocol} {' '.join(media.formats)}")
    return _body(lines), agreed


def format_offer(
    local: LocalAudio,
    *,
    codecs: tuple[str, ...],
    dtmf_payload_type: int | None,
    session_id: int,
    version: int,
) -> bytes:
    """An offer of one audio stream in both directions, codecs in the order of preference.

    Raises KeyError for a codec that is not known here.
    """
    lines = _session_lines(local, session_id, version, "0 0")
    payloads = [Payload(CODEC_PAYLOAD_TYPES[name], name, TELEPHONE_RATE_HZ) for name in codecs]
    lines += _audio_lines(
        local,
        "RTP/AVP",
        payloads,
        dtmf_payload_type=dtmf_payload_type,
        ptime_ms=PTIME_MS_DEFAULT,
        direction="sendrecv",
    )
    return _body(lines)


def agree(description: SessionDescription, *, codecs: tuple[str, ...]) -> AgreedAudio | None:
    """What the peer's answer to our offer of ``codecs`` agrees: its first codec of ours.

    None: it declined, or took nothing that was offered.
    """
    audio = description.audio
    if audio is None:
        return None
    codec = next((payload for payload in audio.payloads if _is_ours(payload, codecs)), None)
    return None if codec is None else _agreed(audio, codec)


def says_the_same(body: bytes, other: bytes) -> bool:
    """Two descriptions of one session of ours differ in nothing but the version in their o-line.

    Then the newer one keeps the older one's (RFC 3264 §8), which tells the peer that nothing is to
    be done.
    """
    return body.partition(_AFTER_VERSION)[2] == other.partition(_AFTER_VERSION)[2]


def _choose(media: Media, codecs: tuple[str, ...]) -> Payload | None:
    if not media.is_audio:
        return None
    usable = [payload for payload in media.payloads if _is_ours(payload, codecs)]
    return min(usable, key=lambda payload: codecs.index(payload.name), default=None)


def _is_ours(payload: Payload, codecs: tuple[str, ...]) -> bool:
    return (
        payload.name in codecs
        and payload.number == CODEC_PAYLOAD_TYPES.get(payload.name)
        and payload.rate_hz == TELEPHONE_RATE_HZ
        and payload.channels == 1
    )


def _agreed(media: Media, codec: Payload) -> AgreedAudio:
    assert media.ip is not None, "an audio stream in use has an address"
    return AgreedAudio(
        codec=codec.name,
        ip=media.ip,
        rtp_port=media.port,
        rtcp_port=media.rtcp_port,
        dtmf_payload_type=_dtmf_payload_type(media),
        ptime_ms=_ptime_ms(media),
        send=media.direction in ("sendrecv", "recvonly") and not media.is_nowhere,
        receive=media.direction in ("sendrecv", "sendonly"),
    )


def _dtmf_payload_type(media: Media) -> int | None:
    for payload in media.payloads:
        if payload.name == DTMF_NAME and payload.rate_hz == TELEPHONE_RATE_HZ:
            return payload.number
    return None


def _ptime_ms(media: Media) -> int:
    wish = media.ptime_ms if media.ptime_ms in PTIMES_MS else PTIME_MS_DEFAULT
    assert wish is not None, "None is in no list"
    if media.maxptime_ms is None or wish <= media.maxptime_ms:
        return wish
    return max((ptime for ptime in PTIMES_MS if ptime <= media.maxptime_ms), default=PTIMES_MS[0])


def _session_lines(local: LocalAudio, session_id: int, version: int, timing: str) -> list[str]:
    address = _address_text(local.ip)
    return [
        "v=0",
        f"o=- {session_id} {version} {address}",
        "s=-",
        f"c={address}",
        f"t={timing}",
    ]


@lru_cache(_OWN_ADDRESSES)
def _address_text(ip: str) -> str:
    return f"IN IP{ip_address(ip).version} {ip}"


def _audio_lines(
    local: LocalAudio,
    protocol: str,
    codecs: list[Payload],
    *,
    dtmf_payload_type: int | None,
    ptime_ms: int,
    direction: str,
) -> list[str]:
    numbers = [str(codec.number) for codec in codecs]
    maps = [f"a=rtpmap:{codec.number} {codec.name}/{codec.rate_hz}" for codec in codecs]
    if dtmf_payload_type is not None:
        numbers.append(str(dtmf_payload_type))
        maps.append(f"a=rtpmap:{dtmf_payload_type} telephone-event/{TELEPHONE_RATE_HZ}")
        maps.append(f"a=fmtp:{dtmf_payload_type} 0-15")
    return [
        f"m=audio {local.rtp_port} {protocol} {' '.join(numbers)}",
        *maps,
        f"a=ptime:{ptime_ms}",
        f"a={direction}",
    ]


def _body(lines: list[str]) -> bytes:
    return ("\r\n".join(lines) + "\r\n").encode("utf-8")
