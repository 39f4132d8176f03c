"""Reading a session description (RFC 8866): what an offer or an answer says about its streams."""

from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_address

from callwright.kernel.limits import SDP_FORMATS_MAX, SDP_MEDIA_MAX, SIP_MESSAGE_BYTES_MAX
from callwright.sip.syntax import is_token, read_number

DIRECTIONS = frozenset({"sendrecv", "sendonly", "recvonly", "inactive"})
AUDIO_PROFILES = frozenset({"RTP/AVP", "RTP/AVPF"})
"""Plain RTP. Secure profiles are not spoken here, and plain instead is not ours to choose."""
DTMF_NAME = "TELEPHONE-EVENT"
TELEPHONE_RATE_HZ = 8_000

_STATIC_PAYLOADS = {
    0: ("PCMU", 8_000),
    3: ("GSM", 8_000),
    4: ("G723", 8_000),
    5: ("DVI4", 8_000),
    6: ("DVI4", 16_000),
    7: ("LPC", 8_000),
    8: ("PCMA", 8_000),
    9: ("G722", 8_000),
    12: ("QCELP", 8_000),
    13: ("CN", 8_000),
    15: ("G728", 8_000),
    18: ("G729", 8_000),
}
"""RFC 3551 §6: what a number means that no a=rtpmap explains."""

_MEMO_ENTRIES = 1_024
_MEMO_CHARACTERS_MAX = 100
"""Every call brings the same few codecs and addresses; longer texts are neither."""


class SdpError(ValueError):
    """The body is not a session description that can be used."""


@dataclass(frozen=True, slots=True)
class Payload:
    number: int
    name: str
    """Upper case."""
    rate_hz: int
    channels: int = 1


@dataclass(frozen=True, slots=True)
class Media:
    """One m-line with what belongs to it; session-wide values are filled in."""

    kind: str
    """``audio``, ``video``, ``image``, ..."""
    port: int
    """0: the stream is declined or gone."""
    protocol: str
    formats: tuple[str, ...]
    payloads: tuple[Payload, ...]
    """The formats that have a known meaning, in the order of preference. Only for RTP."""
    ip: str | None
    """IPv4 or IPv6 address; None: absent, a host name, or multicast, which nobody here can use."""
    direction: str
    rtcp_port: int
    ptime_ms: int | None
    maxptime_ms: int | None

    @property
    def is_audio(self) -> bool:
        """An audio stream that is in use and that we could speak with."""
        return (
            self.kind == "audio"
            and self.port != 0
            and self.protocol in AUDIO_PROFILES
            and self.ip is not None
        )

    @property
    def is_nowhere(self) -> bool:
        """``c=0.0.0.0``: hold by the rules before RFC 3264 (its §8.4)."""
        return self.ip == "0.0.0.0" or self.ip == "::"


@dataclass(frozen=True, slots=True)
class SessionDescription:
    media: tuple[Media, ...]
    timing: str = "0 0"
    """The t-line, which an answer repeats (RFC 3264 §6)."""

    @property
    def audio(self) -> Media | None:
        """The first audio stream in use."""
        return next((media for media in self.media if media.is_audio), None)

    def codec_names(self) -> tuple[str, ...]:
        """Upper-case names of the first audio stream in use, in its order, without DTMF events."""
        if self.audio is None:
            return ()
        names = (payload.name for payload in self.audio.payloads if payload.name != DTMF_NAME)
        return tuple(dict.fromkeys(names))

    @property
    def is_hold(self) -> bool:
        """The sender does not want to hear us."""
        audio = self.audio
        return audio is not None and (
            audio.direction in ("sendonly", "inactive") or audio.is_nowhere
        )


@dataclass(slots=True)
class _Section:
    """The session part or one media part while its lines are read."""

    media_line: str = ""
    connection: str | None = None
    direction: str | None = None
    ptime_ms: int | None = None
    maxptime_ms: int | None = None
    rtcp_port: int | None = None
    rtpmaps: dict[str, str] = field(default_factory=dict)


