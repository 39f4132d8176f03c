"""The virtual node with the real engine's core: what phones hear are packets that came through."""

import asyncio
import wave
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

import numpy as np
import pytest
from tests.world.queue_scene import CUSTOMER, call_in, support
from tests.world.talking import phones, talk

from callwright.kernel.ids import LegId, RoomId
from callwright.media.remote import Sdes
from callwright.routing.snapshot import Snapshot
from callwright.sip.sdp import Proposal
from callwright.testing.agent import Answer
from callwright.testing.nat import SYMMETRIC
from callwright.testing.network import PERFECT, ROUGH, Conditions, Fate, Passage
from callwright.testing.phone_call import PhoneCall
from callwright.testing.rtp_media import RtpMedia
from callwright.testing.site import RTP_PORTS
from callwright.testing.world import World, play

T = TypeVar("T")

RTP_HEADER, G711_OCTETS, SRTP_TAG = 12, 160, 10


def play_packets(
    scene: Callable[[World], Awaitable[T]],
    *,
    seed: int = 0,
    conditions: Conditions = PERFECT,
    organisation: Snapshot | None = None,
) -> T:
    return play(scene, seed=seed, conditions=conditions, organisation=organisation, media=RtpMedia)


def engine_of(world: World) -> RtpMedia:
    assert isinstance(world.media, RtpMedia)
    return world.media


def leg_of(world: World, call: PhoneCall) -> LegId:
    """The engine's leg that a phone talks to, which shares its port with nobody."""
    assert call.audio.agreed is not None
    ports = engine_of(world).open_legs
    [leg] = [leg for leg, port in ports.items() if port == call.audio.agreed.rtp_port]
    return leg


async def both_hear(one: PhoneCall, other: PhoneCall) -> None:
    await one.until_hears(other.agent.name)
    await other.until_hears(one.agent.name)


def is_rtp(passage: Passage) -> bool:
    ports = range(*RTP_PORTS)
    ours = [end.port for end in (passage.source, passage.destination) if end.port in ports]
    return passage.transport == "udp" and bool(ours) and ours[0] % 2 == 0


def rtp_of(world: World) -> list[Passage]:
    return [passage for passage in world.recorder.passages if is_rtp(passage)]


def test_both_sides_talk_hold_and_press_keys() -> None:
    async def scene(world: World) -> None:
        alice, bob = await phones(world, "alice", "bob")
        made, taken = await talk(world, alice, bob)
        await both_hear(made, taken)
        made.hush()
        await taken.until_hears()
        made.talk()
        await both_hear(made, taken)
        await made.press("12#")
        await asyncio.sleep(0.5)
        assert taken.digits == "12#"
        await made.hold()
        await taken.until_hears("music")
        await made.until_hears()
        await made.resume()
        await both_hear(made, taken)
        taken.hang_up()
        await made.ended()
        assert (await world.record()).legs

    play_packets(scene)


@pytest.mark.parametrize("codecs", [("PCMU", "PCMA"), ("PCMA", "PCMA")], ids="-".join)
def test_audio_passes_where_codecs_differ_and_where_they_do_not(codecs: tuple[str, str]) -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice", codecs=codecs[:1])
        bob = await world.phone("bob", codecs=codecs[1:])
        await both_hear(*await talk(world, alice, bob))

    play_packets(scene)


def test_a_message_is_in_the_file_as_it_was_said() -> None:
    async def scene(world: World) -> None:
        alice, bob = await phones(world, "alice", "bob")
        call = await bob.dial("101")
        call.hush()
        await call.answered()
        await call.until_hears("beep", within_s=30)
        await call.until_hears()
        await call.talk_for(4)
        await call.press("#")
        await call.ended()
        [message] = world.mailboxes.of("alice")
        assert message.duration_s == pytest.approx(4, abs=0.7)
        with wave.open(str(message.path), "rb") as file:
            assert (file.getframerate(), file.getnchannels()) == (8_000, 1)
            samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)
        assert len(samples) / 8_000 == pytest.approx(message.duration_s, abs=0.01)
        spectrum = np.abs(np.fft.rfft(samples.astype(float)))
        strongest_hz = np.argmax(spectrum) * 8_000 / len(samples)
        assert strongest_hz == pytest.approx(call.audio.handset.frequency_hz, abs=3)
        await alice.until_lamp(1)

    play_packets(scene)


