"""What simulated phones and carriers have in common: a host, a SIP endpoint, calls."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from callwright.kernel.addresses import HostPort
from callwright.sip.credentials import Keyring
from callwright.sip.endpoint import Endpoint
from callwright.sip.flow import WEB, Flow
from callwright.sip.message import Request, Response
from callwright.sip.sdp import Proposal
from callwright.sip.session.session import InviteSession
from callwright.sip.transaction.server import ServerTransaction
from callwright.testing.network import Host
from callwright.testing.phone_audio import PhoneAudio
from callwright.testing.phone_call import PATIENCE_S, PhoneCall
from callwright.testing.process import Process
from callwright.testing.virtual_loop import VirtualClock
from callwright.testing.wires import SipWire
from callwright.testing.world_media import WorldMedia


@dataclass(frozen=True, slots=True)
class Answer:
    """Rings, and answers after a while."""

    after_s: float = 1.0


@dataclass(frozen=True, slots=True)
class Decline:
    """Refuses: 486 busy, 603 declined, 503 out of service, …"""

    status: int = 603
    after_s: float = 0.0
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Redirect:
    """Sends the caller elsewhere (3xx); ``contacts`` are texts of Contact headers."""

    contacts: tuple[str, ...]
    status: int = 302


@dataclass(frozen=True, slots=True)
class Ring:
    """Rings until the test or the caller does something."""


@dataclass(frozen=True, slots=True)
class Ignore:
    """Takes the INVITE (100) and says nothing more."""


Reaction = Answer | Decline | Ring | Ignore | Redirect


class SimulatedAgent:
    """A SIP user agent on a simulated host (``EndpointOwner``)."""

    def __init__(
        self,
        media: WorldMedia,
        host: Host,
        server: HostPort,
        *,
        port: int = 5060,
        transport: str = "udp",
        domain: str = "",
        codecs: tuple[str, ...] = ("PCMU", "PCMA"),
    ) -> None:
        self.media = media
        self.host = host
        self.name = host.name
        self.server = server
        self.transport = transport
        self.domain = domain or server.host
        self.codecs = codecs
        self.speaks_events = True
        """Keys go as telephone-events; False: it knows INFO only."""
        self.proposal = Proposal.BROWSER if transport in WEB else Proposal.PLAIN
        """How its offers want the audio carried, and what it takes of others' (`TAKES`)."""
        self.calls: list[PhoneCall] = []
        """Every call there ever was, in order."""
        self.restarted_at: list[datetime] = []
        self.requests: list[Request] = []
        """What came outside a call: MESSAGE, NOTIFY, OPTIONS."""
        self.to: str | None = None
        """Text of another To than what is dialled."""
        self.keyring: Keyring | None = None
        """Answers challenges to its calls; phones answer theirs themselves."""
        self.reaction: Reaction = Ring()
        """What happens to incoming calls."""
        self.clock = VirtualClock(host.network.loop)
        self.wire = SipWire(host, port, receive=self._receive, failed=self._failed)
        self._start()
        self._incoming: asyncio.Queue[PhoneCall] = asyncio.Queue()

    # -- verbs -------------------------------------------------------------------------------------

    async def rings(self, within_s: float = PATIENCE_S) -> PhoneCall:
        """The next incoming call that was not asked for before."""
        try:
            async with asyncio.timeout(within_s):
                return await self._incoming.get()
        except TimeoutError:
            raise AssertionError(f"{self.name} did not ring within {within_s:g} s") from None

    async def stays_quiet(self, for_s: float) -> None:
        """Raises AssertionError when a call comes in meanwhile."""
        before = len(self.calls)
        await asyncio.sleep(for_s)
        assert len(self.calls) == before, f"{self.name} rang: {self.calls[before:]}"

    @property
    def live_calls(self) -> list[PhoneCall]:
        return [call for call in self.calls if not call.is_over]

    def hears(self) -> frozenset[str]:
        """Everything that its calls let it hear at this instant."""
        return frozenset().union(*(call.hears() for call in self.live_calls))

    def vanish(self) -> None:
        """The power fails: nothing is said any more, not even good-bye."""
        self.host.is_up = False

    def restart(self) -> None:
        """Crashes, and is there again at once: it knows no call and no dialog of before."""
        self._process.kill()
        self.restarted_at.append(self.clock.utc())
        for call in self.live_calls:
            call.lose()
        self.wire.cut_connections()
        self._start()

    # -- EndpointOwner -----------------------------------------------------------------------------

    def on_invite(self, session: InviteSession) -> None:
        peer = session.request.from_.uri.user or ""
        call = self._new_call(self.tone_for_incoming(session.request), peer)
        call.session = session
        session.listener = call
        offer = session.request.body
        if offer and not call.audio.takes(offer):
            # As phones do that can see so at once: nobody is rung for nothing.
            self.calls.remove(call)
            call.decline(488)
            return
        self._incoming.put_nowait(call)
        self._react(call, self.reaction_to(session.request))

    def on_request(self, transaction: ServerTransaction) -> None:
        self.requests.append(transaction.request)
        transaction.respond(200)

    # -- for the kinds of agents -------------------------------------------------------------------

    def tone_for_incoming(self, request: Request) -> str:
        """Whose voice the other side hears when this call is answered."""
        return self.name

    def reaction_to(self, request: Request) -> Reaction:
        return self.reaction

    def try_again(self, call: PhoneCall, response: Response) -> bool:
        """True when a refused call was sent once more: with credentials."""
        return False

    def start_call(
        self,
        number: str,
        *,
        tone: str,
        from_: str,
        contact_user: str = "",
        headers: Sequence[tuple[str, str]] = (),
        without_offer: bool = False,
    ) -> PhoneCall:
        """Sends the INVITE; ``from_`` is the text of a name-addr."""
        call = self._new_call(tone, number)
        self.send_invite(
            call,
            from_=from_,
            contact_user=contact_user,
            headers=headers,
            body=b"" if without_offer else call.audio.offer(),
        )
        return call

    def send_invite(
        self,
        call: PhoneCall,
        *,
        from_: str,
        contact_user: str,
        headers: Sequence[tuple[str, str]],
        body: bytes,
    ) -> None:
        target = self.uri_of(call.peer)
        call.session = self.endpoint.invite(
            flow=self.wire.flow_to(self.transport, self.server),
            uri=target,
            from_=from_,
            to=self.to or f"<{target}>",
            body=body,
            listener=call,
            contact_user=contact_user,
            headers=headers,
            keyring=self.keyring,
        )

    def uri_of(self, number: str) -> str:
        """What is dialled as a URI; ``urn:``, ``tel:`` and ``sip:`` are some already."""
        is_uri = number.lower().startswith(("urn:", "tel:", "sip:"))
        return number if is_uri else f"sip:{number}@{self.domain}"

    def new_token(self) -> str:
        return f"{self.host.network.loop.random.getrandbits(80):020x}"

    # -- inside ------------------------------------------------------------------------------------

    def _start(self) -> None:
        self._process = Process(self.clock, self.wire.transmit)
        self.endpoint = Endpoint(
            clock=self._process,
            transmit=self._process.transmit,
            new_token=self.new_token,
            owner=self,
            user_agent=f"Simulated {type(self).__name__}",
        )

    def _new_call(self, tone: str, peer: str) -> PhoneCall:
        audio = PhoneAudio(
            self.media,
            self.host,
            tone,
            codecs=self.codecs,
            with_keys=self.speaks_events,
            proposal=self.proposal,
        )
        call = PhoneCall(self, audio, peer)
        self.calls.append(call)
        return call

    def _react(self, call: PhoneCall, reaction: Reaction) -> None:
        match reaction:
            case Answer(after_s=after_s):
                call.ring()
                self.clock.call_later(after_s, call.answer)
            case Decline(status=status, after_s=after_s, headers=headers):
                if after_s:
                    call.ring()
                    self.clock.call_later(after_s, lambda: call.decline(status))
                else:
                    call.decline(status, headers=headers)
            case Redirect(contacts=contacts, status=status):
                call.decline(status, headers=[("Contact", contact) for contact in contacts])
            case Ring():
                call.ring()
            case Ignore():
                pass

    def _receive(self, flow: Flow, data: bytes) -> None:
        self.endpoint.receive(flow, data)

    def _failed(self, flow: Flow) -> None:
        self.endpoint.transport_failed(flow)
