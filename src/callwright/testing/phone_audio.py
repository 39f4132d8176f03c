"""The offers and answers of one simulated call, and the handset that follows them."""

from callwright.calls.sip_audio import offer_or_none, remote_media
from callwright.kernel.addresses import HostPort
from callwright.sip.sdp import (
    AgreedAudio,
    AudioExchange,
    Encryption,
    Identity,
    LocalAudio,
    Proposal,
    is_usable,
)
from callwright.testing.handset import TELEPHONE_EVENT, Stream
from callwright.testing.network import Host
from callwright.testing.world_media import WorldMedia

TAKES = {
    Proposal.PLAIN: Encryption.OFF,
    Proposal.OPPORTUNISTIC: Encryption.OPTIONAL,
    Proposal.SDES: Encryption.REQUIRED,
    Proposal.BROWSER: Encryption.REQUIRED,
}
"""What a phone that offers this takes of others."""


class PhoneAudio:
    """One session description, told again with each change."""

    def __init__(
        self,
        media: WorldMedia,
        host: Host,
        tone: str,
        *,
        codecs: tuple[str, ...],
        with_keys: bool = True,
        proposal: Proposal = Proposal.PLAIN,
    ) -> None:
        self.handset = media.handset(host, tone)
        identity = Identity(host.network.loop.random.randbytes, lambda: self.handset.fingerprint)
        self._exchange = AudioExchange(self.handset.port, identity, encryption=TAKES[proposal])
        self._exchange.with_keys = with_keys
        self._exchange.is_lite = False
        self._proposal = proposal
        self.codecs = codecs
        """Of its next offer, and what it takes of others'."""
        self._local = LocalAudio(host.ip, self.handset.port)
        self.description = b""
        """What the phone said last about its audio."""

    @property
    def agreed(self) -> AgreedAudio | None:
        return self._exchange.agreed

    def takes(self, body: bytes) -> bool:
        """An offer that can be answered."""
        described = offer_or_none(body)
        return described is not None and is_usable(described, self.codecs, TAKES[self._proposal])

    def offer(self, direction: str = "sendrecv") -> bytes:
        """Direction as seen from the phone: ``sendonly`` puts the other side on hold."""
        self.description = self._exchange.offer(
            self._local,
            self.description,
            codecs=self.codecs,
            proposal=self._proposal,
            direction=direction,
        )
        return self.description

    def restart(self) -> None:
        """The next offer begins the connectivity checks anew: a browser changed its network."""
        self._exchange.restart_checks()

    def answer(self, body: bytes) -> bytes | None:
        """In the order of the offer. None: no codec in common, or nothing that can be read."""
        described = offer_or_none(body)
        if described is None:
            return None
        order = [name for name in described.codec_names() if name in self.codecs]
        answered = self._exchange.answer(
            described, self._local, self.description, codecs=tuple(order)
        )
        if answered is not None:
            self.description = answered
            self._follow()
        return answered

    def take_answer(self, body: bytes) -> bool:
        described = offer_or_none(body)
        is_taken = described is not None and self._exchange.take_answer(described)
        if is_taken:
            self._follow()
        return is_taken

    def close(self) -> None:
        self.handset.close()

    def _follow(self) -> None:
        agreed = self._exchange.agreed
        assert agreed is not None, "followed when something was agreed"
        engine = remote_media(agreed, agreed.ip)
        self.handset.connect(
            Stream(
                remote=HostPort(agreed.ip, agreed.rtp_port),
                codec=agreed.codec,
                send=agreed.send,
                receive=agreed.receive,
                sends_digits=agreed.dtmf_payload_type is not None,
                protection=engine.protection,
                ice=engine.ice,
                events=agreed.dtmf_payload_type or TELEPHONE_EVENT,
            )
        )
