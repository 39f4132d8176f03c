"""Where an attendant's keys and words lead, and what happens when they lead nowhere (SPEC 6.5 to
6.11)."""

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.world.attendant_scene import (
    MENU,
    PROMPT,
    SPEAKING,
    attendant_file,
    caller_at_menu,
    visits_of,
)
from tests.world.contoso_scene import File, contoso

from callwright.calls.visits import (
    AttendantFlow,
    AttendantResult,
    TransferAction,
)
from callwright.domains.attendants.model import CallFlow, Menu, Operator
from callwright.kernel.ids import UserId
from callwright.kernel.prompt import Say
from callwright.kernel.reason import Reason
from callwright.kernel.target import ToUser
from callwright.testing.agent import Answer, Decline
from callwright.testing.builders import RECEPTION, contoso_snapshot, reception
from callwright.testing.world import World, play

INVALID = "say: Sorry, that is not a valid choice."
SORRY = "say: Sorry, your call cannot be connected."
TO_OPERATOR = "say: Transferring your call to the operator."
TO_BOB = "say: Transferring your call to Bob Brown."
ROUND_WAIT_S = 3
LONG = "This prompt takes its time. " * 20


@pytest.mark.row(162)
def test_a_key_rings_its_target_after_a_confirmation() -> None:
    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        call = await caller_at_menu(world)
        await call.press("1")
        await call.until_hears(TO_BOB, within_s=1)
        await bob.stays_quiet(1)
        (await bob.rings(within_s=5)).answer()
        await call.until_hears("bob")
        call.hang_up()
        record = await world.record()
        (visit,) = visits_of(record)
        assert visit.result is AttendantResult.TRANSFERRED_TO_USER
        assert (visit.transfer, visit.target) == (TransferAction.USER, "user bob")
        assert (visit.account, visit.actions, visit.chain_index) == ("main-line", 1, 1)
        assert visit.flow is AttendantFlow.TRANSFER

    play(scene, organisation=attendant_file({"keys": {"1": {"user": "bob"}}}))


def test_a_key_rings_a_group() -> None:
    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        call = await caller_at_menu(world)
        await call.press("1")
        await call.until_hears("say: Transferring your call to The team.")
        (await bob.rings(within_s=10)).answer()
        await call.until_hears("bob")

    def change(file: File) -> None:
        file["groups"]["support-team"]["name"] = "The team"

    play(scene, organisation=attendant_file({"keys": {"1": {"group": "support-team"}}}, change))


def test_an_option_is_confirmed_by_the_name_that_the_file_gives_it() -> None:
    async def scene(world: World) -> None:
        call = await caller_at_menu(world)
        await call.press("1")
        await call.until_hears("say: Transferring your call to our sales team.", within_s=1)

    option = {"call_queue": "sales", "name": "our sales team"}
    play(scene, organisation=attendant_file({"keys": {"1": option}}))


@pytest.mark.row(163)
@pytest.mark.parametrize("words", ["Bob Brown", "support", "a person please", "One", "oPERATOR"])
def test_an_option_is_chosen_by_what_the_caller_says(words: str) -> None:
    rings = {"Bob Brown": "bob", "One": "bob", "a person please": "carol"}.get(words, "alice")

    async def scene(world: World) -> None:
        phone = await world.phone(rings)
        call = await caller_at_menu(world)
        await call.say(words)
        (await phone.rings(within_s=20)).answer()
        await call.until_hears(rings)
        call.hang_up()
        (visit,) = visits_of(await world.record())
        assert visit.actions == 1

    keys = {
        "1": {"user": "bob"},
        "2": {"call_queue": "support"},
        "3": {"user": "carol", "command": "a person please"},
        "0": "operator",
    }

    def no_forward(file: File) -> None:
        del file["users"]["carol"]["answering"]

    play(scene, organisation=attendant_file({"keys": keys}, no_forward, **SPEAKING))


def test_a_word_interrupts_the_prompt_as_a_key_does() -> None:
    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        call = world.carrier("sbc1").call("4255550150", calling="2065550123")
        call.hush()
        await call.answered()
        await call.until_hears(f"say: {LONG}")
        await call.say("Bob Brown")
        await call.until_hears(TO_BOB, within_s=1)
        await bob.rings(within_s=5)

    menu = {"prompt": {"say": LONG}, "keys": {"1": {"user": "bob"}}}
    play(scene, organisation=attendant_file(menu, **SPEAKING))


def test_who_begins_to_speak_when_the_round_ends_is_heard_out() -> None:
    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        call = await caller_at_menu(world)
        await call.listen(ROUND_WAIT_S - 0.5)
        await call.say("Bob Brown")
        await call.until_hears(TO_BOB, within_s=1)
        await bob.rings(within_s=10)

    menu = {"keys": {"1": {"user": "bob"}}, "round_wait_s": ROUND_WAIT_S}
    play(scene, organisation=attendant_file(menu, **SPEAKING))


