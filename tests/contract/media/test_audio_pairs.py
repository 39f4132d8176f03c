"""Every codec and every protection on one side, every one on the other: each side hears the
other's own tone, both ways, and again after all that can happen to a call."""

from dataclasses import dataclass
from itertools import combinations_with_replacement, cycle, product
from pathlib import Path

import pytest
from tests.contract.media.call_stage import CallStage
from tests.contract.media.sound_phone import FORMATS, Hope, Phone

from callwright.media.events import Protected, ProtectionChanged
from callwright.media.remote import AudioFormat, Suite

PROTECTIONS = ("RTP", "SDES", "DTLS")


@dataclass(frozen=True, slots=True)
class Way:
    """How a phone's audio is carried."""

    audio: AudioFormat
    protection: str


def next_way(way: Way) -> Way:
    """Another codec and another protection; after twelve steps each way was taken."""
    at, how = FORMATS.index(way.audio), PROTECTIONS.index(way.protection)
    return Way(FORMATS[(at + 1) % len(FORMATS)], PROTECTIONS[(how + 1) % len(PROTECTIONS)])


def pairs_of(one: str, other: str) -> list[tuple[Way, Way]]:
    """Every pair of codecs under these two protections."""
    codecs = (
        product(FORMATS, repeat=2) if one != other else combinations_with_replacement(FORMATS, 2)
    )
    return [(Way(first, one), Way(second, other)) for first, second in codecs]


@pytest.fixture
def calls(tmp_path: Path) -> CallStage:
    return CallStage(tmp_path)


class Dealer:
    """Deals suites and roles in turn, so that all of them are seen."""

    def __init__(self) -> None:
        self._suites = cycle(Suite)
        self._roles = cycle((True, False))

    def protect(self, phone: Phone, way: Way) -> None:
        match way.protection:
            case "SDES":
                phone.protect(next(self._suites))
            case "DTLS":
                phone.protect("dtls", phone_begins=next(self._roles))
            case _:
                phone.protect(None)


@pytest.mark.parametrize(("one", "other"), list(combinations_with_replacement(PROTECTIONS, 2)))
def test_each_hears_the_other_whatever_happens(calls: CallStage, one: str, other: str) -> None:
    ways = pairs_of(one, other)
    dealer = Dealer()

    async def phone(way: Way) -> Phone:
        made = calls.new_phone(f"{way.audio.codec.name}-{way.protection}")
        dealer.protect(made, way)
        made.agree(format=way.audio)
        made.talk()
        made.listen()
        return made

    async def scene() -> None:
        pairs = [(await phone(first), await phone(second)) for first, second in ways]
        calls.call(*pairs)
        await calls.until_talking(pairs)
        await hold_and_resume(calls, pairs)
        for pair, used in zip(pairs, ways, strict=True):
            change_codec(dealer, pair[0], next_way(used[0]))
        for first, second in pairs:
            first.forget()
            second.forget()
        await calls.until_talking(pairs)
        transferred = [
            (first, pairs[(place + 1) % len(pairs)][1]) for place, (first, _) in enumerate(pairs)
        ]
        calls.call(*transferred)
        await calls.until_talking(transferred)
        failed = [
            each for each in calls.events_of(ProtectionChanged) if each.state is Protected.FAILED
        ]
        assert failed == []
        assert calls.engine.ignored_commands == 0

    calls.run(scene())


async def hold_and_resume(calls: CallStage, pairs: list[tuple[Phone, Phone]]) -> None:
    """First the one side hears no more (its phone says ``sendonly``), then nobody hears it."""
    for first, second in pairs:
        first.tell_engine(send=False)
        second.forget()
    await calls.until([Hope(first, None) for first, _ in pairs])
    await calls.until([Hope(second, first) for first, second in pairs])
    for first, second in pairs:
        first.tell_engine(receive=False)
        second.forget()
    await calls.until_silent(phone for pair in pairs for phone in pair)
    for first, second in pairs:
        first.tell_engine(send=True, receive=True)
        second.forget()
    await calls.until_talking(pairs)


def change_codec(dealer: Dealer, phone: Phone, way: Way) -> None:
    """A re-INVITE that changes codec and protection."""
    dealer.protect(phone, way)
    phone.agree(format=way.audio)
