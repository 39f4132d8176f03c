"""PASSporT (RFC 8225) in the Identity header (RFC 8224), with the claims of SHAKEN (RFC 8588).

Only text is made and read here; who signs and whose keys count is decided in
``runtime.attestation``.
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from callwright.kernel.limits.identity import PASSPORT_CHARS_MAX
from callwright.kernel.limits.signalling import SIP_PARAMETERS_MAX
from callwright.sip.syntax import Parameters, find_parameter, split_outside_quotes

IDENTITY = "Identity"
SHAKEN = "shaken"
ES256 = "ES256"
ATTESTATIONS = ("A", "B", "C")
_IAT_MAX = 2**40
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")
_VISUAL = str.maketrans("", "", "-.() ")
_NUMBER = re.compile(r"\+?[0-9*#]{1,32}")


class PassportError(ValueError):
    """The text is no Identity header or no PASSporT that we know."""


class UnknownPassport(PassportError):
    """A PASSporT of another type, which says nothing about the calling number."""


@dataclass(frozen=True, slots=True)
class Passport:
    """What the network of a caller says of a call."""

    orig: str
    """Canonical: digits without plus (RFC 8224 §8.3)."""
    dest: tuple[str, ...]
    """Canonical numbers; what is addressed by URI stands in ``dest_uris``."""
    iat: int
    """Seconds since 1970, UTC."""
    x5u: str
    attest: str | None = None
    """``A``, ``B`` or ``C``; None: the PASSporT is no SHAKEN one."""
    origid: str | None = None
    orig_uri: str | None = None
    """Stands instead of ``orig`` where the caller has no number."""

    @property
    def signing_input(self) -> str:
        """Header and claims as they are signed: keys in order, no blanks (RFC 8225 §9)."""
        header = {"alg": ES256, "typ": "passport", "x5u": self.x5u}
        orig = {"tn": self.orig} if self.orig_uri is None else {"uri": self.orig_uri}
        claims: dict[str, Any] = {"dest": {"tn": list(self.dest)}, "iat": self.iat, "orig": orig}
        if self.attest is not None:
            header["ppt"] = SHAKEN
            claims |= {"attest": self.attest, "origid": self.origid}
        return f"{_pack(header)}.{_pack(claims)}"


@dataclass(frozen=True, slots=True)
class SignedPassport:
    """One Identity header taken apart; whether it is true is not known yet."""

    passport: Passport
    signed: bytes
    """What the signature is over."""
    signature: bytes
    """r and s, 32 bytes each (RFC 7518 §3.4)."""


def canonical_number(number: str) -> str | None:
    """Digits, ``*`` and ``#``, without plus and visual separators (RFC 8224 §8.3); None: none."""
    plain = number.translate(_VISUAL)
    return plain.removeprefix("+") if _NUMBER.fullmatch(plain) else None


def identity_header(passport: Passport, signing_input: str, signature: bytes) -> str:
    """The header's value, in full form, which SHAKEN asks for."""
    ppt = f';ppt="{SHAKEN}"' if passport.attest is not None else ""
    return f"{signing_input}.{encoded(signature)};info=<{passport.x5u}>;alg={ES256}{ppt}"


