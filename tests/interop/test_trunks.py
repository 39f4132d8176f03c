"""Calls from and to SBCs: who is believed, who may call, and what happens when one fails."""

from collections.abc import Iterator

import pytest
from tests.interop.conftest import StartServer, new_server
from tests.interop.phones import OUTSIDE, carrier, phone, play, talk, unregistered
from tests.interop.process import Organisation, ServerProcess, free_address, until
from tests.interop.sipp import SippRunner, needs_sipp
from tests.interop.wire import OFFER, Wire

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


# -- in --------------------------------------------------------------------------------------------


def test_a_call_from_outside_reaches_a_user(server: ServerProcess) -> None:
    async def scene() -> None:
        async with carrier(server) as outside, phone(server, "bob") as bob:
            call = await outside.dial("+14255550102")
            rung = await bob.rings()
            assert rung.caller.uri.user == OUTSIDE
            rung.answer()
            await call.answered()
            await talk(call, rung)
            call.hang_up()
            await rung.ended()
            record = await server.record(callee="+14255550102", result="answered")
            assert (record["direction"], record["gateway"]) == ("inbound", "sbc1")
            assert (record["caller"], record["callee_user"]) == (OUTSIDE, "bob")
            assert record["charge"] is None

    play(scene())


@pytest.mark.row(101)
def test_ten_digits_become_numbers_on_the_way_in(server: ServerProcess) -> None:
    async def scene() -> None:
        async with carrier(server) as outside, phone(server, "bob") as bob:
            call = await outside.dial("4255550102", calling="2065550144")
            rung = await bob.rings()
            assert rung.caller.uri.user == "+12065550144"
            call.hang_up()
            await rung.ended()
            await server.record(caller="+12065550144", callee_user="bob")

    play(scene())


@pytest.mark.row(59)
def test_a_number_of_ours_that_nobody_has(server: ServerProcess) -> None:
    async def scene() -> None:
        async with carrier(server) as outside:
            assert await (await outside.dial("+14255550118")).refused() == 404
            record = await server.record(callee="+14255550118")
            assert (record["reason"], record["sub_code"]) == ("number-unknown", 511404)
            assert (record["result"], record["sip_status"]) == ("rejected", 404)

    play(scene())


@pytest.mark.parametrize("number", ["+442071838750", "+19005550123", "911", "101", "alice"])
def test_a_trunk_reaches_nothing_but_numbers_of_ours(server: ServerProcess, number: str) -> None:
    async def scene() -> None:
        async with carrier(server) as outside, carrier(server, server.sbc2) as other:
            call = await outside.dial(number)
            assert await call.refused() == 404
            record = await server.record(callee=number)
            assert record["reason"] == "number-unknown"
            assert (outside.device.calls, other.device.calls) == ([], [])

    play(scene())


def test_a_call_without_a_number_is_anonymous(server: ServerProcess) -> None:
    async def scene() -> None:
        async with carrier(server) as outside, phone(server, "bob") as bob:
            call = await outside.dial("+14255550102", calling="anonymous")
            rung = await bob.rings()
            assert rung.caller.uri.user == "anonymous"
            call.hang_up()
            await rung.ended()

    play(scene())


# -- strangers -------------------------------------------------------------------------------------


def test_a_stranger_rings_nobody(server: ServerProcess) -> None:
    """The SBC's address and another port; a From that names a user does not help."""

    async def scene() -> None:
        async with phone(server, "bob") as bob:
            with Wire(server.sip) as wire:
                for number, user in (("+14255550102", OUTSIDE), ("102", "alice")):
                    uri = f"sip:{number}@{server.sip}"
                    invite = wire.request(
                        "INVITE", uri, user=f"{user}@contoso.test", call_id=f"stranger-{user}",
                        body=OFFER,
                    )  # fmt: skip
                    wire.send(invite)
                    refusal = wire.final()
                    assert refusal.status == 401
                    wire.send(ack_of(invite, refusal.header("To")))
            assert bob.calls == []

    play(scene())


def ack_of(invite: str, to: str) -> str:
    via, sender, call_id = (
        next(line for line in invite.split("\r\n") if line.startswith(name))
        for name in ("Via", "From", "Call-ID")
    )
    uri = invite.split(" ")[1]
    return (
        f"ACK {uri} SIP/2.0\r\n{via}\r\n{sender}\r\nTo: {to}\r\n{call_id}\r\n"
        "CSeq: 1 ACK\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    )


def test_a_wrong_password_is_refused_and_recorded(server: ServerProcess) -> None:
    async def scene() -> None:
        async with (
            phone(server, "bob") as bob,
            unregistered(server, "alice", password="guess") as thief,
        ):
            call = await thief.dial("102")
            assert await call.refused() == 403
            record = await server.record(reason="source-unknown")
            assert (record["result"], record["sub_code"]) == ("rejected", 510532)
            assert record["caller_user"] is None
            assert bob.calls == []

    play(scene())


def test_an_sbc_known_by_its_address_may_use_any_port(start_server: StartServer) -> None:
    def change(organisation: Organisation) -> None:
        organisation["pstn"]["direct_routing"]["sbcs"]["sbc1"]["match"] = "address"

    server = start_server(change)

    async def scene() -> None:
        async with (
            carrier(server, free_address()) as elsewhere,
            carrier(server) as at_home,
            phone(server, "bob") as bob,
        ):
            call = await elsewhere.dial("+14255550102")
            rung = await bob.rings()
            rung.answer()
            await call.answered()
            await talk(call, rung)
            call.hang_up()
            await rung.ended()
            assert (await server.record(callee_user="bob"))["gateway"] == "sbc1"

            out = await bob.dial(US_NUMBER)  # a phone of the same address is still a phone
            rung = await at_home.rings()
            rung.answer()
            await out.answered()
            out.hang_up()
            await rung.ended()

    play(scene())


# -- out -------------------------------------------------------------------------------------------


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


def test_without_a_licence_nobody_is_called_from_outside(start_server: StartServer) -> None:
    def change(organisation: Organisation) -> None:
        organisation["users"]["dave"]["number"] = "+14255550104"

    server = start_server(change)

    async def scene() -> None:
        async with (
            carrier(server) as outside,
            phone(server, "dave") as dave,
            phone(server, "bob") as bob,
        ):
            assert await (await outside.dial("+14255550104")).refused() == 403
            record = await server.record(callee="+14255550104")
            assert record["reason"] == "licence-phone-system-missing"
            assert record["direction"] == "inbound"
            assert dave.calls == []

            inside = await bob.dial("104")
            rung = await dave.rings()
            rung.answer()
            await inside.answered()
            await talk(inside, rung)
            inside.hang_up()
            await rung.ended()

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


@needs_sipp
def test_a_caller_who_gives_up_cancels_the_trunk(server: ServerProcess, sipp: SippRunner) -> None:
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
