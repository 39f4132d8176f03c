"""Media servers under measurement: ours, and rtpengine in user space on the same machine.

Both are told who talks to whom, and say to which port each phone sends.
"""

import base64
import json
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from server import Server, Usage, on_core

from callwright.calls.ports import MediaPeer, RtpPorts

BENCH = Path(__file__).resolve().parent
LOCAL = "127.0.0.1"
FIRST_PORT = 15_200
LAST_PORT = 19_999
NG_PORT = 12_223
EVENTS = 101
"""Payload type of keys, as media_engine.py has it."""
ANSWER_WITHIN_S = 10.0
END_WITHIN_S = 20.0
SUITE = "AES_CM_128_HMAC_SHA1_80"


class MediaError(Exception):
    """A media server did not start, or refused what it was asked for."""


@dataclass(frozen=True, slots=True)
class Codec:
    name: str
    clock_hz: int
    payload_type: int


PCMU = Codec("PCMU", 8_000, 0)
G722 = Codec("G722", 8_000, 9)
OPUS = Codec("OPUS", 48_000, 111)


@dataclass(slots=True)
class Phone:
    """One end of the load; ``keys``: what it sends and hears with (SRTP), as hex digits.

    ``place``: the address that its signalling comes from, which decides whether it shares its pair
    of ports; its audio comes from `LOCAL` all the same."""

    port: int
    place: str
    codec: Codec = PCMU
    keys: tuple[str, str] | None = None
    server_port: int = 0


class MediaServer(Protocol):
    name: str

    def calls(self, pairs: Sequence[tuple[Phone, Phone]]) -> None:
        """Lets each two hear each other; each phone learns its ``server_port``."""
        ...

    def usage(self) -> Usage: ...

    def close(self) -> None: ...