def parse_sdp(body: bytes) -> SessionDescription:
    """Reads a description; unknown lines and attributes are skipped. Raises SdpError."""
    if len(body) > SIP_MESSAGE_BYTES_MAX:
        raise SdpError("the description is too long")
    lines = body.decode("utf-8", "replace").replace("\r\n", "\n").rstrip("\n").split("\n")
    if lines[0].rstrip() != "v=0":
        raise SdpError("a description begins with v=0")
    session = section = _Section()
    sections: list[_Section] = []
    timing = "0 0"
    for line in lines[1:]:
        if line[1:2] != "=":
            raise SdpError("a line is LETTER=VALUE")
        key, value = line[0], line[2:].strip(" \t\r")
        if key == "m":
            if len(sections) == SDP_MEDIA_MAX:
                raise SdpError("too many media lines")
            section = _Section(value)
            sections.append(section)
        elif key == "a":
            _read_attribute(section, value)
        elif key == "c":
            # Several c-lines of one stream are layers of multicast: the first is all we could use.
            section.connection = section.connection or value
        elif key == "t" and section is session:
            timing = _read_timing(value)
    return SessionDescription(tuple([_read_media(part, session) for part in sections]), timing)


def _read_attribute(section: _Section, value: str) -> None:
    name, _, content = value.partition(":")
    if name == "rtpmap":
        payload, _, encoding = content.partition(" ")
        if len(section.rtpmaps) < SDP_FORMATS_MAX:
            section.rtpmaps.setdefault(payload, encoding.strip(" "))
    elif name in DIRECTIONS:
        section.direction = name
    elif name == "ptime":
        section.ptime_ms = _read_milliseconds(content)
    elif name == "maxptime":
        section.maxptime_ms = _read_milliseconds(content)
    elif name == "rtcp":
        section.rtcp_port = read_number(content.partition(" ")[0], most=65_535) or None


def _read_milliseconds(text: str) -> int | None:
    """``20``; some write ``20.0``."""
    return read_number(text.strip(" ").partition(".")[0], most=10_000) or None


def _read_timing(text: str) -> str:
    words = text.split()
    if len(words) == 2 and all(word.isascii() and word.isdigit() for word in words):
        return " ".join(words)
    raise SdpError("a t-line is two numbers")


def _read_media(part: _Section, session: _Section) -> Media:
    words = part.media_line.split()
    if len(words) < 4 or len(words) - 3 > SDP_FORMATS_MAX:
        raise SdpError("an m-line is KIND PORT PROTOCOL FORMAT..., with not too many formats")
    kind, port_text, protocol, *formats = words
    port = read_number(port_text.partition("/")[0], most=65_535)
    if port is None or not is_token(kind) or not is_token(protocol.replace("/", "")):
        raise SdpError("the kind, port or protocol of an m-line is unreadable")
    connection = part.connection or session.connection
    is_rtp = protocol.startswith("RTP/")
    return Media(
        kind=kind.lower(),
        port=port,
        protocol=protocol,
        formats=tuple(formats),
        payloads=tuple(_read_payloads(formats, part.rtpmaps)) if is_rtp else (),
        ip=None if connection is None else _read_connection(connection),
        direction=part.direction or session.direction or "sendrecv",
        rtcp_port=part.rtcp_port or min(port + 1, 65_535),
        ptime_ms=part.ptime_ms or session.ptime_ms,
        maxptime_ms=part.maxptime_ms or session.maxptime_ms,
    )


def _read_connection(text: str) -> str | None:
    return _read_address(text) if len(text) <= _MEMO_CHARACTERS_MAX else None


@lru_cache(_MEMO_ENTRIES)
def _read_address(text: str) -> str | None:
    words = text.split()
    if len(words) != 3 or words[0].upper() != "IN":
        return None
    try:
        address = ip_address(words[2])
    except ValueError:
        return None
    return None if address.is_multicast or "%" in words[2] else str(address)


def _read_payloads(formats: list[str], rtpmaps: dict[str, str]) -> list[Payload]:
    payloads = [
        _read_payload(text, rtpmaps.get(text))
        for text in formats
        if len(text) + len(rtpmaps.get(text, "")) <= _MEMO_CHARACTERS_MAX
    ]
    return [payload for payload in payloads if payload is not None]


@lru_cache(_MEMO_ENTRIES)
def _read_payload(number_text: str, encoding: str | None) -> Payload | None:
    number = read_number(number_text, most=127)
    if number is None:
        return None
    if encoding is None:
        static = _STATIC_PAYLOADS.get(number)
        return None if static is None else Payload(number, *static)
    name, _, rest = encoding.partition("/")
    rate_text, _, channels_text = rest.partition("/")
    rate_hz = read_number(rate_text, most=1_000_000)
    channels = read_number(channels_text or "1", most=64)
    if is_token(name) and rate_hz and channels:
        return Payload(number, name.upper(), rate_hz, channels)
    return None
