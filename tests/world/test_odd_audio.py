"""What odd or hostile peers say about audio, and what must be kept in spite of them."""

import re

import pytest
from tests.world.talking import talk
from tests.world.test_emergency import ELIN, at_headquarters
from tests.world.trunk_scene import FRIEND, only_sbc1, with_sbc

from callwright.sip.message import Response
from callwright.sip.sdp import Proposal, SdesKeys
from callwright.sip.session.session import InviteSession
from callwright.testing.agent import Answer
from callwright.testing.phone_audio import PhoneAudio
from callwright.testing.world import World, play

ALICES_NUMBER = "+14255550101"


# -- calls for help ------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", ["required", "optional", "off"])
@pytest.mark.parametrize(
    "proposal", [Proposal.PLAIN, Proposal.OPPORTUNISTIC, Proposal.SDES], ids=lambda p: p.name
)
def test_a_call_for_help_takes_whatever_audio_there_is(policy: str, proposal: Proposal) -> None:
    """The law knows no encryption that is required."""

    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        carrier.proposal = proposal
        alice = await world.phone("alice")
        call = await alice.dial("911")
        await call.answered()
        await call.until_hears("911")
        await carrier.live_calls[0].until_hears("alice")
        agreed = carrier.live_calls[0].audio.agreed
        assert agreed is not None
        if policy == "required" and proposal is not Proposal.PLAIN:
            assert isinstance(agreed.protection, SdesKeys), "encrypted where that is possible"

    play(scene, organisation=only_sbc1(media_encryption=policy))


@pytest.mark.parametrize("policy", ["required", "off"])
def test_the_emergency_centre_calls_back_in_whichever_way_it_comes(policy: str) -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        alice = await world.phone("alice")
        alice.reaction = Answer()
        call = await alice.dial("911")
        await call.answered()
        call.hang_up()
        carrier.proposal = Proposal.PLAIN if policy == "required" else Proposal.SDES
        back = carrier.call(ELIN, calling="911")
        await back.answered()
        await back.until_hears("alice")
        back.hang_up()
        stranger = carrier.call("+14255550102", calling=FRIEND)
        assert await stranger.settled() == 488

    play(scene, organisation=with_sbc("sbc1", at_headquarters("alice"), media_encryption=policy))


# -- offers that come late -------------------------------------------------------------------------


@pytest.mark.parametrize("policy", ["required", "optional"])
def test_a_trunk_that_offers_late_is_offered_what_the_file_says(policy: str) -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        alice.reaction = Answer()
        carrier = world.carrier("sbc1")
        carrier.proposal = Proposal.SDES if policy == "required" else Proposal.PLAIN
        call = carrier.call(ALICES_NUMBER, calling=FRIEND, without_offer=True)
        await call.answered()
        await call.until_hears("alice")
        await alice.live_calls[0].until_hears(FRIEND)
        assert call.audio.agreed is not None
        assert isinstance(call.audio.agreed.protection, SdesKeys) is (policy == "required")

    play(scene, organisation=only_sbc1(media_encryption=policy))


@pytest.mark.parametrize(
    ("transport", "proposal"),
    [
        ("wss", Proposal.BROWSER),
        ("ws", Proposal.BROWSER),
        ("tls", Proposal.OPPORTUNISTIC),
        ("tls", Proposal.PLAIN),
        ("udp", Proposal.PLAIN),
    ],
)
def test_a_phone_that_offers_late_is_offered_what_fits_its_transport(
    transport: str, proposal: Proposal
) -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice", transport=transport)
        alice.proposal = proposal
        bob = await world.phone("bob")
        bob.reaction = Answer()
        call = await alice.dial("102", without_offer=True)
        await call.answered()
        await call.until_hears("bob")
        await bob.live_calls[0].until_hears("alice")
        assert call.audio.agreed is not None
        is_plain = proposal is Proposal.PLAIN
        assert (call.audio.agreed.protection is None) is is_plain

    play(scene)


# -- several streams -------------------------------------------------------------------------------


def test_the_stream_that_is_taken_is_the_one_whose_codecs_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An encrypted stream with one codec, which this trunk may not have, and a plain one with an
    other."""

    async def scene(world: World) -> None:
        alice = await world.phone("alice", codecs=("PCMA", "PCMU"))
        alice.reaction = Answer()
        carrier = world.carrier("sbc1", codecs=("PCMU",))
        offer = PhoneAudio.offer

        def two_streams(audio: PhoneAudio, direction: str = "sendrecv") -> bytes:
            plain = offer(audio, direction)
            key = b"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + b"A" * 40 + b"\r\n"
            locked = b"m=audio 4000 RTP/SAVP 8\r\n" + key
            return plain.replace(b"m=audio", locked + b"m=audio", 1)

        monkeypatch.setattr(PhoneAudio, "offer", two_streams)
        call = carrier.call(ALICES_NUMBER, calling=FRIEND)
        status = await call.settled()
        assert status == 200
        assert call.final is not None
        assert re.findall(rb"(?m)^m=audio (\d+) (\S+) (\S+)", call.final.body)[0][0] == b"0"
        assert re.findall(rb"(?m)^m=audio \d+ (\S+ \S+)", call.final.body)[1] == b"RTP/AVP 0"

    play(scene, organisation=only_sbc1(media_encryption="off"))


# -- holding -------------------------------------------------------------------------------------


def test_who_resumes_by_an_answer_hears_the_other_again_and_is_heard() -> None:
    """A re-INVITE without an offer: the phone answers ours, and holds no more (RFC 3264 §8.4)."""

    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        made, taken = await talk(world, alice, bob)
        await made.hold()
        await taken.until_hears("music")

        def accept(session: InviteSession, response: Response) -> None:
            session.acknowledge(made.audio.answer(response.body) or b"")

        made.on_reoffer_answered = accept  # type: ignore[method-assign]
        made.session.reoffer(b"")
        await taken.until_hears("alice")
        await made.until_hears("bob")

    play(scene)
