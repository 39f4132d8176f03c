"""The PIN of a mailbox stands in no trace, capture or log, whichever way its keys come."""

import asyncio
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from tests.world.test_in_call_requests import ask
from tests.world.test_mailbox_menu import EN, PIN, heard

from callwright.kernel.addresses import HostPort
from callwright.runtime.clock import LoopClock
from callwright.runtime.hep import HepSettings, encode
from callwright.runtime.trace import Trace, TraceKeeper
from callwright.sip.dtmf_relay import DIGIT_ALONE, RELAY, key_of, relay_body
from callwright.sip.message import Request
from callwright.sip.parser import parse
from callwright.storage.capture_file import capture
from callwright.storage.trace import TracedMessage, TraceReader, TraceWriter
from callwright.testing.world import World, play


@pytest.mark.parametrize("kind", [RELAY, DIGIT_ALONE, None])
def test_a_pin_is_nowhere_but_in_the_call(kind: str | None, tmp_path: Path) -> None:
    """``kind`` None: the keys come as telephone-events (RFC 4733), which are never traced."""
    traces: list[Trace] = []

    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        alice.speaks_events = kind is None
        call = await alice.dial("*98")
        call.hush()
        await call.answered()
        await call.until_hears(heard(EN.enter_pin))
        if kind is None:
            await call.press(f"{PIN}#")
        else:
            for key in f"{PIN}#":
                body = relay_body(key) if kind == RELAY else key.encode()
                assert (await ask(call.session, "INFO", body, kind)).status == 200
        await call.until_hears("say: You have no messages.")
        call.hang_up()
        await world.record()
        assert world.trace is not None
        traces.append(world.trace)

    with capture_logs() as logs:
        play(scene, traces=True)
    assert PIN not in str(logs)
    written = asyncio.run(write(traces[0], tmp_path))
    told = [request for m in written if isinstance(request := parse(m.data), Request)]
    keys = [request for request in told if request.method == "INFO"]
    assert len(keys) == (0 if kind is None else len(PIN) + 1)
    assert [key_of(request) for request in keys] == [None] * len(keys)
    packets = b"".join(capture(written)) + b"".join(
        encode(message, HepSettings(HostPort("127.0.0.1", 9_060))) for message in written
    )
    for key in PIN:
        assert relay_body(key) not in packets
        assert f"\r\n\r\n{key}".encode() not in packets


async def write(trace: Trace, folder: Path) -> list[TracedMessage]:
    """What is on the disk of the traced calls."""
    clock = LoopClock(asyncio.get_running_loop())
    await TraceKeeper(trace, [TraceWriter(folder)], clock).close()
    reader = TraceReader(folder)
    return reader.messages({link.sip_call_id for link in reader.links()})
