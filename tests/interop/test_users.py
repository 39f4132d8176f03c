"""Calls between users: who rings, who hears whom, and what follows when nobody answers."""

import asyncio

import pytest
from tests.interop.phones import (
    OUTSIDE,
    carrier,
    line,
    phone,
    play,
    talk,
    until_sound,
    until_true,
)
from tests.interop.process import ServerProcess

RINGBACK_HZ = (440, 480)


def test_two_phones_talk_and_the_record_says_so(server: ServerProcess) -> None:
    async def scene() -> None:
        async with phone(server, "erin") as erin, phone(server, "bob") as bob:
            call = await erin.dial("102")
            rung = await bob.rings()
            assert rung.caller.display == "Erin Evans"
            rung.answer()
            await call.answered()
            await talk(call, rung)
            call.hang_up()
            await rung.ended()
            record = await server.record(caller_user="erin", callee_user="bob")
            assert (record["direction"], record["result"]) == ("internal", "answered")
            assert (record["sip_status"], record["reason"]) == (200, "normal")
            assert record["duration_s"] > 0

    play(scene())


@pytest.mark.row(28)
def test_a_colleagues_number_stays_inside(server: ServerProcess) -> None:
    async def scene() -> None:
        async with (
            carrier(server) as outside,
            phone(server, "erin") as erin,
            phone(server, "bob") as bob,
        ):
            call = await erin.dial("4255550102")
            rung = await bob.rings()
            assert rung.caller.uri.user == "+14255550105"
            call.hang_up()
            await rung.ended()
            record = await server.record(caller_user="erin", callee_user="bob", result="missed")
            assert (record["direction"], record["gateway"]) == ("internal", None)
            assert outside.device.calls == []

    play(scene())


def test_all_devices_ring_and_the_losers_miss_nothing(server: ServerProcess) -> None:
    """chan-sccp#349: what another phone had answered was shown as missed."""

    async def scene() -> None:
        async with (
            carrier(server) as outside,
            phone(server, "bob") as desk,
            phone(server, "bob", tone_hz=1_500) as mobile,
        ):
            call = await outside.dial("+14255550102")
            first, second = await desk.rings(), await mobile.rings()
            second.answer()
            await first.ended()
            assert first.reason is not None
            assert first.reason.startswith("SIP;cause=200")
            await call.answered()
            await talk(call, second)
            call.hang_up()
            await second.ended()

    play(scene())


def test_two_devices_that_answer_at_once_make_one_call(server: ServerProcess) -> None:
    async def scene() -> None:
        async with (
            carrier(server) as outside,
            phone(server, "bob") as desk,
            phone(server, "bob", tone_hz=1_500) as mobile,
        ):
            call = await outside.dial("+14255550102")
            rung = [await desk.rings(), await mobile.rings()]
            for one in rung:
                one.answer()
            await call.answered()
            ends = [asyncio.ensure_future(one.ended()) for one in rung]
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            (winner,) = [one for one in rung if not one.is_over]
            await talk(call, winner)
            call.hang_up()
            await asyncio.gather(*ends)

    play(scene())


@pytest.mark.row(79)
def test_one_device_declines_for_all(server: ServerProcess) -> None:
    async def scene() -> None:
        async with (
            carrier(server) as outside,
            phone(server, "bob") as desk,
            phone(server, "bob") as mobile,
        ):
            call = await outside.dial("+14255550102")
            first, second = await desk.rings(), await mobile.rings()
            first.refuse(603)
            assert await call.refused() == 603
            await second.ended()
            assert (len(desk.calls), len(mobile.calls)) == (1, 1)
            record = await server.record(reason="callee-declined")
            assert (record["result"], record["sip_status"]) == ("rejected", 603)

    play(scene())


def test_a_busy_phone_says_so(server: ServerProcess) -> None:
    async def scene() -> None:
        async with phone(server, "erin") as erin, phone(server, "bob") as bob:
            call = await erin.dial("bob")
            (await bob.rings()).refuse(486)
            assert await call.refused() == 486
            record = await server.record(reason="callee-busy")
            assert record["result"] == "busy"

    play(scene())


