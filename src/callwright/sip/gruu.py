"""Addresses of one device (RFC 5627): a public one that names the user, a temporary one that tells
nobody who it is. Nothing is kept for either: what a temporary one means is sealed inside it."""

import hashlib
import hmac
from base64 import b32decode, b32encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from callwright.sip.uri import Uri, UriError, parse_uri

if TYPE_CHECKING:
    from callwright.sip.registrar import Binding

OPTION = "gruu"
TEMPORARY = "tgruu."
"""Users are named by other words; the dot keeps a user called "tgruu" apart."""
_NONCE_OCTETS = 9
_SEAL_OCTETS = 10
_TOKEN_CHARACTERS_MAX = 512


@dataclass(frozen=True, slots=True)
class Device:
    """What a GRUU leads to."""

    aor: str
    instance: str
    """As in ``outbound.instance_of``."""
    call_id_mark: str = ""
    """Of a temporary GRUU: it leads there only as long as the phone registers with that Call-ID
    (RFC 5627 §5.2), so that a phone which starts again is rid of it."""


class GruuMint:
    """Makes and reads the GRUUs of one domain."""

    def __init__(self, secret: bytes, new_token: Callable[[], str]) -> None:
        """``new_token`` returns text that nobody can guess, never twice."""
        self.domain = ""
        self._new_token = new_token
        self._veil_key = hmac.digest(secret, b"gruu veil", hashlib.sha256)
        self._seal_key = hmac.digest(secret, b"gruu seal", hashlib.sha256)

    def public(self, aor: str, instance: str) -> Uri:
        return Uri("sip", aor, host=self.domain, parameters=(("gr", instance),))

    def temporary(self, aor: str, instance: str, call_id: str) -> Uri:
        """Another one each time; no two of them show that they belong together."""
        content = "\0".join((aor, instance, call_id_mark(call_id))).encode("utf-8", "replace")
        nonce = hashlib.sha256(self._new_token().encode()).digest()[:_NONCE_OCTETS]
        veiled = self._veil(nonce, content)
        token = b32encode(nonce + veiled + self._seal(nonce + veiled)).decode().rstrip("=")
        user = TEMPORARY + token.lower()
        return Uri("sip", user, host=self.domain, parameters=(("gr", None),))

    def device(self, text: str) -> Device | None:
        """None: the Request-URI is no GRUU of ours."""
        if ";gr" not in text:
            return None
        try:
            uri = parse_uri(text)
        except UriError:
            return None
        value = uri.parameter("gr")
        if value is None or uri.host.lower() != self.domain.lower():
            return None
        if uri.user.startswith(TEMPORARY):
            return self._unsealed(uri.user.removeprefix(TEMPORARY))
        return Device(uri.user, value.lower()) if value and uri.user else None

    def _unsealed(self, token: str) -> Device | None:
        if len(token) > _TOKEN_CHARACTERS_MAX or not token.isascii():
            return None
        try:
            octets = b32decode(token.upper() + "=" * (-len(token) % 8))
        except ValueError:
            return None
        nonce, content = octets[:_NONCE_OCTETS], octets[_NONCE_OCTETS:-_SEAL_OCTETS]
        if not content or not hmac.compare_digest(
            self._seal(nonce + content), octets[-_SEAL_OCTETS:]
        ):
            return None
        parts = self._veil(nonce, content).decode("utf-8", "replace").split("\0")
        return Device(*parts) if len(parts) == 3 else None

    def _veil(self, nonce: bytes, content: bytes) -> bytes:
        """HMAC in counter mode; the same again takes the veil off."""
        stream = b"".join(
            hmac.digest(self._veil_key, nonce + bytes((block,)), hashlib.sha256)
            for block in range(len(content) // 32 + 1)
        )
        return bytes(octet ^ key for octet, key in zip(content, stream, strict=False))

    def _seal(self, octets: bytes) -> bytes:
        return hmac.digest(self._seal_key, octets, hashlib.sha256)[:_SEAL_OCTETS]


def call_id_mark(call_id: str) -> str:
    return hashlib.sha256(call_id.encode("utf-8", "surrogateescape")).hexdigest()[:12]


def is_device(binding: "Binding", device: object) -> bool:
    """Whether a GRUU leads to this phone."""
    return (
        isinstance(device, Device)
        and binding.instance == device.instance
        and device.call_id_mark in ("", call_id_mark(binding.call_id))
    )
