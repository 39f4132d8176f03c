"""Calls that a phone or a carrier sends elsewhere, and what trunks write into messages."""

import pytest
from tests.world.trunk_scene import FRIEND, calls_out, steps, with_sbc

from callwright.domains.pstn.headers import RemoveHeader, RenameHeader, SetHeader
from callwright.kernel.reason import Reason
from callwright.testing.agent import Answer, Decline, Redirect
from callwright.testing.world import World, play


def test_a_phone_that_deflects_sends_the_call_on_as_its_user() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        other = await world.phone("bob", name="bob's second phone")
        dave = await world.phone("dave")
        bob.reaction = Redirect(("<sip:dave@contoso.test>",))
        dave.reaction = Answer()
        call = await alice.dial("102")
        await call.answered()
        await call.until_hears("dave")
        assert other.calls[0].is_over, "nobody picks up there any more"
        call.hang_up()
        record = await world.record()
        assert record.callee_user == "dave"
        assert "bob redirects it" in steps(world)

    play(scene)


def test_a_deflection_goes_out_with_the_rights_of_who_deflects() -> None:
    async def scene(world: World) -> None:
        carrier, bob = world.carrier("sbc1"), await world.phone("bob")
        bob.reaction = Redirect((f"<sip:{FRIEND}@evil.example>",))
        call = carrier.call("4255550102", calling="2065550123")
        await call.answered()
        [invite] = carrier.invites
        assert invite.parsed_uri.user == FRIEND
        call.hang_up()

    play(scene)


def test_two_phones_that_send_a_call_to_each_other_end_it() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        bob, dave = await world.phone("bob"), await world.phone("dave")
        bob.reaction = Redirect(("<sip:dave@contoso.test>",))
        dave.reaction = Redirect(("<sip:102@contoso.test>",))
        call = await alice.dial("102")
        await call.ended()
        assert (await world.record()).reason is Reason.LOOP

    play(scene)


def test_a_redirection_of_a_carrier_is_refused_by_default() -> None:
    async def scene(world: World) -> None:
        carrier, bob = world.carrier("sbc1"), await world.phone("bob")
        carrier.reaction = Redirect(("<sip:102@contoso.test>",))
        assert await calls_out(world) == 503
        await world.record()
        assert "was not tried" in steps(world)
        assert bob.calls == []

    play(scene)


def test_a_redirection_is_followed_where_the_file_says_so_best_first() -> None:
    async def scene(world: World) -> None:
        carrier, bob = world.carrier("sbc1"), await world.phone("bob")
        dave = await world.phone("dave")
        bob.reaction, dave.reaction = Decline(486), Answer()
        carrier.reaction = Redirect(("<sip:dave@x>;q=0.2", "<sip:102@x>;q=0.8"))
        alice = await world.phone("alice")
        call = await alice.dial(FRIEND)
        await call.answered()
        await call.until_hears("dave")
        assert len(bob.calls) == 1
        call.hang_up()
        await world.record()
        assert "sbc1 redirects it" in steps(world)

    play(scene, organisation=with_sbc("sbc1", follows_redirects=True))


def test_a_carrier_that_redirects_to_itself_for_ever_is_left() -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        carrier.reaction = Redirect((f"<sip:{FRIEND}@x>",))
        await calls_out(world)
        assert (await world.record()).reason is Reason.LOOP
        assert len(carrier.invites) < 20

    play(scene, organisation=with_sbc("sbc1", follows_redirects=True))


def test_headers_are_written_and_read_as_the_rules_say() -> None:
    async def scene(world: World) -> None:
        carrier, bob = world.carrier("sbc1"), await world.phone("bob")
        await calls_out(world)
        [invite] = carrier.invites
        assert invite.header("X-Account") == f"42 {FRIEND} by +14255550101"
        assert invite.header("User-Agent") == "Contoso"
        assert len(invite.header_values("User-Agent")) == 1
        call = carrier.call(
            "4255550102", calling="2065550123", headers=(("X-Caller-Name", "Jane"),)
        )
        rung = await bob.rings()
        rung.answer()
        await call.answered()
        call.hang_up()

    rules = (
        SetHeader("X-Account", "42 {called} by {calling}"),
        SetHeader("User-Agent", "Contoso"),
        RemoveHeader("Subject"),
    )
    inbound = (RenameHeader("X-Caller-Name", "Organization"),)
    play(scene, organisation=with_sbc("sbc1", outbound_headers=rules, inbound_headers=inbound))


@pytest.mark.parametrize(
    "uri", ["tel:+1-425-555-0102", "tel:5550102;phone-context=+1425", "tel:+14255550102;ext=1"]
)
def test_a_carrier_may_write_numbers_as_tel_uris(uri: str) -> None:
    async def scene(world: World) -> None:
        carrier, bob = world.carrier("sbc1"), await world.phone("bob")
        call = carrier.call(uri, calling="2065550123")
        (await bob.rings()).answer()
        await call.answered()
        call.hang_up()

    play(scene)


def test_a_phone_may_transfer_to_a_tel_uri() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        dave = await world.phone("dave")
        bob.reaction = dave.reaction = Answer()
        call = await alice.dial("dave")
        await call.answered()
        assert await call.transfer("tel:5550102;phone-context=+1425") == 200
        assert bob.calls[0].is_answered

    play(scene)
