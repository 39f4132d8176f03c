"""Who presses no PIN, a wrong one, or many at once (SPEC 8.9; docs/adr/0038-voicemail.md)."""

import asyncio

from tests.world.test_mailbox_menu import EN, PIN, heard, into_mailbox, scene_of

from callwright.kernel.limits.voicemail import VOICEMAIL_PIN_FAILURES_FREE
from callwright.testing.handset import Sources
from callwright.testing.phone_call import PhoneCall
from callwright.testing.phones import SimulatedPhone
from callwright.testing.world import World

AT_ONCE = 12


def test_who_guesses_from_many_phones_at_once_guesses_no_faster() -> None:
    async def act(world: World, alice: SimulatedPhone, erin: SimulatedPhone) -> None:
        calls = [await alice.dial("*98") for _ in range(AT_ONCE)]
        for call in calls:
            call.hush()
            await call.answered()
        await asyncio.gather(*(call.until_hears(heard(EN.enter_pin)) for call in calls))
        pins = ["1111"] * (AT_ONCE - 1) + [PIN]
        await asyncio.gather(*(call.press(f"{p}#") for call, p in zip(calls, pins, strict=True)))
        answers = [set().union(*told) for told in await asyncio.gather(*map(listen, calls))]
        assert sum(heard(EN.wrong_pin) in told for told in answers) == VOICEMAIL_PIN_FAILURES_FREE
        assert heard(EN.locked) in answers[-1], "not even with the right one"
        for call in calls:
            call.hang_up()

    scene_of(act)


async def listen(call: PhoneCall) -> list[Sources]:
    return await call.listen(1.5)


def test_a_pocket_that_dials_shuts_no_mailbox() -> None:
    async def act(world: World, alice: SimulatedPhone, erin: SimulatedPhone) -> None:
        for _ in range(3):
            call = await alice.dial("*98")
            call.hush()
            await call.until_hears(heard(EN.goodbye), within_s=60)
            await call.ended(within_s=20)
        call = await into_mailbox(alice)
        await call.until_hears("say: You have 1 new and 0 old message.")

    scene_of(act)