def parse_identity(text: str, *, compact: Passport | None = None) -> SignedPassport:
    """Reads the value of one Identity header; raises PassportError.

    Of the compact form (``..signature``) only the signature is there; ``compact`` is what the
    message itself says, and takes its ``x5u`` from the header (RFC 8224 §4.1.1).
    """
    if len(text) > PASSPORT_CHARS_MAX:
        raise PassportError("the PASSporT is too long")
    token, *pieces = split_outside_quotes(text, ";")
    parameters = _parameters(pieces)
    if (find_parameter(parameters, "alg") or ES256).upper() != ES256:
        raise PassportError("the algorithm is not ES256")
    ppt = (find_parameter(parameters, "ppt") or "").lower()
    if ppt not in ("", SHAKEN):
        raise UnknownPassport("the type of PASSporT is not known")
    info = (find_parameter(parameters, "info") or "").strip("<>")
    if not info.isascii() or not info.isprintable():
        raise PassportError("info is no URI")
    parts = token.strip(" \t").split(".")
    if len(parts) != 3:
        raise PassportError("a PASSporT has three parts")
    signature = _unpacked(parts[2])
    if not parts[0] and not parts[1]:
        return _from_compact(compact, info, ppt, signature)
    passport = _read(_json(parts[0]), _json(parts[1]))
    if passport.x5u != info:
        raise PassportError("info and x5u differ")
    if (passport.attest is not None) != (ppt == SHAKEN):
        raise PassportError("ppt differs from the claims")
    return SignedPassport(passport, f"{parts[0]}.{parts[1]}".encode("ascii"), signature)


def encoded(octets: bytes) -> str:
    """base64url without padding (RFC 7515 §2)."""
    return urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


def _parameters(pieces: list[str]) -> Parameters:
    """Like those of any header, but the value of ``info`` stands between < and >."""
    if len(pieces) > SIP_PARAMETERS_MAX:
        raise PassportError("too many parameters")
    named = [piece.partition("=") for piece in pieces]
    return tuple((name.strip(" \t"), value.strip(' \t"')) for name, _, value in named)


def _from_compact(
    compact: Passport | None, info: str, ppt: str, signature: bytes
) -> SignedPassport:
    if compact is None or ppt:
        raise PassportError("the compact form leaves out what has to be known")
    passport = Passport(compact.orig, compact.dest, compact.iat, info)
    return SignedPassport(passport, passport.signing_input.encode("ascii"), signature)


def _read(header: Mapping[str, Any], claims: Mapping[str, Any]) -> Passport:
    if header.get("alg") != ES256 or header.get("typ") != "passport":
        raise PassportError("the header is not that of a PASSporT signed with ES256")
    ppt = header.get("ppt")
    if ppt not in (None, SHAKEN):
        raise UnknownPassport("the type of PASSporT is not known")
    iat, x5u = claims.get("iat"), header.get("x5u")
    if type(iat) is not int or not 0 <= iat < _IAT_MAX or not isinstance(x5u, str):
        raise PassportError("iat or x5u is missing")
    orig, dest = claims.get("orig"), claims.get("dest")
    if not isinstance(orig, dict) or not isinstance(dest, dict):
        raise PassportError("orig or dest is missing")
    attest, origid = claims.get("attest"), claims.get("origid")
    if ppt == SHAKEN and (attest not in ATTESTATIONS or not isinstance(origid, str)):
        raise PassportError("attest or origid is missing")
    tn, uri = orig.get("tn"), orig.get("uri")
    if not isinstance(tn, str) and not isinstance(uri, str):
        raise PassportError("orig names nobody")
    called = dest.get("tn", [])
    called = [called] if isinstance(called, str) else called
    if not isinstance(called, list) or not all(isinstance(number, str) for number in called):
        raise PassportError("dest is no list of numbers")
    return Passport(
        orig=tn if isinstance(tn, str) else "",
        dest=tuple(called),
        iat=iat,
        x5u=x5u,
        attest=attest if ppt == SHAKEN else None,
        origid=origid if ppt == SHAKEN else None,
        orig_uri=None if isinstance(tn, str) else uri,
    )


def _pack(value: Mapping[str, Any]) -> str:
    text = json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    return encoded(text.encode("utf-8"))


def _json(part: str) -> Mapping[str, Any]:
    try:
        value = json.loads(_unpacked(part))
    except (ValueError, RecursionError):
        raise PassportError("a part of the PASSporT is no JSON") from None
    if not isinstance(value, dict):
        raise PassportError("a part of the PASSporT is no object")
    return value


def _unpacked(part: str) -> bytes:
    if _BASE64URL.fullmatch(part) is None or len(part) % 4 == 1:
        raise PassportError("a part of the PASSporT is no base64url")
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))
