"""Policies on the line: who has which, and what it forbids (SPEC 8.1, 8.8, 11.2)."""

import asyncio
from typing import Any

import pytest
from tests.world.contoso_scene import File, contoso
from tests.world.test_licences import FRIEND, because_of, call_out

from callwright.calls.record import CallResult
from callwright.kernel.reason import Reason
from callwright.routing.snapshot import Snapshot
from callwright.testing.agent import Redirect
from callwright.testing.world import World, play

LONDON, MOBILE = "+442079460123", "+447900900123"
CANADA = "+16135550123"


def with_calling(default: dict[str, Any], **others: dict[str, Any]) -> Snapshot:
    """The calling policy of everybody, and others of which bob gets ``own``."""

    def change(file: File) -> None:
        file["policies"] = {"calling": {"default": default, **others}}
        if "own" in others:
            file["users"]["bob"]["policies"] = {"calling": "own"}

    return contoso(change)


def by_all_ways(file: File) -> None:
    """Erin has the policy of everybody, alice that of her groups, bob one of his own."""
    file["policies"] = {
        "calling": {
            "default": {"outbound": "none"},
            "domestic": {"outbound": "domestic"},
            "world": {"outbound": "international"},
        }
    }
    file["groups"]["support-team"]["policies"] = {"calling": {"name": "domestic", "rank": 1}}
    file["groups"]["everywhere"] = {
        "members": ["alice", "bob"],
        "policies": {"calling": {"name": "world", "rank": 2}},
    }
    file["users"]["bob"]["policies"] = {"calling": "world"}


@pytest.mark.row(277)
@pytest.mark.parametrize(
    ("user", "number", "reason", "because"),
    [
        ("erin", FRIEND, Reason.OUTBOUND_FORBIDDEN, "everybody without another one has it"),
        ("alice", FRIEND, None, ""),
        ("alice", LONDON, Reason.INTERNATIONAL_FORBIDDEN, "group support-team, rank 1"),
        ("bob", LONDON, None, ""),
    ],
)
def test_direct_before_group_before_everybody(
    user: str, number: str, reason: Reason | None, because: str
) -> None:
    async def scene(world: World) -> None:
        assert await call_out(world, user, number) == (None if reason is None else 403)
        record = await world.record()
        assert record.reason is (reason or Reason.NORMAL)
        assert because in because_of(record)

    play(scene, organisation=contoso(by_all_ways))


@pytest.mark.row(238)
@pytest.mark.parametrize("number", [LONDON, MOBILE, CANADA])
def test_a_domestic_user_does_not_call_abroad(number: str) -> None:
    async def scene(world: World) -> None:
        assert await call_out(world, "alice", number) == 403
        record = await world.record()
        assert record.reason is Reason.INTERNATIONAL_FORBIDDEN
        assert record.reason.sub_code == 510563

    play(scene, organisation=with_calling({"outbound": "domestic"}))


def test_domestic_is_where_the_user_is_at_home_not_the_organisation() -> None:
    def change(file: File) -> None:
        file["policies"] = {"calling": {"default": {"outbound": "domestic"}}}
        file["users"]["bob"]["country"] = "GB"
        del file["users"]["bob"]["number"]

    async def scene(world: World) -> None:
        assert await call_out(world, "bob", LONDON) is None
        phone = world.phones[0]
        call = await phone.dial("02079460123")  # as one dials in Britain
        await call.answered()
        assert world.carrier("sbc1").invites[-1].parsed_uri.user == LONDON
        call.hang_up()
        assert await (await phone.dial(FRIEND)).ended() == 403

    play(scene, organisation=contoso(change))


def test_who_may_not_call_at_all_neither_calls_nor_is_called() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        assert await (await alice.dial("102")).ended() == 403
        record = await world.record()
        assert (record.reason, record.reason.sub_code) == (Reason.CALLS_FORBIDDEN, 10199)
        assert await (await bob.dial("101")).ended() == 403
        call = world.carrier("sbc1").call("4255550102", calling="2065550123")
        assert await call.ended() == 403
        assert (alice.calls[1:], bob.calls[1:]) == ([], [])

    play(scene, organisation=with_calling({}, own={"calls": False}))


@pytest.mark.parametrize(
    ("target", "setting"),
    [({"external": FRIEND}, "forward_to_numbers"), ({"user": "bob"}, "forward_to_users")],
)
def test_a_forward_that_the_policy_forbids_is_passed_over(
    target: dict[str, str], setting: str
) -> None:
    def change(file: File) -> None:
        file["policies"] = {"calling": {"default": {setting: False}}}
        file["users"]["alice"]["answering"] = {"forward": {"to": target}}

    async def scene(world: World) -> None:
        world.carrier("sbc1")
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = await (await world.phone("erin")).dial("101")
        (await alice.rings()).answer()
        await call.answered()
        assert bob.calls == []
        assert world.carrier("sbc1").invites == []

    play(scene, organisation=contoso(change))


