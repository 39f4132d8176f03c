"""Digest authentication (RFC 7616, RFC 8760): challenges, proofs, and their verification."""

import hashlib
import hmac
import re
import string
from collections import OrderedDict
from collections.abc import Mapping
from enum import Enum
from functools import lru_cache

from callwright.kernel.limits.signalling import DIGEST_NONCE_S, DIGEST_NONCES_MAX
from callwright.sip.syntax import quote, read_quoted, split_outside_quotes
from callwright.sip.uri import UriError, parse_uri

_HASHES = {"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256"}
ALGORITHMS = tuple(name for name, known in _HASHES.items() if known in hashlib.algorithms_available)
"""In the order they are offered. RFC 8760 §2.4 would have the stronger first, but phones that are
older than it read the first challenge only and give up on an algorithm that they do not know."""

_PLAIN = frozenset({"algorithm", "qop", "nc", "userhash"})
"""Fields that are written without quotes (RFC 7616 §3.4)."""
_NONCE_COUNT_MAX = 0xFFFF_FFFF
_NONCE_COUNT_DIGITS = 8
_HEX_DIGITS = frozenset(string.hexdigits)
_NAME = r'[ \t]*+([^\s",=<\\]++)[ \t]*+'
_VALUE = r'[ \t]*+(?:"([^"<\\]*+)"|([^\s",<\\]++))[ \t]*+'
_USUAL_FIELD = re.compile(rf"{_NAME}={_VALUE}(?:,|\Z)|(.++)", re.DOTALL)
"""Name, value in quotes or without; or all that follows, where it is not like this."""
_NO_PASSWORD = "\0"
_MEMO_ENTRIES = 64
_SEAL_OCTETS = 16


class Verdict(Enum):
    OK = "ok"
    MISSING = "missing"
    """No proof, or one of an other scheme: challenge."""
    STALE = "stale"
    """The nonce is not one that this sender was given, and nothing else was looked at; or the
    password is right, and the nonce too old or used up: challenge with ``stale``."""
    WRONG = "wrong"


