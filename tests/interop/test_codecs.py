"""Phones of others that speak different codecs, and encrypt differently or not at all."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.interop.baresip import Baresip, baresip, needs_baresip
from tests.interop.phones import line, phone, play
from tests.interop.process import ServerProcess, until

pytestmark = needs_baresip

BOB_HZ, ERIN_HZ = 1_300, 700
HEARD, UNHEARD = 0.3, 0.1


@dataclass(frozen=True, slots=True)
class Device:
    """What a phone insists on."""

    codec: str
    encryption: str = ""

    @property
    def codecs(self) -> str:
        """As an account of baresip has them; other writings are passed over without a word."""
        rates = {"G722": "16000/1", "opus": "48000/2"}
        return f"{self.codec}/{rates.get(self.codec, '8000/1')}"

    def __str__(self) -> str:
        return f"{self.codec} {self.encryption or 'plain'}"


CALLS = [
    (Device("G722"), Device("PCMA", "srtp-mand")),
    (Device("opus", "srtp-mand"), Device("PCMU")),
    (Device("opus", "srtp-mandf"), Device("G722", "srtp-mand")),
    (Device("PCMA", "srtp"), Device("opus")),
]


@pytest.mark.parametrize(("bobs", "erins"), CALLS, ids=str)
def test_two_phones_talk_hold_and_transfer(
    server: ServerProcess, tmp_path: Path, bobs: Device, erins: Device
) -> None:
    async def scene() -> None:
        async with (
            baresip(
                server, "bob", tmp_path, tone_hz=BOB_HZ,
                codecs=bobs.codecs, encryption=bobs.encryption,
            ) as bob,
            baresip(
                server, "erin", tmp_path, tone_hz=ERIN_HZ, answers=True,
                codecs=erins.codecs, encryption=erins.encryption,
            ) as erin,
            phone(server, "alice") as alice,
        ):  # fmt: skip
            bob.dial("105")
            await bob.event("CALL_ESTABLISHED")
            await both_hear(bob, erin)
            for one, wanted in ((bob, bobs), (erin, erins)):
                said = await one.audio()
                assert re.findall(r"(?:encode|decode): (\w+) ", said) == [wanted.codec] * 2
                assert ("secure=yes" in said) == bool(wanted.encryption)
            bob.hold()
            await until(lambda: erin.hears(BOB_HZ) < UNHEARD, "erin hears bob no more")
            bob.resume()
            await both_hear(bob, erin)
            bob.transfer("101")
            rung = await alice.rings()
            rung.answer()
            await bob.event("CALL_CLOSED")
            await line(rung).until_hears(ERIN_HZ, none_of=[BOB_HZ])
            await until(lambda: erin.hears(alice.tone_hz) > HEARD, "erin hears alice")
            rung.hang_up()
            await erin.event("CALL_CLOSED")

    play(scene())


async def both_hear(bob: Baresip, erin: Baresip) -> None:
    await until(lambda: erin.hears(BOB_HZ) > HEARD, "erin hears bob")
    await until(lambda: bob.hears(ERIN_HZ) > HEARD, "bob hears erin")
