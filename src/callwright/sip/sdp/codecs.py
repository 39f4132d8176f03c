"""The codecs that can be agreed, as SDP names them (RFC 4855)."""

from dataclasses import dataclass

PTIMES_MS = (10, 20, 30, 40, 50, 60)
"""Packet lengths that are sent; an other wish becomes the default."""
PTIME_MS_DEFAULT = 20

DTMF_NAME = "TELEPHONE-EVENT"
COMFORT_NOISE_NAME = "CN"
TELEPHONE_RATE_HZ = 8_000

DYNAMIC_NUMBERS = range(96, 128)
"""RFC 3551 §3."""


@dataclass(frozen=True, slots=True)
class Codec:
    name: str
    """Upper case."""
    rate_hz: int
    """Clock of the RTP timestamps, which is what SDP writes."""
    number: int
    """Payload type in our offers, unless the peer named another one before."""
    channels: int = 1
    parameters: str = ""
    """Our a=fmtp: what we ask the sender for."""
    ptimes_ms: tuple[int, ...] = PTIMES_MS


_OPUS_WISHES = "useinbandfec=1;maxplaybackrate=16000"
"""RFC 7587 §6.1: redundancy against loss, and no band that nobody would hear."""

CODECS = (
    Codec("PCMU", 8_000, 0),
    Codec("PCMA", 8_000, 8),
    Codec("G722", 8_000, 9),
    Codec("OPUS", 48_000, 111, 2, _OPUS_WISHES, (10, 20, 40, 60)),
    Codec("L16", 16_000, 112, ptimes_ms=(10, 20, 30, 40)),
    Codec("L16", 8_000, 113, ptimes_ms=(10, 20, 30, 40)),
)
"""Opus has no frames of 30 or 50 ms (RFC 7587 §4.2), and L16 has to fit into one datagram."""

OFFERED = {codec.name: codec for codec in reversed(CODECS)}
"""By name, what an offer of ours says; of the two L16 that with 16,000 Hz."""

_BY_ENCODING = {(codec.name, codec.rate_hz, codec.channels): codec for codec in CODECS}

EVENT_NUMBERS = {8_000: 101, 48_000: 110}
"""Payload types of telephone-events in our offers, one for each clock (RFC 4733 §2.1)."""


def find_codec(name: str, rate_hz: int, channels: int) -> Codec | None:
    """None: nobody here can speak it."""
    return _BY_ENCODING.get((name, rate_hz, channels))
