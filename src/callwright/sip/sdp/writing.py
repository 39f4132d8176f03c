"""Session descriptions as text (RFC 8866)."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import ip_address

from callwright.kernel.value import value
from callwright.sip.sdp.carriage import BARE, Carriage
from callwright.sip.sdp.codecs import DTMF_NAME, find_codec
from callwright.sip.sdp.description import Media, Payload

_OWN_ADDRESSES = 64
"""Of one machine; more than a machine has are only read more often."""
_FORMAT_LISTS = 256
"""Every call writes one of the same few."""

_AFTER_VERSION = b"\r\ns=-\r\n"
"""Before it only v= and o= stand in what is written here; the address is in c=, too."""

_KEYS = "0-15"
"""The telephone-events that we know (RFC 4733 §3.2)."""

_HOST_PRIORITY = (126 << 24) | (65_535 << 8)
"""RFC 8445 §5.1.2, for the only candidate there is, without its component."""

_SPELLED = {DTMF_NAME: "telephone-event", "OPUS": "opus"}


@value
class LocalAudio:
    """Where we receive; RTCP one port above, or on the same."""

    ip: str
    rtp_port: int


@value
class Stream:
    """The one stream of a description of ours that is in use."""

    protocol: str
    payloads: tuple[Payload, ...]
    ptime_ms: int
    direction: str
    carriage: Carriage = BARE


def describe(
    local: LocalAudio,
    slots: Sequence[Media | Stream],
    *,
    session_id: int,
    version: int,
    timing: str = "0 0",
) -> bytes:
    """A description whose m-lines are ``slots``; a `Media` in one of them is declined."""
    address = _address_text(local.ip)
    lines = ["v=0", f"o=- {session_id} {version} {address}", "s=-", f"c={address}", f"t={timing}"]
    for slot in slots:
        if isinstance(slot, Stream) and slot.carriage is not BARE:
            lines += _session_carriage(slot.carriage)
    for slot in slots:
        if isinstance(slot, Stream):
            lines += _stream_lines(local, slot)
        else:
            lines.append(f"m={slot.kind} 0 {slot.protocol} {' '.join(slot.formats)}")
    lines.append("")
    return "\r\n".join(lines).encode("utf-8")


def says_the_same(body: bytes, other: bytes) -> bool:
    """Two descriptions of one session of ours differ in nothing but the version in their o-line.

    Then the newer one keeps the older one's (RFC 3264 §8), which tells the peer that nothing is to
    be done.
    """
    return body.partition(_AFTER_VERSION)[2] == other.partition(_AFTER_VERSION)[2]


def _stream_lines(local: LocalAudio, stream: Stream) -> Iterable[str]:
    numbers, maps = _format_texts(stream.payloads)
    lines = [f"m=audio {local.rtp_port} {stream.protocol} {numbers}", maps]
    if stream.carriage is not BARE:
        lines += _media_carriage(local, stream.carriage)
    lines += (f"a=ptime:{stream.ptime_ms}", f"a={stream.direction}")
    return lines


@lru_cache(_OWN_ADDRESSES)
def _address_text(ip: str) -> str:
    return f"IN IP{ip_address(ip).version} {ip}"


@lru_cache(_FORMAT_LISTS)
def _format_texts(payloads: tuple[Payload, ...]) -> tuple[str, str]:
    """The numbers for the m-line, and the lines that say what they mean."""
    lines = []
    for payload in payloads:
        name = _SPELLED.get(payload.name, payload.name)
        channels = f"/{payload.channels}" if payload.channels > 1 else ""
        lines.append(f"a=rtpmap:{payload.number} {name}/{payload.rate_hz}{channels}")
        parameters = _own_parameters(payload)
        if parameters:
            lines.append(f"a=fmtp:{payload.number} {parameters}")
    return " ".join(str(payload.number) for payload in payloads), "\r\n".join(lines)


def _own_parameters(payload: Payload) -> str:
    """What we ask for, whatever the peer asked for."""
    if payload.name == DTMF_NAME:
        return _KEYS
    codec = find_codec(payload.name, payload.rate_hz, payload.channels)
    return "" if codec is None else codec.parameters


def _session_carriage(carriage: Carriage) -> list[str]:
    lines = []
    if carriage.is_bundled:
        lines.append(f"a=group:BUNDLE {carriage.mid}")
    if carriage.ice is not None:
        lines += ("a=ice-lite", "a=ice-options:ice2")[not carriage.is_lite :]
    return lines


def _media_carriage(local: LocalAudio, carriage: Carriage) -> list[str]:
    lines = [f"a=crypto:{line}" for line in carriage.crypto]
    if carriage.fingerprint:
        lines.append(f"a=fingerprint:sha-256 {carriage.fingerprint}")
        lines.append(f"a=setup:{carriage.setup}")
    if carriage.mid:
        lines.append(f"a=mid:{carriage.mid}")
    if carriage.rtcp_mux:
        lines.append("a=rtcp-mux")
    if carriage.ice is not None:
        lines.append(f"a=ice-ufrag:{carriage.ice.ufrag}")
        lines.append(f"a=ice-pwd:{carriage.ice.password}")
        lines.append(_candidate(local, 1))
        if not carriage.rtcp_mux:
            lines.append(_candidate(local, 2))
        lines.append("a=end-of-candidates")
    if carriage.is_bundled:
        # Browsers make no stream out of a track that belongs to none (RFC 8829 §5.10, RFC 8830).
        lines.append("a=msid:callwright audio")
    return lines


def _candidate(local: LocalAudio, component: int) -> str:
    """The only one of a server: its own address (RFC 8839 §5.1)."""
    priority = _HOST_PRIORITY | 256 - component
    port = local.rtp_port + component - 1
    return f"a=candidate:1 {component} UDP {priority} {local.ip} {port} typ host"
