"""Simulated carriers: the SBC at the other end of a trunk."""

from collections.abc import Sequence
from typing import Any

from callwright.kernel.addresses import HostPort
from callwright.sip.credentials import Keyring, Login
from callwright.sip.message import Request
from callwright.sip.session.session import InviteSession
from callwright.sip.transaction.server import ServerTransaction
from callwright.testing.agent import Answer, Reaction, SimulatedAgent
from callwright.testing.network import Host
from callwright.testing.phone_call import PhoneCall
from callwright.testing.trunk_gate import TrunkGate
from callwright.testing.world_media import WorldMedia


class SimulatedCarrier(SimulatedAgent):
    """Each of its calls speaks with the tone of the number at the far end.

    ``reactions`` names numbers (as they stand in the Request-URI) that are not answered as
    ``reaction`` says, which is after one second.
    """

    def __init__(
        self,
        media: WorldMedia,
        host: Host,
        server: HostPort,
        *,
        port: int,
        transport: str = "udp",
        codecs: tuple[str, ...] = ("PCMU", "PCMA"),
    ) -> None:
        super().__init__(media, host, server, port=port, transport=transport, codecs=codecs)
        self.reaction = Answer(after_s=1.0)
        self.reactions: dict[str, Reaction] = {}
        self.gate: TrunkGate | None = None
        """Set by `challenges`: who calls or registers has to prove it."""
        self.options_status = 200
        """How it answers OPTIONS."""

    def call(
        self,
        number: str,
        *,
        calling: str,
        name: str = "",
        without_offer: bool = False,
        from_: str | None = None,
        headers: Sequence[tuple[str, str]] = (),
    ) -> PhoneCall:
        """Brings a call to the phone system, from ``calling``; ``from_`` is the text of another
        From than that makes."""
        shown = f'"{name}" ' if name else ""
        return self.start_call(
            number,
            tone=calling,
            from_=from_ or f"{shown}<sip:{calling}@{self.host.ip}>",
            contact_user=calling,
            headers=headers,
            without_offer=without_offer,
        )

    @property
    def invites(self) -> list[Request]:
        """The INVITEs of calls that it was given, in order."""
        return [call.session.request for call in self.calls if call.session.role == "uas"]

    @property
    def is_silent(self) -> bool:
        return self.wire.is_deaf

    @is_silent.setter
    def is_silent(self, is_silent: bool) -> None:
        """True: answers nothing at all, OPTIONS included."""
        self.wire.is_deaf = is_silent

    def challenges(self, username: str, password: str, **options: Any) -> TrunkGate:
        """From now on whoever calls or registers has to prove this login."""
        self.gate = TrunkGate(self.clock, username, password, **options)
        return self.gate

    def logs_in(self, username: str, password: str) -> None:
        """From now on its calls prove this login when they are challenged."""
        self.keyring = Keyring(Login(username, password), self.new_token)

    def on_invite(self, session: InviteSession) -> None:
        if self.gate is None or self.gate.admit(session):
            super().on_invite(session)

    def on_request(self, transaction: ServerTransaction) -> None:
        self.requests.append(transaction.request)
        is_options = transaction.request.method == "OPTIONS"
        status = self.options_status if is_options else 200
        if self.gate is None:
            transaction.respond(status)
        else:
            self.gate.take(transaction, lambda: transaction.respond(status))

    def tone_for_incoming(self, request: Request) -> str:
        return self._dialled(request)

    def reaction_to(self, request: Request) -> Reaction:
        return self.reactions.get(self._dialled(request), self.reaction)

    def _dialled(self, request: Request) -> str:
        return request.parsed_uri.user or ""
