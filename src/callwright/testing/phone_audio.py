"""The offers and answers of one simulated call, and the handset that follows them."""

import re

from callwright.kernel.addresses import HostPort
from callwright.sip.sdp import (
    AgreedAudio,
    LocalAudio,
    SdpError,
    agree,
    answer,
    format_offer,
    parse_sdp,
)
from callwright.testing.handset import Stream
from callwright.testing.media import SimulatedMedia
from callwright.testing.network import Host

DTMF_PAYLOAD_TYPE = 101


class PhoneAudio:
    """One session description, told again with each change."""

    def __init__(
        self,
        media: SimulatedMedia,
        host: Host,
        tone: str,
        *,
        codecs: tuple[str, ...],
        with_keys: bool = True,
    ) -> None:
        self.handset = media.handset(host, tone)
        self.agreed: AgreedAudio | None = None
        self._codecs = codecs
        self._with_keys = with_keys
        self._version = 0
        self._local = LocalAudio(host.ip, self.handset.port)

    def offer(self, direction: str = "sendrecv") -> bytes:
        """Direction as seen from the phone: ``sendonly`` puts the other side on hold."""
        body = format_offer(
            self._local,
            codecs=self._codecs,
            dtmf_payload_type=DTMF_PAYLOAD_TYPE if self._with_keys else None,
            session_id=self.handset.port,
            version=self._next_version(),
        )
        return body.replace(b"a=sendrecv", b"a=" + direction.encode())

    def answer(self, body: bytes) -> bytes | None:
        """None: no codec in common, or nothing that can be read."""
        try:
            described = parse_sdp(body if self._with_keys else _without_keys(body))
        except SdpError:
            return None
        answered = answer(
            described,
            self._local,
            codecs=self._codecs,
            session_id=self.handset.port,
            version=self._next_version(),
        )
        if answered is None:
            return None
        self._follow(answered[1])
        return answered[0]

    def take_answer(self, body: bytes) -> bool:
        try:
            agreed = agree(parse_sdp(body), codecs=self._codecs)
        except SdpError:
            return False
        if agreed is not None:
            self._follow(agreed)
        return agreed is not None

    def close(self) -> None:
        self.handset.close()

    def _follow(self, agreed: AgreedAudio) -> None:
        self.agreed = agreed
        self.handset.connect(
            Stream(
                remote=HostPort(agreed.ip, agreed.rtp_port),
                codec=agreed.codec,
                send=agreed.send,
                receive=agreed.receive,
                sends_digits=agreed.dtmf_payload_type is not None,
            )
        )

    def _next_version(self) -> int:
        self._version += 1
        return self._version


def _without_keys(offer: bytes) -> bytes:
    """As a phone reads it that knows no telephone-events."""
    named = re.search(rb"a=rtpmap:(\d+) telephone-event/8000\r\n", offer)
    if named is None:
        return offer
    kind = named[1]
    lines = [line for line in offer.split(b"\r\n") if not re.match(rb"a=\w+:%s " % kind, line)]
    return re.sub(rb"(?m)^(m=audio .*) %s(?=[ \r])" % kind, rb"\1", b"\r\n".join(lines))