class Ours:
    """The engine in a process that does nothing else."""

    name = "callwright"

    def __init__(self, python: str = sys.executable) -> None:
        command = [*on_core(0), python, str(BENCH / "media_engine.py")]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._server = Server(self._process.pid)
        self._legs = 0
        self._ports = RtpPorts(FIRST_PORT, LAST_PORT)
        self.ask("statistics", legs=[])

    def ask(self, what: str, **words: object) -> dict[str, Any]:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps({"do": what, **words}) + "\n")
        stdin.flush()
        answer = stdout.readline()
        if not answer:
            raise MediaError(f"the engine's process ended with {self._process.wait()}")
        found: dict[str, Any] = json.loads(answer)
        return found

    def open(self, phones: Sequence[Phone]) -> list[int]:
        """A leg for each, on the pair of ports that call control gives it; their numbers."""
        legs: list[dict[str, Any]] = []
        for phone in phones:
            number, self._legs = self._legs + 1, self._legs + 1
            phone.server_port = self._ports.take(MediaPeer(phone.place))
            legs.append(
                {
                    "number": number,
                    "port": phone.server_port,
                    "peer": phone.port,
                    "codec": phone.codec.name,
                    "pt": phone.codec.payload_type,
                    "clock": phone.codec.clock_hz,
                    # What the phone hears with is what we send with.
                    "keys": phone.keys and (SUITE, phone.keys[1], phone.keys[0]),
                }
            )
        for first in range(0, len(legs), 200):
            self.ask("open", legs=legs[first : first + 200])
        return [leg["number"] for leg in legs]

    def calls(self, pairs: Sequence[tuple[Phone, Phone]]) -> None:
        legs = self.open([phone for pair in pairs for phone in pair])
        self.ask("bridge", pairs=list(zip(legs[::2], legs[1::2], strict=True)))

    def usage(self) -> Usage:
        return self._server.usage()

    def close(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        _await_end(self._process)


class Bare:
    """A program that does nothing with a packet: what it takes is the kernel's share of a relay,
    with ports shared as ours are (native/crates/media-load, ``bare_relay``)."""

    name = "the kernel alone"

    def __init__(self, program: Path) -> None:
        self._process = subprocess.Popen(
            [*on_core(0), str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._server = Server(self._process.pid)
        self._ports = RtpPorts(FIRST_PORT, LAST_PORT)

    def calls(self, pairs: Sequence[tuple[Phone, Phone]]) -> None:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        for phone in (phone for pair in pairs for phone in pair):
            phone.server_port = self._ports.take(MediaPeer(phone.place))
        for one, other in [pair[::way] for pair in pairs for way in (1, -1)]:
            stdin.write(f"{one.server_port} {one.port} {other.server_port} {other.port}\n")
        stdin.write("\n")
        stdin.flush()
        if stdout.readline() != "ready\n":
            raise MediaError(f"bare_relay ended with {self._process.wait()}")

    def usage(self) -> Usage:
        return self._server.usage()

    def close(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        _await_end(self._process)


class Rtpengine:
    """Debian's package, without its kernel module: all packets pass through the process."""

    name = "rtpengine"

    def __init__(self) -> None:
        program = shutil.which("rtpengine")
        if program is None:
            raise MediaError("rtpengine is not installed (apt-get install rtpengine-daemon)")
        command = [
            *on_core(0), program, "--config-file=none", "--table=-1", "--foreground",
            "--log-stderr", "--log-level=2", f"--interface={LOCAL}",
            f"--listen-ng={LOCAL}:{NG_PORT}", f"--port-min={FIRST_PORT}",
            f"--port-max={LAST_PORT}", "--delete-delay=0",
        ]  # fmt: skip
        self._process = subprocess.Popen(command, stderr=subprocess.PIPE)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.settimeout(0.5)
        self._socket.connect((LOCAL, NG_PORT))
        self._cookies = 0
        self._server = Server(self._process.pid)
        self._await()
        self.version = _version(program)

    def _await(self) -> None:
        deadline = time.monotonic() + ANSWER_WITHIN_S
        while True:
            try:
                if self.ask({"command": "ping"}).get("result") == "pong":
                    return
            except OSError as error:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    self.close()
                    raise MediaError("rtpengine does not answer") from error
                time.sleep(0.1)

    def ask(self, words: dict[str, object]) -> dict[str, Any]:
        self._cookies += 1
        cookie = f"{self._cookies}".encode()
        self._socket.send(cookie + b" " + bencoded(words))
        while True:
            got, _, answer = self._socket.recv(65_536).partition(b" ")
            if got == cookie:
                found, _ = bdecoded(answer)
                assert isinstance(found, dict)
                if found.get("result") == "error":
                    raise MediaError(f"rtpengine: {found.get('error-reason')}")
                return found

    def calls(self, pairs: Sequence[tuple[Phone, Phone]]) -> None:
        for number, (caller, callee) in enumerate(pairs):
            self._socket.settimeout(ANSWER_WITHIN_S)
            names = {"call-id": f"c{number}", "from-tag": "a"}
            profile = "RTP/AVP" if callee.keys is None else "RTP/SAVP"
            offered = self.ask(
                {"command": "offer", **names, "sdp": _description(caller), "ICE": "remove",
                 "transport-protocol": profile, "replace": ["origin"],
                 "SDES": [f"only-{SUITE}"], "DTLS": "off"}
            )  # fmt: skip
            callee.server_port = _port_in(offered["sdp"])
            tag = "1"
            if callee.keys is not None:
                tag, theirs = _crypto_in(offered["sdp"])
                callee.keys = (callee.keys[0], theirs)
            answered = self.ask(
                {"command": "answer", **names, "to-tag": "b", "sdp": _description(callee, tag),
                 "ICE": "remove", "replace": ["origin"]}
            )  # fmt: skip
            caller.server_port = _port_in(answered["sdp"])

    def usage(self) -> Usage:
        return self._server.usage()

    def close(self) -> None:
        self._socket.close()
        self._process.terminate()
        _await_end(self._process)


def _await_end(process: "subprocess.Popen[str] | subprocess.Popen[bytes]") -> None:
    """It has been told to end."""
    try:
        process.wait(END_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _description(phone: Phone, tag: str = "1") -> str:
    profile, lines = "RTP/AVP", []
    codec = phone.codec
    if phone.keys is not None:
        profile = "RTP/SAVP"
        key = base64.b64encode(bytes.fromhex(phone.keys[0])).decode()
        lines.append(f"a=crypto:{tag} {SUITE} inline:{key}")
    name = "opus/48000/2" if codec is OPUS else f"{codec.name}/{codec.clock_hz}"
    return "\r\n".join(
        (
            "v=0", f"o=- 1 1 IN IP4 {LOCAL}", "s=-", f"c=IN IP4 {LOCAL}", "t=0 0",
            f"m=audio {phone.port} {profile} {codec.payload_type} {EVENTS}",
            f"a=rtpmap:{codec.payload_type} {name}",
            f"a=rtpmap:{EVENTS} telephone-event/{codec.clock_hz}", *lines,
            "a=sendrecv", "a=ptime:20", "",
        )
    )  # fmt: skip


def _port_in(description: str) -> int:
    found = re.search(r"^m=audio (\d+) ", description, re.M)
    if found is None:
        raise MediaError(f"no port in {description!r}")
    return int(found[1])


def _crypto_in(description: str) -> tuple[str, str]:
    """Tag and key."""
    found = re.search(rf"^a=crypto:(\d+) {SUITE} inline:([^|\s]+)", description, re.M)
    if found is None:
        raise MediaError(f"no key in {description!r}")
    return found[1], base64.b64decode(found[2]).hex()


def _version(program: str) -> str:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    return (said.stdout + said.stderr).strip().removeprefix("Version: ")


def bencoded(value: object) -> bytes:
    """Integers, text, lists and dictionaries, as the ng protocol wants them."""
    if isinstance(value, int):
        return b"i%de" % value
    if isinstance(value, str):
        text = value.encode()
        return b"%d:%s" % (len(text), text)
    if isinstance(value, list):
        return b"l" + b"".join(map(bencoded, value)) + b"e"
    assert isinstance(value, dict)
    return b"d" + b"".join(bencoded(k) + bencoded(value[k]) for k in sorted(value)) + b"e"


def bdecoded(data: bytes, at: int = 0) -> tuple[object, int]:
    """The value that begins at ``at``, and where it ends; raises ValueError for others."""
    kind = data[at : at + 1]
    if kind == b"i":
        end = data.index(b"e", at)
        return int(data[at + 1 : end]), end + 1
    if kind in (b"l", b"d"):
        values, at = [], at + 1
        while data[at : at + 1] != b"e":
            value, at = bdecoded(data, at)
            values.append(value)
        if kind == b"l":
            return values, at + 1
        return dict(zip(values[::2], values[1::2], strict=True)), at + 1
    colon = data.index(b":", at)
    end = colon + 1 + int(data[at:colon])
    return data[colon + 1 : end].decode(), end
