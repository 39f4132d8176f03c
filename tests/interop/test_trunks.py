"""A carrier on real sockets that wants to know us: a name, a registration, a challenge."""

import asyncio

from tests.interop.conftest import StartServer
from tests.interop.phones import carrier, phone, play, talk, until_true
from tests.interop.process import Organisation

from callwright.runtime.clock import LoopClock
from callwright.testing.agent_call import AgentCall
from callwright.testing.trunk_gate import TrunkGate

US_NUMBER = "+12065550177"
MAIN = "+14255550100"


def by_name(organisation: Organisation) -> None:
    """sbc1 is a name of the hosts file, and a carrier to register with."""
    sbc = organisation["pstn"]["direct_routing"]["sbcs"]["sbc1"]
    port = sbc["address"].rpartition(":")[2]
    sbc["address"] = f"localhost:{port}"
    sbc["credentials"] = {"username": "trunk-4711", "password": "s3cret"}
    sbc["registration"] = {"user": "trunk-4711", "contact_user": MAIN, "expires_s": 600}


def test_we_register_call_and_are_called(start_server: StartServer) -> None:
    async def scene() -> None:
        server = start_server(by_name)
        async with carrier(server) as outside:
            device = outside.device
            gate = TrunkGate(LoopClock(asyncio.get_running_loop()), "trunk-4711", "s3cret")

            def take(call: AgentCall) -> None:
                assert call.session is not None
                if gate.admit(call.session):
                    call.ring()
                else:
                    device.calls.remove(call)
                    call.audio.close()

            device.on_call = take
            device.on_request = lambda transaction: gate.take(  # type: ignore[method-assign]
                transaction, lambda: transaction.respond(200)
            )
            await until_true(lambda: gate.contact is not None, "a registration", 40.0)
            assert gate.contact is not None
            assert gate.contact.user == MAIN

            async with phone(server, "erin") as erin:
                call = await erin.dial("2065550177")
                rung = await outside.rings()
                assert rung.invite.parsed_uri.host == "localhost"
                assert rung.invite.cseq[0] == 2, "the first one was challenged"
                rung.answer()
                await call.answered()
                await talk(call, rung)
                call.hang_up()
                await rung.ended()
                record = await server.record(callee=US_NUMBER, result="answered")
                assert record["gateway"] == "sbc1"

            await asyncio.to_thread(server.stop)
            await until_true(lambda: gate.contact is None, "the end of the registration")

    play(scene())
