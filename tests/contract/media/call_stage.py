"""The native engine between phones that are another native engine's legs."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from tests.contract.media.native_stage import NativeStage
from tests.contract.media.relay_wire import RelayWire
from tests.contract.media.sound_phone import Hope, Phone, both_ways

from callwright.kernel.ids import LegId
from callwright.media.events import (
    DtmfReceived,
    LegStatistics,
    MediaEvent,
    Protected,
    ProtectionChanged,
)
from callwright.media.native import NativeEngine
from callwright.media.remote import AudioFormat, Suite

PATIENCE_S = 8.0
POLL_S = 0.05
LOWEST_HZ, STEP_HZ = 400, 30
"""Far enough apart to be told from each other; below what every codec carries."""


class CallStage(NativeStage):
    """`phones` is the engine that the phones are made of."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self.phones: NativeEngine
        self.phone_events: list[MediaEvent] = []
        self._directory = directory
        self._tones_hz = count(LOWEST_HZ, STEP_HZ)
        self._phone_legs = count(1)

    async def _run(self, scene: Coroutine[Any, Any, None]) -> None:
        self.phones = NativeEngine()
        self.phones.on_event(self._note_phone)
        try:
            await super()._run(scene)
        finally:
            self.phones.close()

    def run_together(self, scenes: Iterable[Coroutine[Any, Any, None]]) -> None:
        """Many calls at once take no longer than one."""

        async def all_scenes() -> None:
            await asyncio.gather(*scenes)

        self.run(all_scenes())

    def _note_phone(self, event: MediaEvent) -> None:
        self.phone_events.append(event)
        self._happened.set()

    async def phone(
        self,
        name: str,
        audio: AudioFormat,
        protection: Suite | str | None = None,
        *,
        phone_begins: bool = True,
        **changes: Any,
    ) -> Phone:
        """A phone that is connected, talks and listens; the changes are `RemoteMedia`'s."""
        phone = self.new_phone(name)
        phone.protect(protection, phone_begins=phone_begins)
        phone.agree(format=audio, **changes)
        phone.talk()
        phone.listen()
        return phone

    def new_phone(self, name: str) -> Phone:
        """Nothing is agreed yet."""
        tone_hz = next(self._tones_hz)
        file = self._directory / f"heard-{tone_hz}.wav"
        return Phone(self, name, (self.open_leg(), self._phone_port()), tone_hz, file)

    async def wired(
        self, name: str, audio: AudioFormat, protection: Suite | str | None = None, **changes: Any
    ) -> tuple[Phone, RelayWire]:
        """A phone whose packets pass a wire that a test holds."""
        phone = self.new_phone(name)
        wire = RelayWire(self, phone)
        await wire.open()
        phone.protect(protection)
        phone.agree(format=audio, **changes)
        phone.talk()
        phone.listen()
        return phone, wire

    def call(self, *pairs: tuple[Phone, Phone]) -> None:
        """Bridges; what they heard before is forgotten."""
        for one, two in pairs:
            self.engine.bridge(one.leg, two.leg)
            one.forget()
            two.forget()

    async def until_talking(self, pairs: Sequence[tuple[Phone, Phone]]) -> None:
        """Each hears the other, and only the other."""
        await self.until(both_ways(pairs))

    async def until_silent(self, phones: Iterable[Phone]) -> None:
        await self.until([Hope(phone, None) for phone in phones])

    async def until(self, hopes: Iterable[Hope]) -> None:
        """Each becomes true; they need not be at the same time."""
        left = list(hopes)
        deadline_s = asyncio.get_running_loop().time() + PATIENCE_S
        while left := [hope for hope in left if not hope.is_true()]:
            assert asyncio.get_running_loop().time() < deadline_s, "; ".join(map(str, left))
            await asyncio.sleep(POLL_S)

    async def until_keys(self, phone: Phone, keys: str) -> None:
        """The phone is sent these keys, and no others."""
        await _until_equal(lambda: self.keys_at(phone), keys)

    async def until_noticed(self, phone: Phone, keys: str) -> None:
        """The engine notices these keys of the phone, and no others."""
        await _until_equal(lambda: self.keys_from(phone), keys)

    async def until_protected(self, phone: Phone, wanted: Protected) -> None:
        """A handshake with the phone ended so."""

        def outcome() -> str:
            changes = [each for each in self.events_of(ProtectionChanged) if each.leg == phone.leg]
            return ", ".join(change.state.value for change in changes)

        await _until_equal(outcome, wanted.value)

    def counted(self, phone: Phone) -> LegStatistics:
        read = self.engine.statistics(phone.leg)
        assert read is not None
        return read

    def keys_at(self, phone: Phone) -> str:
        """What the phone was sent so far."""
        return _keys(self.phone_events, phone.own_leg)

    def keys_from(self, phone: Phone) -> str:
        """What the engine noticed of the phone's keys."""
        return _keys(self.events, phone.leg)

    def _phone_port(self) -> tuple[LegId, int]:
        leg = LegId(next(self._phone_legs))
        for port in self._ports:
            try:
                self.phones.open_leg(leg, "127.0.0.1", port)
            except OSError:
                continue
            return leg, port
        raise AssertionError


async def _until_equal(read: Callable[[], str], wanted: str) -> None:
    deadline_s = asyncio.get_running_loop().time() + PATIENCE_S
    while (now := read()) != wanted:
        assert asyncio.get_running_loop().time() < deadline_s, f"{now!r} and not {wanted!r}"
        await asyncio.sleep(POLL_S)


def _keys(events: Sequence[MediaEvent], leg: LegId) -> str:
    of_leg = [each for each in events if isinstance(each, DtmfReceived) and each.leg == leg]
    return "".join(each.digit for each in of_leg)
