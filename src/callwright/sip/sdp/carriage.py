"""How one stream is carried: keys, certificates, connectivity checks, one port or two.

The lines that describe it are read only when there are any; most phones write none.
"""

import re
from dataclasses import dataclass, field

from callwright.kernel.limits.signalling import SDP_CRYPTO_MAX
from callwright.sip.sdp.crypto import Crypto, read_crypto
from callwright.sip.syntax import is_token

NAMES = frozenset(
    {
        "crypto",
        "fingerprint",
        "setup",
        "ice-ufrag",
        "ice-pwd",
        "ice-lite",
        "rtcp-mux",
        "mid",
        "group",
    }
)
"""Attributes that are read here. Candidates are none of them: who is lite waits for checks."""

SETUPS = frozenset({"actpass", "active", "passive"})
"""RFC 4145 §4; ``holdconn`` means that there is to be no connection."""

_MID_CHARACTERS_MAX = 64
_FINGERPRINT = re.compile(r"sha-256[ \t]+((?:[0-9a-f]{2}:){31}[0-9a-f]{2})", re.IGNORECASE)
_UFRAG = re.compile(r"[A-Za-z0-9+/]{4,256}")
_PASSWORD = re.compile(r"[A-Za-z0-9+/]{22,256}")
"""RFC 8839 §5.4."""


@dataclass(frozen=True, slots=True)
class IceCredentials:
    ufrag: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Carriage:
    """What one side says about a stream. The session's values are filled in."""

    crypto: tuple[Crypto, ...] = ()
    """What it would send with, the favourite first; only lines that can be used."""
    fingerprint: str = ""
    """SHA-256 of its certificate (RFC 8122): upper-case hex pairs; "": it shows none."""
    setup: str = ""
    """``actpass``, ``active``, ``passive``; "": not said, or none of them."""
    ice: IceCredentials | None = None
    is_lite: bool = False
    rtcp_mux: bool = False
    mid: str = ""
    is_bundled: bool = False
    """Its ``mid`` is in a group of BUNDLE (RFC 9143)."""


BARE = Carriage()
"""Plain RTP on a port of its own."""

Lines = list[tuple[str, str]]
"""Names and values of attributes, in order."""


def read_carriage(media: Lines, session: Lines) -> Carriage:
    """What the lines of a stream and of its session say; those of the stream count first."""
    if not media and not session:
        return BARE
    # The first of a name counts in what `dict` makes of them backwards.
    said = dict(reversed([*media, *session]))
    crypto = [value for name, value in media if name == "crypto"][:SDP_CRYPTO_MAX]
    setup = said.get("setup", "").strip().lower()
    mid = said.get("mid", "").strip()
    mid = mid if is_token(mid) and len(mid) <= _MID_CHARACTERS_MAX else ""
    return Carriage(
        crypto=tuple(line for line in map(read_crypto, crypto) if line is not None),
        fingerprint=_fingerprint(media) or _fingerprint(session),
        setup=setup if setup in SETUPS else "",
        ice=_credentials(said.get("ice-ufrag", ""), said.get("ice-pwd", "")),
        is_lite="ice-lite" in said,
        rtcp_mux=any(name == "rtcp-mux" for name, _ in media),
        mid=mid,
        is_bundled=bool(mid)
        and any(_is_bundle(value, mid) for name, value in session if name == "group"),
    )


def _fingerprint(lines: Lines) -> str:
    """There may be one for each of several hash functions."""
    for name, value in lines:
        if name == "fingerprint" and (read := _FINGERPRINT.fullmatch(value.strip())) is not None:
            return read[1].upper()
    return ""


def _credentials(ufrag: str, password: str) -> IceCredentials | None:
    if _UFRAG.fullmatch(ufrag) and _PASSWORD.fullmatch(password):
        return IceCredentials(ufrag, password)
    return None


def _is_bundle(group: str, mid: str) -> bool:
    semantics, *members = group.split()
    return semantics == "BUNDLE" and mid in members