class Authenticator:
    """One realm. Nonces carry their time and a seal, so that nothing is kept for a challenge;
    counts are kept only for nonces that a right password has used.

    The seal is over the ``source`` that was challenged, too: who writes somebody else's address
    on his datagrams never sees what that one is sent, so he can fail only in his own name.
    """

    def __init__(self, realm: str, secret: bytes) -> None:
        self._realm = realm
        self._secret = secret[: hashlib.blake2b.MAX_KEY_SIZE]
        self._issued = 0
        self._counts: OrderedDict[int, int] = OrderedDict()
        """Serial number of the nonce -> the highest nonce count it was used with."""
        self._forgotten = 0
        """Nonces up to this serial number may have been used without our remembering it."""

    def challenges(
        self,
        *,
        now_s: float,
        stale: bool = False,
        algorithms: tuple[str, ...] = ALGORITHMS,
        source: str = "",
    ) -> list[str]:
        """Values of WWW-Authenticate, one for each algorithm. ``now_s`` is monotonic.

        ``source`` is the only one from which the nonces are taken.
        """
        self._issued += 1
        nonce = self._seal(int(now_s), self._issued, source)
        asked = f"Digest realm={quote(self._realm)}, nonce={quote(nonce)}"
        suffix = ", stale=true" if stale else ""
        return [f'{asked}, algorithm={algorithm}, qop="auth"{suffix}' for algorithm in algorithms]

    def verify(
        self,
        authorization: str | None,
        *,
        method: str,
        uri: str,
        password: str | None,
        now_s: float,
        server: str = "",
        source: str = "",
    ) -> Verdict:
        """Judges the value of an Authorization header.

        ``uri`` is the Request-URI as it came, ``server`` the host that the request was sent to.
        ``password`` None means that there is no such user: the work is the same, so that the
        answer's delay tells nobody. Whose name the header carries is the caller's to check, see
        ``username_of``.
        """
        if authorization is None:
            return Verdict.MISSING
        fields = parse_digest(authorization)
        if fields is None:
            return Verdict.MISSING
        nonce = self._read_nonce(fields.get("nonce", ""), source)
        if nonce is None:
            return Verdict.STALE
        if not self._is_for_us(fields, uri, server):
            return Verdict.WRONG
        expected = response_of(
            fields, method=method, password=_NO_PASSWORD if password is None else password
        )
        given = fields.get("response", "").lower()
        is_right = hmac.compare_digest(_octets(given), _octets(expected))
        if not is_right or password is None:
            return Verdict.WRONG
        issued_at_s, serial = nonce
        if not 0 <= now_s - issued_at_s <= DIGEST_NONCE_S:
            return Verdict.STALE
        return self._use_nonce(fields, serial)

    def _is_for_us(self, fields: Mapping[str, str], uri: str, server: str) -> bool:
        if fields.get("realm") != self._realm:
            return False
        if fields.get("algorithm", "MD5").upper() not in ALGORITHMS:
            return False
        if "qop" in fields and (
            fields["qop"].lower() != "auth"
            or not fields.get("cnonce")
            or _nonce_count(fields) is None
        ):
            return False
        return _is_same_uri(fields.get("uri", ""), uri, names={self._realm.lower(), server.lower()})

    def _use_nonce(self, fields: Mapping[str, str], serial: int) -> Verdict:
        """A nonce serves with rising counts; without qop there is no count, so it serves once."""
        count = _nonce_count(fields) if "qop" in fields else _NONCE_COUNT_MAX
        highest = self._counts.get(serial)
        if highest is None:
            if serial <= self._forgotten:
                return Verdict.STALE
            if len(self._counts) >= DIGEST_NONCES_MAX:
                oldest, _ = self._counts.popitem(last=False)
                self._forgotten = max(self._forgotten, oldest)
            highest = 0
        if count is None or count <= highest:
            return Verdict.STALE
        self._counts[serial] = count
        return Verdict.OK

    def _read_nonce(self, nonce: str, source: str) -> tuple[int, int] | None:
        """When it was made, and its serial number; None: not one that this source was given."""
        time_text, _, rest = nonce.partition("-")
        serial_text, _, _ = rest.partition("-")
        try:
            issued_at_s, serial = int(time_text[:16], 16), int(serial_text[:16], 16)
        except ValueError:
            return None
        genuine = self._seal(issued_at_s, serial, source)
        if not hmac.compare_digest(_octets(genuine), _octets(nonce)):
            return None
        return issued_at_s, serial

    def _seal(self, issued_at_s: int, serial: int, source: str) -> str:
        content = f"{issued_at_s:x}-{serial:x}"
        octets = _octets(f"{content}-{source}-{self._realm}")
        seal = hashlib.blake2b(octets, key=self._secret, digest_size=_SEAL_OCTETS)
        return f"{content}-{seal.hexdigest()}"


def username_of(authorization: str) -> str | None:
    """The name that an Authorization header claims; None: no readable Digest."""
    fields = parse_digest(authorization)
    return None if fields is None else fields.get("username")


def authorization_for(
    challenge: str,
    *,
    method: str,
    uri: str,
    username: str,
    password: str,
    cnonce: str,
    nc: int = 1,
) -> str:
    """The client's side: the value of Authorization that answers one WWW-Authenticate value.

    Raises ValueError for a challenge that is no Digest, or of an algorithm or qop not known here.
    """
    offered = parse_digest(challenge)
    if offered is None or "nonce" not in offered:
        raise ValueError("the challenge is not a Digest")
    algorithm = offered.get("algorithm", "MD5").upper()
    if algorithm not in ALGORITHMS:
        raise ValueError(f"the algorithm {algorithm} is not known")
    fields = {
        "username": username,
        "realm": offered.get("realm", ""),
        "nonce": offered["nonce"],
        "uri": uri,
        "algorithm": algorithm,
    }
    if "qop" in offered:
        if "auth" not in [choice.strip() for choice in offered["qop"].lower().split(",")]:
            raise ValueError("the challenge does not offer qop=auth")
        fields |= {"qop": "auth", "cnonce": cnonce, "nc": f"{nc:08x}"}
    fields["response"] = response_of(fields, method=method, password=password)
    if "opaque" in offered:
        fields["opaque"] = offered["opaque"]
    return format_digest(fields)


