"""What only the simulated engine has: paths over the network, names, several phones at a port.

The contract that it shares with the native engine is tested in tests/contract/media.
"""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from callwright.kernel.addresses import HostPort
from callwright.kernel.ids import LegId
from callwright.kernel.prompt import Say, Sound, Tune
from callwright.media.events import MediaEvent, MediaTimeout
from callwright.media.library import PromptError
from callwright.media.remote import AudioFormat, Codec, RemoteMedia
from callwright.testing.handset import Handset, Stream
from callwright.testing.media import SimulatedMedia
from callwright.testing.nat import SYMMETRIC, NatBehaviour
from callwright.testing.network import Host, Network
from callwright.testing.prompts import SimulatedPrompts
from callwright.testing.virtual_loop import run

PCMU = AudioFormat(Codec.PCMU, 0)

LEG, OTHER = LegId(1), LegId(2)
NODE = "192.0.2.1"


class Room:
    """The engine with two legs that are bridged."""

    def __init__(self) -> None:
        self.network = Network()
        self.media = SimulatedMedia(self.network.add_host("node", NODE))
        self.media.open_leg(LEG, NODE, 20_000)
        self.media.open_leg(OTHER, NODE, 20_002)
        self.media.bridge(LEG, OTHER)
        self.bob = self.speaker(self.network.add_host("bob", "10.0.0.2"), OTHER)

    def speaker(
        self, host: Host, leg: LegId, *, told_ip: str = "", also: str | None = None
    ) -> Handset:
        """A handset and its signalling; ``told_ip`` is what its SDP would say."""
        handset = self.media.handset(host, host.name)
        handset.connect(Stream(HostPort(NODE, 19_998 + 2 * leg), "PCMU"))
        remote = RemoteMedia(
            told_ip or host.ip, handset.port, handset.port + 1, PCMU, 101, also_accept=also
        )
        self.media.set_remote(leg, remote)
        return handset


def in_room(scene: Callable[[Room], Awaitable[None]]) -> None:
    async def main() -> None:
        await scene(Room())

    run(main())


def test_a_phone_hears_the_other_by_name() -> None:
    async def scene(room: Room) -> None:
        alice = room.speaker(room.network.add_host("alice", "10.0.0.1"), LEG)
        assert (alice.hears(), room.bob.hears()) == ({"bob"}, {"alice"})
        room.bob.hush()
        assert alice.hears() == frozenset()

    in_room(scene)


@pytest.mark.parametrize("behaviour", [NatBehaviour(), SYMMETRIC])
def test_behind_nat_the_signalling_address_lets_the_stream_in(behaviour: NatBehaviour) -> None:
    async def scene(room: Room) -> None:
        box = room.network.add_nat("203.0.113.1", behaviour)
        alice = room.speaker(box.host("alice", "192.168.1.10"), LEG, also="203.0.113.1")
        assert (alice.hears(), room.bob.hears()) == ({"bob"}, {"alice"})

    in_room(scene)


def test_a_stream_keeps_its_nat_binding_alive_while_nobody_looks() -> None:
    async def scene(room: Room) -> None:
        box = room.network.add_nat("203.0.113.1", NatBehaviour(binding_timeout_s=30))
        alice = room.speaker(box.host("alice", "192.168.1.10"), LEG, also="203.0.113.1")
        await asyncio.sleep(3_600)
        assert (alice.hears(), room.bob.hears()) == ({"bob"}, {"alice"})

    in_room(scene)


def test_after_two_silent_seconds_another_port_is_taken() -> None:
    async def scene(room: Room) -> None:
        box = room.network.add_nat("203.0.113.1", NatBehaviour(binding_timeout_s=60))
        alice = room.speaker(box.host("alice", "192.168.1.10"), LEG, also="203.0.113.1")
        assert room.bob.hears() == {"alice"}
        box.restart()
        await asyncio.sleep(1)
        assert room.bob.hears() == frozenset()
        await asyncio.sleep(1.1)
        assert (alice.hears(), room.bob.hears()) == ({"bob"}, {"alice"})

    in_room(scene)


def test_behind_nat_without_that_nobody_hears_anybody() -> None:
    async def scene(room: Room) -> None:
        box = room.network.add_nat("203.0.113.1")
        alice = room.speaker(box.host("alice", "192.168.1.10"), LEG)
        assert (alice.hears(), room.bob.hears()) == (frozenset(), frozenset())

    in_room(scene)


