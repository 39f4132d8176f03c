"""The a=crypto attribute, read and written."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwright.sip.sdp import parse_sdp, reading
from callwright.sip.sdp.crypto import KEY_OCTETS, Crypto, read_crypto

KEY = bytes(range(30))
INLINE = "inline:" + b64encode(KEY).decode()
GCM_KEY = bytes(range(28))


@pytest.mark.parametrize("suite", sorted(KEY_OCTETS))
def test_what_is_written_is_read_again(suite: str) -> None:
    line = Crypto("3", suite, bytes(range(KEY_OCTETS[suite])))
    assert read_crypto(str(line)) == line


@pytest.mark.parametrize(
    "text",
    [
        f"1 AES_CM_128_HMAC_SHA1_80 {INLINE}",
        f"1 aes_cm_128_hmac_sha1_80 {INLINE}",
        f"1  AES_CM_128_HMAC_SHA1_80\t{INLINE}|2^20",
        f"1 AES_CM_128_HMAC_SHA1_80 {INLINE}|1048576",
        f"1 AES_CM_128_HMAC_SHA1_80 {INLINE}|2^31 WSH=128",
    ],
)
def test_lifetime_and_window_hint_change_nothing(text: str) -> None:
    assert read_crypto(text) == Crypto("1", "AES_CM_128_HMAC_SHA1_80", KEY)


def test_padding_may_be_left_out() -> None:
    encoded = b64encode(GCM_KEY).decode()
    assert encoded.endswith("==")
    for text in (encoded, encoded.rstrip("=")):
        read = read_crypto(f"1 AEAD_AES_128_GCM inline:{text}")
        assert read is not None
        assert read.key == GCM_KEY


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "1 AES_CM_128_HMAC_SHA1_80",
        f"x AES_CM_128_HMAC_SHA1_80 {INLINE}",
        f"1234567890 AES_CM_128_HMAC_SHA1_80 {INLINE}",
        f"\u0661 AES_CM_128_HMAC_SHA1_80 {INLINE}",
        f"1 F8_128_HMAC_SHA1_80 {INLINE}",
        f"1 AES_CM_128_HMAC_SHA1_80 {INLINE}|1:4",
        f"1 AES_CM_128_HMAC_SHA1_80 {INLINE}|2^20|1:4",
        f"1 AES_CM_128_HMAC_SHA1_80 {INLINE};{INLINE}",
        f"1 AES_CM_128_HMAC_SHA1_80 {INLINE} UNENCRYPTED_SRTP",
        f"1 AES_CM_128_HMAC_SHA1_80 {INLINE} KDR=1",
        f"1 AES_CM_128_HMAC_SHA1_80 {INLINE} FEC_ORDER=FEC_SRTP",
        f"1 AEAD_AES_256_GCM {INLINE}",
        "1 AES_CM_128_HMAC_SHA1_80 inline:AAAA",
        "1 AES_CM_128_HMAC_SHA1_80 inline:" + "*" * 40,
        "1 AES_CM_128_HMAC_SHA1_80 inline:" + "é" * 40,
        "1 AES_CM_128_HMAC_SHA1_80 uri:https://example.org/key",
    ],
)
def test_what_cannot_be_used_is_passed_over(text: str) -> None:
    assert read_crypto(text) is None


def test_a_key_is_not_shown() -> None:
    assert "0001" not in repr(Crypto("1", "AES_CM_128_HMAC_SHA1_80", KEY))
    assert "x01" not in repr(Crypto("1", "AES_CM_128_HMAC_SHA1_80", KEY))


@given(st.text(max_size=100) | st.text("1 AES_CM_128_HMAC_SHA1_80inline:|^;=+/", max_size=100))
def test_any_text_is_read_or_passed_over(text: str) -> None:
    read = read_crypto(text)
    assert read is None or len(read.key) == KEY_OCTETS[read.suite]


@pytest.mark.parametrize(
    "secret",
    ["k=clear:secret", "a=key-mgmt:mikey AQAFgM0X", "a=crypto:1 X inline:abc", "a=ice-pwd:secret"],
)
def test_secrets_of_a_session_are_not_remembered(secret: str) -> None:
    reading._known_part.cache_clear()
    text = f"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns={secret[-4:]}\r\nc=IN IP4 192.0.2.1\r\n"
    parse_sdp(f"{text}{secret}\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n".encode())
    assert reading._known_part.cache_info().currsize == 0
