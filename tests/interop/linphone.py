"""linphone without a display: a phone that other people wrote, driven through its standard input.

It says a sine tone from a file of its own; what it hears it tells only as statistics.
"""

import asyncio
import os
import re
import shutil
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from tests.interop.process import PortRange, ServerProcess, free_address

from callwright.kernel.addresses import HostPort
from callwright.testing.tone_line import AMPLITUDE, RATE_HZ

PROGRAM = shutil.which("linphone-daemon")
WITHIN_S = 15.0
TONE_S = 30
RTP_PORTS = 20
_numbers = count()

needs_linphone = pytest.mark.skipif(
    PROGRAM is None, reason="linphone is not installed (Debian: linphone-cli); see make test"
)

SETTINGS = """\
[sip]
sip_port={udp}
sip_tcp_port={tcp}
sip_tls_port={tls}
default_proxy=0
bind_address=127.0.0.1
use_ipv6=0
guess_hostname=1
contact="{user}" <sip:{user}@127.0.0.1>
register_only_when_network_is_up=0
media_encryption=none
root_ca={ca}
verify_server_cn=0
[proxy_0]
reg_proxy=<sip:{server};transport={transport}>
reg_route=<sip:{server};transport={transport};lr>
reg_identity=sip:{user}@contoso.test
reg_expires=600
reg_sendregister=1
publish=0
[auth_info_0]
username={user}
passwd={user}-secret
domain=contoso.test
[rtp]
audio_rtp_port={rtp_low}-{rtp_high}
[video]
enabled=0
automatically_initiate=0
automatically_accept=0
"""


class Linphone:
    """A running linphone with one account. Calls are numbered from 1 as they come and go."""

    def __init__(self, process: asyncio.subprocess.Process, tone: Path) -> None:
        self.said = ""
        self._process = process
        self._tone = tone
        self._seen = 0

    async def dial(self, target: str) -> None:
        await self._command(f"call sip:{target}@contoso.test")

    async def answer(self, call: int = 1) -> None:
        await self._command(f"answer {call}")

    async def speak(self, call: int = 1) -> None:
        """Plays its tone to the other party."""
        await self._command(f"incall-player-start {self._tone} {call}")

    async def hold(self, call: int = 1) -> None:
        await self._command(f"call-pause {call}")
        await self.state("Paused")

    async def resume(self, call: int = 1) -> None:
        await self._command(f"call-resume {call}")
        await self.state("StreamsRunning")

    async def transfer(self, target: str, call: int = 1) -> None:
        await self._command(f"call-transfer {call} sip:{target}@contoso.test")

    async def join(self, call: int, other: int) -> None:
        """Lets the parties of two calls talk to each other, and leaves."""
        await self._command(f"call-transfer {call} {other}")

    async def press(self, digit: str) -> None:
        await self._command(f"dtmf {digit}")

    async def hang_up(self, call: int = 1) -> None:
        await self._command(f"terminate {call}")

    async def registered(self) -> None:
        """Asks until the registration holds."""
        async with asyncio.timeout(WITHIN_S):
            while True:
                await self._command("register-status 1")
                if "RegistrationOk" in await self._until(r"State: LinphoneRegistration\w+"):
                    return
                await asyncio.sleep(0.1)

    async def state(self, name: str) -> None:
        """The next change of a call to this state; earlier ones are forgotten."""
        await self._until(rf"Event: LinphoneCall{name}\b")

    async def listens(self) -> None:
        """Its own statistics, which come every few seconds, say that no audio was lost."""
        text = await self._until(r"Received-FractionLost: .*\n(.*\n)*?Mime: \S+")
        assert "Received-FractionLost: 0\n" in text, text

    async def _until(self, pattern: str) -> str:
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(WITHIN_S):
                while (found := re.compile(pattern).search(self.said, self._seen)) is None:
                    data = await self._process.stdout.read(65_536)
                    assert data, f"linphone ended: {self.said}"
                    self.said += data.decode(errors="replace")
        except TimeoutError:
            raise AssertionError(f"no {pattern!r} in: {self.said[self._seen :]}") from None
        self._seen = found.end()
        return found[0]

    async def _command(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())
        await self._process.stdin.drain()


@asynccontextmanager
async def linphone(
    server: ServerProcess,
    user: str,
    directory: Path,
    *,
    tone_hz: int,
    transport: str = "udp",
    proxy: HostPort | None = None,
    ca: Path | None = None,
) -> AsyncIterator[Linphone]:
    """A registered linphone while the block runs; ``ca`` signed the certificate of the proxy."""
    home = directory / f"linphone{next(_numbers)}"
    (home / ".local/share/linphone").mkdir(parents=True)
    ports = PortRange(RTP_PORTS)
    own = free_address()
    listening = {kind: own.port if kind == transport else 0 for kind in ("udp", "tcp", "tls")}
    settings = home / "settings"
    settings.write_text(
        SETTINGS.format(
            **listening,
            user=user,
            server=proxy or server.sip,
            transport=transport,
            ca=ca or "",
            rtp_low=ports.low,
            rtp_high=ports.high,
        )
    )
    process = await asyncio.create_subprocess_exec(
        str(PROGRAM), "--config", str(settings),
        env={**os.environ, "HOME": str(home)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    phone = Linphone(process, _tone_file(home / "tone.wav", tone_hz))
    try:
        await phone.registered()
        yield phone
        await phone._command("quit")
        async with asyncio.timeout(WITHIN_S):
            assert process.stdout is not None
            await process.stdout.read()
            await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        ports.release()


def _tone_file(path: Path, tone_hz: int) -> Path:
    moments = np.arange(RATE_HZ * TONE_S) / RATE_HZ
    samples = (AMPLITUDE * np.sin(2 * np.pi * tone_hz * moments)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(samples.tobytes())
    return path
