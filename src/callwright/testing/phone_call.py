"""One call as a simulated phone or carrier has it: verbs to await, and what was seen of it."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from callwright.sip.message import Request, Response
from callwright.sip.session.listener import EndCause
from callwright.sip.session.session import InviteSession
from callwright.sip.transaction.server import ServerTransaction
from callwright.testing.handset import Sources
from callwright.testing.phone_audio import PhoneAudio

if TYPE_CHECKING:
    from callwright.testing.agent import SimulatedAgent

PATIENCE_S = 60.0
"""How long a verb waits before the test fails, unless it says otherwise."""


class CallFailed(AssertionError):
    """The call was refused or ended where it should have been answered."""

    def __init__(self, call: "PhoneCall", wanted: str) -> None:
        super().__init__(f"{call} was not {wanted}: {call.status} {call.phrase}")
        self.status = call.status


class PhoneCall:
    """Either direction (``InviteListener``). Made by `SimulatedAgent`."""

    def __init__(self, agent: "SimulatedAgent", audio: PhoneAudio, peer: str) -> None:
        self.agent = agent
        self.audio = audio
        self.peer = peer
        """What was dialled, or who calls (user part of From)."""
        self.session: InviteSession
        self.provisionals: list[int] = []
        """Statuses of 101 to 199 that came, in order."""
        self.status: int | None = None
        """The final status: of the answer, of the refusal, or 487 when the caller gave up."""
        self.phrase = ""
        self.final: Response | None = None
        self.end: Request | None = None
        """The BYE or CANCEL of the other side."""
        self.end_cause: EndCause | None = None
        self.transfer_statuses: list[int] = []
        """Of the NOTIFYs about our REFER."""
        self.is_on_hold = False
        """The other side holds us."""
        self.is_ringing = False
        """The other side said so (101 to 199)."""
        self.is_answered = False
        self.is_over = False
        self.is_lost = False
        """A crash of the phone ended it, and nobody was told."""
        self.over_at: datetime | None = None
        self._progress = asyncio.Event()
        self._reoffered: asyncio.Future[int] | None = None
        self._transferred: asyncio.Future[int] | None = None

    def __str__(self) -> str:
        return f"the call of {self.agent.name} with {self.peer}"

    # -- what the person does ----------------------------------------------------------------------

    def ring(self) -> None:
        self.session.provisional(180)

    def answer_early(self) -> None:
        """183 with audio before the answer: announcements of a carrier."""
        body = self.audio.answer(self.session.request.body)
        if body is not None:
            self._early = body
            self.session.provisional(183, body=body)

    def answer(self) -> None:
        """200; refuses with 488 when no codec is in common. A call is answered once."""
        if self.is_over or self.is_answered:
            return
        offer = self.session.request.body
        if not offer:
            body: bytes | None = self.audio.offer()
        else:
            body = self._early or self.audio.answer(offer)
        if body is None:
            self.decline(488)
            return
        self.status = 200
        self.is_answered = True
        self._progress.set()
        self.session.answer(body)

    def decline(
        self,
        status: int = 603,
        phrase: str | None = None,
        *,
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        if not self.is_over:
            self.session.refuse(status, phrase, headers=headers)
            self._close(status, phrase or "")

    def hang_up(self) -> None:
        """Cancels, or says BYE; nothing on a call that is over."""
        if not self.is_over:
            self.session.hang_up()
            self._close(self.status or 487, "hung up here")

    def lose(self) -> None:
        """The phone crashed: the other side hears nothing more."""
        self.is_lost = True
        self._close(self.status or 0, "crashed")

    async def hold(self, direction: str = "sendonly") -> None:
        """Returns when the other side agreed; ``inactive`` is how other phones hold."""
        await self._reoffer(direction)

    async def resume(self) -> None:
        await self._reoffer("sendrecv")

    async def press(self, digits: str) -> None:
        await self.audio.handset.press(digits)

    async def say(self, text: str) -> None:
        """Speaks a phrase, as a menu understands it."""
        await self.audio.handset.say(text)

    async def transfer_to(self, other: "PhoneCall", *, within_s: float = PATIENCE_S) -> int:
        """Attended transfer to the party of another call of this phone; returns as ``transfer``."""
        replaces = quote(other.replaces, safe="")
        return await self._refer(f"<sip:x@{self.agent.domain}?Replaces={replaces}>", within_s)

    async def transfer_silently(self, number: str) -> Response:
        """Blind transfer without NOTIFYs (RFC 4488); returns the answer to the REFER."""
        answered: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        self.session.refer(
            f"<sip:{number}@{self.agent.domain}>",
            headers=(("Refer-Sub", "false"), ("Supported", "norefersub")),
            on_response=answered.set_result,
        )
        return await answered

    @property
    def replaces(self) -> str:
        """How a Replaces names this call, early or answered, as its other side sees it
        (RFC 3891 §3)."""
        session = self.session
        remote_tag = self._early_tag if session.role == "uac" else session.request.from_tag
        if session.dialog is not None:
            remote_tag = session.dialog.remote_tag
        own_tag = session.local_tag
        return f"{session.request.call_id};to-tag={remote_tag};from-tag={own_tag}"

    async def transfer(self, number: str, *, within_s: float = PATIENCE_S) -> int:
        """Blind transfer; returns the status of the last NOTIFY, or of the REFER if refused."""
        return await self._refer(f"<{self.agent.uri_of(number)}>", within_s)

    async def _refer(self, target: str, within_s: float) -> int:
        assert not self.is_transferring, f"{self} is being transferred already"
        self._transferred = asyncio.get_running_loop().create_future()
        self.session.refer(target, on_response=self._refer_answered)
        async with asyncio.timeout(within_s):
            return await asyncio.shield(self._transferred)

    def talk(self) -> None:
        self.audio.handset.talk()

    def hush(self) -> None:
        self.audio.handset.hush()

    async def talk_for(self, seconds: float) -> None:
        await self.audio.handset.talk_for(seconds)

    # -- what the person notices -------------------------------------------------------------------

    @property
    def has_transferred(self) -> bool:
        """We sent a REFER: the other side may talk on when we leave."""
        return self._transferred is not None

    @property
    def is_transferring(self) -> bool:
        """We sent a REFER and were not told how it ended."""
        return self._transferred is not None and not self._transferred.done()

    @property
    def shown(self) -> tuple[str, str]:
        """Name and number that an incoming call displays."""
        from_ = self.session.request.from_
        return from_.display or "", from_.uri.user or ""

    @property
    def digits(self) -> str:
        """Keys that came from the other side."""
        return "".join(self.audio.handset.digits)

    def hears(self) -> Sources:
        return self.audio.handset.hears()

    async def until_hears(self, *sources: str, within_s: float = 10.0) -> None:
        """Without sources: until it is silent."""
        await self.audio.handset.until_hears(frozenset(sources), within_s=within_s)

    async def listen(self, for_s: float) -> list[Sources]:
        return await self.audio.handset.listen(for_s)

    async def ringing(self, within_s: float = PATIENCE_S) -> None:
        await self._wait(lambda: self.is_ringing, "ringing", within_s)

    async def answered(self, within_s: float = PATIENCE_S) -> None:
        """Raises CallFailed when it is refused or over before."""
        await self._wait(lambda: self.is_answered, "answered", within_s)

    async def settled(self, within_s: float = 2 * PATIENCE_S) -> int:
        """Waits for the final answer and returns its status."""
        await self._wait(lambda: self.is_answered or self.is_over, "settled", within_s)
        return 200 if self.is_answered else self.status or 0

    async def ended(self, within_s: float = PATIENCE_S) -> int:
        """Waits for the end and returns the final status."""
        await self._wait(lambda: self.is_over, "over", within_s)
        return self.status or 0

    # -- InviteListener ----------------------------------------------------------------------------

    def on_provisional(self, session: InviteSession, response: Response) -> None:
        if response.status > 100:
            self._early_tag = response.to_tag
            self.provisionals.append(response.status)
            self.is_ringing = True
            self._progress.set()
        if response.body:
            self.audio.take_answer(response.body)

    def on_answered(self, session: InviteSession, response: Response) -> None:
        self.final = response
        self.status = response.status
        if session.request.body:
            self.audio.take_answer(response.body)
        else:
            session.acknowledge(self.audio.answer(response.body) or b"")
        self.is_answered = True
        self._progress.set()

    def on_failed(self, session: InviteSession, response: Response) -> None:
        if self.agent.try_again(self, response):
            return
        self.final = response
        self._close(response.status, response.reason)

    def on_cancelled(self, session: InviteSession, request: Request) -> None:
        self.end = request
        self._close(487, "cancelled")

    def on_acknowledged(self, session: InviteSession, request: Request) -> None:
        if request.body:
            self.audio.take_answer(request.body)

    def on_offer(self, session: InviteSession, request: Request) -> None:
        if not request.body:
            session.answer_offer(self.audio.offer())
            return
        body = self.audio.answer(request.body)
        if body is None:
            session.refuse_offer(488)
        else:
            session.answer_offer(body)

    def on_reoffer_answered(self, session: InviteSession, response: Response) -> None:
        self.audio.take_answer(response.body)
        self._settle_reoffer(response.status)

    def on_reoffer_failed(self, session: InviteSession, response: Response) -> None:
        self._settle_reoffer(response.status)

    def on_refer(self, session: InviteSession, transaction: ServerTransaction) -> None:
        transaction.respond(603)

    def on_request(self, session: InviteSession, transaction: ServerTransaction) -> None:
        transaction.respond(200)
        if transaction.request.method == "NOTIFY":
            self._note_transfer(transaction.request)

    def on_ended(self, session: InviteSession, cause: EndCause, request: Request | None) -> None:
        self.end = request
        self.end_cause = cause
        self._close(self.status or 200, cause.value)

    # -- inside ------------------------------------------------------------------------------------

    _early: bytes | None = None
    _early_tag: str | None = None

    async def _reoffer(self, direction: str) -> None:
        self._reoffered = asyncio.get_running_loop().create_future()
        self.session.reoffer(self.audio.offer(direction))
        async with asyncio.timeout(PATIENCE_S):
            status = await self._reoffered
        assert status == 200, f"{self}: the new offer was answered {status}"

    def _settle_reoffer(self, status: int) -> None:
        if self._reoffered is not None and not self._reoffered.done():
            self._reoffered.set_result(status)

    def _refer_answered(self, response: Response) -> None:
        if response.status >= 300:
            self._settle_transfer(response.status)

    def _note_transfer(self, request: Request) -> None:
        """The body is a status line (RFC 3515 §2.4.5)."""
        words = request.body.decode("utf-8", "replace").split()
        if len(words) < 2 or not words[1].isdecimal():
            return
        status = int(words[1])
        self.transfer_statuses.append(status)
        if status >= 200:
            self._settle_transfer(status)

    def _settle_transfer(self, status: int) -> None:
        if self._transferred is not None and not self._transferred.done():
            self._transferred.set_result(status)

    def _close(self, status: int, phrase: str) -> None:
        self.over_at = self.over_at or self.agent.clock.utc()
        self.status = status
        self.phrase = phrase
        self._settle_reoffer(481)
        self.audio.close()
        self.is_over = True
        self._progress.set()

    async def _wait(self, is_true: Callable[[], bool], wanted: str, within_s: float) -> None:
        """Until it is true, the call is over, or patience is."""
        try:
            async with asyncio.timeout(within_s):
                while not (is_true() or self.is_over):
                    self._progress.clear()
                    await self._progress.wait()
        except TimeoutError:
            raise AssertionError(f"{self} was not {wanted} within {within_s:g} s") from None
        if not is_true():
            raise CallFailed(self, wanted)