def test_what_is_not_understood_is_asked_again_and_nobody_is_called_on_a_guess() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = await caller_at_menu(world)
        for _ in range(2):
            await call.say("the weather of tomorrow")
            await call.until_hears("say: Sorry, I did not understand that.")
            await call.until_hears(PROMPT)
            await call.until_hears(within_s=30)
        await call.say("the weather of tomorrow")
        (await alice.rings(within_s=20)).answer()
        assert bob.calls == []

    play(scene, organisation=attendant_file({"keys": {"1": {"user": "bob"}}}, **SPEAKING))


@pytest.mark.row(164)
def test_the_spoken_operator_is_off_where_no_key_leads_there() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        call = await caller_at_menu(world)
        await call.say("Operator")
        await call.until_hears("say: Sorry, I did not understand that.")
        assert alice.calls == []

    play(scene, organisation=attendant_file({"keys": {"1": {"user": "bob"}}}, **SPEAKING))


@pytest.mark.row(164)
def test_zero_rings_the_operator_whom_the_file_names() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        call = await caller_at_menu(world)
        await call.press("0")
        await call.until_hears(TO_OPERATOR)
        (await alice.rings(within_s=5)).answer()
        await call.until_hears("alice")
        call.hang_up()
        (visit,) = visits_of(await world.record())
        assert visit.result is AttendantResult.TRANSFERRED_TO_OPERATOR

    play(scene, organisation=attendant_file({"keys": {"0": "operator"}}))


OPERATORS = [
    ({"call_queue": "support"}, "say: Thank you for calling support."),
    ({"external": "+12065550199"}, "+12065550199"),
    ({"voicemail": "support"}, "beep"),
    ({"auto_attendant": "night"}, "say: Good night."),
]


@pytest.mark.row(164)
@pytest.mark.parametrize(("operator", "heard"), OPERATORS, ids=["queue", "out", "mail", "menu"])
def test_the_operator_may_be_anything_that_takes_calls(operator: Any, heard: str) -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1").reaction = Answer()
        call = await caller_at_menu(world)
        await call.press("0")
        await call.until_hears(heard, within_s=30)

    def change(file: File) -> None:
        file["auto_attendants"]["night"] = {"open": {"greeting": {"say": "Good night."}}}

    play(scene, organisation=attendant_file({"keys": {"0": "operator"}}, change, operator=operator))


@pytest.mark.row(165)
def test_three_silent_rounds_are_noted_as_a_failover() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        call = await caller_at_menu(world)
        (await alice.rings(within_s=40)).answer()
        call.hang_up()
        (visit,) = visits_of(await world.record())
        assert visit.result is AttendantResult.FAILOVER_TO_OPERATOR

    play(scene, organisation=attendant_file({"keys": {"1": {"user": "bob"}}}))


@pytest.mark.row(166)
@pytest.mark.parametrize("kind", ["deleted", "disabled", "without licence", "out, refused"])
def test_a_broken_target_leads_to_the_operator(kind: str) -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc2").reaction = Decline(503)
        alice = await world.phone("alice")
        call = await caller_at_menu(world)
        world.carrier("sbc1").reaction = Decline(503)
        await call.press("1")
        await call.until_hears(SORRY, within_s=15)
        (await alice.rings(within_s=10)).answer()
        await call.until_hears("alice")
        call.hang_up()
        (visit,) = visits_of(await world.record())
        assert visit.result is AttendantResult.FAILOVER_TO_OPERATOR
        assert visit.target == "user alice"

    if kind == "deleted":
        menu = Menu(Say(MENU), {"1": ToUser(UserId("gone"))})
        play(
            scene,
            organisation=contoso_snapshot(
                attendants={RECEPTION: reception(open=CallFlow(None, menu))}
            ),
        )
        return

    def change(file: File) -> None:
        if kind == "disabled":
            file["users"]["bob"]["enabled"] = False
        elif kind == "without licence":
            file["users"]["bob"]["licences"] = []

    target = {"external": "+12065550199"} if kind == "out, refused" else {"user": "bob"}
    play(scene, organisation=attendant_file({"keys": {"1": target}}, change))


@pytest.mark.parametrize("bar", [{"licences": []}, {"voice": False}, {"enabled": False}])
def test_a_flow_that_leads_to_who_may_not_be_reached_leads_to_the_operator(bar: Any) -> None:
    """SPEC 6.6: a target must be voice enabled, whichever way callers come to it."""

    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        call = world.carrier("sbc1").call("4255550150", calling="2065550123")
        await call.until_hears(SORRY, within_s=15)
        (await alice.rings(within_s=10)).answer()
        await call.until_hears("alice")
        call.hang_up()
        record = await world.record()
        (visit,) = visits_of(record)
        assert visit.result is AttendantResult.FAILOVER_TO_OPERATOR
        assert any(step.what == "the operator is asked" for step in record.steps)

    def change(file: File) -> None:
        file["auto_attendants"]["reception"]["open"] = {"then": {"user": "bob"}}
        file["users"]["bob"] |= bar

    play(scene, organisation=contoso(change))


