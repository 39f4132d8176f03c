"""SRTP by its definition, with a cryptographic library that is not the engine's.

One direction is one `Session`; packets are those of one source.
"""

import hashlib
import hmac
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from tests.contract.media.rtp_end import UdpEnd

from callwright.media.remote import Suite

HEADER_BYTES = 12
ENCRYPTION, AUTHENTICATION, SALTING = 0, 1, 2
"""Labels of RFC 3711 §4.3.1."""
TAG_BYTES = {Suite.AES_CM_128_HMAC_SHA1_80: 10, Suite.AES_CM_128_HMAC_SHA1_32: 4}
HALF, WHOLE = 1 << 15, 1 << 16


@dataclass(frozen=True, slots=True)
class Lengths:
    """Octets of master key and master salt."""

    key: int
    salt: int


LENGTHS = {
    Suite.AES_CM_128_HMAC_SHA1_80: Lengths(16, 14),
    Suite.AES_CM_128_HMAC_SHA1_32: Lengths(16, 14),
    Suite.AEAD_AES_128_GCM: Lengths(16, 12),
    Suite.AEAD_AES_256_GCM: Lengths(32, 12),
}


def key_stream(key: bytes, counter: int, length: int) -> bytes:
    """AES in counter mode (RFC 3711 §4.1.1)."""
    encryptor = Cipher(algorithms.AES(key), modes.CTR(counter.to_bytes(16))).encryptor()
    return encryptor.update(bytes(length))


class Session:
    """One direction's keys and counters."""

    def __init__(self, suite: Suite, key_and_salt: bytes) -> None:
        lengths = LENGTHS[suite]
        assert len(key_and_salt) == lengths.key + lengths.salt
        self._key, salt = key_and_salt[: lengths.key], key_and_salt[lengths.key :]
        # A salt of 96 bits is the beginning of one of 112 (RFC 7714 §11).
        self._master_salt = int.from_bytes(salt.ljust(14, b"\0"))
        self._tag_bytes = TAG_BYTES.get(suite)
        self._cipher_key = self._derive(ENCRYPTION, lengths.key)
        self._mac_key = self._derive(AUTHENTICATION, 20)
        self._salt = self._derive(SALTING, lengths.salt)
        self._highest: int | None = None

    def protect(self, packet: bytes) -> bytes:
        index = self._index_of(packet)
        self._highest = max(index, self._highest or 0)
        if self._tag_bytes is None:
            header, payload = packet[:HEADER_BYTES], packet[HEADER_BYTES:]
            nonce = self._nonce(packet, index)
            return header + AESGCM(self._cipher_key).encrypt(nonce, payload, header)
        hidden = self._apply_stream(packet, index)
        return hidden + self._tag(hidden, index)

    def unprotect(self, packet: bytes) -> bytes | None:
        """None when it is not authentic."""
        index = self._index_of(packet)
        if self._tag_bytes is None:
            header, hidden = packet[:HEADER_BYTES], packet[HEADER_BYTES:]
            nonce = self._nonce(packet, index)
            try:
                plain = header + AESGCM(self._cipher_key).decrypt(nonce, hidden, header)
            except InvalidTag:
                return None
        else:
            hidden, tag = packet[: -self._tag_bytes], packet[-self._tag_bytes :]
            if tag != self._tag(hidden, index):
                return None
            plain = self._apply_stream(hidden, index)
        self._highest = max(index, self._highest or 0)
        return plain

    def _derive(self, label: int, length: int) -> bytes:
        """RFC 3711 §4.3.1 with a key derivation rate of zero."""
        return key_stream(self._key, (self._master_salt ^ label << 48) << 16, length)

    def _index_of(self, packet: bytes) -> int:
        """The packet's index: roll-over counter and sequence number (RFC 3711 §3.3.1)."""
        sequence = int.from_bytes(packet[2:4])
        if self._highest is None:
            return sequence
        roll_over, last = divmod(self._highest, WHOLE)
        if last < HALF and sequence - last > HALF:
            roll_over -= 1
        elif last >= HALF and last - HALF > sequence:
            roll_over += 1
        return roll_over * WHOLE + sequence

    def _apply_stream(self, packet: bytes, index: int) -> bytes:
        source = int.from_bytes(packet[8:12])
        counter = int.from_bytes(self._salt) << 16 ^ source << 64 ^ index << 16
        payload = packet[HEADER_BYTES:]
        stream = key_stream(self._cipher_key, counter, len(payload))
        hidden = int.from_bytes(payload) ^ int.from_bytes(stream)
        return packet[:HEADER_BYTES] + hidden.to_bytes(len(payload))

    def _tag(self, packet: bytes, index: int) -> bytes:
        roll_over = (index // WHOLE).to_bytes(4)
        return hmac.digest(self._mac_key, packet + roll_over, hashlib.sha1)[: self._tag_bytes]

    def _nonce(self, packet: bytes, index: int) -> bytes:
        """RFC 7714 §8.1."""
        source = int.from_bytes(packet[8:12])
        return (int.from_bytes(self._salt) ^ source << 48 ^ index).to_bytes(12)


class SecureEnd(UdpEnd):
    """A port whose packets are protected on the wire, once there are keys."""

    outgoing: Session | None = None
    incoming: Session | None = None

    def agree(self, suite: Suite, local_key: bytes, remote_key: bytes) -> None:
        self.outgoing, self.incoming = Session(suite, local_key), Session(suite, remote_key)

    def send(self, data: bytes, port: int) -> None:
        super().send(data if self.outgoing is None else self.outgoing.protect(data), port)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self.incoming is None:
            return
        plain = self.incoming.unprotect(data)
        assert plain is not None, "the engine sent what is not authentic"
        super().datagram_received(plain, addr)
