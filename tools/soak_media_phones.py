"""Phones and the engines they talk through, for `soak_media.py`.

A phone is a leg of a second engine: it speaks every codec and protection, says one tone, and
records what it hears.
"""

import asyncio
import os
import random
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from callwright.kernel.ids import LegId
from callwright.media.engine import MediaEngine
from callwright.media.events import (
    DtmfReceived,
    LegClosed,
    MediaEvent,
    MediaTimeout,
    PlayFinished,
    Protected,
    ProtectionChanged,
    RecordFinished,
)
from callwright.media.remote import AudioFormat, Codec, Dtls, RemoteMedia, Sdes, Suite

PATIENCE_S = 20.0
POLL_S = 0.4
PORTS_TRIED_MAX = 500
RECORD_MS = 300_000
WINDOW_S = 0.2
SETTLING_S = 0.3
"""What was said before a change may be heard for so long after it."""
NEAR_BINS = 2
TELEPHONE_EVENT, COMFORT_NOISE = 101, 13
LOWEST_HZ, STEP_HZ, TONES = 400, 50, 40
FORMATS = (
    AudioFormat(Codec.PCMU, 0),
    AudioFormat(Codec.PCMA, 8),
    AudioFormat(Codec.G722, 9),
    AudioFormat(Codec.OPUS, 111, 48_000, "useinbandfec=1;maxplaybackrate=16000"),
    AudioFormat(Codec.L16, 96, 16_000),
)
FORMAT_WEIGHTS = (6, 6, 4, 2, 1)
PTIMES_MS = (10, 20, 20, 20, 20, 30, 40, 60)
PTIMES_OF_FEW_MS = (10, 20, 20, 40)
"""Of codecs whose packets do not have every length, or get too long."""
KEY_BYTES = {
    Suite.AES_CM_128_HMAC_SHA1_80: 30,
    Suite.AES_CM_128_HMAC_SHA1_32: 30,
    Suite.AEAD_AES_128_GCM: 28,
    Suite.AEAD_AES_256_GCM: 44,
}
"""Master key and salt (RFC 4568 §6.2, RFC 7714 §12)."""


class Unheard(Exception):
    """What had to be heard or told was not, in time."""


@dataclass(slots=True)
class Line:
    """What an engine has told of a leg."""

    port: int
    keys: str = ""
    ended: set[int] = field(default_factory=set)
    """Tokens of plays and recordings."""
    recordings: list[RecordFinished] = field(default_factory=list)
    is_timed_out: bool = False
    is_protected: bool = False
    is_closed: bool = False


class Switchboard:
    """An engine at an address, its ports and its open legs."""

    def __init__(self, engine: MediaEngine, ips: tuple[str, ...], ports: range) -> None:
        self.engine = engine
        self.ips = ips
        """IPv4 first; IPv6 where there is."""
        self.lines: dict[LegId, Line] = {}
        self.opened = self.closed = 0
        self.handshakes_failed = 0
        self._legs = count(1)
        self._ports = deque(ports[::2])
        engine.on_event(self._note)

    def open(self, ip: str, port: int | None = None) -> LegId:
        """On a pair of its own unless a port, to be shared, is named; that one may just be about to
        be closed, and others may belong to somebody else."""
        leg = LegId(next(self._legs))
        if port is not None and self._open_at(leg, ip, port):
            return leg
        for _ in range(PORTS_TRIED_MAX):
            at = self._ports.popleft()
            if self._open_at(leg, ip, at):
                return leg
            self._ports.append(at)
        raise Unheard("no port is free")

    def _open_at(self, leg: LegId, ip: str, port: int) -> bool:
        try:
            self.engine.open_leg(leg, ip, port)
        except OSError:
            return False
        self.lines[leg] = Line(port)
        self.opened += 1
        return True

    async def close(self, leg: LegId, *, is_shared: bool = False) -> None:
        """Waits until the engine says that it is closed."""
        line = self.lines[leg]
        self.engine.close_leg(leg)
        await until(lambda: line.is_closed, "a leg is closed")
        del self.lines[leg]
        if not is_shared:
            self._ports.append(line.port)

    def _note(self, event: MediaEvent) -> None:
        line = self.lines.get(event.leg)
        if line is None:
            return
        match event:
            case DtmfReceived():
                line.keys += event.digit
            case PlayFinished():
                line.ended.add(event.token)
            case RecordFinished():
                line.ended.add(event.token)
                line.recordings.append(event)
            case MediaTimeout():
                line.is_timed_out = True
            case ProtectionChanged():
                line.is_protected = event.state is Protected.ESTABLISHED
                self.handshakes_failed += event.state is Protected.FAILED
            case LegClosed():
                line.is_closed = True
                self.closed += 1


