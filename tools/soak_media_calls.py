"""What happens in the calls of `soak_media.py`: each checks that what is said is heard."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import numpy as np

from callwright.kernel.ids import PromptId, RoomId
from callwright.media.engine import RecordSide
from soak_media_phones import (
    LOWEST_HZ,
    STEP_HZ,
    TONES,
    Exchange,
    Line,
    Phone,
    Unheard,
    until,
    until_heard,
)

RATE_HZ = 8_000
LOUD = 8_000
HEADER_BYTES = 44
KEYS = "0123456789*"
KEYS_S = 3.0
TRIES = 3


class Call:
    """Phones in a call; they are closed whatever happens in it."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.dice = exchange.random
        self.engine = exchange.engine.engine
        self.phones: list[Phone] = []
        self._prompts: list[PromptId] = []
        self._tones_hz = iter(
            LOWEST_HZ + STEP_HZ * step for step in self.dice.sample(range(TONES), TONES)
        )

    def phone(self) -> Phone:
        phone = Phone(self.exchange, next(self._tones_hz))
        self.phones.append(phone)
        phone.connect()
        return phone

    def prompt(self, seconds: float) -> tuple[PromptId, int]:
        """Unloaded with the end of the call; returns its tone, too."""
        prompt, tone_hz = PromptId(next(self.exchange.numbers)), next(self._tones_hz)
        samples = np.sin(np.arange(round(RATE_HZ * seconds)) * (math.tau * tone_hz / RATE_HZ))
        self.engine.load_prompt(prompt, (samples * LOUD).astype("<i2").tobytes())
        self._prompts.append(prompt)
        return prompt, tone_hz

    async def close(self) -> None:
        """In any order; what is closed already stays so."""
        self.dice.shuffle(self.phones)
        try:
            while self.phones:
                await self.phones.pop().close()
        finally:
            while self._prompts:
                self.engine.unload_prompt(self._prompts.pop())

    # -- what calls are made of --------------------------------------------------------------------

    async def both_hear(self, one: Phone, other: Phone, what: str) -> None:
        await asyncio.gather(
            until_heard(one, other.tone_hz, what=what), until_heard(other, one.tone_hz, what=what)
        )

    async def hold(self, one: Phone, other: Phone) -> None:
        """One holds, the other hears music, then they talk again."""
        music, tone_hz = self.prompt(seconds=1)
        one.tell_engine(send=False, receive=False)
        self.engine.play(other.leg, [music], loop=True, token=1)
        await until_heard(other, tone_hz, what="music on hold")
        self.engine.stop_play(other.leg)
        one.tell_engine(send=True, receive=True)
        await self.both_hear(one, other, "after hold")

    async def change_codec(self, one: Phone, other: Phone) -> None:
        one.change_format()
        await self.both_hear(one, other, "after a codec change")

    async def change_keys(self, one: Phone, other: Phone) -> None:
        one.new_protection()
        one.change_format()
        await self.both_hear(one, other, "after a change of keys")

    async def press(self, one: Phone, other: Phone) -> None:
        await self.until_keys(one.press, one.line, other.own_line)

    async def until_keys(self, press: Callable[[str], None], *lines: Line) -> None:
        """Keys come to all lines. A network may lose some; three times in a row it does not."""
        for _ in range(TRIES):
            keys = "".join(self.dice.choices(KEYS, k=2))
            wanted = [(line, line.keys + keys) for line in lines]
            press(keys)
            with suppress(Unheard):
                await until(partial(are_there, wanted), "keys", KEYS_S)
                return
            self.exchange.counted["keys pressed again"] += 1
        raise Unheard("keys")

    async def record(self, one: Phone, other: Phone) -> None:
        """One after the other, as voice mail and recorders do."""
        del other
        for _ in range(self.dice.randint(1, 2)):
            token = next(self.exchange.numbers)
            ending = self.dice.choice((".wav", ".opus"))
            path = self.exchange.directory / f"recorded-{token}{ending}"
            self.engine.record(
                one.leg, str(path), max_ms=60_000, silence_ms=0, stop_digits="", token=token,
                side=self.dice.choice(tuple(RecordSide)),
            )  # fmt: skip
            await asyncio.sleep(self.dice.uniform(0.3, 1.0))
            self.engine.pause_record(one.leg)
            await asyncio.sleep(0.1)
            self.engine.resume_record(one.leg)
            await asyncio.sleep(0.2)
            self.engine.stop_record(one.leg)
            await until(lambda token=token: token in one.line.ended, "the end of a recording")  # type: ignore[misc]
            self.check_file(path)

    def check_file(self, path: Path) -> None:
        octets = path.stat().st_size if path.exists() else 0
        path.unlink(missing_ok=True)
        if octets <= HEADER_BYTES:
            raise Unheard(f"a recording ({path.suffix}) of {octets} octets")

    async def transfer(self, one: Phone, other: Phone) -> None:
        """Away from the other, to a third, and back."""
        third = self.phone()
        self.engine.bridge(one.leg, third.leg)
        await self.both_hear(one, third, "after a transfer")
        self.engine.bridge(one.leg, other.leg)
        await self.both_hear(one, other, "after the way back")


