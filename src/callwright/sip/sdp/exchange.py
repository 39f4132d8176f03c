"""One side of every offer and answer about one audio stream, and what has to stay between them.

Keys, ICE credentials, DTLS roles, payload types and m-lines hold for a session; they change when
the peer's do (RFC 3264 §8, RFC 4568 §7.1.4, RFC 8842 §4, RFC 8839 §4.4.1).
"""

from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import Enum
from typing import NamedTuple

from callwright.sip.sdp.agreement import (
    AgreedAudio,
    DtlsRole,
    IcePair,
    SdesKeys,
    agreed_audio,
)
from callwright.sip.sdp.carriage import BARE, Carriage, IceCredentials
from callwright.sip.sdp.codecs import COMFORT_NOISE_NAME, PTIME_MS_DEFAULT
from callwright.sip.sdp.crypto import KEY_OCTETS, OFFERED_SUITES, Crypto
from callwright.sip.sdp.description import Media, Payload, SessionDescription
from callwright.sip.sdp.negotiation import (
    Choice,
    Encryption,
    answering_stream,
    choose,
    first_of_ours,
)
from callwright.sip.sdp.numbers import offered_payloads
from callwright.sip.sdp.writing import LocalAudio, Stream, describe, says_the_same

_UFRAG_OCTETS = 6
_PASSWORD_OCTETS = 18
"""48 and 144 bits at random; RFC 8839 §5.4 asks for 24 and 128. No padding in base 64."""
_MID = "0"


class Proposal(Enum):
    """How our offers want the audio to be carried."""

    PLAIN = "RTP/AVP"
    OPPORTUNISTIC = "RTP/AVP with keys"
    """The peer may take the keys or pass them over (RFC 8643)."""
    SDES = "RTP/SAVP"
    BROWSER = "UDP/TLS/RTP/SAVPF"
    """DTLS, ICE, one port, one group: what WebRTC asks for."""


class Identity(NamedTuple):
    """Where an exchange gets what nobody can guess, and what it shows."""

    new_secret: Callable[[int], bytes]
    """So many octets from a random source."""
    fingerprint: Callable[[], str]
    """SHA-256 of the certificate that our handshakes show: upper-case hex pairs, colons."""