@dataclass(frozen=True, slots=True)
class Exchange:
    """Both engines, and what calls share."""

    engine: Switchboard
    phones: Switchboard
    directory: Path
    random: random.Random
    counted: Counter[str] = field(default_factory=Counter)
    shared_ports: dict[str, int] = field(default_factory=dict)
    """By our IP: the pair of ports that legs of many calls share."""
    numbers: "count[int]" = field(default_factory=lambda: count(1))


class Phone:
    """Both ends of a line: the engine's leg, and the phone's own."""

    def __init__(self, exchange: Exchange, tone_hz: int) -> None:
        self.tone_hz = tone_hz
        self.exchange = exchange
        dice = exchange.random
        which = dice.randrange(10) // 9 % len(exchange.engine.ips)
        here, there = exchange.engine.ips[which], exchange.phones.ips[which]
        shared = exchange.shared_ports.get(here) if dice.random() < 0.2 else None
        self.is_gone = False
        self.own_leg = exchange.phones.open(there)
        self.leg = exchange.engine.open(here, shared)
        self.line = exchange.engine.lines[self.leg]
        self.own_line = exchange.phones.lines[self.own_leg]
        self.is_shared = self.line.port == shared
        self.remote = self._blank(there, self.own_line.port)
        """What the engine was told of the phone."""
        self.own_remote = self._blank(here, self.line.port)
        self.ear = Ear(exchange.directory / f"heard-{self.own_leg}.wav")

    @staticmethod
    def _blank(ip: str, port: int) -> RemoteMedia:
        return RemoteMedia(ip, port, port + 1, FORMATS[0], TELEPHONE_EVENT)

    def connect(self) -> None:
        """In some codec and protection; talks and listens."""
        dice = self.exchange.random
        self.new_protection()
        self.change_format(
            rtcp_mux=dice.random() < 0.5,
            comfort_noise_payload_type=dice.choice((None, COMFORT_NOISE)),
        )
        phones = self.exchange.phones.engine
        phones.tone(self.own_leg, self.tone_hz, 0, 1)
        phones.record(
            self.own_leg, str(self.ear.path), max_ms=RECORD_MS, silence_ms=0, stop_digits="",
            token=2,
        )  # fmt: skip

    def change_format(self, **changes: Any) -> None:
        dice = self.exchange.random
        audio = dice.choices(FORMATS, FORMAT_WEIGHTS)[0]
        is_free = audio.codec in (Codec.PCMU, Codec.PCMA, Codec.G722)
        ptime_ms = dice.choice(PTIMES_MS if is_free else PTIMES_OF_FEW_MS)
        self.exchange.counted[f"format {audio.codec.value}"] += 1
        self.agree(format=audio, ptime_ms=ptime_ms, **changes)

    def new_protection(self) -> None:
        """Other keys, another way to agree on them, or none; takes effect with `agree`."""
        dice, exchange = self.exchange.random, self.exchange
        mine: Sdes | Dtls | None = None
        theirs: Sdes | Dtls | None = None
        kind = dice.choices(("RTP", "SDES", "DTLS"), (4, 4, 1))[0]
        exchange.counted[f"protection {kind}"] += 1
        if kind == "SDES":
            suite = dice.choice(tuple(Suite))
            one, other = (os.urandom(KEY_BYTES[suite]) for _ in range(2))
            mine, theirs = Sdes(suite, one, other), Sdes(suite, other, one)
        elif kind == "DTLS":
            begins = dice.random() < 0.5
            mine = Dtls(begins, exchange.engine.engine.fingerprint)
            theirs = Dtls(not begins, exchange.phones.engine.fingerprint)
        self.own_remote = replace(self.own_remote, protection=mine)
        self.remote = replace(self.remote, protection=theirs)

    def agree(self, **changes: Any) -> None:
        """Both ends take the changes, each from its own side. The engine first: on a port that it
        shares, packets that come before it knows from whom are nobody's."""
        self.tell_engine(**changes)
        self.own_remote = replace(self.own_remote, **changes)
        self.exchange.phones.engine.set_remote(self.own_leg, self.own_remote)

    def tell_engine(self, **changes: Any) -> None:
        self.remote = replace(self.remote, **changes)
        self.exchange.engine.engine.set_remote(self.leg, self.remote)

    def press(self, keys: str) -> None:
        self.exchange.phones.engine.send_dtmf(self.own_leg, keys)

    def packets(self) -> str:
        """Of the engine's leg, then of the phone's: received, sent, rejected."""
        legs = ((self.exchange.engine, self.leg), (self.exchange.phones, self.own_leg))
        read = [board.engine.statistics(leg) for board, leg in legs]
        here, there = self.line.port, self.own_line.port
        ports = f"{here}{' shared' if self.is_shared else ''} ({kernel_of(here)})"
        ports += f" to {there} ({kernel_of(there)})"
        return f"{ports}: " + " | ".join(
            f"{one.packets_received} {one.packets_sent} {one.packets_rejected}"
            for one in read
            if one is not None
        )

    async def vanish(self) -> None:
        """Without a word to the engine."""
        self.is_gone = True
        await self.exchange.phones.close(self.own_leg)

    async def close(self) -> None:
        try:
            if not self.is_gone:
                await self.vanish()
            await self.exchange.engine.close(self.leg, is_shared=self.is_shared)
        finally:
            self.ear.path.unlink(missing_ok=True)


