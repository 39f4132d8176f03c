"""Descriptions, offers and answers of one audio stream."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwright.kernel.limits.signalling import SDP_FORMATS_MAX, SDP_MEDIA_MAX
from callwright.sip.sdp import (
    AgreedAudio,
    LocalAudio,
    Payload,
    SdpError,
    SessionDescription,
    agree,
    answer,
    format_offer,
    parse_sdp,
)

LOCAL = LocalAudio("203.0.113.1", 30_000)
BOTH = ("PCMU", "PCMA")


def _sdp(
    *media: str, connection: str = "IN IP4 192.0.2.10", session: tuple[str, ...] = ()
) -> bytes:
    lines = ["v=0", "o=phone 1 1 IN IP4 192.0.2.10", "s=call"]
    lines += [f"c={connection}"] if connection else []
    return ("\r\n".join([*lines, "t=0 0", *session, *media]) + "\r\n").encode()


AUDIO = "m=audio 40000 RTP/AVP 0 8 101"
DTMF = "a=rtpmap:101 telephone-event/8000"


def _answer(
    body: bytes, codecs: tuple[str, ...] = BOTH
) -> tuple[SessionDescription, AgreedAudio, list[str]]:
    """The answer read back, what it agrees, and its m-lines."""
    answered = answer(parse_sdp(body), LOCAL, codecs=codecs, session_id=5, version=2)
    assert answered is not None
    text, agreed = answered
    lines = text.decode().split("\r\n")
    return parse_sdp(text), agreed, [line for line in lines if line.startswith("m=")]


def _agreed(body: bytes, codecs: tuple[str, ...] = BOTH) -> AgreedAudio:
    return _answer(body, codecs)[1]


def test_an_offer_as_phones_send_it() -> None:
    offer = parse_sdp(
        _sdp(AUDIO, "a=rtpmap:0 PCMU/8000", "a=rtpmap:8 PCMA/8000/1", DTMF, "a=fmtp:101 0-15")
    )
    assert offer.codec_names() == ("PCMU", "PCMA")
    assert not offer.is_hold
    answered = answer(offer, LOCAL, codecs=BOTH, session_id=5, version=2)
    assert answered is not None
    body, agreed = answered
    assert body == (
        b"v=0\r\no=- 5 2 IN IP4 203.0.113.1\r\ns=-\r\nc=IN IP4 203.0.113.1\r\nt=0 0\r\n"
        b"m=audio 30000 RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\n"
        b"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n"
    )
    assert agreed == AgreedAudio(
        format=Payload(0, "PCMU", 8_000), ip="192.0.2.10", rtp_port=40_000, rtcp_port=40_001,
        dtmf_payload_type=101, ptime_ms=20, send=True, receive=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("formats", "codecs", "codec"),
    [
        ("0 8", BOTH, "PCMU"),
        ("8 0", BOTH, "PCMU"),
        ("0 8", ("PCMA", "PCMU"), "PCMA"),
        ("9 18 8", BOTH, "PCMA"),
        ("8", ("PCMA",), "PCMA"),
        ("9 18", BOTH, None),
        ("0", ("PCMA",), None),
        ("0", (), None),
    ],
)
def test_the_codec_is_the_first_of_ours_that_was_offered(
    formats: str, codecs: tuple[str, ...], codec: str | None
) -> None:
    offer = parse_sdp(_sdp(f"m=audio 40000 RTP/AVP {formats}"))
    answered = answer(offer, LOCAL, codecs=codecs, session_id=1, version=1)
    assert (answered[1].codec if answered else None) == codec


@pytest.mark.parametrize(
    ("direction", "mirrored", "send", "receive", "is_hold"),
    [
        ("sendrecv", "sendrecv", True, True, False),
        ("sendonly", "recvonly", False, True, True),
        ("recvonly", "sendonly", True, False, False),
        ("inactive", "inactive", False, False, True),
    ],
)
@pytest.mark.parametrize("is_session_wide", [False, True])
def test_direction_is_mirrored(
    direction: str,
    mirrored: str,
    send: bool,
    receive: bool,
    is_hold: bool,
    is_session_wide: bool,
) -> None:
    attribute = f"a={direction}"
    body = _sdp(AUDIO, session=(attribute,)) if is_session_wide else _sdp(AUDIO, attribute)
    answered, agreed, _ = _answer(body)
    assert (agreed.send, agreed.receive) == (send, receive)
    assert answered.media[0].direction == mirrored
    assert parse_sdp(body).is_hold is is_hold


def test_the_direction_of_the_stream_counts_before_the_sessions() -> None:
    agreed = _agreed(_sdp(AUDIO, "a=sendrecv", session=("a=inactive",)))
    assert (agreed.send, agreed.receive) == (True, True)


@pytest.mark.parametrize("address", ["IN IP4 0.0.0.0", "IN IP6 ::"])
def test_hold_by_an_address_of_nowhere(address: str) -> None:
    body = _sdp(AUDIO, connection=address)
    answered, agreed, _ = _answer(body)
    assert parse_sdp(body).is_hold
    assert (agreed.send, agreed.receive) == (False, True)
    assert answered.media[0].direction == "recvonly"


def test_other_streams_are_declined_in_their_place() -> None:
    _, agreed, media = _answer(
        _sdp(
            "m=video 50000 RTP/AVP 96 97",
            "a=rtpmap:96 H264/90000",
            "m=audio 40000 RTP/SAVP 0",
            "m=audio 40010 RTP/AVP 9",
            "m=audio 0 RTP/AVP 0",
            "m=audio 40020 RTP/AVP 8 0",
            "m=audio 40030 RTP/AVP 0",
            "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        )
    )
    assert media == [
        "m=video 0 RTP/AVP 96 97",
        "m=audio 0 RTP/SAVP 0",
        "m=audio 0 RTP/AVP 9",
        "m=audio 0 RTP/AVP 0",
        "m=audio 30000 RTP/AVP 0",
        "m=audio 0 RTP/AVP 0",
        "m=application 0 UDP/DTLS/SCTP webrtc-datachannel",
    ]
    assert agreed.rtp_port == 40_020


@pytest.mark.parametrize(
    "media",
    [
        "m=audio 40000 RTP/SAVP 0",
        "m=audio 40000 RTP/SAVPF 0",
        "m=audio 40000 UDP/TLS/RTP/SAVPF 0",
        "m=audio 40000 udptl t38",
        "m=audio 0 RTP/AVP 0",
        "m=image 40000 udptl t38",
        "m=video 40000 RTP/AVP 0",
    ],
)
def test_no_usable_stream_is_no_answer(media: str) -> None:
    offer = parse_sdp(_sdp(media))
    assert answer(offer, LOCAL, codecs=BOTH, session_id=1, version=1) is None
    assert agree(offer, codecs=BOTH) is None
    assert offer.codec_names() == ()
    assert not offer.is_hold


@pytest.mark.parametrize(
    "connection",
    ["", "IN IP4 phone.example.org", "IN IP4 224.2.1.1/127", "IN IP4", "ATM NSAP 47.0091", "x"],
)
def test_an_address_that_nobody_can_send_to_is_no_answer(connection: str) -> None:
    offer = parse_sdp(_sdp(AUDIO, connection=connection))
    assert answer(offer, LOCAL, codecs=BOTH, session_id=1, version=1) is None


def test_address_and_rtcp_port_of_the_stream_count_before_the_sessions() -> None:
    agreed = _agreed(_sdp(AUDIO, "c=IN IP4 192.0.2.77", "a=rtcp:53020 IN IP4 192.0.2.78"))
    assert (agreed.ip, agreed.rtcp_port) == ("192.0.2.77", 53_020)


def test_ipv6() -> None:
    body = _sdp(AUDIO, connection="IN IP6 2001:DB8:0::9")
    assert _agreed(body).ip == "2001:db8::9"
    answered = answer(
        parse_sdp(body), LocalAudio("2001:db8::1", 30_000), codecs=BOTH, session_id=1, version=1
    )
    assert answered is not None
    assert b"c=IN IP6 2001:db8::1\r\n" in answered[0]


@pytest.mark.parametrize(
    ("lines", "payload_type"),
    [
        ((), None),
        ((DTMF,), 101),
        (("a=rtpmap:101 TELEPHONE-EVENT/8000/1",), 101),
        (("a=rtpmap:101 telephone-event/16000",), None),
        (("a=rtpmap:96 telephone-event/8000",), None),
    ],
)
def test_dtmf_is_agreed_when_it_was_offered(
    lines: tuple[str, ...], payload_type: int | None
) -> None:
    answered, agreed, media = _answer(_sdp(AUDIO, *lines))
    assert agreed.dtmf_payload_type == payload_type
    assert media == ["m=audio 30000 RTP/AVP 0" + (f" {payload_type}" if payload_type else "")]
    assert answered.codec_names() == ("PCMU",)


@pytest.mark.parametrize(
    ("lines", "ptime_ms"),
    [
        ((), 20),
        (("a=ptime:30",), 30),
        (("a=ptime:20.0",), 20),
        (("a=ptime:25",), 20),
        (("a=ptime:0",), 20),
        (("a=ptime:100000",), 20),
        (("a=ptime:x",), 20),
        (("a=maxptime:40",), 20),
        (("a=ptime:40", "a=maxptime:30"), 30),
        (("a=maxptime:15",), 10),
        (("a=maxptime:5",), 10),
    ],
)
def test_packets_have_the_length_the_peer_wants(lines: tuple[str, ...], ptime_ms: int) -> None:
    answered, agreed, _ = _answer(_sdp(AUDIO, *lines))
    assert agreed.ptime_ms == ptime_ms
    assert answered.media[0].ptime_ms == ptime_ms


@pytest.mark.parametrize(
    "rtpmap",
    ["a=rtpmap:0 PCMU/16000", "a=rtpmap:0 PCMU/8000/2", "a=rtpmap:0 L16/8000", "a=rtpmap:0 PCMU"],
)
def test_a_number_means_what_its_rtpmap_says(rtpmap: str) -> None:
    assert _agreed(_sdp(AUDIO, rtpmap)).codec == "PCMA"


def test_a_known_codec_under_an_other_number_keeps_that_number() -> None:
    body = _sdp("m=audio 40000 RTP/AVP 96 101", "a=rtpmap:96 PCMU/8000", DTMF)
    answered, agreed, media = _answer(body)
    assert (agreed.codec, agreed.format.number) == ("PCMU", 96)
    assert media == ["m=audio 30000 RTP/AVP 96 101"]
    assert answered.media[0].payloads[0].name == "PCMU"


def test_codec_names_are_in_the_order_of_the_offer() -> None:
    body = _sdp(
        "m=audio 40000 RTP/AVP 96 8 9 101 0 126 x",
        "a=rtpmap:96 opus/48000/2",
        DTMF,
        "a=rtpmap:126 telephone-event/48000",
    )
    assert parse_sdp(body).codec_names() == ("OPUS", "PCMA", "G722", "PCMU")


def test_our_offer_and_what_an_answer_agrees() -> None:
    offer = format_offer(LOCAL, codecs=("PCMA", "PCMU"), session_id=5, version=1)
    assert offer == (
        b"v=0\r\no=- 5 1 IN IP4 203.0.113.1\r\ns=-\r\nc=IN IP4 203.0.113.1\r\nt=0 0\r\n"
        b"m=audio 30000 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n"
        b"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n"
    )
    bare = format_offer(LOCAL, codecs=("PCMU",), with_keys=False, session_id=5, version=1)
    assert b"m=audio 30000 RTP/AVP 0\r\n" in bare
    assert b"telephone-event" not in bare


@pytest.mark.parametrize(
    ("media", "codecs", "codec"),
    [
        ("m=audio 40000 RTP/AVP 0 8 101", BOTH, "PCMU"),
        ("m=audio 40000 RTP/AVP 8 0 101", BOTH, "PCMA"),
        ("m=audio 40000 RTP/AVP 18 8", BOTH, "PCMA"),
        ("m=audio 40000 RTP/AVP 8", ("PCMU",), None),
        ("m=audio 0 RTP/AVP 0", BOTH, None),
        ("m=audio 40000 RTP/AVP 101", BOTH, None),
    ],
)
def test_an_answer_agrees_its_first_codec_of_ours(
    media: str, codecs: tuple[str, ...], codec: str | None
) -> None:
    agreed = agree(parse_sdp(_sdp(media, DTMF)), codecs=codecs)
    assert (agreed.codec if agreed else None) == codec


def test_an_answer_that_only_listens() -> None:
    agreed = agree(parse_sdp(_sdp(AUDIO, DTMF, "a=recvonly", "a=ptime:30")), codecs=BOTH)
    assert agreed == AgreedAudio(
        format=Payload(0, "PCMU", 8_000), ip="192.0.2.10", rtp_port=40_000, rtcp_port=40_001,
        dtmf_payload_type=101, ptime_ms=30, send=True, receive=False,
    )  # fmt: skip


def test_time_and_profile_of_the_offer_are_repeated() -> None:
    body = _sdp("m=audio 40000/2 RTP/AVPF 0").replace(b"t=0 0", b"t=2873397496  2873404696")
    answered = answer(parse_sdp(body), LOCAL, codecs=BOTH, session_id=1, version=1)
    assert answered is not None
    assert b"\r\nt=2873397496 2873404696\r\n" in answered[0]
    assert b"\r\nm=audio 30000 RTP/AVPF 0\r\n" in answered[0]


def test_lines_may_end_in_lf_alone_and_unknown_ones_are_skipped() -> None:
    body = _sdp(AUDIO, "x=what", "a=candidate:1 1 UDP 1 10.0.0.1 4 typ host", "b=AS:64", "k=p")
    assert parse_sdp(body.replace(b"\r\n", b"\n")) == parse_sdp(body)
    assert parse_sdp(body + b"\r\n\r\n") == parse_sdp(body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"v=1\r\n",
        b"o=- 1 1 IN IP4 192.0.2.1\r\nv=0\r\n",
        _sdp("m=audio"),
        _sdp("m=audio 40000 RTP/AVP"),
        _sdp("m=audio 65536 RTP/AVP 0"),
        _sdp("m=audio -1 RTP/AVP 0"),
        _sdp("m=audio x RTP/AVP 0"),
        _sdp("m=au/dio 40000 RTP/AVP 0"),
        _sdp("m=audio 40000 RTP/\x01 0"),
        _sdp(AUDIO, "nonsense"),
        _sdp(AUDIO, "", "a=x"),
        _sdp(AUDIO).replace(b"t=0 0", b"t=now"),
        _sdp(*[AUDIO] * (SDP_MEDIA_MAX + 1)),
        _sdp("m=audio 40000 RTP/AVP" + " 0" * (SDP_FORMATS_MAX + 1)),
        b"v=0\r\n" + b"a=x\r\n" * 20_000,
    ],
    ids=range(17),
)
def test_what_is_no_description(body: bytes) -> None:
    with pytest.raises(SdpError):
        parse_sdp(body)


PORTS = st.integers(0, 65_535)
FORMATS = st.lists(st.sampled_from(["0", "8", "9", "18", "96", "101"]), min_size=1, max_size=5)
STREAMS = st.builds(
    lambda kind, port, protocol, formats, direction: (
        f"m={kind} {port} {protocol} {' '.join(formats)}\r\na={direction}\r\n{DTMF}"
    ),
    st.sampled_from(["audio", "audio", "video"]),
    PORTS,
    st.sampled_from(["RTP/AVP", "RTP/AVP", "RTP/SAVP"]),
    FORMATS,
    st.sampled_from(["sendrecv", "sendonly", "recvonly", "inactive"]),
)


@given(st.lists(STREAMS, min_size=1, max_size=4), st.permutations(BOTH))
def test_every_answer_fits_its_offer(streams: list[str], order: list[str]) -> None:
    offer = parse_sdp(_sdp(*streams))
    answered = answer(offer, LOCAL, codecs=tuple(order), session_id=1, version=1)
    if answered is None:
        assert not any(media.is_audio and {"0", "8"} & set(media.formats) for media in offer.media)
        return
    body, agreed = answered
    description = parse_sdp(body)
    assert len(description.media) == len(offer.media)
    active = [media for media in description.media if media.port]
    assert len(active) == 1
    theirs = offer.media[description.media.index(active[0])]
    assert set(active[0].formats) <= set(theirs.formats)
    back = agree(description, codecs=BOTH)
    assert back is not None
    assert (back.codec, back.send, back.receive) == (agreed.codec, agreed.receive, agreed.send)


@given(st.binary(max_size=200) | st.lists(
    st.text("vomact=: 019/\r\nINP4audioRTAV.*", max_size=30), max_size=8
).map(lambda lines: ("v=0\r\n" + "\r\n".join(lines)).encode()))  # fmt: skip
def test_any_bytes_raise_nothing_else(body: bytes) -> None:
    try:
        offer = parse_sdp(body)
    except SdpError:
        return
    answered = answer(offer, LOCAL, codecs=BOTH, session_id=1, version=1)
    assert answered is None or parse_sdp(answered[0]).audio is not None
    agree(offer, codecs=BOTH)
    offer.codec_names()
