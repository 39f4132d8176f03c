"""Keys that signalling carries: the a=crypto attribute (RFC 4568, RFC 7714 §14)."""

from base64 import b64decode, b64encode
from binascii import Error
from dataclasses import dataclass, field

KEY_OCTETS = {
    "AES_CM_128_HMAC_SHA1_80": 30,
    "AEAD_AES_128_GCM": 28,
    "AEAD_AES_256_GCM": 44,
    "AES_CM_128_HMAC_SHA1_32": 30,
}
"""Master key and salt of each suite that we know."""

OFFERED_SUITES = ("AES_CM_128_HMAC_SHA1_80", "AEAD_AES_128_GCM")
"""The first is the one that every phone with SRTP knows. The tag of 32 bits is only answered."""

_TAG_DIGITS_MAX = 9
_INLINE = "inline:"
_TOLERATED = ("WSH=",)
"""Session parameters that ask for nothing that we would do otherwise (RFC 4568 §6.3.7)."""


@dataclass(frozen=True, slots=True)
class Crypto:
    tag: str
    suite: str
    key: bytes = field(repr=False)
    """Master key and salt, one after the other, of what its writer sends."""

    def __str__(self) -> str:
        return f"{self.tag} {self.suite} {_INLINE}{b64encode(self.key).decode()}"


def read_crypto(text: str) -> Crypto | None:
    """The value of an a=crypto; None: none that can be used here.

    Several keys at once, an MKI, and parameters that change how packets look are not spoken
    (§5.1.2: such a line is passed over). A lifetime is longer than any call.
    """
    words = text.split()
    if len(words) < 3:
        return None
    tag, suite, keys, *parameters = words
    suite = suite.upper()
    octets = KEY_OCTETS.get(suite)
    is_tag = tag.isascii() and tag.isdigit() and len(tag) <= _TAG_DIGITS_MAX
    if octets is None or not is_tag or not keys.startswith(_INLINE):
        return None
    if not all(parameter.upper().startswith(_TOLERATED) for parameter in parameters):
        return None
    encoded, *rest = keys[len(_INLINE) :].split("|")
    if ";" in keys or any(":" in part for part in rest):
        return None
    try:
        key = b64decode(encoded.rstrip("=") + "=" * (-len(encoded.rstrip("=")) % 4), validate=True)
    except (Error, ValueError):
        return None
    return Crypto(tag, suite, key) if len(key) == octets else None
