"""Offers of real phones, browsers and carriers, and what is answered."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.sip import sdp_offers as offers
from tests.unit.sip.sdp_sides import OURS, Side, plain_offer

from callwright.sip.sdp import (
    DtlsRole,
    Encryption,
    Payload,
    Proposal,
    SdpError,
    parse_sdp,
)


@pytest.mark.parametrize(
    ("offer", "ip"),
    [(offers.JSSIP_IN_CHROMIUM, "192.0.2.44"), (offers.SIP_JS_TRICKLING, "0.0.0.0")],
)
def test_a_browser(offer: bytes, ip: str) -> None:
    ours = Side()
    assert not parse_sdp(offer).is_hold, "no address yet is no hold where checks find one"
    lines = ours.answer(offer)
    assert lines == [
        "v=0",
        "o=- 5 1 IN IP4 203.0.113.1",
        "s=-",
        "c=IN IP4 203.0.113.1",
        "t=0 0",
        "a=group:BUNDLE 0",
        "a=ice-lite",
        "a=ice-options:ice2",
        "m=audio 30000 UDP/TLS/RTP/SAVPF 111 110",
        "a=rtpmap:111 opus/48000/2",
        "a=fmtp:111 useinbandfec=1;maxplaybackrate=16000",
        "a=rtpmap:110 telephone-event/48000",
        "a=fmtp:110 0-15",
        f"a=fingerprint:sha-256 {OURS}",
        "a=setup:passive",
        "a=mid:0",
        "a=rtcp-mux",
        "a=ice-ufrag:AAEAAQAB",
        "a=ice-pwd:AAIAAgACAAIAAgACAAIAAgAC",
        "a=candidate:1 1 UDP 2130706431 203.0.113.1 30000 typ host",
        "a=end-of-candidates",
        "a=msid:callwright audio",
        "a=ptime:20",
        "a=sendrecv",
        "m=video 0 UDP/TLS/RTP/SAVPF 96 97",
    ]
    agreed = ours.agreed
    opus = Payload(111, "OPUS", 48_000, 2, "minptime=10;useinbandfec=1")
    assert (agreed.format, agreed.ip, agreed.dtmf_payload_type) == (opus, ip, 110)
    assert (agreed.send, agreed.receive, agreed.rtcp_mux) == (True, True, True)
    assert agreed.rtcp_port == agreed.rtp_port
    assert agreed.comfort_noise_payload_type is None, "Opus has its own"
    assert agreed.protection == DtlsRole(is_client=False, fingerprint=offers.FINGERPRINT)
    assert (ours.ice.remote.ufrag, ours.ice.remote.password) == (offers.UFRAG, offers.PASSWORD)


def test_a_browser_that_speaks_with_a_phone_of_g711() -> None:
    ours = Side(codecs=("PCMU", "OPUS"))
    lines = ours.answer(offers.JSSIP_IN_CHROMIUM)
    assert lines is not None
    assert "m=audio 30000 UDP/TLS/RTP/SAVPF 0 13 126" in lines
    assert ours.agreed.comfort_noise_payload_type == 13
    assert ours.agreed.dtmf_payload_type == 126


def test_a_certificate_of_the_whole_session() -> None:
    ours = Side()
    assert ours.answer(offers.FIREFOX_STYLE) is not None
    assert ours.agreed.protection == DtlsRole(False, offers.FINGERPRINT)
    assert ours.agreed.format.number == 109
    assert ours.agreed.dtmf_payload_type == 101, "its events have another clock than Opus"
    assert b"a=rtpmap:101 telephone-event/8000\r\n" in ours.description


def test_dtls_under_its_older_name() -> None:
    ours = Side()
    lines = ours.answer(offers.OLD_BROWSER)
    assert lines is not None
    assert "m=audio 30000 RTP/SAVPF 111 110" in lines
    assert isinstance(ours.agreed.protection, DtlsRole)


@pytest.mark.parametrize(
    ("offer", "media", "line", "suite"),
    [
        (offers.SNOM, "RTP/SAVP 9 101", "1 AES_CM_128_HMAC_SHA1_32", "AES_CM_128_HMAC_SHA1_32"),
        (offers.YEALINK, "RTP/SAVP 9 101", "1 AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_80"),
        (offers.POLYCOM, "RTP/SAVP 9 127", "3 AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_80"),
        (offers.OPPORTUNISTIC, "RTP/AVP 96 101", "7 AEAD_AES_256_GCM", "AEAD_AES_256_GCM"),
        (
            offers.CARRIER_SBC,
            "RTP/SAVP 0 13 101",
            "2 AES_CM_128_HMAC_SHA1_80",
            "AES_CM_128_HMAC_SHA1_80",
        ),
    ],
    ids=["snom", "yealink", "polycom", "opportunistic", "carrier"],
)
def test_keys_in_the_signalling(offer: bytes, media: str, line: str, suite: str) -> None:
    ours = Side()
    lines = ours.answer(offer)
    assert lines is not None
    assert f"m=audio 30000 {media}" in lines
    (crypto,) = [text for text in lines if text.startswith("a=crypto:")]
    assert crypto.startswith(f"a=crypto:{line} inline:"), "the tag of the line that was chosen"
    assert ours.keys.suite == suite
    assert ours.keys.local_key != ours.keys.remote_key
    assert len(ours.keys.local_key) == len(ours.keys.remote_key)


def test_the_plain_twin_of_an_encrypted_stream_is_declined() -> None:
    lines = Side().answer(offers.YEALINK)
    assert lines is not None
    assert lines[-1] == "m=audio 0 RTP/AVP 9 0 8 101"


def test_two_lite_agents_make_no_checks() -> None:
    ours = Side()
    lines = ours.answer(offers.CARRIER_SBC)
    assert lines is not None
    assert not [line for line in lines if line.startswith(("a=ice", "a=candidate"))]
    assert ours.agreed.ice is None
    assert (ours.agreed.ip, ours.agreed.rtcp_port) == ("203.0.113.99", 53_119)


# -- checks ----------------------------------------------------------------------------------------


def test_a_second_candidate_where_rtcp_has_its_own_port() -> None:
    lines = Side().answer(offers.JSSIP_IN_CHROMIUM.replace(b"a=rtcp-mux\r\n", b""))
    assert lines is not None
    assert [line for line in lines if line.startswith("a=candidate")] == [
        "a=candidate:1 1 UDP 2130706431 203.0.113.1 30000 typ host",
        "a=candidate:1 2 UDP 2130706430 203.0.113.1 30001 typ host",
    ]


@pytest.mark.parametrize(
    "change",
    [
        (b"a=ice-pwd:M+cAFHU9SM8Xz+UV91nyovqz", b"a=ice-pwd:short"),
        (b"a=ice-ufrag:W3lk", b"a=ice-ufrag:W3"),
        (b"a=ice-ufrag:W3lk", b"a=ice-ufrag:W3lk evil"),
        (b"a=ice-ufrag:W3lk\r\n", b""),
    ],
)
def test_credentials_that_are_none_are_as_if_not_there(change: tuple[bytes, bytes]) -> None:
    ours = Side()
    lines = ours.answer(offers.JSSIP_IN_CHROMIUM.replace(*change))
    assert lines is not None
    assert not [line for line in lines if line.startswith("a=ice")]
    assert ours.agreed.ice is None


def test_a_group_that_the_audio_is_not_in_is_not_answered() -> None:
    lines = Side().answer(offers.JSSIP_IN_CHROMIUM.replace(b"BUNDLE 0 1", b"BUNDLE 1"))
    assert lines is not None
    assert "a=mid:0" in lines
    assert not [line for line in lines if line.startswith("a=group")]


def test_one_port_for_both_without_anything_else() -> None:
    ours = Side()
    lines = ours.answer(plain_offer("0", "a=rtcp-mux"))
    assert lines is not None
    assert "a=rtcp-mux" in lines
    assert ours.agreed.rtcp_port == ours.agreed.rtp_port == 40_000


def test_secrets_are_not_shown() -> None:
    ours = Side()
    ours.answer(offers.SNOM)
    ours.answer(offers.JSSIP_IN_CHROMIUM)
    shown = repr(ours.agreed)
    assert offers.PASSWORD not in shown
    assert ours.ice.local.password not in shown
    ours.answer(offers.SNOM)
    assert "key" not in repr(ours.agreed)


LINES = (
    offers.JSSIP_IN_CHROMIUM + offers.YEALINK + offers.CARRIER_SBC + offers.OPPORTUNISTIC
).split(b"\r\n")
BODIES = st.lists(st.sampled_from(LINES), max_size=40).map(
    lambda lines: b"\r\n".join([b"v=0", b"c=IN IP4 192.0.2.9", *lines])
)


@given(BODIES, BODIES, st.sampled_from(list(Encryption)), st.sampled_from(list(Proposal)))
def test_any_lines_in_any_order(
    first: bytes, second: bytes, encryption: Encryption, proposal: Proposal
) -> None:
    ours = Side(encryption=encryption, proposal=proposal)
    acts: list[Callable[[bytes], object]] = [ours.answer, ours.take, ours.answer]
    ours.offer()
    for act in acts:
        for body in (first, second):
            try:
                act(body)
            except SdpError:
                continue
            agreed = ours.exchange.agreed
            is_plain = agreed is not None and agreed.protection is None
            assert not (is_plain and encryption is Encryption.REQUIRED)
            assert len(parse_sdp(ours.description).media) >= 1
    ours.offer()
