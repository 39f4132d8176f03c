"""One call of a scriptable phone, as the person who holds the phone sees and handles it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from callwright.kernel.addresses import HostPort
from callwright.sip.message import Request, Response
from callwright.sip.sdp import (
    AgreedAudio,
    LocalAudio,
    SdpError,
    agree,
    answer,
    format_offer,
    parse_sdp,
)
from callwright.sip.session.listener import EndCause
from callwright.sip.session.session import InviteSession
from callwright.sip.transaction.server import ServerTransaction
from callwright.sip.uri import NameAddr, Uri

if TYPE_CHECKING:
    from callwright.testing.user_agent import UserAgent

WITHIN_S = 10.0


class Audio(Protocol):
    """One RTP port of the phone."""

    port: int

    def start(self, remote: HostPort, payload_type: int, digit_type: int | None) -> None:
        """Begins or redirects the stream."""
        ...

    def stop(self) -> None: ...

    def press(self, digits: str) -> None: ...

    def close(self) -> None: ...


class AgentCall:
    """One call of the phone (``InviteListener``)."""

    def __init__(
        self, agent: UserAgent, session: InviteSession | None, *, audio: Audio | None = None
    ) -> None:
        self.agent = agent
        self.audio = audio or agent.open_audio()
        self.statuses: list[int] = []
        """Every response to our INVITE, or what we answered with."""
        self.reason: str | None = None
        """The Reason header of the CANCEL or BYE, or of a refusal."""
        self.transfer_reports: list[str] = []
        """Sipfrag bodies of NOTIFYs after a REFER."""
        self.agreed: AgreedAudio | None = None
        self.is_over = False
        self.session: InviteSession | None = None
        self._changed = asyncio.Event()
        self._reoffered: asyncio.Future[int] | None = None
        self._version = 0
        self._direction = "sendrecv"
        if session is not None:
            self.attach(session)
            session.listener = self

    def attach(self, session: InviteSession) -> None:
        self.session = session

    @property
    def invite(self) -> Request:
        assert self.session is not None
        return self.session.request

    @property
    def caller(self) -> NameAddr:
        """Whom the display of a ringing phone shows."""
        return self.invite.from_

    @property
    def status(self) -> int | None:
        """The final status; None while there is none."""
        final = [status for status in self.statuses if status >= 200]
        return final[0] if final else None

    @property
    def is_ringing(self) -> bool:
        return self.status is None and not self.is_over

    # -- verbs -------------------------------------------------------------------------------------

    def ring(self) -> None:
        self.statuses.append(180)
        assert self.session is not None
        self.session.provisional(180)

    def answer(self) -> None:
        """Picks up, and speaks and listens from now on."""
        assert self.session is not None
        self._version += 1
        answered = answer(
            parse_sdp(self.session.request.body),
            self._local,
            codecs=self.agent.codecs,
            session_id=1,
            version=self._version,
        )
        assert answered is not None, "no codec in common"
        body, agreed = answered
        self.statuses.append(200)
        self.session.answer(body)
        self._hear(agreed)

    def refuse(self, status: int, *, headers: tuple[tuple[str, str], ...] = ()) -> None:
        assert self.session is not None
        self.statuses.append(status)
        self.session.refuse(status, headers=headers)
        self._end()

    def hang_up(self) -> None:
        assert self.session is not None
        self.session.hang_up()
        self._end()

    async def hold(self) -> None:
        await self._reoffer("sendonly")

    async def resume(self) -> None:
        await self._reoffer("sendrecv")

    def press(self, digits: str) -> None:
        self.audio.press(digits)

    async def transfer(self, target: str) -> int:
        """Asks for a blind transfer (RFC 5589 §5); returns the status of the REFER."""
        assert self.session is not None
        uri = target if ":" in target else Uri("sip", target, host=self.agent.account.domain)
        done: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        self.session.refer(f"<{uri}>", on_response=done.set_result)
        return (await done).status

    async def answered(self, *, within_s: float = WITHIN_S) -> AgentCall:
        """Returns when the other side picked up; raises AssertionError on any other end."""
        await self._until(lambda: self.status is not None or self.is_over, within_s, "an answer")
        assert self.status == 200, f"the call ended with {self.statuses}"
        return self

    async def refused(self, *, within_s: float = WITHIN_S) -> int:
        """Returns the final status; raises AssertionError when somebody picked up."""
        await self._until(lambda: self.status is not None, within_s, "a final response")
        assert self.status is not None
        assert self.status >= 300, "the call was answered"
        return self.status

    async def ended(self, *, within_s: float = WITHIN_S) -> None:
        await self._until(lambda: self.is_over, within_s, "the end")

    async def transferred(self, *, within_s: float = WITHIN_S) -> str:
        """The last word about a transfer that we asked for: ``SIP/2.0 200 OK``."""
        await self._until(
            lambda: any(not r.startswith("SIP/2.0 1") for r in self.transfer_reports),
            within_s,
            "the end of the transfer",
        )
        return self.transfer_reports[-1].strip()

    async def challenged_or_more(self) -> Response | None:
        """Waits for the first response but 100; returns it when it refuses."""
        await self._until(lambda: bool(self.statuses) or self.is_over, WITHIN_S, "a response")
        return self._refusal

    # -- InviteListener ----------------------------------------------------------------------------

    _refusal: Response | None = None

    def on_provisional(self, session: InviteSession, response: Response) -> None:
        if response.status > 100:
            self.statuses.append(response.status)
            if response.body:
                self._take_answer(response.body)
        self._changed.set()

    def on_answered(self, session: InviteSession, response: Response) -> None:
        self.statuses.append(response.status)
        self._take_answer(response.body)
        self._changed.set()

    def on_failed(self, session: InviteSession, response: Response) -> None:
        self.statuses.append(response.status)
        self.reason = response.header("Reason")
        self._refusal = response
        self._end(keep_audio=response.status == 401)

    def on_cancelled(self, session: InviteSession, request: Request) -> None:
        self.reason = request.header("Reason")
        self._end()

    def on_acknowledged(self, session: InviteSession, request: Request) -> None:
        self._changed.set()

    def on_offer(self, session: InviteSession, request: Request) -> None:
        if not request.body:
            session.answer_offer(self.offer())
            return
        self._version += 1
        answered = answer(
            parse_sdp(request.body),
            self._local,
            codecs=self.agent.codecs,
            session_id=1,
            version=self._version,
        )
        if answered is None:
            session.refuse_offer(488)
            return
        session.answer_offer(answered[0])
        self._hear(answered[1])

    def on_reoffer_answered(self, session: InviteSession, response: Response) -> None:
        self._take_answer(response.body)
        self._settle_reoffer(response.status)

    def on_reoffer_failed(self, session: InviteSession, response: Response) -> None:
        self._settle_reoffer(response.status)

    def on_refer(self, session: InviteSession, transaction: ServerTransaction) -> None:
        transaction.respond(603)

    def on_request(self, session: InviteSession, transaction: ServerTransaction) -> None:
        if transaction.request.method == "NOTIFY":
            self.transfer_reports.append(transaction.request.body.decode())
        transaction.respond(200)
        self._changed.set()

    def on_ended(self, session: InviteSession, cause: EndCause, request: Request | None) -> None:
        self.reason = None if request is None else request.header("Reason")
        self._end()

    # -- inside ------------------------------------------------------------------------------------

    def offer(self) -> bytes:
        self._version += 1
        body = format_offer(
            self._local,
            codecs=self.agent.codecs,
            session_id=1,
            version=self._version,
        )
        return body.replace(b"a=sendrecv", b"a=" + self._direction.encode())

    @property
    def _local(self) -> LocalAudio:
        return LocalAudio(self.agent.flow.local.host, self.audio.port)

    def _take_answer(self, body: bytes) -> None:
        try:
            agreed = agree(parse_sdp(body), codecs=self.agent.codecs)
        except SdpError:
            agreed = None
        if agreed is not None:
            self._hear(agreed)

    def _hear(self, agreed: AgreedAudio) -> None:
        if agreed == self.agreed:
            return
        self.agreed = agreed
        remote = HostPort(agreed.ip, agreed.rtp_port)
        self.audio.start(remote, agreed.format.number, agreed.dtmf_payload_type)

    async def _reoffer(self, direction: str) -> None:
        assert self.session is not None
        self._direction = direction
        self._reoffered = asyncio.get_running_loop().create_future()
        self.session.reoffer(self.offer())
        status = await self._reoffered
        assert status == 200, f"the re-INVITE got {status}"

    def _settle_reoffer(self, status: int) -> None:
        """Also called for a refresh of the session, which nobody waits for."""
        if self._reoffered is not None and not self._reoffered.done():
            self._reoffered.set_result(status)

    async def _until(self, condition: Callable[[], bool], within_s: float, what: str) -> None:
        try:
            async with asyncio.timeout(within_s):
                while not condition():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(
                f"{self.agent.account.user}: {what} did not come within {within_s:g} s;"
                f" so far {self.statuses}"
            ) from None

    def _end(self, *, keep_audio: bool = False) -> None:
        self.is_over = True
        if not keep_audio:
            self.audio.close()
        self._changed.set()
