"""SRTP as a phone has it, by signalled keys: AES-CM-128 and HMAC-SHA1 of 80 bits (RFC 3711).

Independent of the product's engine on purpose.
"""

import hmac
from hashlib import sha1

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from callwright.media.remote import Sdes, Suite

KEY_OCTETS, SALT_OCTETS, AUTH_KEY_OCTETS, TAG_OCTETS = 16, 14, 20, 10
HEADER_OCTETS = 12
HALF_OF_SEQUENCES, SEQUENCES = 1 << 15, 1 << 16


class SdesLock:
    """Both directions of one phone's RTP, one source each."""

    def __init__(self, keys: Sdes) -> None:
        assert keys.suite is Suite.AES_CM_128_HMAC_SHA1_80, f"these phones lack {keys.suite.value}"
        self.keys = keys
        self._ours = _SessionKeys(keys.local_key)
        self._theirs = _SessionKeys(keys.remote_key)
        self._sent = self._received = -1
        """The highest packet indices so far: the roll-over counter and the sequence number."""

    def close(self, packet: bytes) -> bytes:
        """A plain packet, protected."""
        index = _index_of(packet, self._sent)
        self._sent = max(self._sent, index)
        sealed = self._ours.cross(packet, index)
        return sealed + self._ours.tag(sealed, index)

    def open(self, packet: bytes) -> bytes | None:
        """A protected packet, plain; None: nobody who has the keys made it."""
        sealed, tag = packet[:-TAG_OCTETS], packet[-TAG_OCTETS:]
        if len(sealed) < HEADER_OCTETS:
            return None
        index = _index_of(sealed, self._received)
        if not hmac.compare_digest(self._theirs.tag(sealed, index), tag):
            return None
        self._received = max(self._received, index)
        return self._theirs.cross(sealed, index)


class _SessionKeys:
    """What a master key and salt give (§4.3)."""

    def __init__(self, master: bytes) -> None:
        key, salt = master[:KEY_OCTETS], master[KEY_OCTETS:]
        self._key = _derive(key, salt, 0, KEY_OCTETS)
        self._auth_key = _derive(key, salt, 1, AUTH_KEY_OCTETS)
        self._salt = int.from_bytes(_derive(key, salt, 2, SALT_OCTETS))

    def cross(self, packet: bytes, index: int) -> bytes:
        """Encrypts or decrypts what follows the header (§4.1.1)."""
        ssrc = int.from_bytes(packet[8:12])
        start = self._salt << 16 ^ ssrc << 64 ^ index << 16
        payload = _keystream(self._key, start, packet[HEADER_OCTETS:])
        return packet[:HEADER_OCTETS] + payload

    def tag(self, packet: bytes, index: int) -> bytes:
        """Of the packet and its roll-over counter (§4.2)."""
        counter = (index >> 16).to_bytes(4)
        return hmac.digest(self._auth_key, packet + counter, sha1)[:TAG_OCTETS]


def _index_of(packet: bytes, highest: int) -> int:
    """The sequence number with the roll-over counter that brings it nearest (§3.3.1)."""
    sequence = int.from_bytes(packet[2:4])
    if highest < 0:
        return sequence
    near = highest - highest % SEQUENCES + sequence
    if near > highest + HALF_OF_SEQUENCES and near >= SEQUENCES:
        return near - SEQUENCES
    return near + SEQUENCES if near < highest - HALF_OF_SEQUENCES else near


def _derive(key: bytes, salt: bytes, label: int, octets: int) -> bytes:
    start = (int.from_bytes(salt) ^ label << 48) << 16
    return _keystream(key, start, bytes(octets))


def _keystream(key: bytes, start: int, octets: bytes) -> bytes:
    return Cipher(algorithms.AES(key), modes.CTR(start.to_bytes(16))).encryptor().update(octets)
