"""What the called side is told of a caller, in each mix of wish and trust (ADR 0017)."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from callwright.domains.directory.model import Answering
from callwright.kernel.e164 import E164
from callwright.kernel.ids import SbcId, UserId
from callwright.kernel.target import ToExternal, ToUser
from callwright.routing.snapshot import Snapshot
from callwright.sip.message import Request
from callwright.testing.agent import Ignore
from callwright.testing.builders import contoso_snapshot
from callwright.testing.phone_call import PhoneCall
from callwright.testing.world import World, play

FRIEND = "+12065550199"
OUTSIDE = "+12065550123"
ALICE_NUMBER = "+14255550101"
ANONYMOUS = '"Anonymous" <sip:anonymous@anonymous.invalid>'
PRIVATE = ("Privacy", "id")


def with_sbc(demo: Snapshot | None = None, **fields: Any) -> Snapshot:
    demo = demo or contoso_snapshot()
    sbc = replace(demo.sbcs[SbcId("sbc1")], **fields)
    return replace(demo, sbcs={**demo.sbcs, sbc.id: sbc})


def with_user(key: str, answering: Answering, demo: Snapshot | None = None) -> Snapshot:
    demo = demo or contoso_snapshot()
    changed = replace(demo.users[UserId(key)], answering=answering)
    return replace(demo, users={**demo.users, changed.id: changed})


def shown_from(request: Request) -> str:
    return (request.header("From") or "").partition(";tag=")[0]


async def invite_at_carrier(world: World, *headers: tuple[str, str]) -> Request:
    """Alice calls a friend outside; what the carrier got."""
    carrier = world.carrier("sbc1")
    alice = await world.phone("alice")
    call = await alice.dial(FRIEND, headers=headers)
    await call.answered()
    call.hang_up()
    [invite] = carrier.invites
    return invite


@pytest.mark.parametrize(
    ("fields", "wish", "anonymous", "asserts", "privacy"),
    [
        pytest.param({}, (), False, False, None, id="stranger"),
        pytest.param({}, (PRIVATE,), True, False, "id", id="stranger, hidden"),
        pytest.param({"trusted": True}, (), False, True, None, id="trusted"),
        pytest.param({"trusted": True}, (PRIVATE,), True, True, "id", id="trusted, hidden"),
        pytest.param({"forward_pai": True}, (), True, True, "id", id="forward_pai"),
        pytest.param({"forward_pai": True}, (PRIVATE,), True, True, "id", id="forward_pai, hidden"),
    ],
)
@pytest.mark.row(77)
def test_a_trunk_is_told_what_it_may_know(
    fields: dict[str, Any],
    wish: tuple[tuple[str, str], ...],
    anonymous: bool,
    asserts: bool,
    privacy: str | None,
) -> None:
    async def scene(world: World) -> None:
        invite = await invite_at_carrier(world, *wish)
        number = f"<sip:{ALICE_NUMBER}@192.0.2.1;user=phone>"
        assert shown_from(invite) == (ANONYMOUS if anonymous else number)
        assert invite.header("P-Asserted-Identity") == (number if asserts else None)
        assert invite.header("Privacy") == privacy
        if anonymous and not asserts:
            assert not [value for _, value in invite.headers if ALICE_NUMBER in value]
        record = await world.record()
        assert record.caller == ALICE_NUMBER

    play(scene, organisation=with_sbc(**fields))


@pytest.mark.parametrize("wish", ["user", "header", "id;critical", " ID ; user"])
def test_every_wish_for_privacy_is_kept(wish: str) -> None:
    async def scene(world: World) -> None:
        invite = await invite_at_carrier(world, ("Privacy", wish))
        assert shown_from(invite) == ANONYMOUS

    play(scene)


@pytest.mark.parametrize("wish", ["none", "session", "history", ""])
def test_a_wish_for_something_else_shows_the_caller(wish: str) -> None:
    async def scene(world: World) -> None:
        invite = await invite_at_carrier(world, ("Privacy", wish))
        assert invite.from_.uri.user == ALICE_NUMBER

    play(scene)


def test_a_phone_cannot_assert_anything() -> None:
    async def scene(world: World) -> None:
        invite = await invite_at_carrier(
            world,
            ("P-Asserted-Identity", "<sip:+19005550000@contoso.test>"),
            ("P-Preferred-Identity", "<sip:+19005550000@contoso.test>"),
        )
        assert not [value for _, value in invite.headers if "+1900" in value]

    play(scene, organisation=with_sbc(trusted=True))


async def ring_bob(world: World, *, from_: str | None = None, **options: object) -> PhoneCall:
    bob = await world.phone("bob")
    world.carrier("sbc1").call("4255550102", calling="2065550123", from_=from_, **options)  # type: ignore[arg-type]
    return await bob.rings()


PAI = ("P-Asserted-Identity", '"Jane Doe" <tel:+1-206-555-0123>')
RPID = ("Remote-Party-ID", '"Jane Doe" <sip:+12065550123@sbc>;party=calling;privacy=off')
HIDDEN_RPID = ("Remote-Party-ID", "<sip:+12065550123@sbc>;party=calling;privacy=full")
OTHER = "<sip:+12065550777@sbc>"
HIDING = "<sip:anonymous@anonymous.invalid>"


@pytest.mark.parametrize(
    ("trusted", "from_", "headers", "shown", "recorded"),
    [
        pytest.param(False, OTHER, (PAI,), ("", "+12065550777"), "+12065550777", id="not believed"),
        pytest.param(True, OTHER, (PAI,), ("Jane Doe", OUTSIDE), OUTSIDE, id="believed"),
        pytest.param(True, OTHER, (RPID,), ("Jane Doe", OUTSIDE), OUTSIDE, id="old gear"),
        pytest.param(False, OTHER, (RPID,), ("", "+12065550777"), "+12065550777", id="old, not"),
        pytest.param(True, OTHER, (PAI, PRIVATE), None, OUTSIDE, id="hidden, known to us"),
        pytest.param(True, HIDING, (PAI, PRIVATE), None, OUTSIDE, id="hidden From, known to us"),
        pytest.param(True, OTHER, (HIDDEN_RPID,), None, OUTSIDE, id="old gear hides"),
        pytest.param(False, HIDING, (PAI, PRIVATE), None, "anonymous", id="hidden from all"),
        pytest.param(
            True,
            OTHER,
            (("P-Preferred-Identity", "<tel:+19005550000>"),),
            ("", "+12065550777"),
            "+12065550777",
            id="a wish is no assertion",
        ),
        pytest.param(True, OTHER, (("P-Asserted-Identity", "<<"),), ("", "+12065550777"),
                     "+12065550777", id="unreadable"),
    ],
)  # fmt: skip
def test_a_phone_is_shown_who_calls_from_outside(
    trusted: bool,
    from_: str,
    headers: tuple[tuple[str, str], ...],
    shown: tuple[str, str] | None,
    recorded: str,
) -> None:
    async def scene(world: World) -> None:
        rung = await ring_bob(world, from_=from_, headers=headers)
        invite = rung.session.request
        if shown is None:
            assert shown_from(invite) == ANONYMOUS
            assert invite.header("P-Asserted-Identity") is None
            assert invite.header("Privacy") == "id"
            assert not [value for _, value in invite.headers if "20655501" in value]
        else:
            assert rung.shown == shown
            assert f"<sip:{shown[1]}@" in (invite.header("P-Asserted-Identity") or "")
            assert invite.header("Privacy") is None
        rung.decline(486)
        assert (await world.record()).caller == recorded

    play(scene, organisation=with_sbc(trusted=trusted))


@pytest.mark.parametrize(
    ("fields", "asserts"),
    [({}, None), ({"trusted": True}, "+14255550102"), ({"forward_pai": True}, "+14255550102")],
)
def test_a_hidden_caller_who_is_forwarded_outside_stays_hidden(
    fields: dict[str, Any], asserts: str | None
) -> None:
    """What a trunk is told then is who forwards and pays."""

    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        carrier.call("+14255550102", calling=OUTSIDE, headers=(PRIVATE,))
        await carrier.rings()
        [invite] = carrier.invites
        assert shown_from(invite) == ANONYMOUS
        assert invite.header("Privacy") == "id"
        found = invite.header("P-Asserted-Identity")
        assert found == (asserts and f"<sip:{asserts}@192.0.2.1;user=phone>")
        assert not [value for _, value in invite.headers if OUTSIDE in value]

    demo = with_user("bob", Answering(forward_to=ToExternal(E164(FRIEND))))
    play(scene, organisation=with_sbc(demo, **fields))


def test_numbers_in_tel_uris_are_read() -> None:
    async def scene(world: World) -> None:
        rung = await ring_bob(world, from_="<tel:5550123;phone-context=+1206>")
        assert rung.shown[1] == OUTSIDE

    play(scene)


def test_a_hidden_colleague_stays_hidden_and_so_in_mail() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = await alice.dial("102", headers=(PRIVATE,))
        rung = await bob.rings()
        assert shown_from(rung.session.request) == ANONYMOUS
        await call.answered(within_s=60)  # voicemail
        await call.talk_for(8)
        call.hang_up()
        record = await world.record()
        assert record.caller_user == "alice"
        [message] = world.mailboxes.stored
        assert (message.caller, message.caller_name) == ("anonymous", None)

    play(scene)


def test_a_hidden_caller_of_a_queue_is_announced_without_a_number() -> None:
    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        world.carrier("sbc1").call("+14255550151", calling="+12065550123", headers=(PRIVATE,))
        rung = await bob.rings()
        assert rung.shown == ("support: anonymous", "anonymous")

    play(scene)


# -- how it rings ----------------------------------------------------------------------------------


def test_phones_tell_a_colleague_from_a_stranger_and_from_the_queue() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        rings = []
        inside = await alice.dial("102")
        rings.append(await bob.rings())
        inside.hang_up()
        carrier = world.carrier("sbc1")
        for number in ("+14255550102", "+14255550151"):
            call = carrier.call(number, calling=OUTSIDE, headers=(("Alert-Info", "<http://x/>"),))
            rung = await bob.rings() if number.endswith("02") else await alice.rings()
            rings.append(rung)
            call.hang_up()
        alerts = [rung.session.request.header_values("Alert-Info") for rung in rings]
        assert alerts == [
            ["<urn:alert:source:internal>;info=alert-internal"],
            ["<urn:alert:source:external>;info=alert-external"],
            ["<urn:alert:source:external>;info=alert-group"],
        ]

    play(scene)


def intercom(allows: bool) -> Snapshot:
    return with_user("bob", Answering(intercom=allows))


@pytest.mark.parametrize("name", ["Answer-Mode", "Priv-Answer-Mode"])
@pytest.mark.parametrize(("allows", "dialled", "expected"), [
    (True, "102", "Auto"),
    (False, "102", None),
    (True, "103", None),
])  # fmt: skip
def test_a_phone_answers_by_itself_only_where_its_user_allows_colleagues_to(
    name: str, allows: bool, dialled: str, expected: str | None
) -> None:
    """103 is Carol, who forwards to Bob."""

    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = await alice.dial(dialled, headers=((name, "Auto;require"),))
        invite = (await bob.rings()).session.request
        assert invite.header("Answer-Mode") == expected
        answers = [
            value for value in invite.header_values("Call-Info") if "answer-after=0" in value
        ]
        assert bool(answers) == (expected is not None)
        assert invite.header("Priv-Answer-Mode") is None
        call.hang_up()

    play(scene, organisation=intercom(allows))


def test_an_unanswered_call_that_goes_on_is_no_intercom_call() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = await alice.dial("104", headers=(("Answer-Mode", "Auto"),))  # Dave has no phone
        assert (await bob.rings()).session.request.header("Answer-Mode") is None
        call.hang_up()

    dave = Answering(unanswered_to=ToUser(UserId("bob")))
    play(scene, organisation=with_user("dave", dave, intercom(True)))


def test_a_transferred_colleague_is_no_intercom_call() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        erin = await world.phone("erin")
        call = await alice.dial("105", headers=(("Answer-Mode", "Auto"),))
        there = await erin.rings()
        there.answer()
        await call.answered()
        transfer = asyncio.ensure_future(there.transfer("102"))
        rung = await bob.rings()
        assert rung.session.request.header("Answer-Mode") is None
        rung.answer()
        assert await transfer == 200
        call.hang_up()

    play(scene, organisation=intercom(True))


def test_nobody_outside_makes_a_phone_answer_by_itself() -> None:
    async def scene(world: World) -> None:
        rung = await ring_bob(
            world, headers=(("Answer-Mode", "Auto"), ("Call-Info", "<sip:x>;answer-after=0"))
        )
        assert rung.session.request.header("Answer-Mode") is None
        assert rung.session.request.header("Call-Info") is None

    play(scene, organisation=intercom(True))


# -- early media -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trusted", "direction", "is_heard"),
    [
        (True, "inactive", False),
        (True, "recvonly", False),
        (True, "sendrecv", True),
        (True, "sendonly", True),
        (True, None, True),
        (False, "inactive", True),
    ],
)
def test_a_trusted_network_says_whether_its_early_media_is_heard(
    trusted: bool, direction: str | None, is_heard: bool
) -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        carrier.reaction = Ignore()
        alice = await world.phone("alice")
        call = await alice.dial(FRIEND)
        there = await carrier.rings()
        supported = there.session.request.header("P-Early-Media")
        assert supported == ("supported" if trusted else None)
        body = there.audio.answer(there.session.request.body) or b""
        headers = () if direction is None else (("P-Early-Media", direction),)
        there._early = body
        there.session.provisional(183, body=body, headers=headers)
        await call.ringing()
        assert call.provisionals[-1] == (183 if is_heard else 180)
        there.answer()
        await call.answered()
        await call.until_hears(FRIEND)

    play(scene, organisation=with_sbc(trusted=trusted))
