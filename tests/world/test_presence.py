"""Presence: whether a colleague can be reached, and what the colleague's phone says (RFC 3856)."""

import asyncio
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from callwright.kernel.ids import UserId
from callwright.kernel.limits.subscriptions import PUBLICATION_BYTES_MAX
from callwright.testing.builders import contoso_snapshot, contoso_users
from callwright.testing.phone_watch import PhoneWatch
from callwright.testing.phones import SimulatedPhone
from callwright.testing.world import World, play

PIDF = "{urn:ietf:params:xml:ns:pidf}"
RPID = "{urn:ietf:params:xml:ns:pidf:rpid}"
BOB = UserId("bob")
OPEN, CLOSED = "<basic>open</basic>", "<basic>closed</basic>"


def pidf(*, basic: str = "open", activity: str = "", note: str = "") -> bytes:
    person = f"<dm:person id='p'><rpid:activities>{activity}</rpid:activities></dm:person>"
    said = f"<note>{note}</note>" if note else ""
    return (
        "<?xml version='1.0'?><presence xmlns='urn:ietf:params:xml:ns:pidf'"
        " xmlns:dm='urn:ietf:params:xml:ns:pidf:data-model'"
        " xmlns:rpid='urn:ietf:params:xml:ns:pidf:rpid' entity='sip:bob@contoso.test'>"
        f"<tuple id='t'><status><basic>{basic}</basic></status>{said}</tuple>{person}</presence>"
    ).encode()


BUSY = pidf(activity="<rpid:busy/>", note="Do not disturb")


def shown(watch: PhoneWatch) -> tuple[str | None, set[str], str | None]:
    """Basic status, activities and note of the newest document."""
    assert watch.told[-1].content_type == "application/pidf+xml"
    root = ElementTree.fromstring(watch.body)
    activities = {node.tag.removeprefix(RPID) for node in root.iterfind(f".//{RPID}activities/*")}
    return (
        root.findtext(f"{PIDF}tuple/{PIDF}status/{PIDF}basic"),
        activities,
        root.findtext(f"{PIDF}tuple/{PIDF}note"),
    )


async def scenery(world: World) -> tuple[SimulatedPhone, SimulatedPhone, PhoneWatch]:
    alice, bob = await world.phone("alice"), await world.phone("bob")
    watch = alice.watch("presence", "bob")
    await watch.until_says(OPEN)
    return alice, bob, watch


def test_open_while_a_phone_is_registered() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        watch = alice.watch("presence", "102")
        await watch.until_says(CLOSED)
        bob = await world.phone("bob")
        await watch.until_says(OPEN)
        await bob.unregister()
        await watch.until_says(CLOSED)
        assert [shown(watch)[0], len(watch.told)] == ["closed", 3]

    play(scene)


def test_a_registration_that_expires_closes() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        bob = await world.phone("bob", register=False)
        assert (await bob.try_register(100)).status == 200
        watch = alice.watch("presence", "bob")
        await watch.until_says(OPEN)
        await asyncio.sleep(95)
        assert OPEN in watch.body
        await watch.until_says(CLOSED, within_s=10)

    play(scene)


def test_on_the_phone_while_talking() -> None:
    async def scene(world: World) -> None:
        alice, bob, watch = await scenery(world)
        call = await bob.dial("101")
        (await alice.rings()).answer()
        await call.answered()
        await watch.until_says("on-the-phone")
        assert shown(watch) == ("open", {"on-the-phone"}, None)
        call.hang_up()
        await watch.until(lambda w: shown(w) == ("open", set(), None))

    play(scene)


def test_the_life_of_a_publication() -> None:
    async def scene(world: World) -> None:
        _, bob, watch = await scenery(world)
        first = await bob.publish(BUSY, expires_s=600)
        assert (first.status, first.header("Expires")) == (200, "600")
        await watch.until(lambda w: shown(w) == ("open", {"busy"}, "Do not disturb"))
        told = len(watch.told)
        refreshed = await bob.publish(expires_s=600, etag=first.header("SIP-ETag"))
        assert refreshed.status == 200
        assert refreshed.header("SIP-ETag") != first.header("SIP-ETag")
        stale = await bob.publish(expires_s=600, etag=first.header("SIP-ETag"))
        assert stale.status == 412
        changed = await bob.publish(
            pidf(basic="closed", activity="<rpid:away/>"), etag=refreshed.header("SIP-ETag")
        )
        await watch.until(lambda w: shown(w) == ("closed", {"away"}, None))
        assert len(watch.told) == told + 1
        removed = await bob.publish(expires_s=0, etag=changed.header("SIP-ETag"))
        assert (removed.status, removed.header("Expires")) == (200, "0")
        await watch.until(lambda w: shown(w) == ("open", set(), None))
        gone = await bob.publish(expires_s=0, etag=changed.header("SIP-ETag"))
        assert gone.status == 412

    play(scene)


