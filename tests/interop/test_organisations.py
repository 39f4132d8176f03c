"""Two organisations on one running server: made, told, called, measured, restarted, removed."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
import yaml
from tests.contract.storage.conftest import Cluster, running_cluster
from tests.interop.conftest import StartServer, new_server
from tests.interop.phones import (
    carrier,
    closing_audio,
    phone,
    phones_on_disk,
    play,
    talk,
    until_true,
)
from tests.interop.process import (
    Organisation,
    ServerProcess,
    callwright,
    callwright_inside,
    contoso,
    free_address,
    until,
    wait_until,
)

from callwright.kernel.addresses import HostPort
from callwright.testing.softphone import Softphone, softphone

FABRIKAM = "fabrikam.test"
BOBS_NUMBER = "+14255550102"


def fabrikam(*sbcs: HostPort) -> Organisation:
    """Contoso's names, extensions and numbers; other SBCs, other passwords."""
    twin = contoso(*sbcs)
    twin["organisation"] |= {"name": "Fabrikam", "domain": FABRIKAM}
    for user, settings in twin["users"].items():
        settings["sip"]["password"] = f"fabrikam-{user}"
    return twin


def add_fabrikam(server: ServerProcess) -> HostPort:
    """Makes and tells it beside the running server; returns where its first SBC is."""
    sbcs = (free_address(), free_address())
    made = server.run("organisations", "create", FABRIKAM)
    assert made.code == 0, made.stderr
    file = server.data.with_suffix(".fabrikam.yaml")
    file.write_text(yaml.safe_dump(fabrikam(*sbcs), sort_keys=False))
    applied = callwright_inside("apply", file, "--data", server.data)
    assert applied.code == 0, applied.stderr
    return sbcs[0]


def states(server: ServerProcess) -> dict[str, str]:
    """By organisation, as /healthz tells; empty while there is one."""
    told = json.loads(server.ask("/healthz")[1])
    return {one["organisation"]: one["state"] for one in told.get("organisations", ())}


@asynccontextmanager
async def fabrikam_phone(
    server: ServerProcess, user: str, tone_hz: int
) -> AsyncIterator[Softphone]:
    password = f"fabrikam-{user}"
    async with softphone(
        user, server.sip, tone_hz=tone_hz, password=password, domain=FABRIKAM
    ) as device:
        with closing_audio(device):
            assert await device.register() == 200
            yield device
            for call in device.calls:
                if not call.is_over:
                    call.hang_up()


def test_a_second_one_lives_beside_the_first(start_server: StartServer) -> None:
    server = start_server()
    sbc = add_fabrikam(server)
    wait_until(lambda: states(server).get(FABRIKAM) == "ready", "fabrikam in /healthz")

    async def scene() -> None:
        async with AsyncExitStack() as stack:
            enter = stack.enter_async_context
            alice, bob = await enter(phone(server, "alice")), await enter(phone(server, "bob"))
            their_alice = await enter(fabrikam_phone(server, "alice", 1_500))
            their_bob = await enter(fabrikam_phone(server, "bob", 1_900))
            pairs = ((alice, bob), (their_alice, their_bob))
            calls = []
            for caller, called in pairs:
                call = await caller.dial("102")
                rung = await called.rings()
                rung.answer()
                await call.answered()
                calls.append((call, rung))
            for call, rung in calls:  # both at once: audio of one is not heard in the other
                await talk(call, rung)
            metrics = server.ask("/metrics")[1]
            for domain in ("contoso.test", FABRIKAM):
                assert f'callwright_calls{{organisation="{domain}"}} 1.0' in metrics
                assert f'callwright_registrations{{organisation="{domain}"}} 2.0' in metrics
            assert "\ncallwright_connections 0.0" in metrics
            for call, rung in calls:
                call.hang_up()
                await rung.ended()
            crossed = await their_alice.dial("sip:102@contoso.test")
            assert await crossed.refused() in (401, 403)
            for at, called in ((server.sbc1, bob), (sbc, their_bob)):
                async with carrier(server, at) as outside:
                    call = await outside.dial(BOBS_NUMBER)
                    rung = await called.rings()
                    call.hang_up()
                    await rung.ended()
            assert len(bob.calls) == len(their_bob.calls) == 2

    play(scene())
    unclear = server.run("calls")
    assert unclear.code == 1
    assert "--organisation DOMAIN: contoso.test, fabrikam.test" in unclear.stderr

    def ours(domain: str) -> list[dict[str, object]]:
        found = server.look("calls", "--organisation", domain)
        return [record for record in found if record["result"] == "answered"]

    for domain in ("contoso.test", FABRIKAM):
        (record,) = wait_until(lambda domain=domain: ours(domain), f"the record of {domain}")  # type: ignore[misc]
        assert (record["caller_user"], record["callee_user"]) == ("alice", "bob")
        traced = server.look("trace", str(record["id"]), "--organisation", domain)
        assert len(traced["dialogs"]) == 2
        assert domain in json.dumps(traced)
    nobody = server.run("export", "--organisation", "nowhere.test")
    assert nobody.code == 1
    assert "there is no organisation nowhere.test" in nobody.stderr


