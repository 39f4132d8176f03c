"""baresip without a display: a phone that other people wrote, driven through its control socket.

It says a sine tone of its own, and writes what it hears into WAV files that tests read when the
call is over.
"""

import asyncio
import contextlib
import json
import re
import shutil
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.interop.process import LOOPBACK, POLL_S, PortRange, ServerProcess, free_address

from callwright.kernel.addresses import HostPort
from callwright.testing.tone_line import AMPLITUDE

PROGRAM = shutil.which("baresip")
MODULES = next(
    (path for path in map(Path, ("/usr/lib/baresip/modules",)) if path.is_dir()), Path("/nowhere")
)
WITHIN_S = 8.0
GOODBYE_S = 3.0
WAV_HEADER_BYTES = 44
REGISTERED, LAMP = r"\} 200 OK ", r"Messages-Waiting: \w+"
RTP_PORTS = 40
PUBLISHED_S = 600
PRESENCE_MODULES = "module_app contact.so\nmodule_app presence.so\n"
_numbers = count()

needs_baresip = pytest.mark.skipif(
    PROGRAM is None or not (MODULES / "ausine.so").exists(),
    reason="baresip is not installed (Debian: baresip); see make test",
)

CONFIG = """\
poll_method epoll
sip_listen {address}
net_interface 127.0.0.1
call_max_calls 4
audio_player aubridge,ear
audio_source ausine,{tone_hz}
audio_alert aubridge,bell
ring_aufile none
ringback_aufile none
busy_aufile none
notfound_aufile none
error_aufile none
callwaiting_aufile none
ausrc_srate 48000
ausrc_channels 2
rtp_ports {rtp_low}-{rtp_high}
module_path {modules}
module g711.so
module g722.so
module opus.so
module srtp.so
module ausine.so
module aubridge.so
module sndfile.so
{lamp}{presence}module_tmp account.so
module_app menu.so
module ctrl_tcp.so
module cons.so
ctrl_tcp_listen {control}
cons_listen {keys}
snd_path {sounds}
"""


