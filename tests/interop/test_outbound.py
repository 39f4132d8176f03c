"""Calls through SBCs: who may call, which SBC is asked, and what happens when one fails."""

from collections.abc import Iterator

import pytest
from tests.interop.conftest import StartServer, new_server
from tests.interop.phones import carrier, phone, play, talk
from tests.interop.process import Organisation, ServerProcess, until
from tests.interop.sipp import SippRunner, needs_sipp
from tests.interop.wire import Wire

US_NUMBER = "+12065550177"


def quiet(organisation: Organisation) -> None:
    """SBCs that are not asked whether they are there: sipp would take the question for a call."""
    for sbc in organisation["pstn"]["direct_routing"]["sbcs"].values():
        sbc["send_options"] = False


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    running = new_server(tmp_path_factory.mktemp("server"), quiet)
    running.start()
    yield running
    running.stop()


@pytest.mark.row(83)
def test_a_call_leaves_through_the_first_sbc(server: ServerProcess) -> None:
    async def scene() -> None:
        async with (
            carrier(server) as first,
            carrier(server, server.sbc2) as second,
            phone(server, "erin") as erin,
        ):
            call = await erin.dial("2065550177")
            rung = await first.rings()
            assert rung.invite.uri == f"sip:{US_NUMBER}@{server.sbc1};user=phone"
            assert rung.caller.uri.user == "+14255550105"
            rung.answer()
            await call.answered()
            await talk(call, rung)
            rung.hang_up()
            await call.ended()
            assert second.device.calls == []
            record = await server.record(callee=US_NUMBER, result="answered")
            assert (record["direction"], record["gateway"]) == ("outbound", "sbc1")
            assert (record["caller"], record["caller_user"]) == ("+14255550105", "erin")
            assert record["duration_s"] > 0

    play(scene())


def test_without_a_licence_nobody_calls_out(server: ServerProcess) -> None:
    async def scene() -> None:
        async with carrier(server) as outside, phone(server, "dave") as dave:
            call = await dave.dial(US_NUMBER)
            assert await call.refused() == 403
            record = await server.record(caller_user="dave")
            assert record["reason"] == "licence-phone-system-missing"
            assert (record["sip_status"], record["sub_code"]) == (403, 510560)
            assert (record["result"], record["direction"]) == ("rejected", "outbound")
            assert outside.device.calls == []

    play(scene())


@pytest.mark.row(84)
def test_a_silent_sbc_is_passed_over_after_its_time(server: ServerProcess) -> None:
    async def scene() -> None:
        with Wire(server.sip, server.sbc1) as silence:
            async with carrier(server, server.sbc2) as second, phone(server, "bob") as bob:
                call = await bob.dial(US_NUMBER)
                rung = await second.rings(within_s=6)
                rung.answer()
                await call.answered()
                await talk(call, rung)
                call.hang_up()
                await rung.ended()
                invites = [m for m in silence.arrived() if m.start.startswith("INVITE")]
                assert invites
                record = await server.record(caller_user="bob", gateway="sbc2")
                assert record["result"] == "answered"
                because = " ".join(step["because"] for step in record["steps"])
                assert "it said nothing for 3 s" in because

    play(scene())


def test_nobody_out_there(start_server: StartServer) -> None:
    """Nobody listens at either place; the caller is told, and need not wait for long."""

    def change(organisation: Organisation) -> None:
        for sbc in organisation["pstn"]["direct_routing"]["sbcs"].values():
            sbc["failover"] = {"after_s": 1}

    server = start_server(change)

    async def scene() -> None:
        async with phone(server, "bob") as bob:
            call = await bob.dial("+12065550111")
            assert await call.refused() == 408
            record = await server.record(callee="+12065550111")
            assert record["reason"] == "gateway-timeout"
            assert record["result"] == "failed"

    play(scene())


@needs_sipp
@pytest.mark.row(88)
@pytest.mark.parametrize("status", [408, 503, 504])
def test_some_failures_go_on_to_the_next_sbc(
    server: ServerProcess, sipp: SippRunner, status: int
) -> None:
    async def scene() -> None:
        refusing = sipp.start("refuse", server=server.sip, at=server.sbc1, status=status)
        answering = sipp.start("answer", server=server.sip, at=server.sbc2)
        async with phone(server, "bob") as bob:
            call = await bob.dial(US_NUMBER)
            await call.answered()
            call.hang_up()
            await answering.done()
            await refusing.done()
        first, second = refusing.received("INVITE"), answering.received("INVITE")
        assert (len(first), len(second)) == (1, 1)
        assert second[0].start == f"INVITE sip:{US_NUMBER}@{server.sbc2};user=phone SIP/2.0"

    play(scene())


