"""The life of the process: ready, well, stopping, killed, and there again."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
from pathlib import Path

import pytest
from tests.interop.conftest import StartServer, new_server
from tests.interop.phones import (
    carrier,
    line,
    phone,
    play,
    talk,
    unregistered,
    until_true,
)
from tests.interop.process import (
    COMMAND,
    STOP_S,
    Organisation,
    ServerProcess,
    callwright,
    free_address,
    until,
    wait_until,
)
from tests.interop.warm_start import READY_S

from callwright.kernel.addresses import HostPort

MAIN = "+14255550150"


def test_it_says_where_it_is_ready(server: ServerProcess) -> None:
    assert server.ready_line == (
        f"ready sip={server.sip} http={server.http} organisation=contoso.test"
    )


def test_health_and_metrics(server: ServerProcess) -> None:
    status, text = server.ask("/healthz")
    assert status == 200
    health = json.loads(text)
    assert (health["state"], health["organisation"]) == ("ready", "contoso.test")

    async def scene() -> None:
        async with carrier(server) as outside:
            assert server.metric("callwright_calls") == 0
            call = await (await outside.dial(MAIN)).answered()
            assert server.metric("callwright_calls") == 1
            call.hang_up()
            await until(lambda: server.metric("callwright_calls") == 0, "the end of the call")
            await until(lambda: server.metric("callwright_media_legs") == 0, "the end of its audio")

    play(scene())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_without_calls_it_ends_at_once(start_server: StartServer, number: signal.Signals) -> None:
    server = start_server()
    server.signal(number)
    assert server.wait(within_s=3) == 0


def test_the_installed_program_serves(tmp_path: Path) -> None:
    """The other servers are forked from a process that has imported it."""
    server = new_server(tmp_path)
    server.within = ("env",)
    server.start()
    server.stop()
    assert server.ready_line.endswith(" organisation=contoso.test")


def test_it_serves_when_nobody_reads_what_it_says(tmp_path: Path) -> None:
    """As when ``callwright serve | head -1`` has its line."""
    read_end, write_end = os.pipe()
    os.close(read_end)
    http = free_address()
    words = ["serve", "--data", tmp_path, "--sip", "127.0.0.1:0", "--http", str(http)]
    with subprocess.Popen([COMMAND, *words], stdout=write_end, stderr=subprocess.PIPE) as process:
        os.close(write_end)
        wait_until(lambda: answers(http), "its listener", READY_S)
        process.terminate()
        assert process.stderr is not None
        log = process.stderr.read().decode()
        assert process.wait(STOP_S) == 0, log
    assert "Traceback" not in log


def answers(http: HostPort) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(http, 1):
        return True
    return False


def test_stopping_takes_no_calls_and_lets_running_ones_end(start_server: StartServer) -> None:
    server = start_server()

    async def scene() -> None:
        async with carrier(server) as outside, unregistered(server, "bob") as bob:
            assert await bob.register() == 200
            call = await outside.dial("+14255550102")
            rung = await bob.rings()
            rung.answer()
            await call.answered()
            await talk(call, rung)
            server.signal()
            await until(lambda: server.ask("/healthz")[0] == 503, "the news in /healthz")
            assert json.loads(server.ask("/healthz")[1])["state"] == "stopping"
            late = await outside.dial("+14255550102")
            assert await late.refused() == 503
            line(call).forget()
            await talk(call, rung)
            call.hang_up()
            await rung.ended()
            assert await asyncio.to_thread(server.wait, within_s=3) == 0
        (record,) = server.records(result="answered")
        assert record["reason"] == "normal"

    play(scene())


def test_what_was_promised_survives_a_kill(start_server: StartServer) -> None:
    """Registrations, records, money and messages survive a kill; the call does not, and says so."""
    server = start_server()

    async def scene() -> None:
        async with carrier(server) as outside, unregistered(server, "bob") as bob:
            assert await bob.register() == 200
            call = await bob.dial("+442071838750")
            await outside.rings()
            call.hang_up()
            await server.record(caller_user="bob", reason="caller-cancelled")

            call = await outside.dial("+14255550102")
            rung = await bob.rings()
            rung.answer()
            await call.answered()
            await talk(call, rung)
            server.kill()
            server.start(sip=server.sip)

            await server.record(reason="node-lost")
            assert server.look("credits", "show")["reserved"] == "0.00"
            again = await outside.dial("+14255550102")
            await until_true(lambda: len(bob.calls) == 2, "the phone rings")
            bob.calls[1].answer()
            await again.answered()
            await talk(again, bob.calls[1])
            again.hang_up()
            await bob.calls[1].ended()

    play(scene())


def test_two_servers_do_not_share_a_port_or_a_directory(
    server: ServerProcess, tmp_path: Path
) -> None:
    org = server.organisation
    assert org is not None
    elsewhere = ("--sip", "127.0.0.1:0", "--http", "127.0.0.1:0")
    taken = callwright(
        "serve", "--org", org, "--data", tmp_path / "state", "--sip", str(server.sip), "--http",
        "127.0.0.1:0",
    )  # fmt: skip
    assert (taken.code, taken.stdout) == (1, "")
    assert str(server.sip) in taken.stderr
    second = callwright("serve", "--data", server.data, *elsewhere)
    assert (second.code, second.stdout) == (1, "")
    assert "Traceback" not in second.stderr
    assert server.ask("/healthz")[0] == 200


def test_what_is_applied_holds_for_the_next_call(start_server: StartServer) -> None:
    """Within a second, without a restart; the running call does not notice."""
    held: list[Organisation] = []
    server = start_server(held.append)
    (organisation,) = held

    async def scene() -> None:
        async with (
            carrier(server) as outside,
            phone(server, "bob") as bob,
            phone(server, "erin") as erin,
        ):
            assert await (await outside.dial("+14255550107")).refused() == 404
            running = await outside.dial("+14255550102")
            rung = await bob.rings()
            rung.answer()
            await running.answered()

            organisation["users"]["erin"]["number"] = "+14255550107"
            organisation["users"]["bob"]["answering"] = {"forward": {"to": {"user": "erin"}}}
            server.apply(organisation)
            await asyncio.sleep(1)  # what is promised
            new = await outside.dial("+14255550107")
            ringing = await erin.rings(within_s=1)
            new.hang_up()
            await ringing.ended()
            new = await outside.dial("+14255550102")
            ringing = await erin.rings(within_s=1)
            ringing.answer()
            await new.answered()
            await talk(new, ringing)
            await talk(running, rung)
            for one, other in ((running, rung), (new, ringing)):
                one.hang_up()
                await other.ended()
            assert json.loads(server.ask("/healthz")[1])["revision"] == 2

    play(scene())