def format_digest(fields: Mapping[str, str]) -> str:
    """The value of a header from its fields, unquoted where RFC 7616 §3.4 has it so."""
    return "Digest " + ", ".join(
        f"{name}={value if name in _PLAIN else quote(value)}" for name, value in fields.items()
    )


@lru_cache(_MEMO_ENTRIES)
def parse_digest(value: str) -> dict[str, str] | None:
    """``Digest a="b", c=d`` by lower-case names, without quotes; None: an other scheme, broken, or
    with a name twice.

    Whoever meets a request asks again, so answers are remembered: they are not to be changed.
    """
    scheme, _, rest = value.strip(" \t").partition(" ")
    if scheme.lower() != "digest":
        return None
    fields = _parse_usual_digest(rest)
    return _parse_odd_digest(rest) if fields is None else fields


def _parse_usual_digest(rest: str) -> dict[str, str] | None:
    """As nearly every phone writes it, in a third of the time; None: there may be more in it, such
    as an escape between quotes."""
    fields: dict[str, str] = {}
    for name, quoted, plain, odd in _USUAL_FIELD.findall(rest):
        name = name.lower()
        if odd or name in fields:
            return None
        fields[name] = quoted or plain
    return fields or None


def _parse_odd_digest(rest: str) -> dict[str, str] | None:
    """Everything that the grammar allows: escapes, commas in quotes, empty values and elements."""
    fields: dict[str, str] = {}
    for piece in filter(str.strip, split_outside_quotes(rest, ",")):
        name, equals, text = piece.partition("=")
        name, text = name.strip(" \t").lower(), text.strip(" \t")
        if text.startswith('"'):
            quoted = read_quoted(text)
            if quoted is None or quoted[1]:
                return None
            text = quoted[0]
        if not equals or not name or name in fields:
            return None
        fields[name] = text
    return fields or None


def response_of(fields: Mapping[str, str], *, method: str, password: str) -> str:
    """What proves the password (RFC 7616 §3.4.1), by the other fields of the proof; without qop as
    RFC 2069 clients do. The algorithm must be one of ``ALGORITHMS``, or that with ``-sess``."""
    algorithm = fields.get("algorithm", "MD5").upper()
    name = algorithm.removesuffix("-SESS")

    def digest(text: str) -> str:
        octets = _octets(text)
        if name == "MD5":
            return hashlib.md5(octets, usedforsecurity=False).hexdigest()
        return hashlib.new(_HASHES[name], octets).hexdigest()

    owner = digest(f"{fields.get('username', '')}:{fields.get('realm', '')}:{password}")
    act = digest(f"{method}:{fields.get('uri', '')}")
    nonce = fields.get("nonce", "")
    if name != algorithm:
        owner = digest(f"{owner}:{nonce}:{fields.get('cnonce', '')}")
    if "qop" in fields:
        nonce += f":{fields.get('nc', '')}:{fields.get('cnonce', '')}:{fields['qop']}"
    return digest(f"{owner}:{nonce}:{act}")


def _nonce_count(fields: Mapping[str, str]) -> int | None:
    text = fields.get("nc", "")
    is_count = len(text) == _NONCE_COUNT_DIGITS and _HEX_DIGITS.issuperset(text)
    return int(text, 16) or None if is_count else None


def _is_same_uri(claimed: str, uri: str, *, names: set[str]) -> bool:
    """The proof is for this request: the same text, or an equal URI written differently.

    Some clients prove a URI without user, whatever they request; RFC 3261 §22.4 lets the two
    differ. That is taken when it names this server: the host of the Request-URI, the domain, or
    the address that the request was sent to (``names``). Such a proof does not say who is called;
    it serves once all the same, because its nonce count does.
    """
    if claimed == uri:
        return True
    try:
        proven, requested = parse_uri(claimed), parse_uri(uri)
    except UriError:
        return False
    if proven.is_sip and not proven.user:
        return proven.host.lower() in names | {requested.host.lower()}
    return proven.matches(requested)


def _octets(text: str) -> bytes:
    # What came from the network may hold surrogate escapes; a password of ours could be any str.
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")
