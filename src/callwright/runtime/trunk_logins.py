"""Digest between us and carriers, in both directions (RFC 3261 §22)."""

from collections.abc import Callable

from callwright.domains.pstn.model import Sbc, TrunkLogin
from callwright.kernel.ids import SbcId
from callwright.routing.snapshot import Snapshot
from callwright.sip.credentials import Keyring, Login
from callwright.sip.digest import Authenticator, Verdict, username_of
from callwright.sip.message import Request


class TrunkKeyrings:
    """What we prove to each carrier; one keyring, so that its nonces serve all its calls."""

    def __init__(self, new_token: Callable[[], str]) -> None:
        self._new_token = new_token
        self._keyrings: dict[SbcId, tuple[TrunkLogin, Keyring]] = {}

    def of(self, sbc: Sbc) -> Keyring | None:
        """None: the file has no credentials for it."""
        login = sbc.credentials
        if login is None:
            return None
        known = self._keyrings.get(sbc.id)
        if known is None or known[0] != login:
            keyring = Keyring(Login(login.username, login.password, login.realm), self._new_token)
            known = self._keyrings[sbc.id] = (login, keyring)
        return known[1]

    def follow(self, snapshot: Snapshot) -> None:
        """Forgets the nonces of SBCs that are gone."""
        for sbc in tuple(self._keyrings):
            if sbc not in snapshot.sbcs:
                del self._keyrings[sbc]


def trunk_by_login(snapshot: Snapshot, request: Request) -> Sbc | None:
    """The SBC with ``match: credentials`` whose name the request claims; nothing is proven."""
    if not snapshot.sbc_by_login:
        return None
    credentials = _credentials(request)
    name = None if credentials is None else username_of(credentials)
    sbc = None if name is None else snapshot.sbc_by_login.get(name)
    return None if sbc is None else snapshot.sbcs[sbc]


def judge_trunk(
    authenticator: Authenticator,
    login: TrunkLogin,
    request: Request,
    *,
    now_s: float,
    server: str,
    source: str,
) -> Verdict:
    """Whether the request proves to be from whom ``login`` is for. A wrong name takes the same
    work as a wrong password."""
    credentials = _credentials(request)
    name = "" if credentials is None else username_of(credentials)
    return authenticator.verify(
        credentials,
        method=request.method,
        uri=request.uri,
        password=login.password if name == login.username else None,
        now_s=now_s,
        server=server,
        source=source,
    )


def _credentials(request: Request) -> str | None:
    return request.header("Authorization") or request.header("Proxy-Authorization")
