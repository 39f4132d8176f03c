"""What users may do by licence and voice flag, on the line (SPEC 1)."""

from datetime import UTC, datetime

import pytest
from tests.world.contoso_scene import File, contoso

from callwright.calls.record import CallRecord, CallResult
from callwright.kernel.reason import Reason
from callwright.routing.snapshot import Snapshot
from callwright.testing.world import World, play

FRIEND = "+12065550199"
PAST_NEW_YEAR = datetime(2027, 1, 2, 20, 0, tzinfo=UTC)


def because_of(record: CallRecord) -> str:
    """Everything the record says about why."""
    return "; ".join(f"{step.what}: {step.because}" for step in record.steps)


async def call_out(world: World, user: str, number: str = FRIEND) -> int | None:
    """The status of the refusal; None where the call was answered."""
    world.carrier("sbc1")
    phone = await world.phone(user)
    call = await phone.dial(number)
    status = await call.settled()
    call.hang_up()
    return None if status == 200 else status


@pytest.mark.row(1)
def test_a_licensed_user_whose_voice_is_off_does_not_call_out() -> None:
    async def scene(world: World) -> None:
        assert await call_out(world, "alice") == 403
        assert world.carrier("sbc1").invites == []
        record = await world.record()
        assert record.reason is Reason.VOICE_DISABLED
        assert record.reason.sub_code == 510560
        assert "alice has voice: false" in because_of(record)

    play(scene, organisation=contoso(lambda file: file["users"]["alice"].update(voice=False)))


@pytest.mark.row(1)
def test_voice_without_a_licence_does_not_call_out_either() -> None:
    async def scene(world: World) -> None:
        assert await call_out(world, "dave") == 403
        record = await world.record()
        assert record.reason is Reason.NO_PHONE_LICENCE
        assert record.reason.sub_code == 510560

    play(scene, organisation=contoso(lambda file: file["users"]["dave"].update(voice=True)))


def test_a_user_whose_voice_is_off_gets_no_calls_from_outside_but_from_colleagues() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = world.carrier("sbc1").call("4255550101", calling="2065550123")
        assert await call.ended() == 403
        assert (await world.record()).reason is Reason.VOICE_DISABLED
        inside = await bob.dial("101")
        (await alice.rings()).answer()
        await inside.answered()

    play(scene, organisation=contoso(lambda file: file["users"]["alice"].update(voice=False)))


@pytest.mark.row(9)
def test_an_unlicensed_user_has_voicemail() -> None:
    async def scene(world: World) -> None:
        await world.phone("dave")
        alice = await world.phone("alice")
        call = await alice.dial("104")
        call.hush()
        await call.answered(within_s=21)
        await call.until_hears("beep", within_s=30)
        await call.until_hears()
        await call.talk_for(4)
        call.hang_up()
        assert (await world.record()).result is CallResult.VOICEMAIL
        [message] = world.mailboxes.of("dave")
        assert message.caller == "+14255550101"

    play(scene, organisation=contoso())


def licensed_by_group(file: File) -> None:
    file["users"]["dave"] |= {"number": "+14255550104"}
    file["groups"]["everybody"] = {
        "members": [{"group": "support-team"}, "dave"],
        "licences": ["phone-system"],
    }


def test_a_group_licenses_its_members_and_those_of_the_groups_in_it() -> None:
    async def scene(world: World) -> None:
        assert await call_out(world, "dave") is None
        dave = world.phones[0]
        call = world.carrier("sbc1").call("4255550104", calling="2065550123")
        (await dave.rings()).answer()
        await call.answered()

    play(scene, organisation=contoso(licensed_by_group))


def until_new_year(grace_days: int) -> Snapshot:
    def change(file: File) -> None:
        file["licences"]["phone-system"] = {
            "seats": 10, "expires": "2026-12-31", "grace_days": grace_days,
        }  # fmt: skip

    return contoso(change)


