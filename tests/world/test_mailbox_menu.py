"""What owners do with their mailbox by phone: listen, keep, answer, forward, set up (SPEC 8.9)."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from tests.world.contoso_scene import File, contoso
from tests.world.test_answer_rules import with_mailbox
from tests.world.test_voicemail import reach_beep

from callwright.domains.voicemail.owner_translations import OWNER_WORDS
from callwright.kernel.ids import MailboxId
from callwright.routing.snapshot import Snapshot
from callwright.testing.phone_call import PhoneCall
from callwright.testing.phones import SimulatedPhone
from callwright.testing.world import World, play

ALICE = MailboxId("alice")
EN = OWNER_WORDS["en"]
PIN = "2468"


def heard(sentence: str) -> str:
    return f"say: {sentence}"


async def leave(caller: SimulatedPhone, seconds: float = 3, extension: str = "101") -> None:
    call = await reach_beep(caller, extension)
    await call.talk_for(seconds)
    call.hang_up()
    await call.ended()


async def into_mailbox(phone: SimulatedPhone, dialled: str = "*98", pin: str = PIN) -> PhoneCall:
    call = await phone.dial(dialled)
    call.hush()
    await call.answered()
    await call.until_hears(heard(EN.enter_pin))
    await call.press(f"{pin}#")
    return call


async def hear_first(call: PhoneCall, menu: str = EN.main_menu) -> str:
    """Goes to the first message and returns which sound it is."""
    await call.until_hears(heard(menu), within_s=15)
    await call.press("1")
    for _ in range(150):
        await asyncio.sleep(0.1)
        for source in call.hears():
            if source.startswith("sound: "):
                return source
    raise AssertionError(f"no message, but {call.hears()}")


def scene_of(
    act: Callable[[World, SimulatedPhone, SimulatedPhone], Awaitable[None]],
    organisation: Snapshot | None = None,
) -> None:
    """Erin left a message for Alice, who has a phone on by now."""

    async def scene(world: World) -> None:
        erin = await world.phone("erin")
        await leave(erin)
        await act(world, await world.phone("alice"), erin)

    play(scene, organisation=organisation)


@pytest.mark.parametrize("dialled", ["*98", "101", "+14255550101"])
def test_the_code_and_ones_own_number_lead_to_the_messages(dialled: str) -> None:
    async def act(world: World, alice: SimulatedPhone, erin: SimulatedPhone) -> None:
        call = await into_mailbox(alice, dialled)
        await call.until_hears("say: You have 1 new and 0 old message.")
        await call.until_hears(heard(EN.main_menu), within_s=15)
        await hear_first(call)
        await call.until_hears(heard(EN.message_menu), within_s=10)
        await call.press("2")
        await call.until_hears(heard(EN.saved))
        await alice.until_lamp(0, 1)
        [message] = world.mailboxes.of("alice")
        assert (message.is_read, message.is_saved) == (True, True)

    scene_of(act)


@pytest.mark.parametrize("whose", ["mailbox", "organisation"])
def test_the_menu_speaks_the_language_of_the_mailbox_or_the_organisation(whose: str) -> None:
    def change(file: File) -> None:
        file["policies"] = {"voicemail": {"default": {"pin_at_own_phone": False}}}
        if whose == "organisation":
            file["organisation"]["language"] = "de-DE"
        else:
            file["users"]["alice"]["voicemail"]["language"] = "de-DE"

    async def act(world: World, alice: SimulatedPhone, erin: SimulatedPhone) -> None:
        call = await alice.dial("*98")
        call.hush()
        await call.until_hears("say: Sie haben 1 neue und 0 alte Nachricht.")
        await hear_first(call, OWNER_WORDS["de"].main_menu)
        await call.until_hears(heard(OWNER_WORDS["de"].message_menu), within_s=10)

    scene_of(act, contoso(change))


def test_three_wrong_pins_end_the_call_and_five_lock_the_mailbox_for_a_while() -> None:
    async def act(world: World, alice: SimulatedPhone, erin: SimulatedPhone) -> None:
        call = await into_mailbox(alice, pin="1111")
        for _ in range(2):
            await call.until_hears(heard(EN.wrong_pin))
            await call.until_hears(heard(EN.enter_pin))
            await call.press("1111#")
        await call.ended(within_s=10)
        call = await into_mailbox(alice, pin="1111")
        await call.until_hears(heard(EN.enter_pin), within_s=10)
        await call.press("1111#")
        await call.until_hears(heard(EN.locked), within_s=10)
        await call.ended(within_s=15)
        await world.restart_node()  # which forgets nothing
        call = await alice.dial("*98")
        await call.until_hears(heard(EN.locked))  # not even with the right one
        await call.ended(within_s=15)
        await asyncio.sleep(901)
        call = await into_mailbox(alice)
        await call.until_hears("say: You have 1 new and 0 old message.")

    scene_of(act)


def test_a_mailbox_without_a_pin_opens_to_nobody_and_there_is_no_pin_by_default() -> None:
    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        call = await bob.dial("*98")
        await call.until_hears(heard(EN.no_pin))
        await call.ended(within_s=15)

    play(scene)


def test_the_policy_may_let_the_owners_phone_in_without_a_pin() -> None:
    async def act(world: World, alice: SimulatedPhone, erin: SimulatedPhone) -> None:
        call = await alice.dial("*98")
        await call.until_hears("say: You have 1 new and 0 old message.")

    scene_of(act, with_mailbox({"pin_at_own_phone": False}))


def test_nobody_else_reaches_the_menu_of_a_mailbox() -> None:
    async def act(world: World, alice: SimulatedPhone, erin: SimulatedPhone) -> None:
        call = world.carrier("sbc1").call("+14255550101", calling="+14255550101")
        rung = await alice.rings()
        call.hang_up()
        await rung.ended()
        call = world.carrier("sbc1").call("*98", calling="+14255550101")
        assert await call.ended() == 404

    scene_of(act)


def test_a_deleted_message_is_gone_and_its_lamp_off() -> None:
    """mikopbx/Core#390: the mailbox was never cleared."""

    async def act(world: World, alice: SimulatedPhone, erin: SimulatedPhone) -> None:
        await alice.until_lamp(1)
        call = await into_mailbox(alice)
        await hear_first(call)
        await call.press("3")
        await call.until_hears(heard(EN.deleted))
        await alice.until_lamp(0)
        assert world.mailboxes.of("alice") == []
        await call.until_hears(heard(EN.no_more), within_s=10)

    scene_of(act)


