"""Files that only who has the key can read: AES-256-GCM in chunks (NIST SP 800-38D).

    magic "CWSEAL1\\n", salt (32 octets), then chunks of SEALED_CHUNK_BYTES and a tag of 16 octets

Each file has a key of its own, derived of the system's and the salt (RFC 5869). The nonce of a
chunk is its number and whether it is the last, so none can be left out, moved or added (the STREAM
construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015).
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from callwright.kernel.limits.voicemail import SEALED_CHUNK_BYTES, VOICEMAIL_KEY_BYTES

SEALED = ".sealed"
"""What the name of a sealed file ends in."""
_MAGIC = b"CWSEAL1\n"
_SALT_BYTES = 32
_TAG_BYTES = 16


class SealError(Exception):
    """A sealed file cannot be read, or a key not be used; the text says what to do."""


class Sealer:
    """May be used from any thread."""

    def __init__(self, key: bytes) -> None:
        """``key`` has VOICEMAIL_KEY_BYTES octets."""
        self._key = key

    def seal(self, source: Path) -> Path:
        """Makes a sealed file of a plain one, which is gone when this returns. Raises OSError."""
        target = source.with_name(source.name + SEALED)
        salt = os.urandom(_SALT_BYTES)
        cipher = self._cipher(salt)
        with source.open("rb") as plain, open(target, "xb", opener=_private) as sealed:
            sealed.write(_MAGIC + salt)
            chunk, number = plain.read(SEALED_CHUNK_BYTES), 0
            while True:
                following = plain.read(SEALED_CHUNK_BYTES)
                nonce = _nonce(number, is_last=not following)
                sealed.write(cipher.encrypt(nonce, chunk, None))
                if not following:
                    break
                chunk, number = following, number + 1
            sealed.flush()
            os.fsync(sealed.fileno())
        source.unlink()
        return target

    def chunks(self, path: Path) -> Iterator[bytes]:
        """What was sealed. Raises SealError and OSError."""
        size = SEALED_CHUNK_BYTES + _TAG_BYTES
        with path.open("rb") as sealed:
            head = sealed.read(len(_MAGIC) + _SALT_BYTES)
            if len(head) != len(_MAGIC) + _SALT_BYTES or not head.startswith(_MAGIC):
                raise SealError(f"{path} is no sealed file of this program")
            cipher = self._cipher(head[len(_MAGIC) :])
            chunk, number = sealed.read(size), 0
            while True:
                following = sealed.read(size)
                try:
                    nonce = _nonce(number, is_last=not following)
                    yield cipher.decrypt(nonce, chunk, None)
                except InvalidTag:
                    text = "was sealed with another key, or is damaged"
                    raise SealError(f"{path} {text}; serve with the key of then") from None
                if not following:
                    return
                chunk, number = following, number + 1

    def _cipher(self, salt: bytes) -> AESGCM:
        derived = HKDF(SHA256(), VOICEMAIL_KEY_BYTES, salt, b"callwright voicemail")
        return AESGCM(derived.derive(self._key))


def read_chunks(path: Path, sealer: Sealer | None) -> Iterator[bytes]:
    """A file's content, sealed or not. Raises SealError and OSError."""
    if path.suffix == SEALED:
        if sealer is None:
            raise SealError(f"{path} is sealed; name the key with --voicemail-key")
        yield from sealer.chunks(path)
        return
    with path.open("rb") as plain:
        while chunk := plain.read(SEALED_CHUNK_BYTES):
            yield chunk


def read_key(path: Path) -> Sealer:
    """The key that a file holds as 64 hexadecimal digits, nobody else's to read. Raises
    SealError."""
    try:
        mode = path.stat().st_mode
        text = path.read_bytes()[: 4 * VOICEMAIL_KEY_BYTES].decode("ascii").strip()
        key = bytes.fromhex(text)
    except OSError as error:
        raise SealError(f"{path}: {error.strerror or error}; check the path") from None
    except (UnicodeDecodeError, ValueError):
        key = b""
    if len(key) != VOICEMAIL_KEY_BYTES:
        how = f"openssl rand -hex {VOICEMAIL_KEY_BYTES} > {path}"
        raise SealError(f"{path} holds no key of {2 * VOICEMAIL_KEY_BYTES} hex digits; try: {how}")
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SealError(f"{path} can be read by others; try: chmod 600 {path}")
    return Sealer(key)


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\1" if is_last else b"\0")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