def test_both_are_there_again_after_a_kill(start_server: StartServer) -> None:
    server = start_server()
    add_fabrikam(server)
    wait_until(lambda: states(server).get(FABRIKAM) == "ready", "fabrikam in /healthz")

    async def registers() -> None:
        async with softphone(
            "bob", server.sip, tone_hz=900, password="fabrikam-bob", domain=FABRIKAM
        ) as bob:
            assert await bob.register() == 200
            theirs = server.data / "organisations" / FABRIKAM
            await until(lambda: "bob" in phones_on_disk(theirs), "bob's phone on disk")
            server.kill()
            server.start(sip=server.sip)
            assert registered(server, FABRIKAM) == 1

    play(registers())
    assert server.ready_line.endswith("organisation=contoso.test organisation=fabrikam.test")
    assert states(server) == {"contoso.test": "ready", FABRIKAM: "ready"}


def registered(server: ServerProcess, domain: str) -> int:
    for line in server.ask("/metrics")[1].splitlines():
        if line.startswith(f'callwright_registrations{{organisation="{domain}"}}'):
            return int(float(line.split()[-1]))
    return 0


def test_one_that_is_removed_lets_its_calls_end_and_the_other_one_goes_on(
    start_server: StartServer,
) -> None:
    server = start_server()
    add_fabrikam(server)
    wait_until(lambda: states(server).get(FABRIKAM) == "ready", "fabrikam in /healthz")

    async def scene() -> None:
        async with AsyncExitStack() as stack:
            enter = stack.enter_async_context
            alice, bob = await enter(phone(server, "alice")), await enter(phone(server, "bob"))
            their_alice = await enter(fabrikam_phone(server, "alice", 1_500))
            their_bob = await enter(fabrikam_phone(server, "bob", 1_900))
            theirs = await their_alice.dial("102")
            their_rung = await their_bob.rings()
            their_rung.answer()
            await theirs.answered()
            ours = await alice.dial("102")
            rung = await bob.rings()
            rung.answer()
            await ours.answered()
            removing = asyncio.ensure_future(
                asyncio.to_thread(server.run, "organisations", "remove", FABRIKAM, "--yes")
            )
            await until(lambda: states(server).get(FABRIKAM) == "stopping", "that it stops")
            await talk(theirs, their_rung)
            late = await their_alice.dial("102")
            assert await late.refused() == 503
            theirs.hang_up()
            removed = await removing
            assert removed.code == 0, removed.stderr
            await until(lambda: not states(server), "that it is gone")
            await talk(ours, rung)
            gone = await their_bob.dial("101")
            assert await gone.refused() in (401, 403)  # the first organisation knows no such bob
            ours.hang_up()
            await rung.ended()

    play(scene())
    assert server.run("organisations", "list", "--json").json == [
        {"domain": "contoso.test", "is_first": True, "is_leaving": False}
    ]
    (aside,) = (server.data / "organisations" / ".removed").iterdir()
    assert aside.name.startswith("fabrikam.test.")
    kept = callwright("calls", "--data", aside, "--json").json
    assert [record["result"] for record in kept if record["sip_status"] == 200] == ["answered"]
    assert server.metric("callwright_calls") == 0
    again = server.run("organisations", "create", FABRIKAM)
    assert again.code == 0
    wait_until(lambda: states(server).get(FABRIKAM) == "no organisation", "the new one")