def are_there(wanted: Sequence[tuple[Line, str]]) -> bool:
    return all(line.keys == keys for line, keys in wanted)


async def talk(call: Call) -> None:
    """Two in a bridge, to whom much happens."""
    one, other = call.phone(), call.phone()
    call.engine.bridge(one.leg, other.leg)
    await call.both_hear(one, other, "a call of two")
    turns: list[Callable[[Phone, Phone], Awaitable[None]]] = [
        call.hold, call.change_codec, call.change_keys, call.press, call.record, call.transfer,
    ]  # fmt: skip
    for turn in call.dice.choices(turns, k=call.dice.randint(0, 3)):
        await turn(one, other)
        call.exchange.counted[f"in a call: {turn.__name__.replace('_', ' ')}"] += 1
        if call.engine.statistics(one.leg) is None:
            raise Unheard("statistics of a leg")


async def meet(call: Call) -> None:
    """Three in a room and one who only listens; one gets an announcement, one leaves."""
    room = RoomId(next(call.exchange.numbers))
    members = [call.phone() for _ in range(3)]
    monitor = call.phone()
    for phone in (*members, monitor):
        call.engine.join_room(phone.leg, room)
    for phone in members:
        call.engine.set_gain(monitor.leg, phone.leg, 0.0)
    everyone = [phone.tone_hz for phone in members]
    await asyncio.gather(
        until_heard(monitor, *everyone, what="a monitor"),
        *(
            until_heard(phone, *(hz for hz in everyone if hz != phone.tone_hz), what="a room")
            for phone in members
        ),
    )
    announcement, tone_hz = call.prompt(seconds=1)
    first, second, third = members
    call.engine.play(first.leg, [announcement], loop=True, token=1)
    await until_heard(first, tone_hz, what="an announcement in a room")
    call.engine.stop_play(first.leg)
    call.engine.leave_room(third.leg)
    call.engine.leave_room(monitor.leg)
    await call.both_hear(first, second, "a room of two")


async def listen(call: Call) -> None:
    """One hears prompts, is called by keys, leaves a message."""
    phone = call.phone()
    short, _ = call.prompt(seconds=0.2)
    prompt, tone_hz = call.prompt(seconds=1)
    call.engine.play(phone.leg, [short, short], loop=False, token=7)
    await until(lambda: 7 in phone.line.ended, "the end of a play")
    call.engine.play(phone.leg, [short, prompt], loop=True, token=8, start_ms=100)
    call.engine.play(phone.leg, [prompt], loop=True, token=9)
    await until_heard(phone, tone_hz, what="a prompt")
    call.engine.stop_play(phone.leg)
    await call.until_keys(partial(call.engine.send_dtmf, phone.leg), phone.own_line)
    token = next(call.exchange.numbers)
    path = call.exchange.directory / f"message-{token}.wav"
    call.engine.record(
        phone.leg, str(path), max_ms=60_000, silence_ms=0, stop_digits="#", token=token
    )
    await asyncio.sleep(call.dice.uniform(0.5, 1.5))
    for _ in range(TRIES):
        phone.press("#")
        with suppress(Unheard):
            await until(lambda: token in phone.line.ended, "the end of a message", KEYS_S)
            break
    else:
        raise Unheard("the end of a message")
    call.check_file(path)


async def vanish(call: Call) -> None:
    """One phone is gone without a word; its leg times out, and is closed in the middle of it all:
    while it plays and records."""
    one, other = call.phone(), call.phone()
    call.engine.bridge(one.leg, other.leg)
    await call.both_hear(one, other, "a call that breaks")
    call.engine.set_media_timeout(one.leg, 0.6)
    await one.vanish()
    await until(lambda: one.line.is_timed_out, "a media timeout")
    prompt, _ = call.prompt(seconds=1)
    token = next(call.exchange.numbers)
    path = call.exchange.directory / f"cut-off-{token}.opus"
    call.engine.play(other.leg, [prompt], loop=True, token=1)
    call.engine.record(
        other.leg, str(path), max_ms=60_000, silence_ms=0, stop_digits="", token=token,
        side=RecordSide.STEREO,
    )  # fmt: skip
    await asyncio.sleep(0.5)
    await call.close()
    path.unlink(missing_ok=True)


KINDS: dict[str, tuple[Callable[[Call], Awaitable[None]], int]] = {
    "talk": (talk, 6),
    "meet": (meet, 1),
    "listen": (listen, 2),
    "vanish": (vanish, 1),
}
"""What happens in it, and how often it is taken."""


async def one_call(exchange: Exchange, kind: str | None = None) -> str:
    """Returns what was not as it should be; empty: all was."""
    weights = [weight for _, weight in KINDS.values()]
    name = kind or exchange.random.choices(tuple(KINDS), weights)[0]
    scene, _ = KINDS[name]
    call = Call(exchange)
    failure = ""
    try:
        try:
            await scene(call)
        except Unheard as unheard:
            packets = "; ".join(phone.packets() for phone in call.phones)
            failure = f"{name}: {unheard}; packets {packets}"
        finally:
            await call.close()
    except Unheard as unheard:
        failure = f"{name}: {unheard}"
    exchange.counted[f"call: {name}"] += 1
    return failure
