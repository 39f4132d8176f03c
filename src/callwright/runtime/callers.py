"""Who is calling: an SBC by its address, a user by digest, or a stranger (ADR 0009)."""

import re
from dataclasses import dataclass

from callwright.kernel.clock import Clock
from callwright.kernel.ids import SbcId, UserId
from callwright.routing.identify import find_named_sbc, find_sbc
from callwright.routing.request import FromSbc, FromUser
from callwright.routing.snapshot import Snapshot
from callwright.runtime.introduction import hides_caller, number_from
from callwright.sip.digest import ALGORITHMS, Authenticator, Verdict, username_of
from callwright.sip.flow import Flow
from callwright.sip.message import Request
from callwright.sip.registrar import Registrar

MD5_ONLY_PHONES = re.compile(r"JsSIP |baresip v([0-2]\.|3\.([0-9]|10)\.)")
"""User-Agents that refuse to register as soon as one challenge, or the last, is not MD5's."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """Not known yet: these are the values of WWW-Authenticate to answer 401 with."""

    values: tuple[str, ...]

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        return tuple(("WWW-Authenticate", value) for value in self.values)


@dataclass(frozen=True, slots=True)
class Stranger:
    """Credentials were given and are wrong; unknown user and wrong password look the same."""


class Callers:
    """Tells who sent a request; keeps nothing but the nonces of digest."""

    def __init__(self, clock: Clock, registrar: Registrar, secret: bytes) -> None:
        self._clock = clock
        self._registrar = registrar
        self._secret = secret
        self._authenticator: Authenticator | None = None
        self._realm = ""

    def caller(
        self, snapshot: Snapshot, request: Request, flow: Flow
    ) -> FromUser | FromSbc | Challenge | Stranger:
        """Identifies the sender of an INVITE."""
        sbc = self._sbc(snapshot, request, flow)
        if sbc is not None:
            known = snapshot.sbcs[sbc]
            return FromSbc(sbc, number_from(known, request), hides_caller(request, known))
        who = self.user(snapshot, request, flow)
        return FromUser(who, hides_caller(request)) if isinstance(who, str) else who

    def user(
        self, snapshot: Snapshot, request: Request, flow: Flow
    ) -> UserId | Challenge | Stranger:
        """Identifies a user by digest credentials (RFC 3261 §22)."""
        credentials = request.header("Authorization") or request.header("Proxy-Authorization")
        authenticator = self._authenticator_of(snapshot)
        now_s = self._clock.monotonic()
        name = "" if credentials is None else username_of(credentials) or ""
        user = snapshot.users.get(UserId(name.partition("@")[0]))
        verdict = authenticator.verify(
            credentials,
            method=request.method,
            uri=request.uri,
            password=None if user is None else user.sip_password,
            now_s=now_s,
            server=flow.local.host,
        )
        match verdict:
            case Verdict.OK if user is not None:
                return user.id
            case Verdict.MISSING | Verdict.STALE:
                return self.challenge(snapshot, request, stale=verdict is Verdict.STALE)
            case _:
                return Stranger()

    def challenge(self, snapshot: Snapshot, request: Request, *, stale: bool = False) -> Challenge:
        """Asks for a proof that the sender is able to give."""
        is_old = MD5_ONLY_PHONES.match(request.header("User-Agent") or "") is not None
        values = self._authenticator_of(snapshot).challenges(
            now_s=self._clock.monotonic(),
            stale=stale,
            algorithms=("MD5",) if is_old else ALGORITHMS,
        )
        return Challenge(tuple(values))

    def _sbc(self, snapshot: Snapshot, request: Request, flow: Flow) -> SbcId | None:
        """The SBC that sends from this flow, unless it is a phone that shares its address."""
        if flow.peer_names:
            named = find_named_sbc(snapshot, flow.peer_names)
            if named is not None:
                return named
        sbc = find_sbc(snapshot, flow.remote)
        if sbc is not None and snapshot.sbcs[sbc].transport == "tls" and not flow.is_secure:
            return None  # anybody on the way could have written it (row 53)
        if sbc is None or snapshot.sbcs[sbc].address == flow.remote:
            return sbc
        return None if self._looks_like_a_phone(snapshot, request, flow) else sbc

    def _looks_like_a_phone(self, snapshot: Snapshot, request: Request, flow: Flow) -> bool:
        """With ``match: address`` any port is the SBC's, except a phone's of the same host."""
        if request.header("Authorization") or request.header("Proxy-Authorization"):
            return True
        if request.from_.uri.host.lower() == snapshot.domain:
            return True
        return self._registrar.knows_remote(flow.remote)

    def _authenticator_of(self, snapshot: Snapshot) -> Authenticator:
        if self._authenticator is None or self._realm != snapshot.domain:
            self._realm = snapshot.domain
            self._authenticator = Authenticator(snapshot.domain, self._secret)
        return self._authenticator