def test_one_that_cannot_be_served_is_told_of_until_it_is_taken_away(
    start_server: StartServer,
) -> None:
    server = start_server()
    folder = server.data / "organisations" / FABRIKAM
    folder.mkdir(parents=True)
    (folder / "callwright.db").write_bytes(b"This was a database once. " * 100)
    wait_until(lambda: states(server).get(FABRIKAM) == "cannot be served", "the trouble")
    folder.rename(server.data / "taken-away")
    wait_until(lambda: not states(server), "that it is told of no longer")
    server.kill()  # its log has an error, as it should


def test_what_neighbours_cannot_both_have_is_refused(start_server: StartServer) -> None:
    server = start_server()
    assert server.run("organisations", "create", FABRIKAM).code == 0
    file = server.data.with_suffix(".wrong.yaml")
    file.write_text(yaml.safe_dump(fabrikam(*server.sbcs), sort_keys=False))
    for command in ("plan", "apply"):
        refused = callwright_inside(command, file, "--data", server.data)
        assert refused.code == 1
        assert "sbcs.sbc1.address: another organisation of this system" in refused.stderr
        assert refused.stderr.endswith("nothing was changed\n")
    stranger = contoso(free_address(), free_address())
    stranger["organisation"]["domain"] = "third.test"
    file.write_text(yaml.safe_dump(stranger, sort_keys=False))
    unknown = callwright_inside("apply", file, "--data", server.data)
    assert unknown.code == 1
    assert "`callwright organisations create` makes one" in unknown.stderr
    mistaken = callwright_inside(
        "apply", file, "--data", server.data, "--organisation", "contoso.test"
    )
    assert "the file is of third.test, not of contoso.test" in mistaken.stderr


# -- PostgreSQL ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with running_cluster() as started:
        yield started


def test_everything_is_kept_in_postgresql(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The URL comes by the environment, where nobody else reads the password in it."""
    secret = "kept-to-itself"
    url = cluster.new_url().replace("postgres@", f"postgres:{secret}@")
    monkeypatch.setenv("CALLWRIGHT_DATABASE", url)
    server = new_server(tmp_path)
    server.start()
    try:
        add_fabrikam(server)
        wait_until(lambda: states(server).get(FABRIKAM) == "ready", "fabrikam in /healthz")

        async def scene() -> None:
            async with AsyncExitStack() as stack:
                enter = stack.enter_async_context
                alice = await enter(fabrikam_phone(server, "alice", 1_500))
                bob = await enter(fabrikam_phone(server, "bob", 1_900))
                call = await alice.dial("102")
                rung = await bob.rings()
                rung.answer()
                await call.answered()
                await talk(call, rung)
                call.hang_up()
                await until_true(lambda: rung.is_over, "the end")

        play(scene())
        found = wait_until(
            lambda: server.look("calls", "--organisation", FABRIKAM), "the record in its schema"
        )
        assert len(found) == 1
        assert server.look("calls", "--organisation", "contoso.test") == []
        removed = server.run("organisations", "remove", FABRIKAM, "--yes")
        assert removed.code == 0, removed.stderr
        wait_until(lambda: not states(server), "that it is gone")
    finally:
        server.stop()
    assert secret not in server.log_text
    assert not (server.data / "callwright.db").exists()


def test_a_database_that_is_not_there_is_told_without_its_password(tmp_path: Path) -> None:
    url = "postgresql://someone:kept-to-itself@127.0.0.1:1/nowhere"
    for words in (("calls",), ("serve", "--sip", "127.0.0.1:0", "--http", "127.0.0.1:0")):
        refused = callwright(*words, "--data", tmp_path / "state", "--database", url)
        assert refused.code == 1
        assert "127.0.0.1" in refused.stderr
        assert "kept-to-itself" not in refused.stderr
        assert "Traceback" not in refused.stderr