def test_a_transfer_joins_the_two_who_stay() -> None:
    async def scene(world: World) -> None:
        alice, bob, erin = await phones(world, "alice", "bob", "erin")
        erin.reaction = Answer()
        made, taken = await talk(world, alice, bob)
        assert await taken.transfer("105") == 200
        await both_hear(made, erin.live_calls[0])

    play_packets(scene)


@pytest.mark.parametrize("loss", [0.05, 0.2])
@pytest.mark.parametrize("seed", range(3))
def test_both_hear_over_a_network_that_loses_packets_and_the_loss_is_counted(
    loss: float, seed: int
) -> None:
    async def scene(world: World) -> None:
        alice, bob = await phones(world, "alice", "bob")
        made, taken = await talk(world, alice, bob)
        await both_hear(made, taken)
        await asyncio.sleep(20)
        await both_hear(made, taken)
        for leg in engine_of(world).open_legs:
            counted = engine_of(world).statistics(leg)
            assert counted is not None
            assert counted.received is not None
            assert counted.received.packets is not None
            there_were = counted.packets_lost + counted.packets_received
            assert counted.packets_lost / there_were == pytest.approx(loss, abs=0.4 * loss)
            assert counted.received.mos is not None
            assert 1.0 <= counted.received.mos < 4.3

    conditions = Conditions(delay_s=0.03, jitter_s=0.015, loss=loss, duplication=0.01)
    play_packets(scene, seed=seed, conditions=conditions)


@pytest.mark.parametrize("is_symmetric", [False, True], ids=["home router", "symmetric"])
def test_phones_behind_nat_are_heard_where_their_packets_come_from(is_symmetric: bool) -> None:
    """rustpbx#117: audio went back to the private address of the description."""

    async def scene(world: World) -> None:
        behaviour = SYMMETRIC if is_symmetric else None
        alice = await world.phone("alice", nat=world.nat(behaviour))
        bob = await world.phone("bob", nat=world.nat(behaviour))
        made, taken = await talk(world, alice, bob)
        await both_hear(made, taken)
        await taken.hold()
        await made.until_hears("music")
        await taken.resume()
        await both_hear(made, taken)

    play_packets(scene)


@pytest.mark.parametrize("who", ["desk", "mobile", "bob"])
def test_whichever_phone_of_a_queue_answers_is_heard_and_nobody_hears_himself(who: str) -> None:
    """rustpbx#231: branches of a fork shared a port, and queues sent their callers an echo."""

    async def scene(world: World) -> None:
        home = world.nat()
        ringing = {
            "desk": await world.phone("alice", name="desk", nat=home),
            "mobile": await world.phone("alice", name="mobile", nat=home),
            "bob": await world.phone("bob", nat=world.nat(SYMMETRIC)),
        }
        call = call_in(world)
        rung = {name: await phone.rings() for name, phone in ringing.items()}
        rung[who].answer()
        await call.until_hears(who)
        await rung[who].until_hears(CUSTOMER)
        await asyncio.sleep(5)
        assert (call.hears(), rung[who].hears()) == ({who}, {CUSTOMER})

    team = [{"user": "alice"}, {"user": "bob"}]
    play_packets(scene, organisation=support(agents=team, routing="attendant"))


def test_what_nobody_measured_has_no_quality() -> None:
    """rvoip#200: a call of which nothing was measured was shown with a MOS of 4.5."""

    async def scene(world: World) -> None:
        alice, bob = await phones(world, "alice", "bob")
        made = await alice.dial("102")
        taken = await bob.rings()
        world.network.loses = lambda passage: is_rtp(passage) and passage.sender == "bob"
        taken.answer()
        await taken.until_hears("alice")
        await asyncio.sleep(10)
        assert made.hears() == set()
        made.hang_up()
        measured = {leg.user: leg.statistics for leg in (await world.record()).legs}
        unheard, heard = measured["bob"], measured["alice"]
        assert heard.received is not None
        assert heard.received.mos is not None
        assert unheard.packets_received == 0
        assert unheard.received is None or unheard.received.mos is None
        assert heard.sent is None or heard.sent.mos is None

    play_packets(scene)


