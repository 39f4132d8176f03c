"""Reading a session description (RFC 8866).

Phones write the same attributes in every call; what is short and holds no secret is read once.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_address

from callwright.kernel.limits.signalling import (
    SDP_ATTRIBUTES_MAX,
    SDP_FORMATS_MAX,
    SDP_MEDIA_MAX,
    SIP_MESSAGE_BYTES_MAX,
)
from callwright.kernel.value import value
from callwright.sip.sdp import carriage
from callwright.sip.sdp.carriage import BARE, Carriage, Lines, read_carriage
from callwright.sip.sdp.codecs import COMFORT_NOISE_NAME, DTMF_NAME
from callwright.sip.sdp.description import (
    AUDIO_PROFILES,
    DIRECTIONS,
    DTLS_PROFILES,
    NOWHERE,
    PLAIN_PROFILES,
    Media,
    Payload,
    SdpError,
    SessionDescription,
)
from callwright.sip.syntax import is_token, read_number

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
_MEMO_CHARACTERS_MAX = 600
"""Longer than what desk phones write about a stream."""
_ADDRESS_CHARACTERS_MAX = 100
_PAYLOAD_CHARACTERS_MAX = 500
"""Of one format; the longest fmtp of an audio codec has a hundred."""

_NO_CODECS = (DTMF_NAME, COMFORT_NOISE_NAME)


@dataclass(slots=True)
class _Part:
    """The lines of the session or of one stream; nobody changes it once it is read."""

    connection: str | None = None
    timing: str | None = None
    direction: str | None = None
    ptime_ms: int | None = None
    maxptime_ms: int | None = None
    rtcp_port: int | None = None
    rtpmaps: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    carriage: Lines = field(default_factory=list, repr=False)  # it may hold keys


@value
class _Stream:
    """An m-line but for its kind and port, and the lines below it."""

    protocol: str
    formats: tuple[str, ...]
    payloads: tuple[Payload, ...]
    codec_names: tuple[str, ...]
    part: _Part


def parse_sdp(body: bytes) -> SessionDescription:
    """Reads a description; unknown lines and attributes are skipped. Raises SdpError."""
    if len(body) > SIP_MESSAGE_BYTES_MAX:
        raise SdpError("the description is too long")
    text = body.decode("utf-8", "replace").replace("\r\n", "\n").rstrip("\n")
    head, *streams = text.split("\nm=")
    first, _, rest = head.partition("\n")
    if first.rstrip() != "v=0":
        raise SdpError("a description begins with v=0")
    if len(streams) > SDP_MEDIA_MAX:
        raise SdpError("too many media lines")
    if rest.startswith("o="):  # of no use to us, and new in each description
        rest = rest.partition("\n")[2]
    session = (_known_part if _may_be_known(rest) else _read_part)(rest)
    timing = "0 0" if session.timing is None else _read_timing(session.timing)
    return SessionDescription(tuple([_read_media(text, session) for text in streams]), timing)


def _may_be_known(lines: str) -> bool:
    """Secrets are not remembered (RFC 4568, RFC 8839 §5.4, RFC 4566 §5.12, RFC 4567)."""
    has_key = "crypto" in lines or "ice-pwd" in lines or "k=" in lines or "key-mgmt" in lines
    return not has_key and len(lines) <= _MEMO_CHARACTERS_MAX


def _read_part(text: str) -> _Part:
    part = _Part()
    if not text:
        return part
    for line in text.split("\n"):
        if line[1:2] != "=":
            raise SdpError("a line is LETTER=VALUE")
        key = line[0]
        if key == "a":
            _read_attribute(part, line[2:].strip(" \t\r"))
        elif key == "c":
            # Several c-lines of one stream are layers of multicast: the first is all we could use.
            part.connection = part.connection or line[2:].strip(" \t\r")
        elif key == "t":
            part.timing = line[2:].strip(" \t\r")
    return part


_known_part = lru_cache(_MEMO_ENTRIES)(_read_part)


def _read_attribute(part: _Part, value: str) -> None:
    name, _, content = value.partition(":")
    if name == "rtpmap":
        payload, _, encoding = content.partition(" ")
        if len(part.rtpmaps) < SDP_FORMATS_MAX:
            part.rtpmaps.setdefault(payload, encoding.strip(" "))
    elif name in DIRECTIONS:
        part.direction = name
    elif name == "ptime":
        part.ptime_ms = _read_milliseconds(content)
    elif name == "maxptime":
        part.maxptime_ms = _read_milliseconds(content)
    elif name == "fmtp":
        payload, _, parameters = content.partition(" ")
        if len(part.parameters) < SDP_FORMATS_MAX:
            part.parameters.setdefault(payload, parameters.strip(" "))
    elif name in carriage.NAMES:
        if len(part.carriage) < SDP_ATTRIBUTES_MAX:
            part.carriage.append((name, content))
    elif name == "rtcp":
        part.rtcp_port = read_number(content.partition(" ")[0], most=65_535) or None


def _read_milliseconds(text: str) -> int | None:
    """``20``; some write ``20.0``."""
    return read_number(text.strip(" ").partition(".")[0], most=10_000) or None


def _read_timing(text: str) -> str:
    if text == "0 0":
        return text
    words = text.split()
    if len(words) == 2 and all(word.isascii() and word.isdigit() for word in words):
        return " ".join(words)
    raise SdpError("a t-line is two numbers")


def _read_media(text: str, session: _Part) -> Media:
    """``text`` is a stream from behind its ``m=`` on."""
    media_line, _, lines = text.partition("\n")
    words = media_line.split(None, 2)
    if len(words) < 3:
        raise SdpError("an m-line is KIND PORT PROTOCOL FORMAT...")
    kind, port_text, formats = words[0].lower(), words[1], words[2]
    port = read_number(port_text.partition("/")[0], most=65_535)
    if port is None or (kind != "audio" and not is_token(kind)):
        raise SdpError("the kind or port of an m-line is unreadable")
    is_known = len(formats) <= _MEMO_CHARACTERS_MAX and _may_be_known(lines)
    stream = (_known_stream if is_known else _read_stream)(kind, formats, lines)
    part, protocol = stream.part, stream.protocol
    is_audio = kind == "audio" and protocol in AUDIO_PROFILES
    how = read_carriage(part.carriage, session.carriage) if is_audio else BARE
    connection = part.connection or session.connection
    ip = None if connection is None else _read_connection(connection)
    if ip is None and how.ice is not None:
        ip = NOWHERE  # Checks find the peer wherever it is; its host name does not matter then.
    return Media(
        kind=kind,
        port=port,
        protocol=protocol,
        formats=stream.formats,
        payloads=stream.payloads,
        ip=ip,
        direction=part.direction or session.direction or "sendrecv",
        rtcp_port=part.rtcp_port or min(port + 1, 65_535),
        ptime_ms=part.ptime_ms or session.ptime_ms,
        maxptime_ms=part.maxptime_ms or session.maxptime_ms,
        codec_names=stream.codec_names,
        is_audio=is_audio and port != 0 and ip is not None and _is_complete(protocol, how),
        carriage=how,
    )


def _is_complete(protocol: str, how: Carriage) -> bool:
    """A profile that encrypts has a key or a certificate."""
    if protocol in PLAIN_PROFILES:
        return True
    return bool(how.fingerprint) or (protocol not in DTLS_PROFILES and bool(how.crypto))


def _read_stream(kind: str, media_line: str, lines: str) -> _Stream:
    """``media_line`` from its protocol on."""
    protocol, *formats = media_line.split()
    if not 0 < len(formats) <= SDP_FORMATS_MAX:
        raise SdpError("an m-line has formats, and not too many")
    if not is_token(protocol.replace("/", "")):
        raise SdpError("the protocol of an m-line is unreadable")
    part = _read_part(lines)
    is_audio = kind == "audio" and protocol in AUDIO_PROFILES
    payloads = _read_payloads(formats, part) if is_audio else []
    names = dict.fromkeys([payload.name for payload in payloads])
    codec_names = tuple([name for name in names if name not in _NO_CODECS])
    return _Stream(protocol, tuple(formats), tuple(payloads), codec_names, part)


_known_stream = lru_cache(_MEMO_ENTRIES)(_read_stream)


def _read_connection(text: str) -> str | None:
    return _read_address(text) if len(text) <= _ADDRESS_CHARACTERS_MAX else None


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


def _read_payloads(formats: list[str], part: _Part) -> list[Payload]:
    payloads = []
    for text in formats:
        encoding, parameters = part.rtpmaps.get(text), part.parameters.get(text, "")
        if len(text) + len(encoding or "") + len(parameters) <= _PAYLOAD_CHARACTERS_MAX:
            payload = _read_payload(text, encoding, parameters)
            if payload is not None:
                payloads.append(payload)
    return payloads


def _read_payload(number_text: str, encoding: str | None, parameters: str) -> Payload | None:
    number = read_number(number_text, most=127)
    if number is None:
        return None
    if encoding is None:
        static = _STATIC_PAYLOADS.get(number)
        return None if static is None else Payload(number, *static, parameters=parameters)
    name, _, rest = encoding.partition("/")
    rate_text, _, channels_text = rest.partition("/")
    rate_hz = read_number(rate_text, most=1_000_000)
    channels = read_number(channels_text or "1", most=64)
    if is_token(name) and rate_hz and channels:
        return Payload(number, name.upper(), rate_hz, channels, parameters)
    return None
