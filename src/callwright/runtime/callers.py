"""Who is calling: an SBC by its address, a user by digest, or a stranger (ADR 0009)."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from callwright.domains.pstn.model import Sbc
from callwright.kernel.clock import Clock
from callwright.kernel.ids import SbcId, UserId
from callwright.kernel.value import value
from callwright.routing.identify import find_named_sbc, find_sbc
from callwright.routing.request import FromSbc, FromUser
from callwright.routing.snapshot import Snapshot
from callwright.runtime.introduction import (
    hides_caller,
    number_from,
    preferred_number,
)
from callwright.runtime.trunk_logins import judge_trunk, trunk_by_login
from callwright.runtime.trunks import read_by_rules
from callwright.sip.digest import ALGORITHMS, Authenticator, Verdict, username_of
from callwright.sip.flow import Flow
from callwright.sip.message import Request
from callwright.sip.registrar import Registrar

MD5_ONLY_PHONES = re.compile(r"JsSIP |baresip v([0-2]\.|3\.([0-9]|10)\.)")
"""User-Agents that refuse to register as soon as one challenge, or the last, is not MD5's."""


@value
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

    def __init__(
        self,
        clock: Clock,
        registrar: Registrar,
        secret: bytes,
        named_sbc: Callable[[Flow], SbcId | None] = lambda _flow: None,
    ) -> None:
        """``named_sbc(flow)``: the SBC with a host name that sends from there."""
        self._clock = clock
        self._registrar = registrar
        self._secret = secret
        self._named_sbc = named_sbc
        self._authenticator: Authenticator | None = None
        self._realm = ""

    def caller(
        self, snapshot: Snapshot, request: Request, flow: Flow
    ) -> FromUser | FromSbc | Challenge | Stranger:
        """Identifies the sender of an INVITE."""
        sbc = self._sbc(snapshot, request, flow)
        known = trunk_by_login(snapshot, request) if sbc is None else snapshot.sbcs[sbc]
        if known is not None:
            refusal = self._judge_trunk(snapshot, known, request, flow)
            if refusal is not None:
                return refusal
            read_by_rules(known, request)
            return FromSbc(known.id, number_from(known, request), hides_caller(request, known))
        who = self.user(snapshot, request, flow)
        if not isinstance(who, str):
            return who
        return FromUser(who, hides_caller(request), preferred_number(request))

    def user(
        self, snapshot: Snapshot, request: Request, flow: Flow
    ) -> UserId | Challenge | Stranger:
        """Identifies a user by digest credentials (RFC 3261 §22)."""
        credentials = credentials_of(request)
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
            source=_sealed_source(flow),
        )
        match verdict:
            case Verdict.OK if user is not None:
                return user.id
            case Verdict.MISSING | Verdict.STALE:
                return self.challenge(snapshot, request, flow, stale=verdict is Verdict.STALE)
            case _:
                return Stranger()

    def is_trunk(self, snapshot: Snapshot, request: Request, flow: Flow) -> bool:
        return self._sbc(snapshot, request, flow) is not None

    def challenge(
        self, snapshot: Snapshot, request: Request, flow: Flow, *, stale: bool = False
    ) -> Challenge:
        """Asks for a proof that the sender is able to give."""
        is_old = MD5_ONLY_PHONES.match(request.header("User-Agent") or "") is not None
        values = self._authenticator_of(snapshot).challenges(
            now_s=self._clock.monotonic(),
            stale=stale,
            algorithms=("MD5",) if is_old else ALGORITHMS,
            source=_sealed_source(flow),
        )
        return Challenge(tuple(values))

    def _judge_trunk(
        self, snapshot: Snapshot, sbc: Sbc, request: Request, flow: Flow
    ) -> Challenge | Stranger | None:
        """None: the SBC need not prove itself, or did."""
        if sbc.authenticate is None:
            return None
        verdict = judge_trunk(
            self._authenticator_of(snapshot),
            sbc.authenticate,
            request,
            now_s=self._clock.monotonic(),
            server=flow.local.host,
            source=_sealed_source(flow),
        )
        if verdict in (Verdict.MISSING, Verdict.STALE):
            return self.challenge(snapshot, request, flow, stale=verdict is Verdict.STALE)
        return None if verdict is Verdict.OK else Stranger()

    def _sbc(self, snapshot: Snapshot, request: Request, flow: Flow) -> SbcId | None:
        """The SBC that sends from this flow, unless it is a phone that shares its address."""
        if flow.peer_names:
            named = find_named_sbc(snapshot, flow.peer_names)
            if named is not None:
                return named
        sbc = find_sbc(snapshot, flow.remote) or self._named_sbc(flow)
        if sbc is None or sbc not in snapshot.sbcs or snapshot.sbcs[sbc].match_credentials:
            return None  # who proves the name is it, wherever from
        if snapshot.sbcs[sbc].transport == "tls" and not flow.is_secure:
            return None  # anybody on the way could have written it (row 53)
        if snapshot.sbcs[sbc].address == flow.remote:
            return sbc
        if snapshot.sbcs[sbc].authenticate is not None and _claims(snapshot.sbcs[sbc], request):
            return sbc
        return None if self._looks_like_a_phone(snapshot, request, flow) else sbc

    def _looks_like_a_phone(self, snapshot: Snapshot, request: Request, flow: Flow) -> bool:
        """With ``match: address`` any port is the SBC's, except a phone's of the same host."""
        if credentials_of(request):
            return True
        if request.from_.uri.host.lower() == snapshot.domain:
            return True
        return self._registrar.knows_remote(flow.remote)

    def _authenticator_of(self, snapshot: Snapshot) -> Authenticator:
        if self._authenticator is None or self._realm != snapshot.domain:
            self._realm = snapshot.domain
            self._authenticator = Authenticator(snapshot.domain, self._secret)
        return self._authenticator


def _sealed_source(flow: Flow) -> str:
    """Whom a nonce is for: over UDP the address that it is sent to, for another one can be written
    on a datagram; a connection is proof enough that its peer is there."""
    return "" if flow.is_reliable else flow.remote.host


def _claims(sbc: Sbc, request: Request) -> bool:
    """The request brings credentials in the SBC's own name, so it is no phone of that address."""
    given = username_of(credentials_of(request) or "")
    return sbc.authenticate is not None and given == sbc.authenticate.username


def credentials_of(request: Request) -> str | None:
    """The proof that a request brings, whatever it is worth."""
    return request.header("Authorization") or request.header("Proxy-Authorization")
