"""Attendants that lead on: to each other, out, to mailboxes, and people who ring first (SPEC 6.6 to
6.12)."""

import asyncio

import pytest
from tests.world.attendant_scene import (
    CALLER,
    PROMPT,
    SPEAKING,
    attendant_file,
    caller_at_menu,
    visits_of,
)
from tests.world.contoso_scene import File, contoso

from callwright.calls.record import CallResult
from callwright.calls.visits import (
    AttendantFlow,
    AttendantResult,
    QueueVisit,
    TransferAction,
)
from callwright.kernel.limits.attendants import ATTENDANT_CHAIN_MAX, ATTENDANT_SESSION_S_MAX
from callwright.kernel.reason import Reason
from callwright.testing.agent import Answer, Decline
from callwright.testing.world import World, play


def nested(file: File) -> None:
    """Main menu, then a menu of its own hours, then a queue; only the first is called directly."""
    file["auto_attendants"]["sales-menu"] = {
        "hours": {"mon-sun": ["00:00-00:15"]},
        "closed": {
            "menu": {"prompt": {"say": "Sales menu."}, "keys": {"1": {"call_queue": "sales"}}}
        },
        "open": {"greeting": {"say": "Nobody hears this."}},
    }
    accounts = file["resource_accounts"]
    for key in [key for key in accounts if key != "main-line"]:
        del accounts[key]


@pytest.mark.row(185)
@pytest.mark.parametrize(("said", "priority"), [({}, 2), ({"priority": 3}, 3)])
def test_nested_attendants_and_queues_need_no_account_of_their_own(
    said: dict[str, int], priority: int
) -> None:
    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        call = await caller_at_menu(world)
        await call.press("2")
        await call.until_hears("say: Transferring your call to sales-menu.")
        await call.until_hears("say: Sales menu.")
        await call.press("1")
        (await bob.rings(within_s=10)).answer()
        await call.until_hears("bob")
        call.hang_up()
        record = await world.record()
        first, second = visits_of(record)
        (queue,) = [visit for visit in record.visits if isinstance(visit, QueueVisit)]
        assert [first.chain_index, second.chain_index, queue.chain_index] == [1, 2, 3]
        assert first.transfer is TransferAction.ATTENDANT
        assert first.result is AttendantResult.TRANSFER_IN_PROGRESS
        assert second.result is AttendantResult.TRANSFERRED_TO_QUEUE
        assert {first.account, second.account, queue.account} == {"main-line"}
        assert queue.priority == priority

    def saying(file: File) -> None:
        nested(file)
        menu = file["auto_attendants"]["sales-menu"]["closed"]["menu"]
        menu["keys"]["1"] = {"call_queue": "sales", **said}

    keys = {"2": {"auto_attendant": "sales-menu", "priority": 2}}
    play(scene, organisation=attendant_file({"keys": keys}, saying))


@pytest.mark.row(186)
def test_attendants_in_a_circle_end_with_a_word_in_the_record() -> None:
    async def scene(world: World) -> None:
        call = world.carrier("sbc1").call("4255550150", calling="2065550123")
        await call.ended(within_s=60)
        record = await world.record()
        assert record.reason is Reason.LOOP
        visits = visits_of(record)
        assert len(visits) == ATTENDANT_CHAIN_MAX
        assert visits[-1].result is AttendantResult.CHAIN_TOO_LONG
        assert visits[0].result is AttendantResult.TRANSFER_IN_PROGRESS

    def change(file: File) -> None:
        for key, other in (("reception", "mirror"), ("mirror", "reception")):
            file["auto_attendants"][key] = {
                "open": {"greeting": {"say": "Hello."}, "then": {"auto_attendant": other}}
            }

    play(scene, organisation=contoso(change))


def test_who_stays_too_long_is_brought_to_the_operator() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        alice.reaction = Answer()
        call = await caller_at_menu(world)
        for _ in range(int(ATTENDANT_SESSION_S_MAX / 8)):
            if "alice" in call.hears():
                break
            await call.press("1")
            await call.until_hears()
            await call.listen(8)
        await call.until_hears("alice")
        call.hang_up()
        (visit,) = visits_of(await world.record())
        assert visit.result is AttendantResult.SESSION_TOO_LONG

    play(scene, organisation=attendant_file({"keys": {"1": {"say": "Again."}}}))


