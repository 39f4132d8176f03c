"""What phones, browsers and carriers agree with us about audio, and that both sides hear it."""

import asyncio
import re
from dataclasses import replace

import pytest
from tests.world.talking import phones, talk
from tests.world.trunk_scene import FRIEND, calls_out, only_sbc1

from callwright.kernel.reason import Reason
from callwright.media.remote import Sdes
from callwright.sip.message import Response
from callwright.sip.sdp import DtlsRole, Proposal, SdesKeys
from callwright.testing.agent import Answer
from callwright.testing.phone_audio import PhoneAudio
from callwright.testing.phone_call import PhoneCall
from callwright.testing.phones import SimulatedPhone
from callwright.testing.world import World, play

WIDE = ("OPUS", "G722", "PCMU", "PCMA")
G729_ONLY = b"v=0\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 18\r\n"
CARRIERS_NUMBER = "+14255550101"

KINDS = {
    "plain": ("udp", Proposal.PLAIN, ("PCMU", "PCMA")),
    "keys if possible": ("tls", Proposal.OPPORTUNISTIC, ("G722", "PCMA")),
    "keys": ("tls", Proposal.SDES, ("PCMA", "G722")),
    "keys over udp": ("udp", Proposal.SDES, ("PCMU",)),
    "browser": ("wss", Proposal.BROWSER, WIDE),
}


async def phone_of(world: World, user: str, kind: str) -> SimulatedPhone:
    transport, proposal, codecs = KINDS[kind]
    phone = await world.phone(user, transport=transport, codecs=codecs)
    phone.proposal = proposal
    return phone


async def both_hear(one: PhoneCall, other: PhoneCall) -> None:
    await one.until_hears(other.agent.name)
    await other.until_hears(one.agent.name)


@pytest.mark.parametrize("caller", KINDS)
@pytest.mark.parametrize("callee", KINDS)
def test_everybody_hears_everybody(caller: str, callee: str) -> None:
    async def scene(world: World) -> None:
        alice = await phone_of(world, "alice", caller)
        bob = await phone_of(world, "bob", callee)
        made, taken = await talk(world, alice, bob)
        await both_hear(made, taken)
        for call in (made, taken):
            assert call.audio.agreed is not None
            is_plain = call.agent.proposal is Proposal.PLAIN
            assert (call.audio.agreed.protection is None) is is_plain
        await made.press("12")
        await asyncio.sleep(1)
        assert taken.digits == "12"
        await made.hold()
        await taken.until_hears("music")
        await made.resume()
        await both_hear(made, taken)
        await taken.hold("inactive")
        await taken.resume()
        await both_hear(made, taken)
        made.hang_up()
        await taken.ended()

    play(scene)


@pytest.mark.parametrize("caller", ["plain", "keys", "browser"])
def test_a_transfer_joins_whoever_is_there(caller: str) -> None:
    async def scene(world: World) -> None:
        alice = await phone_of(world, "alice", caller)
        bob = await phone_of(world, "bob", "plain")
        erin = await phone_of(world, "erin", "browser")
        erin.reaction = Answer()
        made, taken = await talk(world, alice, bob)
        assert await taken.transfer("105") == 200
        await made.until_hears("erin")
        await erin.live_calls[0].until_hears("alice")

    play(scene)


def test_a_browser_restarts_its_checks_during_the_call() -> None:
    async def scene(world: World) -> None:
        alice = await phone_of(world, "alice", "browser")
        bob = await phone_of(world, "bob", "keys")
        made, taken = await talk(world, alice, bob)
        before = made.audio.agreed
        assert before is not None
        await both_hear(made, taken)
        made.audio.restart()
        await made.resume()
        await both_hear(made, taken)
        after = made.audio.agreed
        assert after is not None
        assert before.ice is not None
        assert after.ice is not None
        assert before.ice.local != after.ice.local
        assert before.ice.remote != after.ice.remote
        assert before.protection == after.protection

    play(scene)


# -- codecs ----------------------------------------------------------------------------------------


def codecs_of(*calls: PhoneCall) -> list[str]:
    agreed = [call.audio.agreed for call in calls]
    return [audio.codec for audio in agreed if audio is not None]


@pytest.mark.parametrize(
    ("caller", "callee", "codecs"),
    [
        (WIDE, WIDE, ["OPUS", "OPUS"]),
        (WIDE, ("PCMA", "G722"), ["G722", "G722"]),
        (WIDE, ("PCMU",), ["PCMU", "PCMU"]),
        (("PCMA", "PCMU"), WIDE, ["PCMA", "PCMA"]),
        (("PCMU",), ("PCMA",), ["PCMU", "PCMA"]),
        (("OPUS",), ("PCMA",), ["OPUS", "PCMA"]),
        (("G722", "PCMU"), ("OPUS", "PCMU"), ["PCMU", "PCMU"]),
        (("L16",), ("PCMU",), ["L16", "PCMU"]),
    ],
)
def test_nobody_is_transcoded_who_need_not_be(
    caller: tuple[str, ...], callee: tuple[str, ...], codecs: list[str]
) -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice", codecs=caller)
        bob = await world.phone("bob", codecs=callee)
        made, taken = await talk(world, alice, bob)
        await both_hear(made, taken)
        assert codecs_of(made, taken) == codecs

    play(scene)