def test_who_sprays_packets_at_the_port_is_not_heard_and_counted() -> None:
    async def scene(room: Room) -> None:
        alice = room.speaker(room.network.add_host("alice", "10.0.0.1"), LEG)
        mallory = room.media.handset(room.network.add_host("mallory", "10.0.0.66"), "mallory")
        mallory.connect(Stream(HostPort(NODE, 20_000), "PCMU"))
        await asyncio.sleep(1)
        assert room.bob.hears() == {"alice"}
        assert mallory.hears() == frozenset()
        statistics = room.media.statistics(LEG)
        assert statistics is not None
        assert statistics.packets_rejected == 50
        assert alice.hears() == {"bob"}

    in_room(scene)


def test_a_cut_link_is_silence_and_a_timeout() -> None:
    async def scene(room: Room) -> None:
        events: list[MediaEvent] = []
        room.media.on_event(events.append)
        alice = room.speaker(room.network.add_host("alice", "10.0.0.1"), LEG)
        room.media.set_media_timeout(LEG, 30)
        await asyncio.sleep(100)
        assert events == []
        room.network.block(alice.host, room.media.host)
        await asyncio.sleep(29)
        assert (room.bob.hears(), events) == (frozenset(), [])
        await asyncio.sleep(2)
        assert events == [MediaTimeout(LEG)]

    in_room(scene)


def test_a_codec_that_was_not_agreed_is_noise() -> None:
    async def scene(room: Room) -> None:
        alice = room.speaker(room.network.add_host("alice", "10.0.0.1"), LEG)
        alice.connect(Stream(HostPort(NODE, 20_000), "PCMA"))
        assert room.bob.hears() == {"garbled alice"}
        assert alice.hears() == {"garbled bob"}

    in_room(scene)


def test_phones_may_stream_to_each_other_directly() -> None:
    async def scene(room: Room) -> None:
        one = room.media.handset(room.network.add_host("one", "10.0.0.3"), "one")
        two = room.media.handset(room.network.add_host("two", "10.0.0.4"), "two")
        one.connect(Stream(HostPort("10.0.0.4", two.port), "PCMU"))
        two.connect(Stream(HostPort("10.0.0.3", one.port), "PCMU", send=False))
        assert (one.hears(), two.hears()) == (frozenset(), {"one"})

    in_room(scene)


def test_what_was_heard_is_told_change_by_change() -> None:
    async def scene(room: Room) -> None:
        alice = room.speaker(room.network.add_host("alice", "10.0.0.1"), LEG)
        prompts = SimulatedPrompts(room.media)
        await prompts.prepare(frozenset({Say("One two three four five."), Tune.BEEP}))
        said, beep = prompts.get(Say("One two three four five.")), prompts.get(Tune.BEEP)
        assert said is not None
        assert beep is not None
        assert said.duration_s == 2.0
        room.media.play(LEG, [said.id, beep.id], loop=False, token=1)
        heard = await alice.listen(5)
        assert heard == [{"say: One two three four five."}, {"beep"}, {"bob"}]

    in_room(scene)


def test_what_is_not_heard_in_time_is_a_failure_that_says_what_was() -> None:
    async def scene(room: Room) -> None:
        alice = room.speaker(room.network.add_host("alice", "10.0.0.1"), LEG)
        with pytest.raises(AssertionError, match="alice did not hear music within 2 s, but bob"):
            await alice.until_hears(frozenset({"music"}), within_s=2)

    in_room(scene)


def test_a_sound_file_that_is_missing_is_named() -> None:
    async def scene(room: Room) -> None:
        with pytest.raises(PromptError, match=r"/nowhere/hello\.wav"):
            await SimulatedPrompts(room.media).prepare(frozenset({Sound("/nowhere/hello.wav")}))

    in_room(scene)


def test_two_handsets_of_one_host_have_ports_of_their_own() -> None:
    async def scene(room: Room) -> None:
        host = room.network.add_host("desk", "10.0.0.9")
        ports = {room.media.handset(host, "desk").port for _ in range(3)}
        assert len(ports) == 3

    in_room(scene)