@pytest.mark.row(187)
@pytest.mark.parametrize(
    ("source", "forward_pai", "shown"),
    [
        ("direct-routing", False, CALLER),
        ("direct-routing", True, "+14255550150"),
        ("calling-plan", False, CALLER),
        ("operator-connect", False, CALLER),
    ],
)
def test_whom_the_public_network_sees_when_a_key_leads_out(
    source: str, forward_pai: bool, shown: str
) -> None:
    async def scene(world: World) -> None:
        out = world.carrier("sbc2")
        out.reaction = Answer()
        call = await caller_at_menu(world)
        await call.press("1")
        await call.until_hears("+12065550199", within_s=20)
        (invite,) = out.invites
        asserted = invite.header("P-Asserted-Identity") or ""
        assert f"<sip:{shown}@" in asserted if forward_pai else invite.from_.uri.user == shown
        call.hang_up()
        (visit,) = visits_of(await world.record())
        assert visit.transfer is TransferAction.EXTERNAL

    def change(file: File) -> None:
        routing = file["pstn"]["direct_routing"]
        for route in routing["routes"]:
            route["sbcs"] = ["sbc2"]
        routing["sbcs"]["sbc2"]["forward_pai"] = forward_pai
        if source != "direct-routing":
            routing["policies"]["services"] = routing["policies"].pop("default")
            file["numbers"][1]["source"] = source
            file["pstn"][source.replace("-", "_")] = {"sbcs": ["sbc2"]}

    keys = {"1": {"external": "+12065550199"}}
    play(scene, organisation=attendant_file({"keys": keys}, change))


@pytest.mark.row(188)
def test_where_the_language_is_not_understood_callers_press_keys() -> None:
    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        call = await caller_at_menu(world)
        await call.say("Bob Brown")
        await bob.stays_quiet(1)
        await call.press("1")
        await bob.rings(within_s=10)
        assert world.recogniser.asked == []

    keys = {"1": {"user": "bob"}}
    play(scene, organisation=attendant_file({"keys": keys}, language="fi-FI", **SPEAKING))


def test_a_mailbox_is_told_by_its_name_in_every_language() -> None:
    async def scene(world: World) -> None:
        call = await caller_at_menu(world)
        await call.press("1")
        await call.until_hears("say: Ihr Anruf wird mit support verbunden.")

    keys = {"1": {"voicemail": "support"}}
    play(scene, organisation=attendant_file({"keys": keys}, language="de-DE"))


@pytest.mark.row(189)
def test_a_key_leads_to_the_shared_mailbox() -> None:
    async def scene(world: World) -> None:
        call = await caller_at_menu(world)
        await call.press("1")
        await call.until_hears("beep", within_s=30)
        await call.until_hears()
        await call.talk_for(4)
        call.hang_up()
        record = await world.record()
        assert record.result is CallResult.VOICEMAIL
        (visit,) = visits_of(record)
        assert visit.result is AttendantResult.TRANSFERRED_TO_SHARED_VOICEMAIL
        [message] = world.mailboxes.of("support")
        assert message.caller == CALLER

    play(scene, organisation=attendant_file({"keys": {"1": {"voicemail": "support"}}}))


def test_the_first_account_of_the_chain_pays() -> None:
    """SPEC 4.3: the second attendant is reached by its number, and has an account of its own."""

    async def scene(world: World) -> None:
        out = world.carrier("sbc2")
        out.reaction = Answer()
        call = await caller_at_menu(world)
        await call.press("1")
        await call.until_hears("+12065550199", within_s=20)
        call.hang_up()
        visits = visits_of(await world.record())
        assert {visit.account for visit in visits} == {"main-line"}

    def change(file: File) -> None:
        for route in file["pstn"]["direct_routing"]["routes"]:
            route["sbcs"] = ["sbc2"]
        file["auto_attendants"]["second"] = {"open": {"then": {"external": "+12065550199"}}}
        file["resource_accounts"]["second-line"] = {
            "name": "Second", "number": "+14255550157", "answers": {"auto_attendant": "second"},
        }  # fmt: skip

    keys = {"1": {"external": "+14255550157"}}
    play(scene, organisation=attendant_file({"keys": keys}, change))


def test_a_queue_behind_an_attendant_is_no_first_account_either() -> None:
    """The queue is reached by its number, and has an account of its own."""

    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        call = await caller_at_menu(world)
        await call.press("1")
        (await bob.rings(within_s=20)).answer()
        await call.until_hears("bob")
        call.hang_up()
        assert {visit.account for visit in (await world.record()).visits} == {"main-line"}

    play(scene, organisation=attendant_file({"keys": {"1": {"external": "+14255550152"}}}))


def delegated(file: File) -> None:
    file["resource_accounts"]["main-line"] |= {
        "delegates": ["alice", "bob"], "delegates_ring_s": 10,
    }  # fmt: skip


def test_delegates_ring_first_and_whoever_answers_has_the_call() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = world.carrier("sbc1").call("4255550150", calling="2065550123")
        await alice.rings(within_s=1)
        (await bob.rings(within_s=1)).answer()
        await call.until_hears("bob")
        call.hang_up()
        (visit,) = visits_of(await world.record())
        assert visit.result is AttendantResult.TRANSFERRED_TO_RECEPTIONIST
        assert visit.target == "user bob"

    play(scene, organisation=attendant_file({"keys": {"1": {"user": "bob"}}}, delegated))