def test_a_codec_is_changed_during_the_call() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice", codecs=WIDE), await world.phone("bob", codecs=WIDE)
        made, taken = await talk(world, alice, bob)
        assert codecs_of(made, taken) == ["OPUS", "OPUS"]
        made.audio.codecs = ("PCMA",)
        await made.resume()
        await both_hear(made, taken)
        assert codecs_of(made, taken) == ["PCMA", "OPUS"]

    play(scene)


def test_who_speaks_nothing_that_we_do_is_refused_and_rings_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scene(world: World) -> None:
        alice, bob = await phones(world, "alice", "bob")
        monkeypatch.setattr(PhoneAudio, "offer", lambda *_: G729_ONLY)
        call = await alice.dial("102")
        assert await call.settled() == 488
        assert call.provisionals == []
        assert bob.calls == []
        assert (await world.record()).reason is Reason.MEDIA_UNACCEPTABLE

    play(scene)


# -- what is offered to whom -----------------------------------------------------------------------


def offers_seen(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The profiles that phones are offered from now on."""
    seen: list[str] = []
    looks = PhoneAudio.takes

    def takes(audio: PhoneAudio, body: bytes) -> bool:
        (profile,) = re.findall(rb"(?m)^m=audio \d+ (\S+)", body)
        has_keys = profile == b"RTP/AVP" and b"a=crypto" in body
        seen.append(profile.decode() + (" with keys" if has_keys else ""))
        return looks(audio, body)

    monkeypatch.setattr(PhoneAudio, "takes", takes)
    return seen


@pytest.mark.parametrize(
    ("transport", "proposal", "offered"),
    [
        ("udp", Proposal.PLAIN, ["RTP/AVP"]),
        ("udp", Proposal.SDES, ["RTP/AVP", "RTP/SAVP"]),
        ("tcp", Proposal.PLAIN, ["RTP/AVP"]),
        ("tls", Proposal.PLAIN, ["RTP/AVP with keys"]),
        ("tls", Proposal.OPPORTUNISTIC, ["RTP/AVP with keys"]),
        ("tls", Proposal.SDES, ["RTP/AVP with keys"]),
        ("ws", Proposal.BROWSER, ["UDP/TLS/RTP/SAVPF"]),
        ("wss", Proposal.BROWSER, ["UDP/TLS/RTP/SAVPF"]),
        ("wss", Proposal.OPPORTUNISTIC, ["UDP/TLS/RTP/SAVPF"]),
        ("wss", Proposal.PLAIN, ["UDP/TLS/RTP/SAVPF", "RTP/AVP with keys"]),
        ("ws", Proposal.PLAIN, ["UDP/TLS/RTP/SAVPF", "RTP/AVP"]),
    ],
)
def test_a_phone_is_offered_what_fits_its_transport(
    transport: str, proposal: Proposal, offered: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        bob = await world.phone("bob", transport=transport)
        bob.proposal = proposal
        seen = offers_seen(monkeypatch)
        made, taken = await talk(world, alice, bob)
        await both_hear(made, taken)
        assert seen == offered
        assert made.provisionals == [180]

    play(scene)


@pytest.mark.parametrize(("transport", "tried"), [("udp", 2), ("tls", 2), ("wss", 2)])
def test_a_phone_that_refuses_every_offer_is_not_asked_on_and_on(
    transport: str, tried: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        await world.phone("bob", transport=transport, codecs=("G729",))
        seen = offers_seen(monkeypatch)
        call = await alice.dial("102")
        await asyncio.sleep(20)
        assert len(seen) == tried
        call.hang_up()

    play(scene)


# -- trunks ----------------------------------------------------------------------------------------


@pytest.mark.row(68)
@pytest.mark.parametrize(
    ("policy", "proposal", "status", "reason"),
    [
        ("required", Proposal.PLAIN, 488, Reason.ENCRYPTION_REQUIRED),
        ("required", Proposal.SDES, 200, Reason.NORMAL),
        ("required", Proposal.OPPORTUNISTIC, 200, Reason.NORMAL),
        ("optional", Proposal.PLAIN, 200, Reason.NORMAL),
        ("optional", Proposal.SDES, 200, Reason.NORMAL),
        ("off", Proposal.PLAIN, 200, Reason.NORMAL),
        ("off", Proposal.OPPORTUNISTIC, 200, Reason.NORMAL),
        ("off", Proposal.SDES, 488, Reason.ENCRYPTION_REFUSED),
    ],
)
def test_a_trunk_that_has_to_encrypt_is_held_to_it(
    policy: str, proposal: Proposal, status: int, reason: Reason
) -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        alice.reaction = Answer()
        carrier = world.carrier("sbc1")
        carrier.proposal = proposal
        call = carrier.call(CARRIERS_NUMBER, calling=FRIEND)
        assert await call.settled() == status
        if status == 200:
            await call.until_hears("alice")
            assert call.audio.agreed is not None
            is_encrypted = isinstance(call.audio.agreed.protection, SdesKeys)
            assert is_encrypted is (proposal is not Proposal.PLAIN and policy != "off")
        else:
            assert alice.calls == []
        call.hang_up()
        record = await world.record()
        assert record.reason is reason
        assert status == 200 or record.reason.sub_code == 531000

    play(scene, organisation=only_sbc1(media_encryption=policy))


@pytest.mark.parametrize(
    ("policy", "proposal", "status"),
    [
        ("required", Proposal.SDES, 200),
        ("required", Proposal.OPPORTUNISTIC, 200),
        ("required", Proposal.PLAIN, 488),
        ("optional", Proposal.PLAIN, 200),
        ("optional", Proposal.SDES, 488),
        ("off", Proposal.PLAIN, 200),
    ],
)
def test_a_trunk_is_offered_what_the_file_says(
    policy: str, proposal: Proposal, status: int
) -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        carrier.proposal = proposal
        assert (await calls_out(world) == 200) is (status == 200)

    play(scene, organisation=only_sbc1(media_encryption=policy))


def test_an_encrypted_call_of_a_trunk_cannot_become_plain_where_it_may_not() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        alice.reaction = Answer()
        carrier = world.carrier("sbc1")
        carrier.proposal = Proposal.SDES
        call = carrier.call(CARRIERS_NUMBER, calling=FRIEND)
        await call.answered()
        plain = re.sub(rb"a=crypto.*\r\n", b"", call.audio.offer()).replace(b"SAVP", b"AVP")
        done: asyncio.Future[Response | None] = asyncio.get_running_loop().create_future()
        call.on_reoffer_failed = lambda _, response: done.set_result(response)  # type: ignore[method-assign]
        call.session.reoffer(plain)
        response = await done
        assert response is not None
        assert response.status == 488
        await call.until_hears("alice")

    play(scene, organisation=only_sbc1(media_encryption="required"))


# -- what protects ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["keys", "browser"])
def test_who_has_not_the_keys_hears_nothing_and_is_not_heard(kind: str) -> None:
    async def scene(world: World) -> None:
        alice = await phone_of(world, "alice", kind)
        bob = await phone_of(world, "bob", "plain")
        made, taken = await talk(world, alice, bob)
        handset = made.audio.handset
        assert handset.stream is not None
        wrong = handset.stream.protection
        if isinstance(wrong, Sdes):
            wrong = replace(wrong, local_key=b"\x01" * 30, remote_key=b"\x02" * 30)
        else:
            handset.fingerprint = ":".join(["00"] * 32)
        for protection in (wrong, None):
            handset.connect(replace(handset.stream, protection=protection))
            await taken.until_hears()
            await made.until_hears()

    play(scene)


def test_a_handshake_has_two_ends_with_certificates_of_their_own() -> None:
    async def scene(world: World) -> None:
        alice, bob = (
            await phone_of(world, "alice", "browser"),
            await phone_of(world, "bob", "browser"),
        )
        made, taken = await talk(world, alice, bob)
        roles = [call.audio.agreed.protection for call in (made, taken) if call.audio.agreed]
        ours = world.media.fingerprint
        assert roles == [DtlsRole(True, ours), DtlsRole(False, ours)]

    play(scene)


def test_candidates_that_come_late_are_taken_note_of() -> None:
    """RFC 8840: an INFO with a fragment of SDP; who waits for checks needs none of it."""

    async def scene(world: World) -> None:
        alice = await phone_of(world, "alice", "browser")
        bob = await phone_of(world, "bob", "plain")
        made, taken = await talk(world, alice, bob)
        answered: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        made.session.send_in_dialog(
            "INFO",
            headers=(("Info-Package", "trickle-ice"),),
            body=b"a=mid:0\r\na=candidate:1 1 UDP 1 192.0.2.1 5000 typ host\r\n",
            content_type="application/trickle-ice-sdpfrag",
            on_response=answered.set_result,
        )
        assert (await answered).status == 200
        await both_hear(made, taken)

    play(scene)
