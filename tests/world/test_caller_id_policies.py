"""Which number stands in for a caller's, by policy (SPEC 8.7)."""

import pytest
from tests.world.edited_file import edited

from callwright.routing.snapshot import Snapshot
from callwright.sip.message import Request
from callwright.testing.world import World, play

OWN, SUPPORT = "+14255550101", "+14255550151"
FRIEND = "+12065550199"
USERS_RANGE = '  - {range: "+14255550101..+14255550119", kind: user, source: direct-routing}\n'
POLICIES = """
policies:
  caller_id:
    nobody: {show: anonymous}
    support: {show: {resource_account: support-line}, company_name: Contoso Support}
    blind: {hide_inbound: true}
    plain: {company_name: Contoso, user_may_hide: false}

users:
"""


def with_policies(given: str = "", number: str = "", *edits: tuple[str, str]) -> Snapshot:
    """Alice is ``given`` policies directly, and her number is given ``number``."""
    more = list(edits)
    if given:
        more.append(("  alice:\n", f"  alice:\n    policies: {{caller_id: {given}}}\n"))
    if number:
        own = f'  - {{number: "{OWN}", kind: user, source: direct-routing,\n'
        own += f"     policies: {{caller_id: {number}}}}}\n"
        more.append((USERS_RANGE, own + USERS_RANGE.replace("0101..", "0102..")))
    return edited(("\nusers:\n", POLICIES), *more)


async def invite_at_carrier(world: World, *headers: tuple[str, str]) -> Request:
    carrier, alice = world.carrier("sbc1"), await world.phone("alice")
    call = await alice.dial(FRIEND, headers=headers)
    await call.answered()
    return carrier.invites[-1]


@pytest.mark.row(228)
@pytest.mark.parametrize(
    ("given", "shown"),
    [("", OWN), ("plain", OWN), ("support", SUPPORT), ("nobody", "anonymous")],
)
def test_a_policy_shows_the_own_number_another_one_or_none(given: str, shown: str) -> None:
    async def scene(world: World) -> None:
        invite = await invite_at_carrier(world)
        assert invite.from_.uri.user == shown
        if shown != OWN:
            assert not [value for _, value in invite.headers if OWN in value]

    play(scene, organisation=with_policies(given))


@pytest.mark.row(46)
@pytest.mark.parametrize(
    ("given", "number", "shown"),
    [
        ("support", "nobody", "anonymous"),
        ("nobody", "support", SUPPORT),
        ("nobody", "plain", OWN),
    ],
)
def test_a_policy_of_the_number_comes_before_the_users(given: str, number: str, shown: str) -> None:
    async def scene(world: World) -> None:
        invite = await invite_at_carrier(world)
        assert invite.from_.uri.user == shown

    play(scene, organisation=with_policies(given, number))


@pytest.mark.row(230)
def test_the_companys_name_stands_beside_the_number() -> None:
    async def scene(world: World) -> None:
        invite = await invite_at_carrier(world)
        assert invite.from_.display == "Contoso Support"

    play(scene, organisation=with_policies("support"))


@pytest.mark.row(229)
@pytest.mark.parametrize(
    ("given", "wish", "shown"),
    [
        ("", "id", "anonymous"),
        ("support", "id", "anonymous"),
        ("plain", "id", OWN),
        ("nobody", "none", "anonymous"),
    ],
)
def test_a_user_hides_where_the_policy_lets_him(given: str, wish: str, shown: str) -> None:
    async def scene(world: World) -> None:
        invite = await invite_at_carrier(world, ("Privacy", wish))
        assert invite.from_.uri.user == shown

    play(scene, organisation=with_policies(given))


@pytest.mark.row(233)
@pytest.mark.parametrize("given", ["nobody", "support"])
def test_an_emergency_call_shows_the_own_number_whatever_the_policy(given: str) -> None:
    async def scene(world: World) -> None:
        carrier, alice = world.carrier("sbc1"), await world.phone("alice")
        call = await alice.dial("911")
        await call.answered()
        [invite] = carrier.invites
        assert invite.from_.uri.user == OWN
        assert not [value for _, value in invite.headers if SUPPORT in value]

    without_elin = (', elin: "+14255550119"', "")
    play(scene, organisation=with_policies(given, "", without_elin))


def test_an_emergency_call_shows_the_elin_whatever_the_policy() -> None:
    async def scene(world: World) -> None:
        carrier, alice = world.carrier("sbc1"), await world.phone("alice")
        call = await alice.dial("911")
        await call.answered()
        [invite] = carrier.invites
        assert invite.from_.uri.user == "+14255550119"
        assert OWN in (invite.header("P-Asserted-Identity") or "")

    play(scene, organisation=with_policies("nobody"))


def test_a_hidden_colleague_stays_hidden_when_the_call_is_sent_out() -> None:
    async def scene(world: World) -> None:
        carrier, alice = world.carrier("sbc1"), await world.phone("alice")
        call = await alice.dial("102")
        await call.answered()
        [invite] = carrier.invites
        assert invite.from_.uri.user == "anonymous"
        assert not [value for _, value in invite.headers if OWN in value]

    forward = (
        "      unanswered: {after_s: 20, to: voicemail}\n",
        f'      forward: {{to: {{external: "{FRIEND}"}}}}\n',
    )
    play(scene, organisation=with_policies("nobody", "", forward))


def test_a_trusted_trunk_is_asserted_the_number_that_is_shown() -> None:
    async def scene(world: World) -> None:
        invite = await invite_at_carrier(world)
        assert SUPPORT in (invite.header("P-Asserted-Identity") or "")

    trusting = ("        transport: udp\n", "        transport: udp\n        trusted: true\n")
    play(scene, organisation=with_policies("support", "", trusting))


@pytest.mark.row(232)
def test_a_user_may_be_kept_from_seeing_who_calls_from_outside() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = world.carrier("sbc1").call(OWN, calling=FRIEND, name="Jane Doe")
        rung = await alice.rings()
        assert rung.shown[1] == "anonymous"
        assert not [v for _, v in rung.session.request.headers if FRIEND in v or "Jane" in v]
        call.hang_up()
        inside = await bob.dial("101")
        await inside.ringing()
        assert alice.calls[-1].shown == ("Bob Brown", "+14255550102")
        inside.hang_up()

    play(scene, organisation=with_policies("blind"))
