"""Visitors of web pages call services from the browser (SPEC 4.5)."""

import asyncio

import pytest
from tests.world.contoso_scene import File, contoso
from tests.world.test_licences import because_of

from callwright.calls.record import Direction
from callwright.kernel.limits.shield import (
    VISITOR_CALLS_MAX,
    VISITOR_CALLS_PER_ADDRESS_MAX,
    VISITOR_CALLS_S,
)
from callwright.kernel.reason import Reason
from callwright.testing.phones import SimulatedPhone
from callwright.testing.world import World, play

FRIEND = "+12065550199"
PAGE, ELSEWHERE = "https://www.contoso.com", "https://www.example.net"
WELCOME = "say: Welcome."


def web_calls(file: File) -> None:
    """The main line may be called from a page; bob is behind key 2."""
    file["resource_accounts"]["main-line"]["web_pages"] = [PAGE]
    file["resource_accounts"]["main-line"]["answers"] = {"auto_attendant": "web"}
    file["auto_attendants"]["web"] = {
        "open": {
            "greeting": {"say": "Welcome."},
            "menu": {"prompt": {"say": "Press 2."}, "keys": {"2": {"user": "bob"}}},
        }
    }


ORGANISATION = contoso(web_calls)


async def visitor(world: World, name: str = "visitor", page: str | None = PAGE) -> SimulatedPhone:
    return await world.phone(
        "nobody", name=name, register=False, transport="wss", page=page, password="none"
    )


def test_a_visitor_is_welcomed_is_brought_to_somebody_and_both_are_heard() -> None:
    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        anna = await visitor(world)
        call = await anna.dial("main-line")
        await call.answered(within_s=1)
        await call.until_hears(WELCOME)
        await call.press("2")
        rung = await bob.rings(within_s=10)
        assert rung.shown[1] == "www.contoso.com"
        rung.answer()
        await call.until_hears("bob")
        await rung.until_hears("visitor")
        call.hang_up()
        await rung.ended()
        record = await world.record()
        assert (record.caller, record.direction) == ("www.contoso.com", Direction.INBOUND)
        assert f"{PAGE} may call main-line" in str(record.steps)

    play(scene, organisation=ORGANISATION)


@pytest.mark.parametrize(
    "dialled", ["bob", "102", "second-line", "+12065550199", "911", "*98", "+14255550150"]
)
def test_a_visitor_calls_nothing_else(dialled: str) -> None:
    """A challenge is all that an unknown caller gets."""

    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        anna = await visitor(world)
        call = await anna.dial(dialled)
        assert await call.ended() in (401, 403)
        assert not bob.calls
        assert all(record.reason is Reason.SOURCE_UNKNOWN for record in world.journal.records)

    play(scene, organisation=ORGANISATION)


@pytest.mark.parametrize("page", [None, ELSEWHERE, "http://www.contoso.com"])
def test_other_pages_may_not(page: str | None) -> None:
    async def scene(world: World) -> None:
        call = await (await visitor(world, page=page)).dial("main-line")
        assert await call.ended() in (401, 403)

    play(scene, organisation=ORGANISATION)


@pytest.mark.row(120)
def test_the_41st_web_call_in_a_minute_is_refused_and_the_next_minute_serves_again() -> None:
    async def scene(world: World) -> None:
        began_s = world.clock.monotonic()
        for number in range(VISITOR_CALLS_MAX):
            phone = await visitor(world, f"visitor-{number}")
            call = await phone.dial("main-line")
            await call.answered(within_s=1)
            call.hang_up()
        late = await visitor(world, "late")
        refused = await late.dial("main-line")
        assert await refused.ended() == 503
        retry_s = int((refused.final and refused.final.header("Retry-After")) or 0)
        assert 0 < retry_s <= VISITOR_CALLS_S
        assert world.node.door.visitors.refused == 1
        await asyncio.sleep(began_s + VISITOR_CALLS_S + 1 - world.clock.monotonic())
        call = await late.dial("main-line")
        await call.answered(within_s=1)

    play(scene, organisation=ORGANISATION)


def test_one_address_leaves_room_for_others() -> None:
    async def scene(world: World) -> None:
        busy, other = await visitor(world, "busy"), await visitor(world, "other")
        for _ in range(VISITOR_CALLS_PER_ADDRESS_MAX):
            call = await busy.dial("main-line")
            await call.answered(within_s=1)
            call.hang_up()
        assert await (await busy.dial("main-line")).ended() == 503
        await (await other.dial("main-line")).answered(within_s=1)

    play(scene, organisation=ORGANISATION)


def test_a_user_who_works_with_that_page_stays_a_user() -> None:
    async def scene(world: World) -> None:
        bob = await world.phone("bob", transport="wss", page=PAGE)
        bob.forget_challenge()
        call = await bob.dial("main-line")
        await call.answered(within_s=1)
        call.hang_up()
        record = await world.record()
        assert (record.caller_user, record.direction) == ("bob", Direction.INTERNAL)

    play(scene, organisation=ORGANISATION)


def test_a_visitor_who_is_sent_outside_leaves_with_the_services_number() -> None:
    def outside(file: File) -> None:
        web_calls(file)
        keys = file["auto_attendants"]["web"]["open"]["menu"]["keys"]
        keys["2"] = {"external": FRIEND}

    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        call = await (await visitor(world)).dial("main-line")
        await call.answered(within_s=1)
        await call.press("2")
        rung = await carrier.rings(within_s=15)
        assert rung.shown[1] == "+14255550150"

    play(scene, organisation=contoso(outside))


def test_a_visitor_has_no_number_and_is_offered_no_callback() -> None:
    def to_the_queue(file: File) -> None:
        web_calls(file)
        file["resource_accounts"]["main-line"]["answers"] = {"call_queue": "support"}
        file["call_queues"]["support"]["callback"] = {
            "offer": {"say": "Press 1."}, "key": "1", "mail_to": "support@contoso.test",
            "after_wait_s": 30,
        }  # fmt: skip

    async def scene(world: World) -> None:
        await world.phone("alice")
        call = await (await visitor(world)).dial("main-line")
        await call.answered(within_s=1)
        await call.listen(40)
        call.hang_up()
        record = await world.record()
        assert "www.contoso.com is no public number" in because_of(record)

    play(scene, organisation=contoso(to_the_queue))


def test_a_visitor_transfers_nobody() -> None:
    async def scene(world: World) -> None:
        bob, erin = await world.phone("bob"), await world.phone("erin")
        call = await (await visitor(world)).dial("main-line")
        await call.answered(within_s=1)
        await call.press("2")
        rung = await bob.rings(within_s=10)
        rung.answer()
        await call.until_hears("bob")
        assert await call.transfer("105") == 403
        await rung.until_hears("visitor")
        assert not erin.calls

    play(scene, organisation=ORGANISATION)


def test_an_account_without_licence_is_not_called_from_the_web_either() -> None:
    def unlicensed(file: File) -> None:
        web_calls(file)
        file["resource_accounts"]["main-line"]["licences"] = []

    async def scene(world: World) -> None:
        call = await (await visitor(world)).dial("main-line")
        assert await call.ended() == 403
        record = await world.record()
        assert record.reason is Reason.SERVICE_UNLICENSED
        assert "holds no resource-account licence" in because_of(record)

    play(scene, organisation=contoso(unlicensed))