def lengths_of_packets(world: World, phone: str) -> set[int]:
    ends = [(len(each.data), each.sender, each.receiver) for each in rtp_of(world)]
    return {octets for octets, *names in ends if phone in names}


async def secret_call(world: World) -> tuple[PhoneCall, PhoneCall]:
    """Alice has keys, bob has none."""
    alice = await world.phone("alice", transport="tls")
    alice.proposal = Proposal.SDES
    bob = await world.phone("bob")
    made, taken = await talk(world, alice, bob)
    await both_hear(made, taken)
    return made, taken


def test_an_encrypted_side_and_a_plain_one_hear_each_other() -> None:
    async def scene(world: World) -> None:
        made, taken = await secret_call(world)
        await made.press("7")
        await asyncio.sleep(0.5)
        assert taken.digits == "7"
        lengths = {
            agent: {
                len(each.data) for each in rtp_of(world) if agent in (each.sender, each.receiver)
            }
            for agent in ("alice", "bob")
        }
        plain = RTP_HEADER + G711_OCTETS
        assert lengths["bob"] >= {plain}
        assert lengths["alice"] >= {plain + SRTP_TAG}
        assert plain not in lengths["alice"]

    play_packets(scene)


def test_who_lost_the_keys_is_neither_heard_nor_hears() -> None:
    async def scene(world: World) -> None:
        made, taken = await secret_call(world)
        handset = made.audio.handset
        assert handset.stream is not None
        assert isinstance(handset.stream.protection, Sdes)
        wrong = replace(handset.stream.protection, local_key=bytes(30), remote_key=bytes(30))
        handset.connect(replace(handset.stream, protection=wrong))
        await taken.until_hears()
        await made.until_hears()
        counted = [engine_of(world).statistics(leg) for leg in engine_of(world).open_legs]
        assert any(of_leg.packets_rejected > 0 for of_leg in counted if of_leg is not None)

    play_packets(scene)


def test_members_of_a_room_hear_all_others() -> None:
    async def scene(world: World) -> None:
        office, users = world.nat(), ("alice", "bob", "dave", "erin")
        alice, bob, dave, erin = [await world.phone(user, nat=office) for user in users]
        calls = [*await talk(world, alice, bob), *await talk(world, dave, erin)]
        engine = engine_of(world)
        names = [call.agent.name for call in calls]
        for leg in engine.open_legs:
            engine.join_room(leg, RoomId(1))
        for call in calls:
            await call.until_hears(*(name for name in names if name != call.agent.name))
        calls[0].hush()
        for call in calls[1:]:
            await call.until_hears(*(n for n in names[1:] if n != call.agent.name))
        engine.leave_room(leg_of(world, calls[0]))
        await calls[0].until_hears()

    play_packets(scene)


Datagrams = list[tuple[float, str, str, bytes, Fate]]


def datagrams_of(seed: int) -> Datagrams:
    """Of a call with keys, hold and rooms over a bad network."""

    async def scene(world: World) -> Datagrams:
        made, taken = await secret_call(world)
        await made.hold()
        await taken.until_hears("music")
        await made.resume()
        await both_hear(made, taken)
        for number, leg in enumerate(engine_of(world).open_legs):
            engine_of(world).join_room(leg, RoomId(number))
        await asyncio.sleep(2)
        return [
            (each.sent_at_s, str(each.source), str(each.destination), each.data, each.fate)
            for each in world.recorder.passages
        ]

    return play_packets(scene, seed=seed, conditions=ROUGH)


def test_a_seed_repeats_to_the_last_octet() -> None:
    first, again, other = datagrams_of(1), datagrams_of(1), datagrams_of(2)
    assert len(first) > 500
    assert first == again
    assert first != other