@pytest.mark.parametrize(
    ("target", "setting"),
    [
        (f"<sip:{FRIEND}@contoso.test>", "forward_to_numbers"),
        ("<sip:102@contoso.test>", "forward_to_users"),
    ],
)
def test_a_phone_does_not_send_calls_where_the_user_may_not(target: str, setting: str) -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1")
        alice, bob = await world.phone("alice"), await world.phone("bob")
        alice.reaction = Redirect((target,))
        call = await (await world.phone("erin")).dial("101")
        assert await call.ended() == 603
        assert bob.calls == []
        assert world.carrier("sbc1").invites == []
        assert "the calling policy of alice forbids it" in because_of(await world.record())

    play(scene, organisation=with_calling({setting: False}))


def test_voicemail_that_the_policy_forbids_is_refused_with_its_sub_code() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = await bob.dial("101")
        await alice.rings()
        assert await call.ended(within_s=6) == 480
        record = await world.record()
        assert (record.reason, record.reason.sub_code) == (Reason.VOICEMAIL_FORBIDDEN, 10191)
        assert world.mailboxes.of("alice") == []

    play(scene, organisation=with_calling({"voicemail": "never"}))


def test_voicemail_always_comes_after_thirty_seconds_whatever_the_user_set() -> None:
    def change(file: File) -> None:
        file["policies"] = {"calling": {"default": {"voicemail": "always"}}}
        file["users"]["alice"]["answering"] = {"unanswered": {"after_s": 5, "to": {"user": "bob"}}}

    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = await (await world.phone("erin")).dial("101")
        call.hush()
        await alice.rings()
        await asyncio.sleep(28)
        assert not call.is_answered
        await call.answered(within_s=3)
        await call.until_hears("beep", within_s=30)
        call.hang_up()
        assert bob.calls == []
        assert (await world.record()).result is not CallResult.ANSWERED

    play(scene, organisation=contoso(change))


@pytest.mark.row(97)
def test_the_dial_plan_of_a_user_comes_before_that_of_everybody() -> None:
    def change(file: File) -> None:
        file["dial_plans"]["seattle"] = [
            {"name": "local-7", "pattern": r"^(\d{7})$", "to": "+1206$1"}
        ]
        file["users"]["bob"]["policies"] = {"dial_plan": "seattle"}

    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        for user, number in (("alice", "+14255559876"), ("bob", "+12065559876")):
            assert await call_out(world, user, "5559876") is None
            assert carrier.invites[-1].parsed_uri.user == number

    play(scene, organisation=contoso(change))


def split_routes(file: File) -> None:
    routing = file["pstn"]["direct_routing"]
    routing["policies"]["national-only"] = {"usages": ["national"]}
    routing["policies"]["nowhere"] = {"usages": []}
    file["groups"]["support-team"]["policies"] = {"routing": {"name": "national-only", "rank": 1}}
    file["users"]["erin"]["policies"] = {"routing": "nowhere"}


@pytest.mark.parametrize(
    ("user", "number", "is_routed"),
    [("alice", FRIEND, True), ("alice", LONDON, False), ("erin", FRIEND, False)],
)
def test_each_has_the_routes_of_the_own_routing_policy(
    user: str, number: str, is_routed: bool
) -> None:
    async def scene(world: World) -> None:
        assert await call_out(world, user, number) == (None if is_routed else 403)
        record = await world.record()
        assert record.reason is (Reason.NORMAL if is_routed else Reason.NO_ROUTE)

    play(scene, organisation=contoso(split_routes))


@pytest.mark.row(52)
def test_a_number_that_no_route_matches_leaves_by_the_carrier_of_the_calling_plan() -> None:
    def change(file: File) -> None:
        file["numbers"][0]["source"] = "calling-plan"
        file["pstn"]["calling_plan"] = {"sbcs": ["sbc2"]}
        file["pstn"]["direct_routing"]["policies"]["default"] = {"usages": ["headquarters"]}
        file["pstn"]["direct_routing"]["routes"] = [
            {"name": "hq", "pattern": r"^\+1425", "usage": "headquarters", "sbcs": ["sbc1"]}
        ]

    async def scene(world: World) -> None:
        own, plan = world.carrier("sbc1"), world.carrier("sbc2")
        erin = await world.phone("erin")
        for number in ("+14255559876", FRIEND):
            call = await erin.dial(number)
            await call.answered()
            call.hang_up()
        assert [invite.parsed_uri.user for invite in own.invites] == ["+14255559876"]
        assert [invite.parsed_uri.user for invite in plan.invites] == [FRIEND]
        assert "the calling plan pays for +12065550199" in because_of(await world.record(2))

    play(scene, organisation=contoso(change))


@pytest.mark.parametrize(("licence", "status"), [("pay-as-you-go", None), ("domestic", 403)])
def test_a_pay_as_you_go_plan_pays_by_the_tariff(licence: str, status: int | None) -> None:
    def change(file: File) -> None:
        file["numbers"][0]["source"] = "calling-plan"
        file["pstn"]["calling_plan"] = {"sbcs": ["sbc1"]}
        file["pstn"]["direct_routing"]["policies"]["default"] = {"usages": []}
        file["licences"]["calling-plan-pay-as-you-go"] = 1
        file["users"]["erin"]["licences"] = ["phone-system", f"calling-plan-{licence}"]

    async def scene(world: World) -> None:
        assert await call_out(world, "erin", LONDON) == status
        record = await world.record()
        if status is None:
            assert record.charge is not None
            assert record.charge.micros > 0
        else:
            assert record.reason is Reason.NO_CREDITS_LICENCE

    play(scene, organisation=contoso(change))