@needs_sipp
@pytest.mark.row(88)
@pytest.mark.parametrize(
    ("status", "reason", "result"),
    [
        (404, "address-unknown", "rejected"),
        (486, "callee-busy", "busy"),
        (500, "gateway-refused", "failed"),
        (603, "callee-declined", "rejected"),
    ],
)
def test_other_failures_end_the_call_with_their_status(
    server: ServerProcess, sipp: SippRunner, status: int, reason: str, result: str
) -> None:
    async def scene() -> None:
        refusing = sipp.start("refuse", server=server.sip, at=server.sbc1, status=status)
        async with carrier(server, server.sbc2) as second, phone(server, "bob") as bob:
            assert await (await bob.dial("+12065550122")).refused() == status
            assert second.device.calls == []
        await refusing.done()
        record = await server.record(callee="+12065550122", sip_status=status)
        assert (record["reason"], record["result"]) == (reason, result)

    play(scene())


@needs_sipp
def test_sipp_echoes_what_a_user_says(server: ServerProcess, sipp: SippRunner) -> None:
    """The tone comes back through a gateway that is not ours: out and in again."""

    async def scene() -> None:
        far = sipp.start("answer", server=server.sip, at=server.sbc1, more=("-rtp_echo",))
        async with phone(server, "bob") as bob:
            call = await (await bob.dial(US_NUMBER)).answered()
            await bob.line(call).until_hears(bob.tone_hz)
            call.hang_up()
            await far.done()

    play(scene())


def test_a_caller_who_gives_up_cancels_the_trunk(server: ServerProcess) -> None:
    async def scene() -> None:
        async with carrier(server) as outside, phone(server, "bob") as bob:
            call = await bob.dial(US_NUMBER)
            rung = await outside.rings()
            call.hang_up()
            await rung.ended()
            record = await server.record(caller_user="bob", reason="caller-cancelled")
            assert record["charge"] in (None, "0.00")

    play(scene())


# -- OPTIONS ---------------------------------------------------------------------------------------


def test_sbcs_are_asked_whether_they_are_there_and_ask_us(start_server: StartServer) -> None:
    server = start_server()
    with Wire(server.sip, server.sbc1) as wire:
        asked = wire.receive_start("OPTIONS")
        assert asked.start == f"OPTIONS sip:{server.sbc1} SIP/2.0"
        wire.respond(asked, "200 OK")
        wire.send(
            wire.request(
                "OPTIONS", f"sip:{server.sip}", user=f"sbc@{wire.at}", call_id="are-you-there"
            )
        )
        answer = wire.final()
        assert answer.status == 200
        assert "INVITE" in answer.header("Allow")
        assert answer.header("Accept") == "application/sdp"


# -- no way out ------------------------------------------------------------------------------------


@pytest.mark.row(86)
def test_a_number_without_a_route(start_server: StartServer) -> None:
    def change(organisation: Organisation) -> None:
        routes = organisation["pstn"]["direct_routing"]["routes"]
        routes[:] = [route for route in routes if route["name"] != "world"]
        organisation["pstn"]["direct_routing"]["policies"]["default"]["usages"] = ["national"]

    server = start_server(change)

    async def scene() -> None:
        async with phone(server, "alice") as alice:
            assert await (await alice.dial("+442071838750")).refused() == 403
            record = await server.record(caller_user="alice")
            assert (record["reason"], record["sub_code"]) == ("no-route", 510559)

    play(scene())


@pytest.mark.row(102)
def test_an_sbc_gets_numbers_as_it_wants_them(start_server: StartServer) -> None:
    def change(organisation: Organisation) -> None:
        plus = [{"pattern": r"^\+1(\d{10})$", "to": "$1"}]
        sbc = organisation["pstn"]["direct_routing"]["sbcs"]["sbc1"]
        sbc["translate"] |= {"outbound_called": plus, "outbound_calling": plus}

    server = start_server(change)

    async def scene() -> None:
        async with carrier(server) as outside, phone(server, "bob") as bob:
            call = await bob.dial(US_NUMBER)
            rung = await outside.rings()
            assert rung.invite.uri == f"sip:2065550177@{server.sbc1};user=phone"
            assert rung.invite.to.uri.user == "2065550177"
            assert rung.caller.uri.user == "4255550102"
            call.hang_up()
            await rung.ended()

    play(scene())


@pytest.mark.row(92)
def test_a_draining_sbc_keeps_its_calls_and_gets_no_new_ones(start_server: StartServer) -> None:
    held: list[Organisation] = []
    server = start_server(held.append)
    (organisation,) = held

    async def scene() -> None:
        async with (
            carrier(server) as first,
            carrier(server, server.sbc2) as second,
            phone(server, "bob") as bob,
            phone(server, "erin") as erin,
        ):
            old = await bob.dial(US_NUMBER)
            old_far = await first.rings()
            old_far.answer()
            await old.answered()

            organisation["pstn"]["direct_routing"]["sbcs"]["sbc1"]["enabled"] = False
            server.apply(organisation)
            await until(lambda: '"revision": 2' in server.log_text, "the new revision")
            new = await erin.dial(US_NUMBER)
            new_far = await second.rings()
            new_far.answer()
            await new.answered()
            await talk(old, old_far)
            for call, far in ((old, old_far), (new, new_far)):
                call.hang_up()
                await far.ended()

    play(scene())
