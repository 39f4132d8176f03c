"""The demo's test call: carrier, attendant, menu key, queue, agent; heard in both directions."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from callwright.kernel.addresses import HostPort
from callwright.sip.ladder import LadderStep, has_sdp, read_label, render_ladder
from callwright.testing.agent_call import AgentCall
from callwright.testing.softphone import Softphone, Tap, softphone

CARRIER = HostPort("127.0.0.1", 5080)
"""Where the demo organisation's file says that its first SBC is."""
CALLER, MAIN_NUMBER = "+12065550100", "+14255550150"
CARRIER_HZ, AGENT_HZ = 1_300, 600
GREETING_LOUDNESS = 500
HEARD_WITHIN_S = 20.0
SERVER = "callwright"


class TestCallFailed(Exception):
    """Something that a person would notice went wrong; the text says what."""


@dataclass(frozen=True, slots=True)
class TestCall:
    proofs: tuple[str, ...]
    ladder: str


class Recorder:
    """Every SIP message of the demo's phones, from the phones' side of the wire."""

    def __init__(self) -> None:
        self.steps: list[LadderStep] = []

    def tap(self, name: str) -> Tap:
        def note(is_ours: bool, message: bytes) -> None:
            label, method = read_label(message)
            source, target = (name, SERVER) if is_ours else (SERVER, name)
            tags = frozenset({"sdp"}) if has_sdp(message) else frozenset[str]()
            self.steps.append(LadderStep(time.monotonic(), source, target, label, method, tags))

        return note


@asynccontextmanager
async def carrier_phone(server: HostPort, recorder: Recorder) -> AsyncIterator[Softphone]:
    """The demo's carrier: takes every call with a tone. Raises OSError when its port is taken."""
    async with softphone(
        CALLER, server, tone_hz=CARRIER_HZ, bind=CARRIER, tap=recorder.tap("carrier")
    ) as phone:
        phone.on_call = AgentCall.answer
        yield phone


async def place_test_call(carrier: Softphone, server: HostPort, recorder: Recorder) -> TestCall:
    """Calls the main number and talks to whichever agent the queue rings.

    Raises TestCallFailed.
    """
    async with (
        _agent("alice", server, recorder) as alice,
        _agent("bob", server, recorder) as bob,
    ):
        agents = (alice, bob)
        try:
            for agent in agents:
                status = await agent.register()
                if status != 200:
                    raise TestCallFailed(f"{agent.account.user} could not register: {status}")
            recorder.steps.clear()
            proofs = await _talk(carrier, agents, server)
            ladder = render_ladder(recorder.steps, ("carrier", SERVER))
            return TestCall(proofs, ladder)
        except AssertionError as error:
            raise TestCallFailed(str(error)) from error
        finally:
            for agent in agents:
                await agent.register(expires_s=0)


async def _talk(
    carrier: Softphone, agents: tuple[Softphone, ...], server: HostPort
) -> tuple[str, ...]:
    call = await carrier.dial(f"sip:{MAIN_NUMBER}@{server}", from_=f"<sip:{CALLER}@{CARRIER}>")
    await call.answered()
    heard = carrier.line(call)
    async with asyncio.timeout(HEARD_WITHIN_S):
        while heard.loudness() < GREETING_LOUDNESS:
            await heard.next_packet()
    call.press("1")
    rung, agent = await _first_ring(agents)
    name = agent.caller.display
    agent.answer()
    await rung.line(agent).until_hears(CARRIER_HZ)
    await heard.until_hears(AGENT_HZ)
    user = rung.account.user
    call.hang_up()
    await agent.ended()
    return (
        f"{CALLER} called {MAIN_NUMBER}; the attendant answered and greeted",
        f'key 1 led to the queue; the phone of {user} rang and showed "{name}"',
        f"{user} heard the caller's tone ({CARRIER_HZ} Hz), the caller heard {user}'s"
        f" ({AGENT_HZ} Hz)",
        f"the caller hung up, and {user}'s phone was told",
    )


async def _first_ring(agents: tuple[Softphone, ...]) -> tuple[Softphone, AgentCall]:
    """Whichever agent the queue's turn has come to."""
    rung: asyncio.Queue[tuple[Softphone, AgentCall]] = asyncio.Queue()
    for agent in agents:
        agent.on_call = partial(_ring, rung, agent)
    try:
        async with asyncio.timeout(HEARD_WITHIN_S):
            return await rung.get()
    except TimeoutError:
        raise TestCallFailed("no agent's phone rang") from None


def _ring(
    rung: "asyncio.Queue[tuple[Softphone, AgentCall]]", phone: Softphone, call: AgentCall
) -> None:
    call.ring()
    rung.put_nowait((phone, call))


@asynccontextmanager
async def _agent(user: str, server: HostPort, recorder: Recorder) -> AsyncIterator[Softphone]:
    async with softphone(
        user, server, tone_hz=AGENT_HZ, password=f"{user}-secret", tap=recorder.tap(user)
    ) as phone:
        yield phone