@pytest.mark.row(243)
def test_who_hangs_up_after_a_message_leaves_no_lamp_on() -> None:
    async def act(world: World, alice: SimulatedPhone, erin: SimulatedPhone) -> None:
        await alice.until_lamp(1)
        call = await into_mailbox(alice)
        await hear_first(call)
        await call.until_hears(heard(EN.message_menu), within_s=10)
        call.hang_up()
        await alice.until_lamp(0, 1)

    scene_of(act)


def test_who_hangs_up_within_a_message_finds_it_new_again() -> None:
    async def act(world: World, alice: SimulatedPhone, erin: SimulatedPhone) -> None:
        call = await into_mailbox(alice)
        await hear_first(call)
        call.hang_up()
        await world.record(2)
        assert [message.is_read for message in world.mailboxes.of("alice")] == [False]

    scene_of(act)


def test_keys_go_back_and_forth_in_a_message() -> None:
    async def scene(world: World) -> None:
        erin = await world.phone("erin")
        await leave(erin, 30)
        alice = await world.phone("alice")
        call = await into_mailbox(alice)
        sound = await hear_first(call)
        begun_s = world.clock.monotonic()
        await asyncio.sleep(1)
        for key in "9997":  # three times 5 s on, once 5 s back
            await call.press(key)
            await asyncio.sleep(0.5)
            assert sound in call.hears()
        await call.until_hears(heard(EN.message_menu), within_s=40)
        assert world.clock.monotonic() - begun_s == pytest.approx(20, abs=1.5)

    play(scene)


def test_a_message_is_forwarded_with_a_comment() -> None:
    async def act(world: World, alice: SimulatedPhone, erin: SimulatedPhone) -> None:
        call = await into_mailbox(alice)
        await hear_first(call)
        await call.press("5")
        await call.until_hears(heard(EN.forward_to))
        await call.press("102#")
        await call.until_hears(heard(EN.comment), within_s=10)
        await call.until_hears("beep", within_s=20)
        await call.until_hears()
        await call.talk_for(2)
        await call.press("#")
        await call.until_hears(heard(EN.forwarded))
        [copy], [original] = world.mailboxes.of("bob"), world.mailboxes.of("alice")
        assert copy.forwarded_by == "alice"
        assert copy.caller == original.caller
        assert copy.duration_s == pytest.approx(original.duration_s + 2.6, abs=0.7)
        assert world.postbox.voicemails[-1] == copy

    scene_of(act)


def test_a_message_that_cannot_be_forwarded_leaves_its_owner_in_the_menu() -> None:
    """Its sound was sealed with another key, or is damaged."""

    async def act(world: World, alice: SimulatedPhone, erin: SimulatedPhone) -> None:
        call = await into_mailbox(alice)
        await hear_first(call)
        await call.press("5")
        await call.until_hears(heard(EN.forward_to))
        [message] = world.mailboxes.of("alice")
        message.path.unlink()
        await call.press("102#")
        await call.until_hears("beep", within_s=20)
        await call.press("#")
        await call.until_hears(heard(EN.not_forwarded), within_s=10)
        await call.until_hears(heard(EN.message_menu), within_s=10)

    scene_of(act)


def test_a_message_that_comes_into_a_protected_mailbox_is_protected() -> None:
    def change(file: File) -> None:
        file["users"]["bob"]["voicemail"] = {"email": "bob@contoso.test", "protected": True}

    async def act(world: World, alice: SimulatedPhone, erin: SimulatedPhone) -> None:
        call = await into_mailbox(alice)
        await hear_first(call)
        await call.press("5")
        await call.until_hears(heard(EN.forward_to))
        await call.press("102#")
        await call.until_hears("beep", within_s=20)
        await call.press("#")
        await call.until_hears(heard(EN.forwarded), within_s=10)
        assert world.postbox.voicemails[-1].is_protected

    scene_of(act, contoso(change))


