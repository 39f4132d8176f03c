"""What acts on numbers and licences do to the very next call."""

import pytest
from tests.unit.operations.numbers.office import ACT, Office
from tests.world.contoso_scene import CONTOSO

from callwright.domains.licences.model import Sku
from callwright.operations.licences.changing import Swap, change_licences
from callwright.operations.organisation_file import build_snapshot
from callwright.routing.snapshot import Snapshot
from callwright.testing.world import World, play

CALLER, FRIEND = "2065550123", "+12065550199"
BOBS, FREE = "+14255550102", "+14255550110"
PLAN = [{"range": "+13605550100..+13605550109", "kind": "user", "source": "calling-plan"}]


def office() -> Office:
    licences = {"phone-system-with-calling-plan": 5}
    more = {"licences": licences, "numbers": PLAN}
    return Office(more, file=CONTOSO.read_text(encoding="utf-8"))


def snapshot(made: Office) -> Snapshot:
    view = made.desk.view()
    return build_snapshot(view.organisation, revision=view.configuration.revision, base=None)


def swap(made: Office, user: str, *, add: tuple[Sku, ...] = (), remove: tuple[Sku, ...]) -> None:
    change_licences(made.desk, Swap([("user", user)], add, remove), ACT)


async def call_in(world: World, number: str) -> int:
    """The status that a caller from outside gets; 200 when somebody answers."""
    call = world.carrier("sbc1").call(number, calling=CALLER)
    status = await call.settled()
    call.hang_up()
    return status


async def call_out(world: World, user: str) -> int:
    phone = await world.phone(user)
    world.carrier("sbc1")
    call = await phone.dial(FRIEND)
    status = await call.settled()
    call.hang_up()
    return status


@pytest.mark.row(2)
def test_a_number_switches_a_users_voice_on_and_off() -> None:
    made = office()

    async def scene(world: World) -> None:
        assert await call_out(world, "bob") == 200
        made.remove(BOBS)
        await world.use(snapshot(made))
        assert await call_in(world, BOBS) == 404
        assert await call_out(world, "bob") == 403
        made.assign(FREE, "bob")
        await world.use(snapshot(made))
        assert await call_out(world, "bob") == 200
        phone = await world.phone("bob")
        call = world.carrier("sbc1").call(FREE, calling=CALLER)
        (await phone.rings()).answer()
        await call.answered()
        call.hang_up()

    play(scene, organisation=snapshot(made))


@pytest.mark.row(4)
def test_who_loses_the_phone_system_is_no_longer_called_at_his_number() -> None:
    made = office()

    async def scene(world: World) -> None:
        swap(made, "bob", remove=(Sku.PHONE_SYSTEM,))
        await world.use(snapshot(made))
        assert await call_in(world, BOBS) == 404
        assert await call_out(world, "bob") == 403
        assert not made.holds(BOBS)

    play(scene, organisation=snapshot(made))


@pytest.mark.row(3)
def test_who_loses_the_calling_plan_is_no_longer_called_at_its_number() -> None:
    made = office()
    made.assign("+13605550100", "erin", location="hq")

    async def scene(world: World) -> None:
        phone = await world.phone("erin")
        call = world.carrier("sbc1").call("+13605550100", calling=CALLER)
        (await phone.rings()).answer()
        await call.answered()
        call.hang_up()
        swap(made, "erin", remove=(Sku.CALLING_PLAN_DOMESTIC,))
        await world.use(snapshot(made))
        assert await call_in(world, "+13605550100") == 404
        assert made.users["erin"].number is None
        assert made.holds("+13605550100")

    play(scene, organisation=snapshot(made))


@pytest.mark.row(5)
def test_who_swaps_licences_in_one_act_is_called_as_before() -> None:
    made = office()

    async def scene(world: World) -> None:
        new = Sku.PHONE_SYSTEM_WITH_CALLING_PLAN
        swap(made, "bob", add=(new,), remove=(Sku.PHONE_SYSTEM,))
        await world.use(snapshot(made))
        phone = await world.phone("bob")
        call = world.carrier("sbc1").call(BOBS, calling=CALLER)
        (await phone.rings()).answer()
        await call.answered()
        call.hang_up()
        swap(made, "bob", remove=(new,))
        swap(made, "bob", add=(Sku.PHONE_SYSTEM,), remove=())
        await world.use(snapshot(made))
        assert await call_in(world, BOBS) == 404

    play(scene, organisation=snapshot(made))