def test_an_operator_who_may_not_be_reached_is_none() -> None:
    async def scene(world: World) -> None:
        dave = await world.phone("dave")
        call = await caller_at_menu(world)
        await call.press("0")
        await call.until_hears(SORRY, within_s=10)
        await call.ended(within_s=5)
        assert dave.calls == []
        record = await world.record()
        assert record.reason is Reason.NO_PHONE_LICENCE

    menu = {"keys": {"0": "operator"}}
    play(scene, organisation=attendant_file(menu, operator={"user": "dave"}))


@pytest.mark.row(166)
def test_a_broken_target_without_an_operator_ends_the_call() -> None:
    async def scene(world: World) -> None:
        call = await caller_at_menu(world)
        await call.press("1")
        await call.until_hears(SORRY)
        await call.ended(within_s=5)
        record = await world.record()
        assert record.reason is Reason.ATTENDANT_TRANSFER_FAILED
        (visit,) = visits_of(record)
        assert visit.result is AttendantResult.TERMINATED_TRANSFER_FAILED

    menu = Menu(Say(MENU), {"1": ToUser(UserId("gone"))})
    gone = reception(open=CallFlow(None, menu), operator=None)
    play(scene, organisation=contoso_snapshot(attendants={RECEPTION: gone}))


def test_who_is_busy_was_reached_and_the_operator_is_left_in_peace() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        bob.reaction = Decline(486)
        call = await caller_at_menu(world)
        await call.press("1")
        await call.ended(within_s=10)
        assert alice.calls == []

    play(scene, organisation=attendant_file({"keys": {"1": {"user": "bob"}}}))


def test_who_was_served_elsewhere_is_not_told_that_the_call_cannot_be_connected() -> None:
    """Bob's calls go to another attendant, which says its piece and hangs up: that was it."""

    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        call = await caller_at_menu(world)
        await call.press("1")
        await call.until_hears("say: We are closed.", within_s=20)
        await call.ended(within_s=10)
        assert alice.calls == []
        record = await world.record()
        assert record.reason is Reason.ATTENDANT_CLOSED
        assert [visit.result for visit in visits_of(record)] == [
            AttendantResult.TRANSFERRED_TO_USER,
            AttendantResult.TERMINATED_AUTOMATIC_SELECTION,
        ]

    def change(file: File) -> None:
        file["users"]["bob"]["answering"] = {"forward": {"to": {"auto_attendant": "other"}}}
        closing = {"greeting": {"say": "We are closed."}, "then": "disconnect"}
        file["auto_attendants"]["other"] = {"open": closing}

    play(scene, organisation=attendant_file({"keys": {"1": {"user": "bob"}}}, change))


def test_an_operator_who_is_gone_ends_the_call_instead_of_going_round() -> None:
    async def scene(world: World) -> None:
        call = await caller_at_menu(world)
        await call.press("0")
        await call.until_hears(SORRY, within_s=10)
        await call.ended(within_s=5)
        (visit,) = visits_of(await world.record())
        assert visit.result is AttendantResult.TERMINATED_TRANSFER_FAILED

    flow = CallFlow(None, Menu(Say(MENU), {"0": Operator()}))
    gone = reception(open=flow, operator=ToUser(UserId("gone")))
    play(scene, organisation=contoso_snapshot(attendants={RECEPTION: gone}))


@pytest.mark.row(167)
def test_a_caller_who_leaves_in_an_announcement_was_hearing_it() -> None:
    async def scene(world: World) -> None:
        call = await caller_at_menu(world)
        await call.press("1")
        await call.until_hears("say: We are at one Contoso way.")
        call.hang_up()
        (visit,) = visits_of(await world.record())
        assert visit.result is AttendantResult.USER_TERMINATED
        assert visit.flow is AttendantFlow.ANNOUNCEMENT

    keys = {"1": {"say": "We are at one Contoso way.", "command": "Address"}}
    play(scene, organisation=attendant_file({"keys": keys}))


@pytest.mark.row(170)
@pytest.mark.parametrize(("hour", "heard"), [(17, "say: Good morning."), (4, "say: Good night.")])
def test_outside_its_hours_the_other_flow_is_heard(hour: int, heard: str) -> None:
    """Seattle is eight hours behind."""

    async def scene(world: World) -> None:
        call = world.carrier("sbc1").call("4255550150", calling="2065550123")
        await call.answered()
        await call.until_hears(heard)
        await call.ended()

    def change(file: File) -> None:
        file["auto_attendants"]["reception"] |= {
            "hours": {"mon-fri": ["09:00-17:00"]},
            "open": {"greeting": {"say": "Good morning."}},
            "closed": {"greeting": {"say": "Good night."}},
        }

    started_at = datetime(2026, 3, 3, hour, 0, tzinfo=UTC)
    play(scene, organisation=contoso(change), started_at=started_at)