def test_an_expired_licence_grants_nothing_when_its_grace_is_over() -> None:
    async def scene(world: World) -> None:
        assert await call_out(world, "alice") == 403
        record = await world.record()
        assert record.reason is Reason.NO_PHONE_LICENCE
        assert "phone-system, which expired on 2026-12-31" in because_of(record)

    play(scene, organisation=until_new_year(grace_days=0), started_at=PAST_NEW_YEAR)


def test_in_its_grace_an_expired_licence_still_grants_what_it_did() -> None:
    async def scene(world: World) -> None:
        assert await call_out(world, "alice") is None

    play(scene, organisation=until_new_year(grace_days=30), started_at=PAST_NEW_YEAR)


def test_the_bundle_is_a_phone_licence() -> None:
    async def scene(world: World) -> None:
        assert await call_out(world, "dave") is None

    def change(file: File) -> None:
        file["licences"]["phone-system-with-calling-plan"] = 1
        file["users"]["dave"]["licences"] = ["phone-system-with-calling-plan"]

    play(scene, organisation=contoso(change))


def test_the_phones_of_a_disabled_user_are_locked_out_and_calls_go_to_voicemail() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        await world.use(contoso(lambda file: file["users"]["alice"].update(enabled=False)))
        assert (await alice.try_register()).status in (401, 403)
        call = await bob.dial("101")
        await call.answered(within_s=1)  # at once: nobody is rung
        await call.until_hears("beep", within_s=30)
        assert alice.calls == []
        call.hang_up()
        assert "the account is disabled" in because_of(await world.record())

    play(scene, organisation=contoso())


def test_a_disabled_user_without_voicemail_is_not_there() -> None:
    def change(file: File) -> None:
        file["users"]["alice"] |= {
            "enabled": False,
            "answering": {"unanswered": {"to": "disconnect"}},
        }

    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        assert await (await bob.dial("101")).ended() == 480
        assert (await world.record()).reason is Reason.CALLEE_DISABLED

    play(scene, organisation=contoso(change))


def test_an_agent_without_licence_is_passed_over() -> None:
    def change(file: File) -> None:
        file["call_queues"]["sales"]["agents"] = [{"user": "dave"}, {"user": "bob"}]

    async def scene(world: World) -> None:
        dave, bob = await world.phone("dave"), await world.phone("bob")
        call = world.carrier("sbc1").call("4255550152", calling="2065550123")
        (await bob.rings()).answer()
        await call.until_hears("bob")
        assert dave.calls == []
        call.hang_up()
        assert "dave is no agent now: dave holds no phone-system licence" in because_of(
            await world.record()
        )

    play(scene, organisation=contoso(change))


@pytest.mark.row(184)
def test_a_menu_key_needs_a_licence_behind_it_and_an_extension_does_not() -> None:
    def change(file: File) -> None:
        file["auto_attendants"]["reception"]["open"]["menu"]["keys"]["4"] = {"user": "dave"}

    async def scene(world: World) -> None:
        dave, alice = await world.phone("dave"), await world.phone("alice")
        for keys, rung in (("4", alice), ("104", dave)):
            call = world.carrier("sbc1").call("4255550150", calling="2065550123")
            await call.answered()
            await call.until_hears("say: Welcome to Contoso.")
            await call.press(keys)
            (await rung.rings(within_s=30)).answer()
            await call.until_hears(rung.name)
            call.hang_up()
        assert "key 4 leads to the operator: dave holds no phone-system licence" in because_of(
            await world.record(2)
        )

    play(scene, organisation=contoso(change))


def test_emergency_calls_ask_for_nothing() -> None:
    def change(file: File) -> None:
        file["users"]["alice"] |= {"voice": False, "licences": []}
        file["policies"] = {"calling": {"default": {"calls": False, "outbound": "none"}}}

    async def scene(world: World) -> None:
        assert await call_out(world, "alice", "911") is None

    play(scene, organisation=contoso(change))
