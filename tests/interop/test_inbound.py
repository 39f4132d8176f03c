"""Calls from SBCs and from those who are none: who is believed, and whom they reach."""

import pytest
from tests.interop.conftest import StartServer
from tests.interop.phones import OUTSIDE, carrier, phone, play, talk, unregistered
from tests.interop.process import Organisation, ServerProcess, free_address
from tests.interop.wire import OFFER, Wire

US_NUMBER = "+12065550177"


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
