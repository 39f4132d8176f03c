"""Money: what calls cost, what they hold while they run, and who may not spend."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from tests.interop.conftest import Change, StartServer
from tests.interop.phones import carrier, line, phone, play, talk, until_true
from tests.interop.process import Organisation, ServerProcess, until

from callwright.testing.agent_call import AgentCall

LONDON, BRITISH_MOBILE, WORLD = "+442071838750", "+447911123456", "+33123456789"
FREEPHONE = "+18005550100"


def with_balance(amount: str) -> Change:
    def change(organisation: Organisation) -> None:
        organisation["credits"]["opening_balance"] = amount

    return change


def money(server: ServerProcess) -> tuple[Decimal, Decimal]:
    """Balance, and what running calls hold of it."""
    shown = server.look("credits", "show")
    assert shown["currency"] == "USD"
    return Decimal(shown["balance"]), Decimal(shown["reserved"])


async def charged(server: ServerProcess, balance: str | Decimal) -> None:
    wanted = (Decimal(balance), Decimal(0))
    await until(lambda: money(server) == wanted, f"a balance of {balance}, nothing reserved")


@pytest.mark.parametrize(
    ("number", "charge"), [(LONDON, "0.03"), (BRITISH_MOBILE, "0.11"), (WORLD, "0.50")]
)
def test_the_longest_prefix_counts_for_the_started_minute(
    server: ServerProcess, number: str, charge: str
) -> None:
    async def scene() -> None:
        async with carrier(server) as outside, phone(server, "alice") as alice:
            before, _ = money(server)
            call = await alice.dial(number)
            rung = await outside.rings()
            assert money(server) == (before, Decimal(charge))
            rung.answer()
            await call.answered()
            await talk(call, rung)
            call.hang_up()
            await rung.ended()
            record = await server.record(callee=number)
            assert (record["charge"], record["currency"]) == (charge, "USD")
            await charged(server, before - Decimal(charge))

    play(scene())


def test_what_is_not_answered_costs_nothing(server: ServerProcess) -> None:
    async def scene() -> None:
        async with carrier(server) as outside, phone(server, "alice") as alice:
            before, _ = money(server)
            call = await alice.dial(LONDON)
            (await outside.rings()).refuse(486)
            assert await call.refused() == 486
            record = await server.record(caller_user="alice", reason="callee-busy")
            assert Decimal(record["charge"] or 0) == 0
            await charged(server, before)

    play(scene())


def test_free_calls_need_no_money(start_server: StartServer) -> None:
    server = start_server(with_balance("0.00"))

    async def scene() -> None:
        async with carrier(server) as outside, phone(server, "carol") as carol:
            call = await carol.dial("+12065550177")
            rung = await outside.rings()
            rung.answer()
            await call.answered()
            call.hang_up()
            await rung.ended()

            assert await (await carol.dial(LONDON)).refused() == 403
            record = await server.record(callee=LONDON)
            assert record["reason"] == "licence-communications-credits-missing"
            assert record["sub_code"] == 510562

    play(scene())


def test_twenty_calls_at_once_never_overdraw(start_server: StartServer) -> None:
    """Ten cents pay for three calls of three cents; each of the others is refused."""
    server = start_server(with_balance("0.10"))

    async def scene() -> None:
        async with carrier(server) as outside, phone(server, "alice") as alice:
            outside.device.on_call = AgentCall.answer
            calls = await asyncio.gather(*(alice.dial(LONDON) for _ in range(20)))
            statuses = await asyncio.gather(*map(final_status, calls))
            assert sorted(statuses) == [200] * 3 + [403] * 17
            assert money(server) == (Decimal("0.10"), Decimal("0.09"))
            for call in calls:
                if not call.is_over:
                    call.hang_up()
            await charged(server, "0.01")
            await until(
                lambda: len(server.records(reason="credits-exhausted")) == 17, "17 refusals"
            )
            answered = await until(
                lambda: three_of(server.records(caller_user="alice", result="answered")),
                "three records",
            )
            assert [record["charge"] for record in answered] == ["0.03"] * 3

    play(scene())


def three_of(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return records if len(records) == 3 else []


async def final_status(call: AgentCall) -> int:
    await until_true(lambda: call.status is not None, "a final response", 10)
    assert call.status is not None
    return call.status


def test_the_organisation_pays_for_its_freephone_number(start_server: StartServer) -> None:
    server = start_server(with_balance("0.04"))

    async def scene() -> None:
        async with carrier(server) as outside:
            call = await (await outside.dial(FREEPHONE)).answered()
            call.hang_up()
            record = await server.record(callee=FREEPHONE)
            assert (record["charge"], record["direction"]) == ("0.03", "inbound")
            await charged(server, "0.01")

    play(scene())


@pytest.mark.row(190)
def test_without_money_the_freephone_number_is_not_answered(start_server: StartServer) -> None:
    server = start_server(with_balance("0.00"))

    async def scene() -> None:
        async with carrier(server) as outside, phone(server, "bob") as bob:
            assert await (await outside.dial(FREEPHONE)).refused() == 403
            record = await server.record(callee=FREEPHONE)
            assert record["reason"] == "credits-exhausted"
            call = await outside.dial("+14255550102")  # other calls come in all the same
            rung = await bob.rings()
            rung.answer()
            await call.answered()
            assert line(call).is_talking
            call.hang_up()
            await rung.ended()

    play(scene())
