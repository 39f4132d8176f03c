"""Two ends of a stream that offer and answer."""

from itertools import count

from callwright.sip.sdp import (
    AgreedAudio,
    AudioExchange,
    Encryption,
    IcePair,
    Identity,
    LocalAudio,
    Proposal,
    SdesKeys,
    parse_sdp,
)

OURS = ":".join(["AB"] * 32)
HERS = ":".join(["CD"] * 32)
ALL = ("OPUS", "G722", "PCMU", "PCMA")


class Side:
    """One end; ``description`` is what it said last."""

    def __init__(
        self,
        *,
        codecs: tuple[str, ...] = ALL,
        proposal: Proposal = Proposal.PLAIN,
        encryption: Encryption = Encryption.OPTIONAL,
        fingerprint: str = OURS,
        ip: str = "203.0.113.1",
    ) -> None:
        numbers = count(1)

        def new_secret(octets: int) -> bytes:
            return next(numbers).to_bytes(2, "big") * (octets // 2)

        identity = Identity(new_secret, lambda: fingerprint)
        self.exchange = AudioExchange(5, identity, encryption=encryption)
        self.local = LocalAudio(ip, 30_000)
        self.codecs, self.proposal = codecs, proposal
        self.description = b""

    def offer(self, direction: str = "sendrecv") -> bytes:
        self.description = self.exchange.offer(
            self.local,
            self.description,
            codecs=self.codecs,
            proposal=self.proposal,
            direction=direction,
        )
        return self.description

    def answer(self, body: bytes) -> list[str] | None:
        """Our lines; None: nothing usable."""
        described = self.exchange.answer(
            parse_sdp(body), self.local, self.description, codecs=self.codecs
        )
        if described is None:
            return None
        self.description = described
        return described.decode().split("\r\n")[:-1]

    def take(self, body: bytes) -> bool:
        return self.exchange.take_answer(parse_sdp(body))

    @property
    def agreed(self) -> AgreedAudio:
        assert self.exchange.agreed is not None
        return self.exchange.agreed

    @property
    def keys(self) -> SdesKeys:
        assert isinstance(self.agreed.protection, SdesKeys)
        return self.agreed.protection

    @property
    def ice(self) -> IcePair:
        assert self.agreed.ice is not None
        return self.agreed.ice


def talk(one: Side, other: Side) -> bool:
    """``one`` offers; False: refused."""
    offered = one.offer()
    if other.answer(offered) is None:
        return False
    assert one.take(other.description)
    return True


def her(proposal: Proposal = Proposal.PLAIN, **options: object) -> Side:
    """A peer that makes checks itself."""
    side = Side(proposal=proposal, fingerprint=HERS, ip="192.0.2.10", **options)  # type: ignore[arg-type]
    side.exchange.is_lite = False
    return side


def plain_offer(formats: str, *lines: str) -> bytes:
    head = "v=0\r\no=- 1 1 IN IP4 192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\n"
    return (head + "\r\n".join([f"m=audio 40000 RTP/AVP {formats}", *lines]) + "\r\n").encode()
