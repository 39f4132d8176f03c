"""A scriptable SIP phone: registers, dials, is rung; audio and wires are passed in.

Verbs return when the peer answered, and assertions about what a person at the phone would notice
read like one: ``call = await alice.dial("102")``, ``await call.answered()``.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from callwright.kernel.addresses import HostPort
from callwright.kernel.clock import Clock
from callwright.sip.digest import authorization_for
from callwright.sip.endpoint import Endpoint
from callwright.sip.flow import Flow
from callwright.sip.message import Request, Response
from callwright.sip.session.session import InviteSession
from callwright.sip.transaction.server import ServerTransaction
from callwright.sip.uri import Uri
from callwright.testing.agent_call import WITHIN_S, AgentCall, Audio

CHALLENGES_MAX = 2
"""A second challenge means that the password is wrong."""


@dataclass(frozen=True, slots=True)
class Account:
    """What a person types into a phone's settings."""

    user: str
    password: str
    domain: str
    server: HostPort

    @property
    def address(self) -> str:
        return f"<{Uri('sip', self.user, host=self.domain)}>"


class UserAgent:
    """One phone (``EndpointOwner``). ``on_call`` is asked about every incoming call."""

    def __init__(
        self,
        account: Account,
        *,
        clock: Clock,
        transmit: Callable[[Flow, bytes], None],
        flow: Flow,
        new_token: Callable[[], str],
        open_audio: Callable[[], Audio],
        codecs: tuple[str, ...] = ("PCMU", "PCMA"),
    ) -> None:
        self.account = account
        self.flow = flow
        self.codecs = codecs
        self.open_audio = open_audio
        self.on_call: Callable[[AgentCall], None] = lambda call: call.ring()
        self.calls: list[AgentCall] = []
        """Incoming ones, in the order they came."""
        self.requests: list[Request] = []
        """NOTIFY, MESSAGE and OPTIONS that came outside a dialog, oldest first."""
        self.endpoint = Endpoint(
            clock=clock,
            transmit=transmit,
            new_token=new_token,
            owner=self,
            user_agent="Callwright test phone",
        )
        self._new_token = new_token
        self._registration = new_token()
        self._cseq = 0
        self._came = asyncio.Event()

    # -- verbs -------------------------------------------------------------------------------------

    async def register(self, *, expires_s: int = 3_600, sha256: bool = True) -> int:
        """Registers (0 s: leaves) and returns the final status."""
        headers = (
            ("Contact", f"<{self._contact}>"),
            ("Expires", str(expires_s)),
        )
        response = await self.ask("REGISTER", f"sip:{self.account.domain}", headers, sha256=sha256)
        return response.status

    async def ask(
        self,
        method: str,
        uri: str,
        headers: Iterable[tuple[str, str]] = (),
        *,
        sha256: bool = True,
        with_credentials: bool = True,
    ) -> Response:
        """Sends a request outside a dialog, answers a challenge, returns the final response."""
        credentials: tuple[tuple[str, str], ...] = ()
        response: Response | None = None
        for _ in range(CHALLENGES_MAX):
            self._cseq += 1
            done: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
            self.endpoint.request(
                method=method,
                flow=self.flow,
                uri=uri,
                from_=self.account.address,
                to=self.account.address,
                headers=(*headers, *credentials),
                call_id=self._registration if method == "REGISTER" else None,
                cseq=self._cseq,
                on_response=done.set_result,
            )
            response = await done
            if response.status != 401 or not with_credentials:
                break
            credentials = self._credentials(response, method, uri, sha256=sha256)
        assert response is not None
        return response

    async def dial(
        self, target: str, *, headers: Iterable[tuple[str, str]] = (), from_: str | None = None
    ) -> AgentCall:
        """Calls ``target`` (user part, or a whole URI) and answers the challenge when one comes."""
        uri = target if ":" in target else str(Uri("sip", target, host=self.account.domain))
        call = AgentCall(self, None)
        self._invite(call, uri, tuple(headers), from_ or self.account.address)
        if not self.account.password:
            return call
        response = await call.challenged_or_more()
        if response is not None and response.status == 401:
            credentials = self._credentials(response, "INVITE", uri, sha256=True)
            again = AgentCall(self, None, audio=call.audio)
            self._invite(again, uri, (*headers, *credentials), from_ or self.account.address)
            return again
        return call

    async def rings(self, *, within_s: float = WITHIN_S) -> AgentCall:
        """The newest incoming call that nobody answered yet; AssertionError when none came."""
        try:
            async with asyncio.timeout(within_s):
                while True:
                    waiting = [call for call in self.calls if call.is_ringing]
                    if waiting:
                        return waiting[-1]
                    self._came.clear()
                    await self._came.wait()
        except TimeoutError:
            raise AssertionError(
                f"{self.account.user} did not ring within {within_s:g} s"
            ) from None

    async def receives(self, method: str, *, within_s: float = WITHIN_S) -> Request:
        """The first request of this method outside a dialog, now or to come; takes it out."""
        try:
            async with asyncio.timeout(within_s):
                while True:
                    for request in self.requests:
                        if request.method == method:
                            self.requests.remove(request)
                            return request
                    self._came.clear()
                    await self._came.wait()
        except TimeoutError:
            raise AssertionError(f"no {method} came within {within_s:g} s") from None

    # -- EndpointOwner -----------------------------------------------------------------------------

    def on_invite(self, session: InviteSession) -> None:
        call = AgentCall(self, session)
        self.calls.append(call)
        self.on_call(call)
        self._came.set()

    def on_request(self, transaction: ServerTransaction) -> None:
        self.requests.append(transaction.request)
        transaction.respond(200)
        self._came.set()

    # -- inside ------------------------------------------------------------------------------------

    @property
    def _contact(self) -> Uri:
        local = self.flow.local
        transport = () if self.flow.transport == "udp" else (("transport", self.flow.transport),)
        return Uri("sip", self.account.user, host=local.host, port=local.port, parameters=transport)

    def _invite(
        self, call: AgentCall, uri: str, headers: tuple[tuple[str, str], ...], from_: str
    ) -> None:
        call.attach(
            self.endpoint.invite(
                flow=self.flow,
                uri=uri,
                from_=from_,
                to=f"<{uri}>",
                body=call.offer(),
                listener=call,
                contact_user=self.account.user,
                headers=headers,
            )
        )

    def _credentials(
        self, response: Response, method: str, uri: str, *, sha256: bool
    ) -> tuple[tuple[str, str]]:
        challenges = response.header_values("WWW-Authenticate")
        wanted = "SHA-256" if sha256 else "MD5"
        challenge = next((c for c in challenges if wanted in c), challenges[0])
        value = authorization_for(
            challenge,
            method=method,
            uri=uri,
            username=self.account.user,
            password=self.account.password,
            cnonce=self._new_token()[:16],
        )
        return (("Authorization", value),)
