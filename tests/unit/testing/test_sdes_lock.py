"""SRTP of simulated phones, by the RFC's own numbers and between two of them."""

from callwright.media.remote import Sdes, Suite
from callwright.testing import sdes_lock
from callwright.testing.sdes_lock import SdesLock

MASTER = bytes.fromhex("E1F97A0D3E018BE0D64FA32C06DE41390EC675AD498AFEEBB6960B3AABE6")
ONE, OTHER = bytes(range(30)), bytes(range(30, 60))


def pair() -> tuple[SdesLock, SdesLock]:
    suite = Suite.AES_CM_128_HMAC_SHA1_80
    return SdesLock(Sdes(suite, ONE, OTHER)), SdesLock(Sdes(suite, OTHER, ONE))


def packet(sequence: int) -> bytes:
    return b"\x80\x00" + (sequence % 65_536).to_bytes(2) + bytes(range(8)) + b"voice " * 20


def test_session_keys_are_those_of_rfc_3711_b_3() -> None:
    key, salt = MASTER[:16], MASTER[16:]
    derived = [sdes_lock._derive(key, salt, label, n) for label, n in ((0, 16), (2, 14), (1, 20))]
    assert [each.hex().upper() for each in derived] == [
        "C61E7A93744F39EE10734AFE3FF7A087",
        "30CBBC08863D8C85D49DB34A9AE1",
        "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4",
    ]


def test_what_one_closes_the_other_opens_across_the_wrap_and_out_of_order() -> None:
    phone, peer = pair()
    closed = [phone.close(packet(sequence)) for sequence in range(65_500, 65_600)]
    closed[35:37] = reversed(closed[35:37])  # around the wrap
    opened = [peer.open(each) for each in closed]
    plain = [packet(sequence) for sequence in range(65_500, 65_600)]
    plain[35:37] = reversed(plain[35:37])
    assert opened == plain
    assert all(b"voice" not in each for each in closed)


def test_what_was_touched_or_is_not_theirs_is_not_opened() -> None:
    phone, peer = pair()
    closed = bytearray(phone.close(packet(1)))
    closed[20] ^= 1
    assert peer.open(bytes(closed)) is None
    assert peer.open(packet(1)) is None
    assert peer.open(b"") is None
    assert phone.open(phone.close(packet(2))) is None