def test_an_immediate_forward_rings_somebody_else(server: ServerProcess) -> None:
    async def scene() -> None:
        async with (
            carrier(server) as outside,
            phone(server, "carol") as carol,
            phone(server, "bob") as bob,
        ):
            call = await outside.dial("+14255550103")
            rung = await bob.rings()
            assert rung.caller.uri.user == OUTSIDE
            rung.answer()
            await call.answered()
            await talk(call, rung)
            rung.hang_up()
            await call.ended()
            assert carol.calls == []
            record = await server.record(callee="+14255550103")
            assert record["callee_user"] == "bob"

    play(scene())


def test_a_caller_who_gives_up_stops_the_ringing(server: ServerProcess) -> None:
    async def scene() -> None:
        async with phone(server, "erin") as erin, phone(server, "bob") as bob:
            call = await erin.dial("102")
            rung = await bob.rings()
            call.hang_up()
            await rung.ended()
            record = await server.record(reason="caller-cancelled", caller_user="erin")
            assert record["result"] == "missed"
            assert record["answered_at"] is None

    play(scene())


def test_hold_plays_music_to_the_other_side_until_it_is_resumed(server: ServerProcess) -> None:
    async def scene() -> None:
        async with carrier(server) as outside, phone(server, "bob") as bob:
            call = await outside.dial("+14255550102")
            rung = await bob.rings()
            rung.answer()
            await call.answered()
            await talk(call, rung)
            await rung.hold()
            await until_sound(call, none_of=rung)
            await rung.resume()
            await talk(call, rung)
            call.hang_up()
            await rung.ended()

    play(scene())


@pytest.mark.row(219)
def test_a_blind_transfer_connects_the_other_two(server: ServerProcess) -> None:
    async def scene() -> None:
        async with (
            carrier(server) as outside,
            phone(server, "bob") as bob,
            phone(server, "erin") as erin,
        ):
            call = await outside.dial("+14255550102")
            rung = await bob.rings()
            rung.answer()
            await call.answered()
            await talk(call, rung)
            assert await rung.transfer("105") == 202
            third = await erin.rings()
            assert third.caller.uri.user == OUTSIDE
            await line(call).until_hears(*RINGBACK_HZ)
            third.answer()
            assert await rung.transferred() == "SIP/2.0 200 OK"
            await rung.ended()
            await talk(call, third)
            call.hang_up()
            await third.ended()

    play(scene())


def test_a_transfer_that_nobody_takes_comes_back(server: ServerProcess) -> None:
    async def scene() -> None:
        async with (
            carrier(server) as outside,
            phone(server, "bob") as bob,
            phone(server, "erin") as erin,
        ):
            call = await outside.dial("+14255550102")
            rung = await bob.rings()
            rung.answer()
            await call.answered()
            assert await rung.transfer("erin") == 202
            (await erin.rings()).refuse(486)
            assert not (await rung.transferred()).startswith("SIP/2.0 2")
            await talk(call, rung)
            rung.hang_up()
            await call.ended()

    play(scene())


def test_keys_reach_the_other_phone(server: ServerProcess) -> None:
    async def scene() -> None:
        async with phone(server, "erin") as erin, phone(server, "bob") as bob:
            call = await erin.dial("102")
            rung = await bob.rings()
            rung.answer()
            await call.answered()
            await talk(call, rung)
            call.press("5#")
            await until_true(lambda: line(rung).digits == ["5", "#"], "both keys")
            call.hang_up()
            await rung.ended()

    play(scene())


def test_nobody_has_this_name(server: ServerProcess) -> None:
    async def scene() -> None:
        async with phone(server, "erin") as erin:
            call = await erin.dial("zoe")
            assert await call.refused() == 404
            record = await server.record(reason="address-unknown")
            assert record["result"] == "rejected"

    play(scene())