def test_who_transfers_a_call_to_delegates_learns_that_they_ring() -> None:
    """RFC 5589 §6: the phone shows it, and the person need not wait for the answer."""

    async def scene(world: World) -> None:
        alice, erin = await world.phone("alice"), await world.phone("erin")
        call = world.carrier("sbc1").call("4255550105", calling="2065550123")
        taken = await erin.rings(within_s=1)
        taken.answer()
        await call.until_hears("erin")
        transfer = asyncio.ensure_future(taken.transfer("+14255550150"))
        (await alice.rings(within_s=5)).answer()
        await call.until_hears("alice")
        assert await transfer == 200
        assert taken.transfer_statuses == [100, 180, 200]

    play(scene, organisation=attendant_file({"keys": {"1": {"user": "bob"}}}, delegated))


def test_a_delegate_who_calls_is_not_rung_for_the_own_call() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        own = await alice.dial("+14255550150")
        await bob.rings(within_s=1)
        assert [call for call in alice.calls if call is not own] == []

    play(scene, organisation=attendant_file({"keys": {"1": {"user": "bob"}}}, delegated))


def test_a_delegate_without_a_licence_is_not_rung_and_the_record_says_why() -> None:
    async def scene(world: World) -> None:
        alice, dave = await world.phone("alice"), await world.phone("dave")
        call = world.carrier("sbc1").call("4255550150", calling="2065550123")
        await alice.rings(within_s=1)
        await dave.stays_quiet(1)
        call.hang_up()
        why = {step.what: step.because for step in (await world.record()).steps}
        assert why["dave is not rung"] == "dave holds no phone-system licence"

    def change(file: File) -> None:
        delegated(file)
        file["resource_accounts"]["main-line"]["delegates"] = ["alice", "dave"]

    play(scene, organisation=attendant_file({"keys": {"1": {"user": "bob"}}}, change))


def test_when_no_delegate_answers_the_attendant_goes_on() -> None:
    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        call = world.carrier("sbc1").call("4255550150", calling="2065550123")
        await bob.rings(within_s=1)
        await call.answered(within_s=12)
        await call.until_hears(PROMPT)
        await call.press("1")
        await bob.rings(within_s=10)

    play(scene, organisation=attendant_file({"keys": {"1": {"user": "bob"}}}, delegated))


@pytest.mark.parametrize("status", [486, 603])
def test_a_delegate_who_declines_stops_nobody_elses_ringing(status: int) -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        alice.reaction = Decline(status)
        call = world.carrier("sbc1").call("4255550150", calling="2065550123")
        rung = await bob.rings(within_s=1)
        await call.listen(5)
        rung.answer()
        await call.until_hears("bob")

    play(scene, organisation=attendant_file({"keys": {"1": {"user": "bob"}}}, delegated))


def test_when_a_delegate_hangs_up_after_talking_the_call_is_over() -> None:
    """Whoever talked to the receptionist was served: no menu follows."""

    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        call = world.carrier("sbc1").call("4255550150", calling="2065550123")
        rung = await alice.rings(within_s=1)
        rung.answer()
        await call.until_hears("alice")
        rung.hang_up()
        await call.ended(within_s=1)
        record = await world.record()
        assert (record.result, record.callee_user) == (CallResult.ANSWERED, "alice")

    play(scene, organisation=attendant_file({"keys": {"1": {"user": "bob"}}}, delegated))


def test_who_leaves_a_menu_behind_another_was_in_the_main_menu_of_that() -> None:
    async def scene(world: World) -> None:
        call = await caller_at_menu(world)
        await call.press("2")
        await call.until_hears("say: Sales menu.")
        call.hang_up()
        first, second = visits_of(await world.record())
        assert first.flow is AttendantFlow.TRANSFER
        assert second.flow is AttendantFlow.MAIN_MENU
        assert second.result is AttendantResult.USER_TERMINATED

    keys = {"2": {"auto_attendant": "sales-menu"}}
    play(scene, organisation=attendant_file({"keys": keys}, nested))


def test_who_leaves_the_first_menu_says_so_in_the_record() -> None:
    async def scene(world: World) -> None:
        call = await caller_at_menu(world)
        call.hang_up()
        (visit,) = visits_of(await world.record())
        assert visit.flow is AttendantFlow.FIRST_LEVEL_MENU
        assert (visit.result, visit.actions) == (AttendantResult.USER_TERMINATED, 0)

    play(scene, organisation=attendant_file({"keys": {"1": {"user": "bob"}}}))


def test_a_user_who_chooses_oneself_is_noted_as_such() -> None:
    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        call = await bob.dial("main-line")
        await call.answered()
        await call.until_hears(PROMPT)
        await call.press("1")
        (await bob.rings(within_s=10)).answer()
        await asyncio.sleep(1)
        call.hang_up()
        (visit,) = visits_of(await world.record())
        assert visit.result is AttendantResult.TRANSFERRED_TO_SELF

    play(scene, organisation=attendant_file({"keys": {"1": {"user": "bob"}}}))
