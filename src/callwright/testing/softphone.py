"""A scriptable phone on real sockets: SIP over UDP or TCP, audio by a tone of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from callwright.kernel.addresses import HostPort
from callwright.runtime.clock import LoopClock
from callwright.runtime.identifiers import new_token
from callwright.runtime.tasks import Tasks
from callwright.runtime.transports import Listening, TlsContexts, Transports
from callwright.sip.flow import Flow
from callwright.testing.agent_call import AgentCall
from callwright.testing.tone_line import ToneLine
from callwright.testing.user_agent import Account, UserAgent

LOOPBACK = HostPort("127.0.0.1", 0)

Tap = Callable[[bool, bytes], None]


class Softphone(UserAgent):
    """A `UserAgent` whose calls speak and hear on the machine's own network."""

    tone_hz: int

    def line(self, call: AgentCall) -> ToneLine:
        """The audio of a call."""
        assert isinstance(call.audio, ToneLine)
        return call.audio


@asynccontextmanager
async def softphone(
    user: str,
    server: HostPort,
    *,
    tone_hz: int,
    password: str = "",
    domain: str = "contoso.test",
    bind: HostPort = LOOPBACK,
    transport: str = "udp",
    tls_bind: HostPort | None = None,
    security: TlsContexts | None = None,
    server_name: str | None = None,
    codecs: tuple[str, ...] = ("PCMU", "PCMA"),
    tap: Tap = lambda _is_ours, _message: None,
) -> AsyncIterator[Softphone]:
    """A phone while the block runs; ``bind`` is where its SIP is. Raises OSError when taken.

    Over ``tls`` the certificate of the server must speak for ``server_name``; with ``tls_bind``
    others may connect with TLS, too, as to an SBC.

    ``tap(is_ours, message)`` sees every message, those that the phone sends and those it gets.
    """
    clock = LoopClock(asyncio.get_running_loop())
    failures: list[BaseException] = []
    tasks = Tasks(lambda _name, error: failures.append(error))
    phone: Softphone

    def receive(flow: Flow, message: bytes) -> None:
        tap(False, message)
        phone.endpoint.receive(flow, message)

    def transmit(flow: Flow, message: bytes) -> None:
        tap(True, message)
        transports.transmit(flow, message)

    def failed(flow: Flow) -> None:
        phone.endpoint.transport_failed(flow)

    listening = Listening((bind,), tls=() if tls_bind is None else (tls_bind,))
    transports = await Transports.open(
        listening, security, clock, tasks, receive=receive, failed=failed
    )
    try:
        phone = Softphone(
            Account(user, password, domain, server),
            clock=clock,
            transmit=transmit,
            flow=transports.flow_to(transport, server, server_name),
            new_token=new_token,
            open_audio=lambda: ToneLine(tone_hz, bind.host),
            codecs=codecs,
        )
        phone.tone_hz = tone_hz
        yield phone
    finally:
        await tasks.close()
        await transports.close()
    if failures:
        raise ExceptionGroup("the phone failed", [f for f in failures if isinstance(f, Exception)])
