"""A voice app listens for phrases: keys and words are input alike."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from callwright.calls.media_leg import MediaLeg, MediaRoom
from callwright.calls.ports import RtpPorts
from callwright.kernel.addresses import HostPort
from callwright.kernel.limits.speech import HEARD_OUT_S_MAX
from callwright.kernel.phrases import Heard, Phrases
from callwright.kernel.prompt import Say
from callwright.media.remote import AudioFormat, Codec, RemoteMedia
from callwright.testing.handset import Handset, Stream
from callwright.testing.media import SimulatedMedia
from callwright.testing.network import Host, Network
from callwright.testing.prompts import SimulatedPrompts
from callwright.testing.recognition import SimulatedRecogniser
from callwright.testing.rtp_media import RtpMedia
from callwright.testing.virtual_loop import run

NODE = "192.0.2.1"
MENU = Phrases("en-US", ("Sales", "Opening hours", "Yes"))
PROMPT = Say("For sales, say sales. For our opening hours, say opening hours. Or press one.")
UNKNOWN = Heard(None, 0.0)

Engines = Callable[[Host], SimulatedMedia | RtpMedia]
Talk = Callable[[MediaLeg, Handset], Awaitable[None]]


def on_a_leg(talk: Talk, engines: Engines = SimulatedMedia) -> None:
    async def main() -> None:
        network = Network()
        media = engines(network.add_host("node", NODE))
        room = MediaRoom(
            media,
            SimulatedPrompts(media),
            RtpPorts(20_000, 20_100),
            [NODE],
            recogniser=SimulatedRecogniser(),
        )
        leg = room.open()
        alice = media.handset(network.add_host("alice", "10.0.0.1"), "alice")
        alice.connect(Stream(HostPort(NODE, leg.port), "PCMU"))
        alice.hush()
        pcmu = AudioFormat(Codec.PCMU, 0)
        leg.connect(RemoteMedia("10.0.0.1", alice.port, alice.port + 1, pcmu, 101))
        await talk(leg, alice)
        leg.close()
        alice.close()
        media.close()

    run(main())


@pytest.mark.parametrize("engines", [SimulatedMedia, RtpMedia])
def test_a_phrase_is_input_as_a_key_is(engines: Engines) -> None:
    async def talk(leg: MediaLeg, alice: Handset) -> None:
        leg.listen(MENU)
        await alice.say("opening HOURS")
        assert await leg.next_input(1.0) == Heard("Opening hours", 1.0)
        await alice.press("1")
        assert await leg.next_input(1.0) == "1"
        assert await leg.next_input(1.0) is None

    on_a_leg(talk, engines)


def test_what_is_no_phrase_is_told_and_guessed_to_be_none() -> None:
    async def talk(leg: MediaLeg, alice: Handset) -> None:
        leg.listen(MENU)
        await alice.say("banana")
        assert await leg.next_input(1.0) == UNKNOWN

    on_a_leg(talk)


def test_a_phrase_ends_the_prompt_and_other_sounds_do_not() -> None:
    async def talk(leg: MediaLeg, alice: Handset) -> None:
        leg.listen(MENU)
        prompt = asyncio.ensure_future(leg.play_until_digit(PROMPT))
        await alice.say("hum hum")
        assert leg.is_playing
        await alice.say("sales")
        assert await asyncio.wait_for(prompt, 0.1) is True
        assert not leg.is_playing
        assert await leg.next_input(0.0) == Heard("Sales", 1.0)

    on_a_leg(talk)


def test_who_speaks_when_the_time_is_up_is_heard_out() -> None:
    async def talk(leg: MediaLeg, alice: Handset) -> None:
        leg.listen(MENU)
        answer = asyncio.ensure_future(leg.next_input(1.0))
        await asyncio.sleep(0.9)
        await alice.say("opening hours")
        assert await answer == Heard("Opening hours", 1.0)

    on_a_leg(talk)


def test_who_goes_on_and_on_is_not_waited_for_for_ever() -> None:
    async def talk(leg: MediaLeg, alice: Handset) -> None:
        leg.listen(MENU)
        speech = asyncio.ensure_future(alice.say("and then " * 100))
        began_s = asyncio.get_running_loop().time()
        assert await leg.next_input(1.0) is None
        assert asyncio.get_running_loop().time() - began_s == pytest.approx(1 + HEARD_OUT_S_MAX)
        speech.cancel()

    on_a_leg(talk)


def test_a_key_ends_the_wait_for_who_speaks() -> None:
    async def talk(leg: MediaLeg, alice: Handset) -> None:
        leg.listen(MENU)
        answer = asyncio.ensure_future(leg.next_input(0.1))
        speech = asyncio.ensure_future(alice.say("and then " * 5))
        await asyncio.sleep(0.5)
        assert not answer.done()
        await alice.press("1")
        assert await answer == "1"
        speech.cancel()

    on_a_leg(talk)


def test_nobody_listens_before_and_after() -> None:
    async def talk(leg: MediaLeg, alice: Handset) -> None:
        await alice.say("sales")
        with leg.listen(MENU):
            await alice.say("yes")
            await asyncio.sleep(0.1)
        await alice.say("sales")
        assert await leg.next_input(1.0) is None, "what nobody asked for in time counts no more"

    on_a_leg(talk)


def test_a_new_listening_ends_the_former() -> None:
    async def talk(leg: MediaLeg, alice: Handset) -> None:
        former = leg.listen(MENU)
        leg.listen(Phrases("en-US", ("Bob",)))
        former.stop()
        await alice.say("sales")
        assert await leg.next_input(1.0) == UNKNOWN
        await alice.say("Bob")
        assert await leg.next_input(1.0) == Heard("Bob", 1.0)

    on_a_leg(talk)


def test_the_languages_that_are_understood_are_known_before() -> None:
    async def talk(leg: MediaLeg, alice: Handset) -> None:
        assert leg.understands("en-GB")
        assert not leg.understands("fi-FI")

    on_a_leg(talk)
