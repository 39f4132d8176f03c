"""Offer and answer (RFC 3264) without memory: what is usable, and what plain sides agree."""

from enum import Enum

from callwright.kernel.value import value
from callwright.sip.sdp.agreement import AgreedAudio, agreed_audio, events_beside
from callwright.sip.sdp.carriage import BARE, Carriage
from callwright.sip.sdp.codecs import COMFORT_NOISE_NAME, TELEPHONE_RATE_HZ, find_codec
from callwright.sip.sdp.crypto import Crypto
from callwright.sip.sdp.description import (
    DTLS_PROFILES,
    PLAIN_PROFILES,
    Media,
    Payload,
    SessionDescription,
)
from callwright.sip.sdp.numbers import offered_payloads
from callwright.sip.sdp.writing import LocalAudio, Stream, describe

MIRRORED = {
    "sendrecv": "sendrecv",
    "sendonly": "recvonly",
    "recvonly": "sendonly",
    "inactive": "inactive",
}


class Encryption(Enum):
    """What one side makes of the other's wish for encrypted audio."""

    OFF = "off"
    """Keys are passed over, and a profile that needs them is declined."""
    OPTIONAL = "optional"
    """As the other side wants it."""
    REQUIRED = "required"
    """Plain audio is declined."""


@value
class Lock:
    """How a stream is protected: by keys of the signalling, by a handshake, or not at all."""

    crypto: Crypto | None = None
    """The line of the peer that was chosen."""
    is_dtls: bool = False


OPEN = Lock()


@value
class Choice:
    """The stream of an offer that is taken."""

    media: Media
    payload: Payload
    lock: Lock


def choose(
    offer: SessionDescription, codecs: tuple[str, ...], encryption: Encryption
) -> Choice | None:
    """The first stream that shares a codec with ``codecs`` and can be protected as both want.

    Of its codecs the first in the order of ``codecs``.
    """
    for media in offer.media:
        if media.is_audio:
            lock = lock_of(media, encryption)
            payload = _favourite(media, codecs) if lock is not None else None
            if lock is not None and payload is not None:
                return Choice(media, payload, lock)
    return None


def usable_stream(
    offer: SessionDescription, codecs: tuple[str, ...], encryption: Encryption
) -> Media | None:
    """What `choose` would take."""
    for media in offer.media:
        is_locked = encryption is Encryption.OPTIONAL or lock_of(media, encryption) is not None
        if media.is_audio and is_locked and first_of_ours(media, codecs) is not None:
            return media
    return None


def is_usable(offer: SessionDescription, codecs: tuple[str, ...], encryption: Encryption) -> bool:
    """`choose` would find something."""
    return usable_stream(offer, codecs, encryption) is not None


def lock_of(media: Media, encryption: Encryption) -> Lock | None:
    """None: what the stream's profile asks for and what is allowed do not meet.

    Keys and certificates in a plain profile are taken up: opportunistic SRTP (RFC 8643 §3.1).
    """
    protocol, carriage = media.protocol, media.carriage
    if protocol in PLAIN_PROFILES:
        if encryption is Encryption.OFF:
            return OPEN
        lock = None if carriage is BARE else _offered_lock(carriage)
        return lock or (None if encryption is Encryption.REQUIRED else OPEN)
    if encryption is Encryption.OFF:
        return None
    if protocol in DTLS_PROFILES:
        return Lock(is_dtls=True) if carriage.fingerprint else None
    return _offered_lock(carriage)


def answering_stream(choice: Choice, agreed: AgreedAudio, carriage: Carriage) -> Stream:
    """The m-line of the answer: the codec that was chosen, and what goes with it."""
    media = choice.media
    payload = choice.payload
    payloads = [payload]
    if agreed.comfort_noise_payload_type is not None:
        number = agreed.comfort_noise_payload_type
        payloads.append(Payload(number, COMFORT_NOISE_NAME, TELEPHONE_RATE_HZ))
    events = None if agreed.dtmf_payload_type is None else events_beside(media, payload)
    if events is not None:
        payloads.append(Payload(events.number, events.name, events.rate_hz))
    direction = MIRRORED[media.direction]
    if media.is_nowhere and direction == "sendrecv":
        direction = "recvonly"
    return Stream(media.protocol, tuple(payloads), agreed.ptime_ms, direction, carriage)


def is_ours(payload: Payload, codecs: tuple[str, ...]) -> bool:
    return (
        payload.name in codecs
        and find_codec(payload.name, payload.rate_hz, payload.channels) is not None
    )


# -- sides without keys ----------------------------------------------------------------------------


def answer(
    offer: SessionDescription,
    local: LocalAudio,
    *,
    codecs: tuple[str, ...],
    session_id: int,
    version: int,
) -> tuple[bytes, AgreedAudio] | None:
    """The answering body and what it agrees; None: no stream of the offer is usable.

    Takes what `choose` finds; every other stream is declined in its place (RFC 3264 §6).
    """
    choice = choose(offer, codecs, Encryption.OFF)
    if choice is None:
        return None
    agreed = agreed_audio(choice.media, choice.payload)
    stream = answering_stream(choice, agreed, BARE)
    body = describe(
        local,
        [stream if media is choice.media else media for media in offer.media],
        session_id=session_id,
        version=version,
        timing=offer.timing,
    )
    return body, agreed


def format_offer(
    local: LocalAudio,
    *,
    codecs: tuple[str, ...],
    with_keys: bool = True,
    session_id: int,
    version: int,
) -> bytes:
    """An offer of one audio stream in both directions, codecs in the order of preference.

    Raises KeyError for a codec that is not known here.
    """
    payloads = offered_payloads(codecs, with_keys=with_keys)
    stream = Stream("RTP/AVP", payloads, 20, "sendrecv")
    return describe(local, [stream], session_id=session_id, version=version)


def agree(description: SessionDescription, *, codecs: tuple[str, ...]) -> AgreedAudio | None:
    """What the peer's answer to our plain offer of ``codecs`` agrees: its first codec of ours.

    None: it declined, or took nothing that was offered.
    """
    audio = description.audio
    if audio is None or audio.protocol not in PLAIN_PROFILES:
        return None
    payload = first_of_ours(audio, codecs)
    return None if payload is None else agreed_audio(audio, payload)


def first_of_ours(media: Media, codecs: tuple[str, ...]) -> Payload | None:
    for payload in media.payloads:
        if is_ours(payload, codecs):
            return payload
    return None


def _favourite(media: Media, codecs: tuple[str, ...]) -> Payload | None:
    usable = [payload for payload in media.payloads if is_ours(payload, codecs)]
    if len(usable) > 1:
        return min(usable, key=lambda payload: codecs.index(payload.name))
    return usable[0] if usable else None


def _offered_lock(carriage: Carriage) -> Lock | None:
    if carriage.crypto:
        return Lock(crypto=carriage.crypto[0])
    return Lock(is_dtls=True) if carriage.fingerprint else None