class Baresip:
    """A running baresip with one account. Verbs return at once; `event` waits for what follows."""

    def __init__(
        self, directory: Path, keys: HostPort, reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter, said: str,
    ) -> None:  # fmt: skip
        self.said = said
        """What it wrote on its terminal until it was ready."""
        self._sounds = directory
        self._keys = keys
        self._reader = reader
        self._writer = writer

    # -- verbs -------------------------------------------------------------------------------------

    def dial(self, target: str) -> None:
        self._command("dial", f"sip:{target}@contoso.test")

    def accept(self) -> None:
        self._command("accept")

    def hang_up(self) -> None:
        self._command("hangup")

    def transfer(self, target: str) -> None:
        self._command("transfer", f"sip:{target}@contoso.test")

    def hold(self) -> None:
        self.press("x")

    def resume(self) -> None:
        self.press("X")

    def publish(self, status: str) -> None:
        """Lets others see it ``online`` or ``offline``."""
        self._command(f"presence_{status}")

    def press(self, keys: str) -> None:
        """Keys of its keyboard: digits are sent as DTMF, letters are commands."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
            for key in keys:
                wire.sendto(key.encode(), self._keys)

    # -- what it tells -----------------------------------------------------------------------------

    async def event(self, kind: str, *, within_s: float = WITHIN_S) -> dict[str, Any]:
        """The next event of this type, ``CALL_ESTABLISHED``; earlier ones are forgotten."""
        seen: list[str] = []
        try:
            async with asyncio.timeout(within_s):
                while True:
                    event = await self._message()
                    seen.append(f"{event.get('type')} {event.get('param', '')}".strip())
                    if event.get("event") and event["type"] == kind:
                        return event
        except TimeoutError:
            raise AssertionError(f"no {kind} within {within_s:g} s, only {seen}") from None

    async def listens(self) -> None:
        """Returns when it has taken the control connection: events before that are lost."""
        self._command("listcalls")
        async with asyncio.timeout(WITHIN_S):
            while not (await self._message()).get("response"):
                pass

    async def shows(self, status: str, user: str) -> None:
        """Returns when its list of contacts says so of one: ``Online``, ``Busy``, ``Offline``."""
        shown = ""
        try:
            async with asyncio.timeout(WITHIN_S):
                while not re.search(rf"{status}\S* {user.title()} <", shown):
                    shown = await self._answer_to("contacts")
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            raise AssertionError(f"{user} is not shown {status}: {shown}") from None

    def heard(self, frequency_hz: int) -> float:
        """The greatest share of this tone in any second that it heard, 0 to about 1."""
        shares = [0.0]
        for file in self._sounds.glob("dump-*-dec.wav"):
            rate_hz, samples = _so_far(file)
            for start in range(0, len(samples) - rate_hz, rate_hz // 4):
                shares.append(_share(samples[start : start + rate_hz], rate_hz, frequency_hz))
        return max(shares)

    def hears(self, frequency_hz: int) -> float:
        """The share of this tone in the half second that it heard last."""
        files = sorted(self._sounds.glob("dump-*-dec.wav"), key=lambda file: file.stat().st_mtime)
        if not files:
            return 0.0
        rate_hz, samples = _so_far(files[-1])
        return _share(samples[-rate_hz // 2 :], rate_hz, frequency_hz)

    async def audio(self) -> str:
        """What it says of its stream: codecs, formats, encryption."""
        return await self._answer_to("audio_debug")

    # -- inside ------------------------------------------------------------------------------------

    def _command(self, name: str, parameters: str = "") -> None:
        text = json.dumps({"command": name, "params": parameters, "token": str(next(_numbers))})
        self._writer.write(f"{len(text)}:{text},".encode())

    async def _answer_to(self, command: str) -> str:
        self._command(command)
        async with asyncio.timeout(WITHIN_S):
            while not (answer := await self._message()).get("response"):
                pass
        return str(answer.get("data"))

    async def _message(self) -> dict[str, Any]:
        length = int((await self._reader.readuntil(b":"))[:-1])
        text = await self._reader.readexactly(length + 1)
        message: dict[str, Any] = json.loads(text[:-1])
        return message


@asynccontextmanager
async def baresip(
    server: ServerProcess,
    user: str,
    directory: Path,
    *,
    tone_hz: int,
    answers: bool = False,
    has_lamp: bool = False,
    watches: Sequence[str] = (),
    transport: str = "udp",
    ca: Path | None = None,
    codecs: str = "PCMU,PCMA",
    encryption: str = "",
) -> AsyncIterator[Baresip]:
    """A registered baresip while the block runs; with ``answers`` it picks up by itself.

    ``encryption`` is its ``mediaenc``: ``srtp`` if the other side can, ``srtp-mand``.

    Over ``tls`` the server's certificate must be signed by ``ca``.

    With ``watches`` it subscribes to the presence of these users, and publishes its own.

    With ``has_lamp`` it asks for news of messages, and the block begins when they came: this
    version subscribes without end when it is told to dial in between.
    """
    home = directory / f"baresip-{user}"
    home.mkdir()
    control, keys = free_address(), free_address()
    ports = PortRange(RTP_PORTS, above=28_000)
    (home / "config").write_text(
        CONFIG.format(
            address=free_address(), tone_hz=tone_hz, rtp_low=ports.low, rtp_high=ports.high,
            modules=MODULES, lamp="module mwi.so\n" if has_lamp else "", control=control,
            presence=PRESENCE_MODULES if watches else "", keys=keys, sounds=home,
        )
        + ("" if ca is None else f"sip_cafile {ca}\nsip_verify_server yes\n")
    )  # fmt: skip
    place = server.places["tls" if transport == "tls" else "sip"]
    mode = "auto" if answers else "manual"
    (home / "accounts").write_text(
        f"<sip:{user}@contoso.test>;auth_pass={user}-secret;regint=60;answermode={mode}"
        f';outbound="sip:{place};transport={transport}";mwi=yes;audio_codecs={codecs}'
        + (f";mediaenc={encryption}" if encryption else "")
        + (f";pubint={PUBLISHED_S}\n" if watches else "\n")
    )
    (home / "contacts").write_text(
        "".join(f'"{name.title()}" <sip:{name}@contoso.test>;presence=p2p\n' for name in watches)
    )
    assert PROGRAM is not None
    process = await asyncio.create_subprocess_exec(
        PROGRAM, "-f", home, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdout is not None
    drain: asyncio.Task[None] | None = None
    try:
        said = await _until_says(process.stdout, LAMP if has_lamp else REGISTERED)
        drain = asyncio.ensure_future(_drain(process.stdout))
        reader, writer = await _connected(control)
        try:
            phone = Baresip(home, keys, reader, writer, said)
            await phone.listens()
            yield phone
        finally:
            writer.close()
    finally:
        await _end(process)
        ports.release()
        if drain is not None:
            await drain


def _so_far(file: Path) -> tuple[int, "np.ndarray[tuple[int], np.dtype[np.int16]]"]:
    """What a WAV file that is still being written holds: its lengths are filled in at the end.

    Of two channels the first one.
    """
    octets = file.read_bytes()
    if len(octets) < WAV_HEADER_BYTES:
        return 8_000, np.zeros(0, dtype=np.int16)
    channels = int.from_bytes(octets[22:24], "little")
    rate_hz = int.from_bytes(octets[24:28], "little")
    whole = len(octets) - len(octets) % 2
    samples = np.frombuffer(octets[WAV_HEADER_BYTES:whole], dtype="<i2").astype(np.int16)
    return rate_hz, samples[::channels]


def _share(samples: "np.ndarray[Any, np.dtype[np.int16]]", rate_hz: int, tone_hz: int) -> float:
    if not len(samples):
        return 0.0
    angles = 2j * np.pi * tone_hz * np.arange(len(samples)) / rate_hz
    return float(2 * abs(np.dot(samples, np.exp(-angles))) / len(samples) / AMPLITUDE)


async def _until_says(output: asyncio.StreamReader, pattern: str) -> str:
    said = ""
    try:
        async with asyncio.timeout(WITHIN_S):
            while line := await output.readline():
                said += line.decode(errors="replace")
                if re.search(pattern, said):
                    return said
    except TimeoutError:
        pass
    raise AssertionError(f"baresip did not say {pattern}: {said}")


async def _end(process: asyncio.subprocess.Process) -> None:
    """Lets it say goodbye to the registrar."""
    if process.returncode is not None:
        return
    process.terminate()
    try:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), GOODBYE_S)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _drain(output: asyncio.StreamReader) -> None:
    while await output.read(65_536):
        pass


async def _connected(
    address: HostPort,
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    for _ in range(int(WITHIN_S / POLL_S)):
        with contextlib.suppress(ConnectionRefusedError):
            return await asyncio.open_connection(LOOPBACK, address.port)
        await asyncio.sleep(POLL_S)
    raise AssertionError("baresip's control socket does not open")
