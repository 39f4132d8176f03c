"""The media engine's extension module; ``native.py`` is its face. Built from ``native/``.

``tests/unit/media/test_native_stub.py`` compares the two.
"""

from typing import Literal, Self, final

__all__ = ["Commands", "Core", "Engine"]

Quality = tuple[int | None, int | None, float | None, int | None, float | None]
"""Packets, lost, jitter in ms, late, MOS."""

Counters = tuple[
    int, int, int, int, int, int, float | None, float | None, Quality | None, Quality | None
]
"""Packets received and sent, octets received and sent, packets lost and rejected, jitter and round
trip in ms; how the peer sounds here, and we there."""

Event = (
    tuple[Literal["dtmf"], int, str]
    | tuple[Literal["play"], int, int]
    | tuple[Literal["record"], int, int, str, int, str]
    | tuple[Literal["timeout"], int]
    | tuple[Literal["protection"], int, bool]
    | tuple[Literal["talking"], int, bool]
    | tuple[Literal["audio"], int, int, int, bytes]
    | tuple[Literal["closed"], int, Counters]
)
"""Kind and leg; then the key, the token, or token, path, duration (ms) and end, whether it is so,
rate (Hz) and samples, or the counters."""

Addresses = tuple[str, int, int, str | None]
"""IP, RTP port, RTCP port, another IP that is accepted."""

Format = tuple[str, int, int, str]
"""Codec, payload type, clock in Hz, parameters."""

Stream = tuple[int, bool, bool, bool, int | None, int | None]
"""Packet time in ms, send, receive, RTCP on the port of RTP, payload types of telephone events and
comfort noise."""

Protection = tuple[str, bytes, bytes] | tuple[bool, str]
"""Suite, our key and the peer's; or whether we begin the handshake, and the peer's fingerprint."""

Ice = tuple[str, str, str, str]
"""Our user name and password, the peer's."""

class Commands:
    """What both engines are told in the same words."""

    def fingerprint(self) -> str: ...
    def open_leg(self, leg: int, local_ip: str, rtp_port: int) -> None: ...
    def set_remote(
        self,
        leg: int,
        addresses: Addresses,
        format: Format,
        accepts: list[Format],
        stream: Stream,
        protection: Protection | None,
        ice: Ice | None,
    ) -> None: ...
    def bridge(self, one: int, other: int) -> None: ...
    def unbridge(self, leg: int) -> None: ...
    def join_room(self, leg: int, room: int) -> None: ...
    def leave_room(self, leg: int) -> None: ...
    def set_gain(self, speaker: int, listener: int, gain: float) -> None: ...
    def load_prompt(self, prompt: int, pcm: bytes) -> None: ...
    def unload_prompt(self, prompt: int) -> None: ...
    def play(
        self,
        leg: int,
        prompts: list[int],
        repeat: bool,
        token: int,
        start_ms: int,
        under: float,
    ) -> None: ...
    def stop_play(self, leg: int) -> None: ...
    def tone(self, leg: int, frequency_hz: int, duration_ms: int, token: int) -> None: ...
    def send_dtmf(self, leg: int, digits: str, duration_ms: int) -> None: ...
    def record(
        self,
        leg: int,
        path: str,
        max_ms: int,
        silence_ms: int,
        stop_digits: str,
        token: int,
        side: str,
    ) -> None: ...
    def pause_record(self, leg: int) -> None: ...
    def resume_record(self, leg: int) -> None: ...
    def stop_record(self, leg: int) -> None: ...
    def listen(self, leg: int, token: int) -> None: ...
    def stop_listening(self, leg: int) -> None: ...
    def set_media_timeout(self, leg: int, timeout_ms: int | None) -> None: ...
    def statistics(self, leg: int) -> Counters | None: ...
    def close_leg(self, leg: int) -> None: ...
    def take_events(self, limit: int) -> list[Event]: ...
    def ignored_commands(self) -> int: ...
    def close(self) -> None: ...

@final
class Engine(Commands):
    """The engine with its threads and sockets."""

    def __new__(cls) -> Self: ...
    def dropped_audio(self) -> int: ...
    def event_descriptor(self) -> int: ...

Datagram = tuple[int, bool, str, int, bytes]
"""Our RTP port, whether it leaves by the RTCP port after it, receiver (IP and port), octets."""

@final
class Core(Commands):
    """The engine without threads, sockets and clock: who owns it says what time it is."""

    def __new__(cls, seed: int, ntp: int) -> Self: ...
    def pass_time(self, samples: int) -> None: ...
    def tick(self) -> None: ...
    def receive(
        self, rtp_port: int, is_rtcp: bool, from_ip: str, from_port: int, datagram: bytes
    ) -> None: ...
    def take_datagrams(self) -> list[Datagram]: ...
