"""A disk that is full, or refuses to be written, under a running server: who is told what, which
calls go on, and that all is well again when there is room."""

import asyncio
import errno
import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.interop.conftest import new_server
from tests.interop.phones import Carrier, carrier, phone, play, talk, until_beep
from tests.interop.process import COMMAND, POLL_S, ServerProcess

from callwright.testing.agent_call import AgentCall
from callwright.testing.softphone import Softphone

LONDON, MOBILE, FREE = "+442071838750", "+447911123456", "+12065550177"
BOB, ERIN, HELP = "+14255550102", "+14255550105", "911"
DISK = "24m"
WITHIN_S = 20.0
Trouble = Callable[[ServerProcess], "Iterator[None]"]
pytestmark = pytest.mark.timeout(180)


def on_a_small_disk(directory: Path) -> tuple[str, ...]:
    """A command's beginning that gives it a disk of its own at ``directory``."""
    as_root = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    script = f'mount -t tmpfs -o size={DISK} none "$0" && exec "$@"'
    return ("unshare", *as_root, "--mount", "sh", "-c", script, str(directory))


def may_mount(directory: Path) -> bool:
    words = [*on_a_small_disk(directory), "true"]
    return subprocess.run(words, capture_output=True).returncode == 0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    running = new_server(tmp_path)
    running.data.mkdir()
    if not may_mount(running.data):
        pytest.skip("no disk of one's own can be mounted here (user namespaces are off)")
    running.within = on_a_small_disk(running.data)
    running.start()
    yield running
    if running.is_running:
        running.kill()


def seen_from_outside(server: ServerProcess) -> Path:
    return Path(f"/proc/{server.pid}/root{server.data}")


@contextmanager
def full(server: ServerProcess) -> Iterator[None]:
    filler = seen_from_outside(server) / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (65_536, 4_096, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
    yield
    filler.unlink()


@contextmanager
def refusing(server: ServerProcess) -> Iterator[None]:
    """Every write to a file fails, as on a disk that went read-only."""
    former = resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    yield
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, former)


said_of = {full: "is full; make room", refusing: "is full or reports errors; check it"}


@pytest.mark.parametrize("trouble", [full, refusing])
def test_calls_go_on_and_everybody_is_told(server: ServerProcess, trouble: Trouble) -> None:
    token = token_of(server)

    async def scene() -> None:
        async with (
            carrier(server) as outside,
            phone(server, "alice") as alice,
            phone(server, "bob") as bob,
            httpx.AsyncClient(
                base_url=f"http://{server.http}/api/v1",
                headers={"Authorization": f"Bearer {token}"},
                timeout=WITHIN_S,
            ) as client,
        ):
            running = await alice.dial(LONDON)
            rung = await outside.rings(within_s=WITHIN_S)
            rung.answer()
            await running.answered(within_s=WITHIN_S)
            with trouble(server):
                refused = await client.patch("/users/dave", json={"name": "Refused"})
                assert refused.status_code == 503
                assert said_of[trouble] in refused.json()["detail"]
                assert await bob.register() == 200
                await call_in(outside, bob)
                await call_free(alice, outside)
                await call_for_help(alice, outside)
                assert await (await alice.dial(MOBILE)).refused(within_s=WITHIN_S) == 503
                await speak_to_nobody(outside)
                running.hang_up()  # its settlement waits for room
                await rung.ended(within_s=WITHIN_S)
                assert server.ask("/healthz")[0] == 200
            changed = await client.patch("/users/dave", json={"name": "Accepted"})
            assert changed.status_code == 200
            records = await recorded(client, 6)
            assert records[BOB]["result"] == records[FREE]["result"] == "answered"
            assert records[HELP]["result"] == "answered"
            assert records[LONDON]["charge"] == "0.03"
            assert records[MOBILE]["reason"] == "credits-unavailable"
            await settled_at(client, "49.97")
            await call_in(outside, bob)
            await recorded(client, 7)

    play(scene())
    server.signal()
    assert server.wait() == 0
    assert said_of[trouble] in server.log_text  # who reads the log is told, too
    for word in ("Traceback", "defect", "a task failed", "storage.lost"):
        assert word not in server.log_text, server.log_text


async def recorded(client: httpx.AsyncClient, count: int) -> dict[str, Any]:
    """All ``count`` calls by whom they called, as soon as they are on the disk."""
    deadline_s = asyncio.get_running_loop().time() + WITHIN_S
    while True:
        items = (await client.get("/calls")).json()["items"]
        if len(items) == count:
            return {item["callee"]: item for item in items}
        assert asyncio.get_running_loop().time() < deadline_s, items
        await asyncio.sleep(POLL_S)


async def settled_at(client: httpx.AsyncClient, balance: str) -> None:
    """Nothing of the balance is reserved any more."""
    shown = (await client.get("/credits/balance")).json()
    assert (shown["balance"], shown["available"]) == (balance, balance), shown


def token_of(server: ServerProcess) -> str:
    as_root = () if os.geteuid() == 0 else ("--user", "--preserve-credentials")
    words = [
        "nsenter", *as_root, "--mount", "--target", str(server.pid), COMMAND, "tokens", "create",
        "a program", "--permission", "users:write", "--permission", "calls:read", "--permission",
        "credits:read", "--data",
        server.data,
    ]  # fmt: skip
    made = subprocess.run(words, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()


async def call_in(outside: Carrier, bob: Softphone) -> None:
    call = await outside.dial(BOB)
    await talk_and_end(call, await bob.rings(within_s=WITHIN_S))


async def speak_to_nobody(outside: Carrier) -> None:
    """A message that cannot be recorded: the owner is told, the caller is let go."""
    call = await outside.dial(ERIN)
    await call.answered(within_s=WITHIN_S)
    await until_beep(call, within_s=WITHIN_S)
    await call.ended(within_s=WITHIN_S)


async def call_free(alice: Softphone, outside: Carrier) -> None:
    call = await alice.dial(FREE)
    await talk_and_end(call, await outside.rings(within_s=WITHIN_S))


async def call_for_help(alice: Softphone, outside: Carrier) -> None:
    call = await alice.dial(HELP)
    await talk_and_end(call, await outside.rings(within_s=WITHIN_S))


async def talk_and_end(call: AgentCall, rung: AgentCall) -> None:
    rung.answer()
    await call.answered(within_s=WITHIN_S)
    await talk(call, rung)
    call.hang_up()
    await rung.ended(within_s=WITHIN_S)
