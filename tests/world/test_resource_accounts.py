"""Resource accounts: what answers service numbers, and calls out for it (SPEC 4)."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from tests.world.contoso_scene import File, contoso
from tests.world.test_licences import because_of

from callwright.kernel.reason import Reason
from callwright.testing.builders import usd
from callwright.testing.phone_call import PhoneCall
from callwright.testing.world import World, play

FRIEND, LONDON = "+12065550199", "+442079460123"
CALLER = "2065550123"
MENU = "say: To leave us, press 9."


def call_in(world: World, number: str, sbc: str = "sbc1") -> PhoneCall:
    return world.carrier(sbc).call(number, calling=CALLER)


@pytest.mark.row(8)
def test_an_account_without_licence_does_not_answer_and_the_record_says_why() -> None:
    async def scene(world: World) -> None:
        call = call_in(world, "+14255550150")
        assert await call.ended() == 403
        record = await world.record()
        assert record.reason is Reason.SERVICE_UNLICENSED
        assert "resource account main-line holds no resource-account licence" in because_of(record)
        alice = await world.phone("alice")
        assert await (await alice.dial("main-line")).ended() == 403

    def unlicensed(file: File) -> None:
        file["resource_accounts"]["main-line"]["licences"] = []

    play(scene, organisation=contoso(unlicensed))


@pytest.mark.parametrize(("count", "is_answered"), [(26, True), (27, False)])
def test_bought_seats_that_expired_matter_only_beyond_the_free_pool(
    count: int, is_answered: bool
) -> None:
    """25 accounts are free, and one for the ten phone-system seats."""

    def change(file: File) -> None:
        file["licences"]["resource-account"] = {
            "seats": 5, "expires": "2020-01-01", "grace_days": 0,
        }  # fmt: skip
        accounts = file["resource_accounts"]
        for index in range(count - len(accounts)):
            accounts[f"line-{index}"] = {
                "name": "Line", "answers": {"auto_attendant": "reception"},
            }  # fmt: skip

    async def scene(world: World) -> None:
        call = call_in(world, "+14255550150")
        status = await call.settled()
        call.hang_up()
        assert status == (200 if is_answered else 403)

    play(scene, organisation=contoso(change))


@pytest.mark.row(115)
def test_a_new_account_and_its_attendant_answer_the_number() -> None:
    def change(file: File) -> None:
        file["auto_attendants"]["shop"] = {"open": {"greeting": {"say": "Welcome to the shop."}}}
        file["resource_accounts"]["shop-line"] = {
            "name": "Shop", "number": "+14255550155", "answers": {"auto_attendant": "shop"},
        }  # fmt: skip

    async def scene(world: World) -> None:
        assert await call_in(world, "+14255550155").ended() == 404
        await world.use(contoso(change))
        call = call_in(world, "+14255550155")
        await call.answered()
        await call.until_hears("say: Welcome to the shop.")

    play(scene, organisation=contoso())


@pytest.mark.row(116)
def test_nobody_registers_as_a_resource_account() -> None:
    async def scene(world: World) -> None:
        for password in ("none", "main-line-secret", ""):
            phone = await world.phone("main-line", register=False, password=password or "x")
            assert (await phone.try_register()).status in (401, 403)
        assert world.registrations.bindings.get("main-line", ()) == ()

    play(scene, organisation=contoso())


@pytest.mark.row(117)
def test_two_numbers_reach_the_same_queue_and_one_place_in_its_line() -> None:
    def change(file: File) -> None:
        file["resource_accounts"]["help-line"] = {
            "name": "Help", "number": "+14255550156", "answers": {"call_queue": "support"},
        }  # fmt: skip

    async def scene(world: World) -> None:
        first, second = call_in(world, "+14255550151"), call_in(world, "+14255550156", "sbc2")
        await first.answered()
        await second.answered()
        assert await call_in(world, "+14255550156").ended() == 486  # two wait at most
        bob = await world.phone("bob")
        rung = await bob.rings(within_s=20)
        rung.answer()
        await first.until_hears("bob")
        rung.hang_up()
        again = await bob.rings(within_s=20)
        again.answer()
        await second.until_hears("bob")

    play(scene, organisation=contoso(change))


def leaving(number: str, *, policies: dict[str, Any] | None = None, source: str = "") -> Any:
    """Key 9 of the attendant leads outside, and nobody has a routing policy but by ``policies``."""

    def change(file: File) -> None:
        attendant = file["auto_attendants"]["reception"]
        attendant["open"]["menu"] = {
            "prompt": {"say": "To leave us, press 9."},
            "keys": {"9": {"external": number}},
        }
        routing = file["pstn"]["direct_routing"]["policies"]
        routing["services"] = routing.pop("default")
        file["resource_accounts"]["main-line"] |= {"policies": policies or {}}
        if source:
            file["numbers"][1]["source"] = source
            file["pstn"][source.replace("-", "_")] = {"sbcs": ["sbc2"]}

    return change


def without_operator(change: Callable[[File], None]) -> Callable[[File], None]:
    """Nobody stands in for a target that cannot be reached."""

    def changed(file: File) -> None:
        change(file)
        del file["auto_attendants"]["reception"]["operator"]

    return changed


async def leave_by_key(world: World) -> PhoneCall:
    call = call_in(world, "+14255550150")
    await call.answered()
    await call.until_hears(MENU, within_s=20)
    await call.press("9")
    return call


@pytest.mark.row(118)
def test_an_account_with_neither_plan_nor_policy_does_not_transfer_out() -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        call = await leave_by_key(world)
        await call.ended(within_s=15)
        assert carrier.invites == []
        record = await world.record()
        assert record.reason is Reason.SERVICE_MAY_NOT_CALL
        assert "main-line has neither a routing policy" in because_of(record)

    play(scene, organisation=contoso(without_operator(leaving(FRIEND))))


@pytest.mark.row(118)
@pytest.mark.parametrize(
    ("policies", "source", "sbc"),
    [
        ({"routing": "services"}, "", "sbc1"),
        ({}, "operator-connect", "sbc2"),
        ({}, "calling-plan", "sbc2"),
    ],
    ids=["routing policy", "operator number", "calling plan number"],
)
def test_an_account_with_one_of_them_does(policies: dict[str, Any], source: str, sbc: str) -> None:
    def change(file: File) -> None:
        leaving(FRIEND, policies=policies, source=source)(file)
        file["resource_accounts"]["main-line"]["licences"] = [
            "resource-account", "calling-plan-domestic",
        ]  # fmt: skip

    async def scene(world: World) -> None:
        world.carrier("sbc1"), world.carrier("sbc2")
        call = await leave_by_key(world)
        await call.until_hears(FRIEND, within_s=20)
        assert [invite.parsed_uri.user for invite in world.carrier(sbc).invites] == [FRIEND]

    play(scene, organisation=contoso(change))


@pytest.mark.row(118)
def test_the_first_account_of_a_chain_answers_for_the_transfer() -> None:
    """The attendant behind the queue is reached without an account of its own (SPEC 4.3)."""

    def change(file: File) -> None:
        leaving(FRIEND)(file)
        file["resource_accounts"]["support-line"]["policies"] = {"routing": "services"}
        file["call_queues"]["support"] |= {
            "agents": [], "no_agents": {"to": {"auto_attendant": "reception"}},
        }  # fmt: skip

    async def scene(world: World) -> None:
        world.carrier("sbc1")
        call = call_in(world, "+14255550151")
        await call.until_hears(MENU, within_s=30)
        await call.press("9")
        await call.until_hears(FRIEND, within_s=20)

    play(scene, organisation=contoso(change))


def plan_of(*licences: str, balance: str = "50.00") -> Any:
    def change(file: File) -> None:
        leaving(LONDON, source="calling-plan")(file)
        file["licences"]["calling-plan-international"] = 1
        file["resource_accounts"]["main-line"]["licences"] = ["resource-account", *licences]
        file["credits"]["opening_balance"] = balance

    return change


@pytest.mark.row(119)
def test_without_its_plan_an_account_calls_on_credits() -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc2")
        for charged in (False, True):
            call = await leave_by_key(world)
            await call.until_hears(LONDON, within_s=20)
            await asyncio.sleep(90)
            call.hang_up()
            record = await world.record(1 + charged)
            if charged:
                assert record.charge == usd("0.05")  # 0.01 and two minutes of 0.02
            else:
                assert record.charge is None or record.charge.micros == 0
                assert "the calling plan pays" in because_of(record)
                await world.use(contoso(plan_of()))
        assert world.wallet.balance == usd("49.95")

    play(scene, organisation=contoso(plan_of("calling-plan-international")))


@pytest.mark.row(119)
def test_without_plan_and_credits_the_transfer_fails() -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc2")
        call = await leave_by_key(world)
        await call.ended(within_s=15)
        assert carrier.invites == []
        assert (await world.record()).reason is Reason.CREDITS_EXHAUSTED

    play(scene, organisation=contoso(without_operator(plan_of(balance="0"))))


@pytest.mark.row(283)
def test_a_new_member_of_a_group_takes_calls_of_its_queue_at_once() -> None:
    def change(file: File) -> None:
        file["groups"]["support-team"]["members"] = [{"group": "night"}]
        file["groups"]["night"] = {"members": ["erin"]}

    async def scene(world: World) -> None:
        erin, bob = await world.phone("erin"), await world.phone("bob")
        await world.use(contoso(change))
        call = call_in(world, "+14255550151")
        (await erin.rings(within_s=10)).answer()
        await call.until_hears("erin")
        assert bob.calls == []

    play(scene, organisation=contoso())
