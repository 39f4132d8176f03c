"""A key calls back whoever left a message, and nobody else (SPEC 8.9)."""

import pytest
from tests.world.test_mailbox_menu import EN, hear_first, heard, into_mailbox, scene_of

from callwright.testing.phones import SimulatedPhone
from callwright.testing.world import World, play

LONDON = "+442079460123"


def test_a_key_calls_back_whoever_left_the_message() -> None:
    async def act(world: World, alice: SimulatedPhone, erin: SimulatedPhone) -> None:
        call = await into_mailbox(alice)
        await hear_first(call)
        await call.press("4")
        rung = await erin.rings(within_s=10)
        rung.answer()
        await call.until_hears("erin")
        call.hang_up()
        assert (await world.record(2)).callee_user == "erin"

    scene_of(act)


@pytest.mark.parametrize(
    ("calling", "privacy"),
    [("*52", "none"), ("911", "none"), ("*98", "none"), ("anonymous", "none"), (LONDON, "id")],
)
def test_calling_back_dials_no_code_no_help_and_nobody_who_hides(
    calling: str, privacy: str
) -> None:
    """Whoever calls from outside says what he likes of his number. The menu goes on."""

    async def scene(world: World) -> None:
        headers = [("Privacy", privacy)]
        stranger = world.carrier("sbc1").call("+14255550101", calling=calling, headers=headers)
        stranger.hush()
        await stranger.answered()
        await stranger.until_hears("beep", within_s=30)
        await stranger.until_hears()
        await stranger.talk_for(3)
        stranger.hang_up()
        await stranger.ended()
        call = await into_mailbox(await world.phone("alice"))
        await hear_first(call)
        await call.press("4")
        await call.until_hears(heard(EN.no_way_back), within_s=10)
        assert world.node.floor.desk.absences() == ()
        await call.until_hears(heard(EN.message_menu), within_s=10)

    play(scene)
