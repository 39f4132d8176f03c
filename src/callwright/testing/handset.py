"""The audio end of a simulated phone: says one tone that is its own, and hears sources by name."""

import asyncio
from dataclasses import dataclass
from typing import Protocol

from callwright.kernel.addresses import HostPort
from callwright.media.remote import Dtls, IceSession, Sdes
from callwright.testing.locks import fingerprint_of
from callwright.testing.network import Host

PACKET_S = 0.02
DIGIT_S = 0.1
DIGIT_GAP_S = 0.05
WORD_S = 0.4
TELEPHONE_EVENT = 101
REFRESH_S = 10.0
"""A stream is worked out when somebody asks; NAT boxes have to see it in between."""
SILENCE: frozenset[str] = frozenset()

Sources = frozenset[str]
"""Names of what can be heard at one instant: phones, ``music``, ``ringback``, ``say: ...``."""


@dataclass(frozen=True, slots=True)
class Stream:
    """What the phone's signalling agreed for its own side."""

    remote: HostPort
    codec: str
    send: bool = True
    receive: bool = True
    sends_digits: bool = True
    """False: no telephone-event was agreed, keys cannot be sent."""
    protection: Sdes | Dtls | None = None
    """As the phone has it: its own key is the local one."""
    ice: IceSession | None = None
    events: int = TELEPHONE_EVENT
    """Payload type of RFC 4733 events."""


class Wiring(Protocol):
    """What carries the audio of handsets."""

    def handset_changed(self, handset: "Handset", former: Stream | None) -> None:
        """Its stream, or what it says, is another one from now on."""
        ...

    def key_pressed(self, handset: "Handset", digit: str) -> None: ...

    def said(self, handset: "Handset", text: str) -> None:
        """These words are over; none: somebody begins to speak."""
        ...

    def heard_by(self, handset: "Handset") -> Sources: ...

    def forget(self, handset: "Handset") -> None:
        """It is closed."""
        ...


class Handset:
    """One RTP port of a host. Made by `WorldMedia.handset`."""

    def __init__(self, media: Wiring, host: Host, port: int, name: str, frequency_hz: int) -> None:
        self.host = host
        self.port = port
        self.name = name
        self.frequency_hz = frequency_hz
        """The tone that a recording of this phone holds."""
        self.fingerprint = fingerprint_of(name)
        """Of the certificate that its handshakes show."""
        self.digits: list[str] = []
        """Keys that arrived from the other side."""
        self.stream: Stream | None = None
        self.is_talking = True
        self.sends_packets = True
        """False: a phone that vanished, or suppresses everything it might send."""
        self._media = media
        self._is_refreshing = False

    @property
    def is_sending(self) -> bool:
        return self.stream is not None and self.stream.send and self.sends_packets

    def connect(self, stream: Stream | None) -> None:
        """Starts, changes or (None) ends the stream."""
        former = self.stream
        self.stream = stream
        self._media.handset_changed(self, former)
        self._refresh_later()

    def talk(self) -> None:
        self._set_talking(True)

    def hush(self) -> None:
        """Packets go on and hold silence."""
        self._set_talking(False)

    async def talk_for(self, seconds: float) -> None:
        self.talk()
        await asyncio.sleep(seconds)
        self.hush()

    async def say(self, text: str) -> None:
        """Speaks these words, which whoever listens for phrases hears at their end."""
        was_talking, self.is_talking = self.is_talking, False
        self._media.said(self, "")
        await self.talk_for(WORD_S * max(1, len(text.split())))
        self._set_talking(was_talking)
        self._media.said(self, text)

    def stop_packets(self) -> None:
        self.sends_packets = False
        self._media.handset_changed(self, self.stream)

    def resume_packets(self) -> None:
        self.sends_packets = True
        self._media.handset_changed(self, self.stream)
        self._refresh_later()

    async def press(self, digits: str) -> None:
        """Sends keys as RFC 4733 events, one after the other; returns after the last."""
        for digit in digits:
            self._media.key_pressed(self, digit)
            await asyncio.sleep(DIGIT_S + DIGIT_GAP_S)

    def hears(self) -> Sources:
        """What arrives at this instant."""
        return self._media.heard_by(self)

    async def until_hears(self, wanted: Sources, *, within_s: float = 10.0) -> None:
        """Listens packet by packet; raises AssertionError when it was not heard in time."""
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + within_s
        heard: list[Sources] = []
        while loop.time() <= deadline_s:
            now = self.hears()
            if now == wanted:
                return
            if not heard or heard[-1] != now:
                heard.append(now)
            await asyncio.sleep(PACKET_S)
        raise AssertionError(
            f"{self.name} did not hear {_named(wanted)} within {within_s:g} s, but "
            + ", then ".join(map(_named, heard))
        )

    async def listen(self, for_s: float) -> list[Sources]:
        """What was heard in this time, one entry for each change."""
        heard: list[Sources] = []
        for _ in range(int(for_s / PACKET_S)):
            now = self.hears()
            if not heard or heard[-1] != now:
                heard.append(now)
            await asyncio.sleep(PACKET_S)
        return heard

    def close(self) -> None:
        self.connect(None)
        self._media.forget(self)

    def _refresh_later(self) -> None:
        if self.host.nat is not None and self.is_sending and not self._is_refreshing:
            self._is_refreshing = True
            self.host.network.loop.call_later(REFRESH_S, self._refresh)

    def _refresh(self) -> None:
        self._is_refreshing = False
        if self.is_sending and self.stream is not None:
            self.host.network.route(self.host, self.port, self.stream.remote)
            self._refresh_later()

    def _set_talking(self, is_talking: bool) -> None:
        self.is_talking = is_talking
        self._media.handset_changed(self, self.stream)


def _named(sources: Sources) -> str:
    return " and ".join(sorted(sources)) or "nothing"