class AudioExchange:
    """Made for one session; remembers what both sides said last."""

    __slots__ = (
        "_codecs",
        "_identity",
        "_own",
        "_payloads",
        "_proposal",
        "_protocol",
        "_session_id",
        "_slots",
        "_theirs",
        "_version",
        "agreed",
        "encryption",
        "is_lite",
        "with_keys",
    )

    def __init__(
        self, session_id: int, identity: Identity, *, encryption: Encryption = Encryption.OPTIONAL
    ) -> None:
        self._session_id = session_id
        self._identity = identity
        self.encryption = encryption
        """What is taken of the peer's offers and answers."""
        self.with_keys = True
        """Telephone-events are spoken."""
        self.is_lite = True
        """We answer connectivity checks and make none (RFC 8445 §2.5)."""
        self.agreed: AgreedAudio | None = None
        self._version = 0
        self._proposal: Proposal | None = None
        self._protocol = "RTP/AVP"
        self._own = BARE
        """How our last description carries the stream."""
        self._codecs: tuple[str, ...] = ()
        self._payloads: tuple[Payload, ...] = ()
        """Of our last description."""
        self._theirs: tuple[Payload, ...] = ()
        """Of the peer's last description."""
        self._slots: tuple[Media | None, ...] = (None,)
        """The m-lines of the session; None: the one in use."""

    # -- our offers --------------------------------------------------------------------------------

    def offer(
        self,
        local: LocalAudio,
        former: bytes,
        *,
        codecs: tuple[str, ...],
        proposal: Proposal = Proposal.PLAIN,
        direction: str = "sendrecv",
    ) -> bytes:
        """``former`` is our description so far, b"" at first: what says the same is the same.

        What was agreed is carried on as it was, whatever ``proposal`` says.
        """
        if self.agreed is None and proposal is not self._proposal:
            self._proposal = proposal
            self._protocol, self._own = self._propose(proposal)
        elif self._own.setup:
            # Whoever has a role keeps it; the offer leaves that to the answer (RFC 8842 §5.2).
            self._own = replace(self._own, setup="actpass")
        elif self.agreed is not None and self.agreed.protection is None and self._own.crypto:
            # Keys that the peer passed over, now or after having used them, are not offered again:
            # a key begins with packet numbers that it may have protected before (RFC 3711 §9.1).
            self._own = replace(self._own, crypto=())
        self._codecs = codecs
        self._payloads = offered_payloads(codecs, with_keys=self.with_keys, known=self._theirs)
        stream = Stream(self._protocol, self._payloads, PTIME_MS_DEFAULT, direction, self._own)
        return self._describe(local, former, [slot or stream for slot in self._slots])

    def restart_checks(self) -> None:
        """The next offer has new ICE credentials (RFC 8839 §4.4.1.1.1)."""
        if self._own.ice is not None:
            self._own = replace(self._own, ice=self._new_credentials())

    def take_answer(self, description: SessionDescription) -> bool:
        """The peer's answer to our last offer; False: nothing of it can be used."""
        media = self._answered(description)
        payload = None if media is None else first_of_ours(media, self._codecs)
        if media is None or payload is None:
            return False
        protection = self._answered_protection(media.carriage)
        if protection is None and not self._may_be_plain:
            return False
        own, theirs = self._own, media.carriage
        self._theirs = media.payloads
        self.agreed = agreed_audio(
            media,
            payload,
            accepts=self._also_accepted(media, payload),
            with_keys=self.with_keys,
            has_comfort_noise=COMFORT_NOISE_NAME in [ours.name for ours in self._payloads],
            rtcp_mux=own.rtcp_mux and theirs.rtcp_mux,
            protection=protection,
            ice=_ice_pair(own, theirs) if self._is_checked(theirs) else None,
        )
        return True

    # -- our answers -------------------------------------------------------------------------------

    def answer(
        self,
        offer: SessionDescription,
        local: LocalAudio,
        former: bytes,
        *,
        codecs: tuple[str, ...],
    ) -> bytes | None:
        """Our answer, and ``agreed`` with it; None, and nothing changes: no stream is usable."""
        choice = choose(offer, codecs, self.encryption)
        if choice is None:
            return None
        media = choice.media
        own = BARE if media.carriage is BARE else self._answering(choice)
        self.agreed = agreed = agreed_audio(
            media,
            choice.payload,
            with_keys=self.with_keys,
            has_comfort_noise=True,
            rtcp_mux=own.rtcp_mux,
            protection=self._protection(choice, own),
            ice=_ice_pair(own, media.carriage),
        )
        self._own, self._protocol, self._theirs = own, media.protocol, media.payloads
        self._slots = (
            (None,)
            if len(offer.media) == 1
            else tuple(None if other is media else other for other in offer.media)
        )
        stream = answering_stream(choice, agreed, own)
        # A refresh of the session may repeat it as an offer.
        self._codecs, self._payloads = (choice.payload.name,), stream.payloads
        slots = [slot or stream for slot in self._slots]
        return self._describe(local, former, slots, timing=offer.timing)

    # -- descriptions ------------------------------------------------------------------------------

    def _describe(
        self, local: LocalAudio, former: bytes, slots: Sequence[Media | Stream], timing: str = "0 0"
    ) -> bytes:
        body = describe(
            local, slots, session_id=self._session_id, version=self._version + 1, timing=timing
        )
        if former and says_the_same(body, former):
            return former
        self._version += 1
        return body

    # -- what is ours ------------------------------------------------------------------------------

    def _propose(self, proposal: Proposal) -> tuple[str, Carriage]:
        if proposal is Proposal.PLAIN:
            return "RTP/AVP", BARE
        if proposal is Proposal.BROWSER:
            return proposal.value, Carriage(
                fingerprint=self._identity.fingerprint(),
                setup="actpass",
                ice=self._new_credentials(),
                is_lite=self.is_lite,
                rtcp_mux=True,
                mid=_MID,
                is_bundled=True,
            )
        lines = [
            Crypto(str(tag), suite, self._identity.new_secret(KEY_OCTETS[suite]))
            for tag, suite in enumerate(OFFERED_SUITES, start=1)
        ]
        protocol = "RTP/AVP" if proposal is Proposal.OPPORTUNISTIC else proposal.value
        return protocol, Carriage(crypto=tuple(lines))

    def _answering(self, choice: Choice) -> Carriage:
        """Our side of what the offer says; what answers something known stays as it was."""
        theirs, lock = choice.media.carriage, choice.lock
        return Carriage(
            crypto=() if lock.crypto is None else (self._answering_line(lock.crypto),),
            fingerprint=self._identity.fingerprint() if lock.is_dtls else "",
            setup=self._answering_setup(theirs) if lock.is_dtls else "",
            ice=self._credentials(theirs.ice) if theirs.ice and self._is_checked(theirs) else None,
            is_lite=self.is_lite,
            rtcp_mux=theirs.rtcp_mux,
            mid=theirs.mid,
            is_bundled=theirs.is_bundled,
        )

    def _answering_line(self, line: Crypto) -> Crypto:
        known = None if self.agreed is None else self.agreed.protection
        if (
            isinstance(known, SdesKeys)
            and known.suite == line.suite
            and known.remote_key == line.key
        ):
            key = known.local_key
        else:
            key = self._identity.new_secret(KEY_OCTETS[line.suite])
        return Crypto(line.tag, line.suite, key)

    def _answering_setup(self, theirs: Carriage) -> str:
        """We wait for the handshake where we may: who is behind NAT has to speak first anyway."""
        if theirs.setup == "passive":
            return "active"
        known = None if self.agreed is None else self.agreed.protection
        keeps = isinstance(known, DtlsRole) and known.fingerprint == theirs.fingerprint
        if theirs.setup != "active" and keeps and isinstance(known, DtlsRole) and known.is_client:
            return "active"
        return "passive"

    def _credentials(self, theirs: IceCredentials) -> IceCredentials:
        """New ones when the peer's are new: that is a restart (RFC 8839 §4.4.1.1.1)."""
        known = None if self.agreed is None else self.agreed.ice
        return known.local if known and known.remote == theirs else self._new_credentials()

    def _is_checked(self, theirs: Carriage) -> bool:
        """One of the two makes checks; two lite agents just send (RFC 8445 §6.1.1)."""
        return not (self.is_lite and theirs.is_lite)

    def _new_credentials(self) -> IceCredentials:
        ufrag, password = map(self._identity.new_secret, (_UFRAG_OCTETS, _PASSWORD_OCTETS))
        return IceCredentials(b64encode(ufrag).decode(), b64encode(password).decode())

    def _protection(self, choice: Choice, own: Carriage) -> SdesKeys | DtlsRole | None:
        if choice.lock.crypto is not None:
            line = choice.lock.crypto
            return SdesKeys(line.suite, own.crypto[0].key, line.key)
        if choice.lock.is_dtls:
            return DtlsRole(own.setup == "active", choice.media.carriage.fingerprint)
        return None

    # -- what an answer says -----------------------------------------------------------------------

    def _answered(self, description: SessionDescription) -> Media | None:
        """The answer's stream in the place of ours (RFC 3264 §6)."""
        at = self._slots.index(None)
        if at < len(description.media) and description.media[at].is_audio:
            return description.media[at]
        return None

    def _answered_protection(self, theirs: Carriage) -> SdesKeys | DtlsRole | None:
        for line in theirs.crypto:
            for ours in self._own.crypto:
                if (ours.tag, ours.suite) == (line.tag, line.suite):
                    return SdesKeys(line.suite, ours.key, line.key)
        if self._own.fingerprint and theirs.fingerprint:
            return DtlsRole(theirs.setup == "passive", theirs.fingerprint)
        return None

    @property
    def _may_be_plain(self) -> bool:
        is_plain = self._protocol.startswith("RTP/AVP")
        return is_plain and self.encryption is not Encryption.REQUIRED

    def _also_accepted(self, media: Media, payload: Payload) -> tuple[Payload, ...]:
        """What we offered and the peer did not strike out, under our numbers."""
        if len(media.payloads) == 1 and payload.number == self._payloads[0].number:
            return ()
        kept = {(other.name, other.rate_hz) for other in media.payloads}
        return tuple(
            [
                offered
                for offered in self._payloads
                if offered.name in self._codecs
                and (offered.name, offered.rate_hz) in kept
                and (offered.name, offered.number) != (payload.name, payload.number)
            ]
        )


def _ice_pair(own: Carriage, theirs: Carriage) -> IcePair | None:
    return None if own.ice is None or theirs.ice is None else IcePair(own.ice, theirs.ice)
