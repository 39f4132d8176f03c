"""How a simulated carrier knows us: it challenges, and keeps a registration."""

from collections.abc import Callable
from dataclasses import dataclass

from callwright.kernel.clock import Clock
from callwright.sip.digest import ALGORITHMS, Authenticator, Verdict, username_of
from callwright.sip.message import Request
from callwright.sip.session.session import InviteSession
from callwright.sip.transaction.server import ServerTransaction
from callwright.sip.uri import Uri

Header = tuple[str, str]
_ASKS = {401: ("WWW-Authenticate", "Authorization")}
_ASKS[407] = ("Proxy-Authenticate", "Proxy-Authorization")


@dataclass(slots=True)
class TrunkGate:
    """Lets in who proves ``username`` and ``password``."""

    clock: Clock
    username: str
    password: str
    realm: str = "carrier.test"
    status: int = 407
    """Of the challenge to a call; registrations are always challenged 401."""
    min_expires_s: int = 60
    grants_s: int | None = None
    """None: as long as we ask for."""
    register_status: int = 200
    """What a proven REGISTER gets."""
    contact: Uri | None = None
    """Where we are registered."""
    registrations: int = 0
    """REGISTERs that were taken, refreshes included."""
    challenges: int = 0
    _authenticator: Authenticator | None = None

    def admit(self, session: InviteSession) -> bool:
        """Challenges a call that proves nothing."""
        headers = self._challenge(session.request, self.status)
        if headers:
            session.refuse(self.status, headers=headers)
        return not headers

    def take(self, transaction: ServerTransaction, answer: Callable[[], None]) -> None:
        """A request outside a dialog; what is no REGISTER is ``answer``ed once it is proven."""
        request = transaction.request
        headers = self._challenge(request, 401)
        if headers:
            transaction.respond(401, headers=headers)
        elif request.method == "REGISTER":
            self._register(transaction)
        else:
            answer()

    def _register(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        expires_s = request.expires or 0
        if self.register_status != 200:
            transaction.respond(self.register_status)
        elif 0 < expires_s < self.min_expires_s:
            transaction.respond(423, headers=(("Min-Expires", str(self.min_expires_s)),))
        elif expires_s == 0:
            self.contact = None
            transaction.respond(200)
        else:
            self.registrations += 1
            self.contact = request.contacts[0].uri
            granted_s = self.grants_s or expires_s
            contact = f"<{self.contact}>;expires={granted_s}"
            transaction.respond(200, headers=(("Contact", contact),))

    def _challenge(self, request: Request, status: int) -> list[Header]:
        """Nothing: the request proves who sent it."""
        if self._authenticator is None:
            secret = f"{self.realm} {self.clock.monotonic()}".encode()
            self._authenticator = Authenticator(self.realm, secret)
        ask, header = _ASKS[status]
        given = request.header(header)
        now_s = self.clock.monotonic()
        is_known = given is not None and username_of(given) == self.username
        verdict = self._authenticator.verify(
            given,
            method=request.method,
            uri=request.uri,
            password=self.password if is_known else None,
            now_s=now_s,
        )
        if verdict is Verdict.OK:
            return []
        self.challenges += 1
        is_stale = verdict is Verdict.STALE
        values = self._authenticator.challenges(now_s=now_s, stale=is_stale, algorithms=ALGORITHMS)
        return [(ask, value) for value in values]