class Ear:
    """What a phone hears, as its recording says."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._octets_before = 0

    def forget(self) -> None:
        """Only what is said from now on counts."""
        self._octets_before = self._octets()

    def hears(self, *tones_hz: int) -> bool:
        """These tones, and nothing else; never true of what is older than the last `forget`."""
        shares = self._shares(tones_hz)
        return sum(shares) > 0.8 and min(shares) > 0.2 / len(shares)

    def __str__(self) -> str:
        """What of all tones is there."""
        latest = self._latest()
        if latest is None:
            return "nothing new"
        tones = range(LOWEST_HZ, LOWEST_HZ + TONES * STEP_HZ, STEP_HZ)
        shares = zip(tones, self._shares(tuple(tones)), strict=True)
        known = [f"{share:.0%} {hz} Hz" for hz, share in shares if share > 0.02]
        return f"{', '.join(known) or 'no tone'} at {float(np.abs(latest[0]).mean()):.0f}"

    def _shares(self, tones_hz: Sequence[int]) -> list[float]:
        """Of the energy."""
        latest = self._latest()
        if latest is None:
            return [0.0] * len(tones_hz)
        samples, rate_hz = latest
        energy = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
        total = max(float(energy[2:].sum()), 1.0)
        bins = [round(tone_hz * len(samples) / rate_hz) for tone_hz in tones_hz]
        return [float(energy[at - NEAR_BINS : at + NEAR_BINS + 1].sum()) / total for at in bins]

    def _octets(self) -> int:
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    def _latest(self) -> "tuple[np.ndarray[Any, np.dtype[np.float64]], int] | None":
        octets = self._octets()
        if octets <= 44:
            return None
        with self.path.open("rb") as file:
            file.seek(24)
            rate_hz = int.from_bytes(file.read(4), "little")
            window = round(WINDOW_S * rate_hz) * 2
            if octets - max(self._octets_before, 44) < window + SETTLING_S * rate_hz * 2:
                return None
            file.seek(44 + (octets - 44 - window) // 2 * 2)
            read = file.read(window)
        return np.frombuffer(read, dtype="<i2").astype(np.float64), rate_hz


def kernel_of(port: int) -> str:
    """Octets that wait in the sockets of a port, and datagrams that the kernel dropped there."""
    told = []
    for table in ("udp", "udp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[1].endswith(f":{port:04X}"):
                told.append(f"{int(fields[4].partition(':')[2], 16)} wait, {fields[-1]} dropped")
    return "; ".join(told) or "no socket"


async def until(is_true: Callable[[], bool], what: str, within_s: float = PATIENCE_S) -> None:
    loop = asyncio.get_running_loop()
    deadline_s = loop.time() + within_s
    while not is_true():
        if loop.time() > deadline_s:
            raise Unheard(what)
        await asyncio.sleep(POLL_S / 8)


async def until_heard(phone: Phone, *tones_hz: int, what: str) -> None:
    """The phone hears these tones together, and nothing else, from now on."""
    phone.ear.forget()
    loop = asyncio.get_running_loop()
    deadline_s = loop.time() + PATIENCE_S
    await asyncio.sleep(WINDOW_S + SETTLING_S)
    while not phone.ear.hears(*tones_hz):
        if loop.time() > deadline_s:
            audio, protection = phone.remote.format.codec.value, phone.remote.protection
            way = "RTP" if protection is None else type(protection).__name__
            raise Unheard(
                f"{what} ({audio}, {phone.remote.ptime_ms} ms, {way}):"
                f" hears {phone.ear} and not {tones_hz}"
            )
        await asyncio.sleep(POLL_S)
