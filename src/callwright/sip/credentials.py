"""What we prove to peers that ask: the client's half of digest (RFC 3261 §22, RFC 8760)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from callwright.kernel.limits.signalling import CHALLENGES_MAX, DIGEST_REALMS_MAX
from callwright.sip.digest import ALGORITHMS, format_digest, parse_digest, response_of
from callwright.sip.message import Request, Response

Headers = Sequence[tuple[str, str]]

PROOFS = frozenset({"Authorization", "Proxy-Authorization"})
_ASKED_BY = {401: ("WWW-Authenticate", "Authorization")}
_ASKED_BY[407] = ("Proxy-Authenticate", "Proxy-Authorization")


_STRONGEST_FIRST = ALGORITHMS[::-1]


@dataclass(frozen=True, slots=True)
class Login:
    username: str
    password: str = field(repr=False)
    realm: str | None = None
    """Challenges of other realms are not answered; None: whoever asks, of that peer, is told."""


@dataclass(slots=True)
class _Nonce:
    """A challenge that was answered, for further requests."""

    header: str
    fields: dict[str, str]
    algorithm: str
    uses: int = 0


class Keyring:
    """Answers the challenges of one peer in the name of one login.

    Keeps the nonces, so that further requests bring their proof at once (RFC 3261 §22.3), each
    with a count of its own.
    """

    __slots__ = ("_login", "_new_token", "_nonces")

    def __init__(self, login: Login, new_token: Callable[[], str]) -> None:
        """``new_token`` returns text that nobody can guess."""
        self._login = login
        self._new_token = new_token
        self._nonces: dict[tuple[str, str], _Nonce] = {}
        """By header and realm."""

    def proofs(self, method: str, uri: str) -> list[tuple[str, str]]:
        """Headers that prove who we are before anybody asks; none before the first challenge."""
        if not self._nonces:
            return []
        return [(n.header, self._prove(n, method, uri)) for n in self._nonces.values()]

    def answer(self, request: Request, response: Response) -> list[tuple[str, str]] | None:
        """Headers to send ``request`` again with, which was refused 401 or 407.

        None: nobody asks, the realm or the algorithms are unknown, or what the request proved was
        wrong. A proof over a nonce used before may just be too old, so that one is tried again.
        """
        asked_by = _ASKED_BY.get(response.status)
        if asked_by is None:
            return None
        ask, header = asked_by
        fresh: dict[str, _Nonce] = {}
        for value in response.header_values(ask)[:CHALLENGES_MAX]:
            offered = parse_digest(value)
            if offered is not None and self._is_answerable(offered):
                realm = offered.get("realm", "")
                other = fresh.get(realm)
                if other is None or _strength(offered) < _strength(other.fields):
                    fresh[realm] = _Nonce(header, offered, offered.get("algorithm", "MD5"))
        fresh = {r: n for r, n in fresh.items() if not _was_wrong(request, header, n.fields)}
        if not fresh:
            return None
        for realm, nonce in fresh.items():
            if len(self._nonces) >= DIGEST_REALMS_MAX and (header, realm) not in self._nonces:
                self._nonces.clear()
            self._nonces[header, realm] = nonce
        return self.proofs(request.method, request.uri)

    def forget(self) -> None:
        """The nonces; the next request waits to be asked."""
        self._nonces.clear()

    def _is_answerable(self, offered: dict[str, str]) -> bool:
        login = self._login
        if not offered.get("nonce"):
            return False
        if login.realm is not None and offered.get("realm") != login.realm:
            return False
        if "qop" in offered and "auth" not in _words(offered["qop"]):
            return False
        return _strength(offered) < len(_STRONGEST_FIRST)

    def _prove(self, nonce: _Nonce, method: str, uri: str) -> str:
        login, offered = self._login, nonce.fields
        nonce.uses += 1
        fields = {
            "username": login.username,
            "realm": offered.get("realm", ""),
            "nonce": offered["nonce"],
            "uri": uri,
        }
        if "algorithm" in offered:
            fields["algorithm"] = offered["algorithm"]
        cnonce = self._new_token()
        if "qop" in offered:
            fields |= {"qop": "auth", "cnonce": cnonce, "nc": f"{nonce.uses:08x}"}
        elif _is_session(nonce.algorithm):
            fields["cnonce"] = cnonce
        fields["response"] = response_of(fields, method=method, password=login.password)
        if "opaque" in offered:
            fields["opaque"] = offered["opaque"]
        return format_digest(fields)


def without_proofs(headers: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return [pair for pair in headers if pair[0] not in PROOFS]


def proofs_in(request: Request) -> list[tuple[str, str]]:
    """What an ACK of a 2xx repeats of its INVITE (RFC 3261 §22.1: nobody can challenge an ACK)."""
    return [pair for pair in request.headers if pair[0] in PROOFS]


def _was_wrong(request: Request, header: str, offered: dict[str, str]) -> bool:
    """The request answered this realm with a nonce used for the first time, and it was no use."""
    if offered.get("stale", "").lower() == "true":
        return False
    for name, value in request.headers:
        if name == header:
            given = parse_digest(value)
            if given is not None and given.get("realm") == offered.get("realm", ""):
                return given.get("nc", "00000001") == "00000001"
    return False


def _strength(offered: dict[str, str]) -> int:
    """Place among what we know, the strongest 0; one more than the last for the unknown."""
    name = _plain_name(offered.get("algorithm", "MD5"))
    return _STRONGEST_FIRST.index(name) if name in ALGORITHMS else len(ALGORITHMS)


def _plain_name(algorithm: str) -> str:
    return algorithm.upper().removesuffix("-SESS")


def _is_session(algorithm: str) -> bool:
    return algorithm.upper().endswith("-SESS")


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.lower().split(",")]
