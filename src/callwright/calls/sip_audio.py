"""What a leg and its peer agreed about audio, by offer and answer (RFC 3264)."""

from functools import lru_cache

from callwright.calls.media_leg import MediaLeg, MediaRoom
from callwright.kernel.limits.signalling import FORKED_ANSWERS_MAX
from callwright.kernel.reason import Reason
from callwright.kernel.value import value
from callwright.media.remote import (
    AudioFormat,
    Codec,
    Dtls,
    IceSession,
    RemoteMedia,
    Sdes,
    Suite,
)
from callwright.sip.sdp import (
    AgreedAudio,
    AudioExchange,
    DtlsRole,
    Encryption,
    IcePair,
    Identity,
    LocalAudio,
    Payload,
    Proposal,
    SdesKeys,
    SdpError,
    SessionDescription,
    is_usable,
    parse_sdp,
    usable_stream,
)

CODECS = ("PCMU", "PCMA", "G722", "OPUS")
"""What our offers hold when nobody wished anything else: the cheapest to carry first."""
ANSWERED = (*CODECS, "L16")
"""What we take when the peer asks for it."""
_FORMATS = 256
"""Most calls agree on one of a few."""


@value
class Ends:
    """What an agreement connects."""

    media: MediaLeg
    signalled_from: str
    """The address that the peer's signalling comes from."""


class AudioAgreement:
    """One leg's side of every offer and answer; connects its audio by what comes out."""

    __slots__ = (
        "_connected",
        "_early",
        "_exchange",
        "_own_ip",
        "_spoken",
        "local_sdp",
        "offered",
        "proposal",
    )

    def __init__(self, own_ip: str, room: MediaRoom) -> None:
        self._own_ip = own_ip
        identity = Identity(room.new_secret, lambda: room.engine.fingerprint)
        self._exchange = AudioExchange(next(room.session_ids), identity)
        self.offered: tuple[str, ...] = CODECS
        """What our offers hold, the favourite first."""
        self.proposal = Proposal.PLAIN
        """How our first offer wants the audio to be carried."""
        self._connected: tuple[AgreedAudio, str] | None = None
        """With the address that packets may come from besides; "" where checks decide that."""
        self._early: dict[str | None, bytes] | None = None
        """What each fork answered before the 2xx, by its tag; None: nobody did."""
        self._spoken: tuple[SessionDescription | None, tuple[str, ...]] | None = None
        """An offer and what of it both can speak, which a call asks for again and again."""
        self.local_sdp = b""

    @property
    def agreed(self) -> AgreedAudio | None:
        return self._exchange.agreed

    @property
    def is_held(self) -> bool:
        """The peer does not want to hear us."""
        agreed = self.agreed
        return agreed is not None and not agreed.send

    @property
    def is_mute(self) -> bool:
        """The peer listens at most."""
        agreed = self.agreed
        return agreed is not None and not agreed.receive

    def demand(self, encryption: Encryption) -> None:
        """What is taken from this peer from now on."""
        self._exchange.encryption = encryption
        self._spoken = None

    def objection(self, offer: SessionDescription | None) -> Reason | None:
        """Why an offer cannot be answered; None: it can."""
        encryption = self._exchange.encryption
        if offer is None:
            return Reason.MEDIA_UNACCEPTABLE
        if is_usable(offer, ANSWERED, encryption):
            return None
        if not is_usable(offer, ANSWERED, Encryption.OPTIONAL):
            return Reason.MEDIA_UNACCEPTABLE
        if encryption is Encryption.REQUIRED:
            return Reason.ENCRYPTION_REQUIRED
        return Reason.ENCRYPTION_REFUSED

    def codecs(self, offer: SessionDescription | None) -> tuple[str, ...]:
        """What both can speak; ``offer`` is what the peer's INVITE brought."""
        agreed = self.agreed
        if agreed is not None:
            return _led_by(agreed.codec)
        if self._spoken is None or self._spoken[0] is not offer:
            encryption = self._exchange.encryption
            stream = None if offer is None else usable_stream(offer, ANSWERED, encryption)
            offered = () if stream is None else stream.codec_names
            self._spoken = offer, tuple([name for name in offered if name in ANSWERED]) or CODECS
        return self._spoken[1]

    def make_offer(self, media: MediaLeg) -> bytes:
        self.local_sdp = self._exchange.offer(
            self._local_audio(media), self.local_sdp, codecs=self.offered, proposal=self.proposal
        )
        return self.local_sdp

    def answer(self, offer: SessionDescription, order: tuple[str, ...], ends: Ends) -> bytes | None:
        """Our answer, by which the audio is connected; None when `objection` says why."""
        answered = self._exchange.answer(
            offer, self._local_audio(ends.media), self.local_sdp, codecs=order
        )
        if answered is None:
            return None
        self.local_sdp = answered
        self._connect(ends)
        return answered

    def take_answer(self, body: bytes, ends: Ends) -> bool:
        """The peer's answer to our offer; False when it is none that can be used."""
        description = offer_or_none(body)
        if description is None or not self._exchange.take_answer(description):
            return False
        self._connect(ends)
        return True

    def take_early_answer(self, body: bytes, fork: str | None, ends: Ends) -> bool:
        """The same before the 2xx: each fork has an answer of its own (RFC 6337 §3.1.1)."""
        if not body or not self.take_answer(body, ends):
            return False
        self._early = early = self._early or {}
        if fork in early or len(early) < FORKED_ANSWERS_MAX:
            early[fork] = body
        return True

    def forget_early_answer(self, fork: str | None) -> None:
        """Something newer was agreed in its early dialog, by an UPDATE (RFC 3311)."""
        if self._early is not None:
            self._early.pop(fork, None)

    def take_final_answer(self, body: bytes, fork: str | None, ends: Ends) -> bool:
        """That of the 2xx, or what its fork answered before: a 2xx after a reliable response may
        go without (RFC 3262 §5). False: there is none that can be used."""
        early, self._early = self._early, None
        if self.take_answer(body, ends):
            return True
        said = None if early is None else early.get(fork)
        if said is not None and self.take_answer(said, ends):
            return True
        return self.agreed is not None

    def follow(self, ends: Ends) -> None:
        """The peer's signalling comes from elsewhere."""
        self._connect(ends)

    def _connect(self, ends: Ends) -> None:
        agreed = self.agreed
        if agreed is None:
            return
        # A phone behind a router says the same when the router gets another public address; its
        # packets come from where its signalling does (RFC 7362).
        place = ends.signalled_from if agreed.ice is None else ""
        if (agreed, place) == self._connected:
            return
        self._connected = agreed, place
        ends.media.connect(remote_media(agreed, ends.signalled_from))

    def _local_audio(self, media: MediaLeg) -> LocalAudio:
        return LocalAudio(self._own_ip, media.port)