def test_a_protected_message_stays_where_it_is() -> None:
    async def act(world: World, alice: SimulatedPhone, erin: SimulatedPhone) -> None:
        call = await into_mailbox(alice)
        await hear_first(call)
        await call.press("5")
        await call.until_hears(heard(EN.protected))
        assert world.mailboxes.of("bob") == []
        assert [message.is_protected for message in world.postbox.voicemails] == [True]

    scene_of(act, with_mailbox(protected=True))


def shared(file: File) -> None:
    file["shared_voicemail"]["support"]["members"] = [{"group": "support-team"}]
    file["policies"] = {"voicemail": {"default": {"pin_at_own_phone": False}}}
    file["users"]["carol"]["answering"] = {"forward": {"to": {"voicemail": "support"}}}


@pytest.mark.row(155)
@pytest.mark.row(189)
def test_members_hear_a_shared_mailbox_and_whoever_watches_it_sees_its_lamp() -> None:
    async def scene(world: World) -> None:
        alice, erin = await world.phone("alice"), await world.phone("erin")
        lamp = alice.watch("message-summary", "support")
        await lamp.until_says("Voice-Message: 0/0")
        await leave(erin, extension="103")
        await lamp.until_says("Voice-Message: 1/0")
        call = await alice.dial("*98")
        await call.until_hears("say: You have no messages.")
        await call.press("6")
        await call.until_hears("say: support has 1 new and 0 old message.", within_s=10)
        await hear_first(call, EN.shared_menu)
        await call.press("3")
        await lamp.until_says("Voice-Message: 0/0")
        assert world.mailboxes.of("support") == []

    play(scene, organisation=contoso(shared))


def test_the_pin_of_a_shared_mailbox_is_asked_once_in_a_call() -> None:
    def change(file: File) -> None:
        shared(file)
        del file["policies"]
        file["shared_voicemail"]["sales"] = {"members": ["alice"]}

    async def scene(world: World) -> None:
        erin = await world.phone("erin")
        await leave(erin, extension="103")
        call = await into_mailbox(await world.phone("alice"))
        await call.until_hears("say: You have no messages.")
        await call.press("6")
        await call.until_hears(heard(EN.enter_pin), within_s=10)
        await call.press("1357#")
        await call.until_hears("say: support has 1 new and 0 old message.", within_s=10)
        await call.press("6")  # without a PIN of its own
        await call.until_hears("say: sales has no messages.", within_s=10)
        for mailbox in ("You have no messages.", "support has 1 new and 0 old message."):
            await call.press("6")
            await call.until_hears(f"say: {mailbox}", within_s=10)

    play(scene, organisation=contoso(change))


def test_nobody_comes_into_a_shared_mailbox_with_a_wrong_pin() -> None:
    def change(file: File) -> None:
        shared(file)
        del file["policies"]

    async def scene(world: World) -> None:
        call = await into_mailbox(await world.phone("alice"))
        await call.press("6")
        for _ in range(3):
            await call.until_hears(heard(EN.enter_pin), within_s=10)
            await call.press("2468#")
            await call.until_hears(heard(EN.wrong_pin))
        await call.ended(within_s=15)

    play(scene, organisation=contoso(change))


def test_who_is_no_member_of_a_shared_mailbox_neither_watches_nor_hears_it() -> None:
    async def scene(world: World) -> None:
        erin = await world.phone("erin")
        await leave(erin, extension="103")
        lamp = erin.watch("message-summary", "support")
        await lamp.until_over()
        assert lamp.refused == 403
        call = await erin.dial("*98")
        await call.until_hears("say: You have no messages.")
        await call.press("6")
        await call.until_hears(heard(EN.main_menu), within_s=10)

    play(scene, organisation=contoso(shared))


def test_the_lamp_is_right_after_a_phone_comes_back_although_nothing_is_new() -> None:
    """fusionpbx/fusionpbx#1193, #2035: the lamp was wrong after a restart or re-registration."""

    async def act(world: World, alice: SimulatedPhone, erin: SimulatedPhone) -> None:
        await alice.until_lamp(1)
        alice.vanish()
        [message] = world.mailboxes.of("alice")
        await world.mailboxes.delete(message, at=world.clock.utc())
        again = await world.phone("alice")
        await again.until_lamp(0)

    scene_of(act)


def test_the_lamp_goes_off_while_the_mailbox_is_taken_away() -> None:
    """The Wazo documentation: the lamp stays on after the mailbox is deleted."""

    def change(file: File) -> None:
        file["users"]["alice"]["voicemail"] = {"enabled": False}
        file["users"]["alice"]["answering"] = {"unanswered": {"after_s": 5, "to": "disconnect"}}

    async def act(world: World, alice: SimulatedPhone, erin: SimulatedPhone) -> None:
        await alice.until_lamp(1)
        await world.node.use(contoso(change))
        await alice.until_lamp(0)
        await world.node.use(contoso())
        await alice.until_lamp(1)  # and on, when she gets it back

    scene_of(act)
