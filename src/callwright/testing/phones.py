"""Simulated phones of users: register, call, are called, hold, transfer, watch their lamp."""

import asyncio
import re
from collections.abc import Callable, Sequence

from callwright.kernel.addresses import HostPort
from callwright.sip.dialog import contact_text
from callwright.sip.digest import authorization_for
from callwright.sip.message import Request, Response
from callwright.sip.subscriber import Subscriber
from callwright.sip.transaction.server import ServerTransaction
from callwright.testing.agent import SimulatedAgent
from callwright.testing.network import Host
from callwright.testing.phone_call import PATIENCE_S, PhoneCall
from callwright.testing.phone_watch import PhoneWatch
from callwright.testing.world_media import WorldMedia

REGISTRATION_S = 3_600
RENEW_SHARE = 0.5
"""A phone registers again after half the time it was granted."""
KEEP_ALIVE_S = 20.0
"""Phones behind NAT keep their binding open (RFC 5626 §3.5)."""
KEEP_ALIVE = b"\r\n\r\n"
MESSAGE_SUMMARY = "message-summary"
CHALLENGES_MAX = 2
"""A second 401 in a row, and stale nonces apart, means that the password is wrong."""


class SimulatedPhone(SimulatedAgent):
    """One phone of one user. ``host.name`` is its name in ladders and its tone."""

    def __init__(
        self,
        media: WorldMedia,
        host: Host,
        server: HostPort,
        *,
        user: str,
        password: str,
        domain: str,
        port: int = 5060,
        transport: str = "udp",
        algorithm: str = "SHA-256",
        keeps_alive: bool = True,
        device: str = "",
        reg_id: int = 0,
        codecs: tuple[str, ...] = ("PCMU", "PCMA"),
        page: str | None = None,
    ) -> None:
        """``page`` is the web page in which it runs. ``keeps_alive`` matters behind NAT only;
        ``device`` is a URN, ``urn:uuid:...``, and ``reg_id`` says which of the device's flows this
        is (RFC 5626)."""
        super().__init__(
            media, host, server, port=port, transport=transport, domain=domain, codecs=codecs
        )
        self.wire.page = page
        self.user = user
        self.password = password
        self.algorithm = algorithm
        """Which challenge it answers: ``MD5`` or ``SHA-256``."""
        self.lamp: tuple[int, int] | None = None
        """Messages (new, old) as last told; None: never told."""
        self._lamp_told = asyncio.Event()
        self._address = f"<sip:{user}@{domain}>"
        self._challenge: str | None = None
        self._nonce_count = 0
        self._device = f';+sip.instance="<{device}>"' if device else ""
        self._device += f";reg-id={reg_id}" if reg_id else ""
        self.registered: Response | None = None
        """The answer to the last `register`."""
        self._register_id = self.new_token()
        self._register_cseq = 0
        self._attempts: dict[PhoneCall, int] = {}
        self._subscriber: Subscriber | None = None
        self._is_staying = False
        if keeps_alive and host.nat is not None:
            self._keep_alive()

    # -- verbs -------------------------------------------------------------------------------------

    async def register(self, expires_s: int = REGISTRATION_S) -> None:
        """Registers and stays registered; raises AssertionError when it is refused."""
        response = await self.try_register(expires_s)
        self.registered = response
        assert response.status == 200, f"{self.name}: REGISTER got {response.status}"
        self._is_staying = expires_s > 0
        if self._is_staying:
            self._renew_later(expires_s, response)

    async def unregister(self) -> None:
        self._is_staying = False
        await self.register(0)

    def restart(self) -> None:
        """As any agent; and registers anew, without waiting for it."""
        super().restart()
        self._register_id = self.new_token()
        self._register_cseq = 0
        if self._is_staying:
            self._renew(REGISTRATION_S)

    async def try_register(self, expires_s: int = REGISTRATION_S) -> Response:
        """One registration, challenges answered; returns the final response, whatever it is."""
        response = await self._send_register(expires_s)
        for _ in range(CHALLENGES_MAX):
            if response.status != 401 or not self._note_challenge(response):
                break
            response = await self._send_register(expires_s)
        return response

    async def dial(
        self,
        number: str,
        *,
        headers: Sequence[tuple[str, str]] = (),
        without_offer: bool = False,
    ) -> PhoneCall:
        """Starts a call and returns it at once; a challenge is answered by itself."""
        return self.start_call(
            number,
            tone=self.name,
            from_=self._address,
            contact_user=self.user,
            headers=(*self._credentials("INVITE", self.uri_of(number)), *headers),
            without_offer=without_offer,
        )

    def forget_challenge(self) -> None:
        """Its next request comes without credentials."""
        self._challenge = None

    def watch_lamp(self, expires_s: int = REGISTRATION_S) -> None:
        """Subscribes to its message lamp (RFC 3842); credentials of an earlier challenge."""
        target = f"sip:{self.user}@{self.domain}"
        self._subscriber = self.endpoint.subscribe(
            flow=self.wire.flow_to(self.transport, self.server),
            uri=target,
            from_=self._address,
            to=self._address,
            event=MESSAGE_SUMMARY,
            expires_s=expires_s,
            listener=self,
            headers=self._credentials("SUBSCRIBE", target),
        )

    async def until_lamp(self, new: int, old: int = 0, *, within_s: float = PATIENCE_S) -> None:
        """Waits until the lamp shows so many messages."""
        try:
            async with asyncio.timeout(within_s):
                while self.lamp != (new, old):
                    self._lamp_told.clear()
                    await self._lamp_told.wait()
        except TimeoutError:
            raise AssertionError(f"the lamp of {self.name} shows {self.lamp}") from None

    async def send_text(
        self, number: str, text: str, *, headers: Sequence[tuple[str, str]] = ()
    ) -> Response:
        """Sends a MESSAGE (RFC 3428) and answers a challenge; returns the final response."""
        target = self.uri_of(number)
        while True:
            answered: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
            credentials = self._credentials("MESSAGE", target)
            self.endpoint.request(
                method="MESSAGE",
                flow=self.wire.flow_to(self.transport, self.server),
                uri=target,
                from_=self._address,
                to=f"<{target}>",
                headers=(*credentials, *headers),
                body=text.encode(),
                content_type="text/plain",
                on_response=answered.set_result,
            )
            response = await answered
            if response.status != 401 or credentials or not self._note_challenge(response):
                return response

    def watch(
        self,
        event: str,
        user: str,
        *,
        expires_s: int = REGISTRATION_S,
        headers: Sequence[tuple[str, str]] = (),
    ) -> PhoneWatch:
        """Subscribes to an event package of a user (name, extension or number)."""
        return PhoneWatch(
            self.endpoint,
            flow=self.wire.flow_to(self.transport, self.server),
            address=self._address,
            uri=self.uri_of(user),
            event=event,
            expires_s=expires_s,
            headers=headers,
            credentials=self._credentials,
            note_challenge=self._note_challenge,
        )

    async def publish(
        self,
        body: bytes = b"",
        *,
        expires_s: int | None = REGISTRATION_S,
        etag: str | None = None,
        user: str = "",
        event: str = "presence",
        content_type: str | None = "application/pidf+xml",
    ) -> Response:
        """Publishes presence (RFC 3903), of itself or of ``user``; returns the final response."""
        uri = self.uri_of(user or self.user)
        headers = [("Event", event)]
        headers += [] if expires_s is None else [("Expires", str(expires_s))]
        headers += [] if etag is None else [("SIP-If-Match", etag)]
        for _ in range(CHALLENGES_MAX):
            answered: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
            self.endpoint.request(
                method="PUBLISH",
                flow=self.wire.flow_to(self.transport, self.server),
                uri=uri,
                from_=self._address,
                to=f"<{uri}>",
                headers=(*headers, *self._credentials("PUBLISH", uri)),
                body=body,
                content_type=content_type if body else None,
                on_response=answered.set_result,
            )
            response = await answered
            if response.status != 401 or not self._note_challenge(response):
                break
        return response

    @property
    def texts(self) -> list[str]:
        """Bodies of the MESSAGEs that it was sent."""
        return [r.body.decode() for r in self.requests if r.method == "MESSAGE"]

    # -- SubscriberListener, EndpointOwner ---------------------------------------------------------

    def on_notify(self, subscriber: Subscriber, request: Request) -> None:
        self._note_lamp(request)

    def on_over(self, subscriber: Subscriber, response: Response | None) -> None:
        if response is not None and response.status == 401 and self._note_challenge(response):
            self.watch_lamp()

    def on_request(self, transaction: ServerTransaction) -> None:
        super().on_request(transaction)
        if transaction.request.method == "NOTIFY":
            self._note_lamp(transaction.request)

    def try_again(self, call: PhoneCall, response: Response) -> bool:
        attempts = self._attempts.get(call, 0)
        if response.status != 401 or attempts >= CHALLENGES_MAX:
            return False
        if not self._note_challenge(response):
            return False
        self._attempts[call] = attempts + 1
        self.send_invite(
            call,
            from_=self._address,
            contact_user=self.user,
            headers=self._credentials("INVITE", call.session.request.uri),
            body=call.session.request.body,
        )
        return True

    # -- inside ------------------------------------------------------------------------------------

    def _keep_alive(self) -> None:
        self.wire.transmit(self.wire.flow_to(self.transport, self.server), KEEP_ALIVE)
        self.clock.call_later(KEEP_ALIVE_S, self._keep_alive)

    def _renew(self, expires_s: int) -> None:
        """Without waiting: a phone whose registration fails tries again at the next turn."""
        if self._is_staying and self.host.is_up:
            self._start_register(expires_s, lambda response: self._renewed(expires_s, response))

    def _renewed(self, expires_s: int, response: Response) -> None:
        if response.status == 401 and self._note_challenge(response):
            self._start_register(expires_s, lambda response: self._renew_later(expires_s, response))
        else:
            self._renew_later(expires_s, response)

    def _renew_later(self, expires_s: int, response: Response) -> None:
        """After half of what was granted, which may be less than was asked for."""
        named = [contact.parameter("expires") for contact in response.contacts]
        granted_s = min([int(text) for text in named if text] or [expires_s])
        self.clock.call_later(RENEW_SHARE * granted_s, lambda: self._renew(expires_s))

    async def _send_register(self, expires_s: int) -> Response:
        answered: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        self._start_register(expires_s, answered.set_result)
        return await answered

    def _start_register(self, expires_s: int, on_response: Callable[[Response], None]) -> None:
        flow = self.wire.flow_to(self.transport, self.server)
        uri = f"sip:{self.domain}"
        self._register_cseq += 1
        self.endpoint.request(
            method="REGISTER",
            flow=flow,
            uri=uri,
            from_=self._address,
            to=self._address,
            headers=(
                ("Contact", contact_text(flow, self.user) + self._device),
                *([("Supported", "path, outbound, gruu")] if self._device else ()),
                ("Expires", str(expires_s)),
                *self._credentials("REGISTER", uri),
            ),
            call_id=self._register_id,
            cseq=self._register_cseq,
            on_response=on_response,
        )

    def _note_challenge(self, response: Response) -> bool:
        """False when none of the challenges is of our algorithm."""
        for name, value in response.headers:
            if name == "WWW-Authenticate" and self._is_ours(value):
                self._challenge = value
                self._nonce_count = 0
                return True
        return False

    def _is_ours(self, challenge: str) -> bool:
        named = re.search(r"algorithm=\"?([\w-]+)", challenge)
        return (named[1] if named else "MD5").upper() == self.algorithm

    def _credentials(self, method: str, uri: str) -> list[tuple[str, str]]:
        if self._challenge is None:
            return []
        self._nonce_count += 1
        value = authorization_for(
            self._challenge,
            method=method,
            uri=uri,
            username=self.user,
            password=self.password,
            cnonce=self.new_token(),
            nc=self._nonce_count,
        )
        return [("Authorization", value)]

    def _note_lamp(self, request: Request) -> None:
        counted = re.search(rb"(?mi)^Voice-Message:\s*(\d+)/(\d+)", request.body)
        if counted is not None:
            self.lamp = int(counted[1]), int(counted[2])
            self._lamp_told.set()
