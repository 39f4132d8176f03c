"""Emergency calls: dialled as written, from everybody, through whatever SBC takes them."""

import asyncio
from collections.abc import Iterator

import pytest
from tests.interop.conftest import StartServer, new_server
from tests.interop.phones import carrier, phone, phones_on_disk, play, talk, until_true
from tests.interop.process import Organisation, ServerProcess
from tests.interop.sipp import SippRunner, needs_sipp

ELIN = "+14255550119"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    def change(organisation: Organisation) -> None:
        organisation["credits"]["opening_balance"] = "0.00"
        for sbc in organisation["pstn"]["direct_routing"]["sbcs"].values():
            sbc["send_options"] = False

    running = new_server(tmp_path_factory.mktemp("server"), change)
    running.start()
    yield running
    running.stop()


@pytest.mark.row(249)
@pytest.mark.parametrize("number", ["911", "933"])
def test_it_leaves_as_it_was_dialled(server: ServerProcess, number: str) -> None:
    async def scene() -> None:
        async with (
            carrier(server) as outside,
            phone(server, "alice") as alice,
            phone(server, "erin") as erin,
        ):
            call = await erin.dial(number)
            rung = await outside.rings()
            assert rung.invite.uri.startswith(f"sip:{number}@{server.sbc1}")
            assert rung.caller.uri.user == ELIN
            asserted = rung.invite.header("P-Asserted-Identity") or ""
            assert asserted.startswith("<sip:+14255550105@")
            rung.answer()
            await call.answered()
            await talk(call, rung)
            call.hang_up()
            await rung.ended()
            record = await server.record(caller_user="erin", callee=number)
            assert (record["result"], record["gateway"]) == ("answered", "sbc1")
            notice = (await alice.receives("MESSAGE")).body.decode()
            assert number in notice
            assert "1 Contoso Way" in notice

    play(scene())


@pytest.mark.row(256)
def test_nobody_needs_a_licence_and_the_centre_can_call_back(server: ServerProcess) -> None:
    async def scene() -> None:
        async with carrier(server) as outside, phone(server, "dave") as dave:
            call = await dave.dial("911")
            rung = await outside.rings()
            assert rung.caller.uri.user == ELIN
            rung.answer()
            await call.answered()
            await talk(call, rung)
            rung.hang_up()
            await call.ended()

            back = await outside.dial(ELIN)
            rung = await dave.rings()
            rung.answer()
            await back.answered()
            await talk(back, rung)
            back.hang_up()
            await rung.ended()

    play(scene())


@pytest.mark.row(256)
def test_the_centre_can_call_back_after_the_server_was_killed(start_server: StartServer) -> None:
    server = start_server()

    async def scene() -> None:
        async with carrier(server) as outside, phone(server, "dave") as dave:
            call = await dave.dial("911")
            rung = await outside.rings()
            rung.answer()
            await call.answered()
            rung.hang_up()
            await call.ended()
            await server.record(caller_user="dave", callee="911")
            await until_true(lambda: "dave" in phones_on_disk(server.data), "dave's phone on disk")
            server.kill()
            await asyncio.to_thread(server.start, sip=server.sip)
            back = await outside.dial(ELIN)
            await dave.rings(within_s=30)
            back.hang_up()

    play(scene())


@needs_sipp
def test_the_next_sbc_takes_it_whatever_the_first_says(
    server: ServerProcess, sipp: SippRunner
) -> None:
    async def scene() -> None:
        refusing = sipp.start("refuse", server=server.sip, at=server.sbc1, status=486)
        answering = sipp.start("answer", server=server.sip, at=server.sbc2)
        async with phone(server, "alice") as alice:
            call = await (await alice.dial("911")).answered()
            call.hang_up()
            await answering.done()
            await refusing.done()
        for run in (refusing, answering):
            (invite,) = run.received("INVITE")
            assert invite.start.startswith(f"INVITE sip:911@{run.at}")
            assert f"<sip:{ELIN}@" in (invite.header("From") or "")
            assert "<sip:+14255550101@" in (invite.header("P-Asserted-Identity") or "")

    play(scene())
