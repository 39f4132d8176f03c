"""Simulated carriers: the SBC at the other end of a trunk."""

from collections.abc import Sequence

from callwright.kernel.addresses import HostPort
from callwright.sip.message import Request
from callwright.sip.transaction.server import ServerTransaction
from callwright.testing.agent import Answer, Reaction, SimulatedAgent
from callwright.testing.media import SimulatedMedia
from callwright.testing.network import Host
from callwright.testing.phone_call import PhoneCall


class SimulatedCarrier(SimulatedAgent):
    """Each of its calls speaks with the tone of the number at the far end.

    ``reactions`` names numbers (as they stand in the Request-URI) that are not answered as
    ``reaction`` says, which is after one second.
    """

    def __init__(
        self,
        media: SimulatedMedia,
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

    def on_request(self, transaction: ServerTransaction) -> None:
        self.requests.append(transaction.request)
        is_options = transaction.request.method == "OPTIONS"
        transaction.respond(self.options_status if is_options else 200)

    def tone_for_incoming(self, request: Request) -> str:
        return self._dialled(request)

    def reaction_to(self, request: Request) -> Reaction:
        return self.reactions.get(self._dialled(request), self.reaction)

    def _dialled(self, request: Request) -> str:
        return request.parsed_uri.user or ""