def test_a_publication_that_nobody_refreshes_expires() -> None:
    async def scene(world: World) -> None:
        _, bob, watch = await scenery(world)
        published = await bob.publish(BUSY, expires_s=60)
        await watch.until_says("busy")
        await asyncio.sleep(50)
        assert "busy" in watch.body
        await watch.until(lambda w: shown(w) == ("open", set(), None), within_s=15)
        late = await bob.publish(expires_s=60, etag=published.header("SIP-ETag"))
        assert late.status == 412

    play(scene)


def test_what_a_phone_publishes_does_not_keep_calls_away() -> None:
    async def scene(world: World) -> None:
        alice, bob, watch = await scenery(world)
        await bob.publish(pidf(basic="closed", activity="<rpid:busy/>"))
        await watch.until_says(CLOSED)
        call = await alice.dial("102")
        (await bob.rings()).answer()
        await call.answered()

    play(scene)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", 400),
        (b"open", 400),
        (b"<presence/>", 400),
        (b"<!DOCTYPE p [<!ENTITY e 'x'>]>" + BUSY.partition(b"?>")[2], 400),
        (BUSY + b" " * PUBLICATION_BYTES_MAX, 413),
    ],
    ids=["nothing", "no xml", "no presence", "entities", "too large"],
)
def test_what_is_no_presence_is_refused(body: bytes, told: int) -> None:
    async def scene(world: World) -> None:
        bob = await world.phone("bob", transport="tcp")
        assert (await bob.publish(body)).status == told
        assert (await bob.publish(BUSY)).status == 200

    play(scene)


def test_who_may_publish_what() -> None:
    async def scene(world: World) -> None:
        alice, bob, watch = await scenery(world)
        assert (await alice.publish(BUSY, user="bob")).status == 403
        assert (await bob.publish(BUSY, user="nobody")).status == 403
        other = await bob.publish(BUSY, event="dialog")
        assert (other.status, other.header("Allow-Events")) == (489, "presence")
        assert (await bob.publish(BUSY, content_type="text/plain")).status == 415
        brief = await bob.publish(BUSY, expires_s=5)
        assert (brief.status, brief.header("Min-Expires")) == (423, "60")
        assert len(watch.told) == 1

    play(scene)


def test_what_was_published_with_another_password_counts_no_longer() -> None:
    async def scene(world: World) -> None:
        _, bob, watch = await scenery(world)
        published = await bob.publish(BUSY)
        await watch.until_says("busy")
        users = contoso_users()
        users[BOB] = replace(users[BOB], sip_password="another")
        await world.use(contoso_snapshot(users=users))
        await watch.until(lambda w: shown(w) == ("closed", set(), None))
        again = await world.phone("bob", name="bob again", password="another")
        await watch.until_says(OPEN)
        assert (await again.publish(etag=published.header("SIP-ETag"))).status == 412

    play(scene)


def test_text_of_a_phone_stays_text() -> None:
    async def scene(world: World) -> None:
        _, bob, watch = await scenery(world)
        await bob.publish(pidf(note="&lt;/note&gt;&lt;b&gt; &amp; &#34;quotes&#34;"))
        await watch.until(lambda w: shown(w)[2] == '</note><b> & "quotes"')

    play(scene)


def test_a_user_watches_where_the_own_phones_are() -> None:
    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        watch = bob.watch("reg", "bob")
        await watch.until_says('state="active" event="registered"')
        assert watch.told[0].content_type == "application/reginfo+xml"
        mobile = await world.phone("bob", name="mobile")
        await watch.until(lambda w: w.body.count("<contact") == 2)
        left = re.search(r' expires="(\d+)"', watch.body)
        assert left is not None
        assert 0 < int(left[1]) <= 3_600
        await mobile.unregister()
        await watch.until_says('state="terminated" event="unregistered"')
        told = len(watch.told)
        assert (await bob.try_register()).status == 200
        await asyncio.sleep(2)
        assert len(watch.told) == told, "a refresh is no news"
        await bob.unregister()
        await watch.until(lambda w: 'state="active"' not in w.body)
        ElementTree.fromstring(watch.body)

    play(scene)