def offer_or_none(body: bytes) -> SessionDescription | None:
    """None: nothing, or nothing readable."""
    try:
        return parse_sdp(body)
    except SdpError:
        return None


@lru_cache(len(ANSWERED))
def _led_by(codec: str) -> tuple[str, ...]:
    """What we take, this one first."""
    return (codec, *[other for other in ANSWERED if other != codec])


def remote_media(agreed: AgreedAudio, signalled_from: str) -> RemoteMedia:
    """What was agreed, as the media engine takes it."""
    return RemoteMedia(
        ip=agreed.ip,
        rtp_port=agreed.rtp_port,
        rtcp_port=agreed.rtcp_port,
        format=_audio_format(agreed.format),
        dtmf_payload_type=agreed.dtmf_payload_type,
        ptime_ms=agreed.ptime_ms,
        send=agreed.send,
        receive=agreed.receive,
        also_accept=signalled_from if signalled_from != agreed.ip else None,
        accepts=tuple([_audio_format(payload) for payload in agreed.accepts]),
        comfort_noise_payload_type=agreed.comfort_noise_payload_type,
        rtcp_mux=agreed.rtcp_mux,
        protection=_protection(agreed.protection),
        ice=_ice_session(agreed.ice),
    )


@lru_cache(_FORMATS)
def _audio_format(payload: Payload) -> AudioFormat:
    return AudioFormat(Codec[payload.name], payload.number, payload.rate_hz, payload.parameters)


def _protection(agreed: SdesKeys | DtlsRole | None) -> Sdes | Dtls | None:
    match agreed:
        case SdesKeys(suite=suite, local_key=local_key, remote_key=remote_key):
            return Sdes(Suite(suite), local_key, remote_key)
        case DtlsRole(is_client=is_client, fingerprint=fingerprint):
            return Dtls(is_client, fingerprint)
    return None


def _ice_session(pair: IcePair | None) -> IceSession | None:
    if pair is None:
        return None
    return IceSession(
        local_ufrag=pair.local.ufrag,
        local_password=pair.local.password,
        remote_ufrag=pair.remote.ufrag,
        remote_password=pair.remote.password,
    )
