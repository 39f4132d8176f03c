"""`callwright serve` under phones, a carrier and a program on the API, killed at any instant.

What each of them was told is asked of the tables after the next start: a phone its 200 to
REGISTER, the program its 200, the carrier an INVITE, before which the money had to be reserved.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from random import Random
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from tests.contract.storage.conftest import cluster
from tests.durability.life import utc
from tests.durability.proof import every_sound_has_its_row, settled, whole
from tests.interop.conftest import StartServer, start_server
from tests.interop.phones import Carrier, carrier, unregistered
from tests.interop.process import ServerProcess, callwright, until

from callwright.storage.database import Database
from callwright.storage.ledger import Act
from callwright.storage.recovery import recover
from callwright.storage.registrations import StoredRegistrations
from callwright.storage.schema import CALL_RECORD, CONFIGURATION_CHANGE, LEDGER_TRANSFER
from callwright.testing.softphone import Softphone

__all__ = ["cluster", "start_server"]  # fixtures

KILLS = {"sqlite": 3, "postgresql": 2}
ACTS = (6, 30)
"""Confirmations before a kill."""
WITHIN_S = 40.0
REGISTRATION_WRITTEN_S = 1.0
"""Several times what it takes, for a busy machine."""
ERIN = "+14255550105"
"""Who has no phone, but a voicemail."""


@dataclass(slots=True)
class Confirmed:
    """What the other side knows, over all lives of the server."""

    paid: list[str] = field(default_factory=list)
    """Numbers that the carrier was asked to ring."""
    edits: list[tuple[int, str]] = field(default_factory=list)
    """Revisions, and the name that dave got."""
    registered: list[float] = field(default_factory=list)
    """When bob's phone was told so, on the monotonic clock."""
    killed_at_s: float = 0.0

    @property
    def acts(self) -> int:
        return len(self.paid) + len(self.edits) + len(self.registered)

    @property
    def is_of_each_kind(self) -> bool:
        return bool(self.paid and self.edits and self.registered)

    @property
    def is_phone_on_disk(self) -> bool:
        """A registration is written a moment after its 200 (docs/reference/durability.md)."""
        return any(at_s < self.killed_at_s - REGISTRATION_WRITTEN_S for at_s in self.registered)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", KILLS)
def test_what_anybody_was_told_survives(
    start_server: StartServer, request: pytest.FixtureRequest, kind: str
) -> None:
    """With PostgreSQL only ours is killed; its own server is crashed in ``test_killed_nodes``."""
    url = request.getfixturevalue("cluster").new_url() if kind == "postgresql" else None
    options = () if url is None else ("--database", url)
    chance, told = Random(9), Confirmed()
    server = start_server(options=options)
    made = callwright("tokens", "create", "a program", "--permission", "users:write",
                      "--data", server.data, *options)  # fmt: skip
    assert made.code == 0, made.stderr
    server.organisation = None  # what is stored counts from now on, not the file
    for _ in range(KILLS[kind]):
        acts = told.acts + chance.randint(*ACTS)
        asyncio.run(live_until_killed(server, made.stdout.strip(), told, acts))
        server.start(sip=server.sip, options=options)
        with closing(Database.open(server.data, read_only=True, url=url)) as database:
            assert_kept(database, told)
            whole(database)
            settled(database)
    server.stop()
    assert told.is_of_each_kind
    with closing(Database.open(server.data, url=url)) as database:
        recover(database, utc() + timedelta(days=2))
        every_sound_has_its_row(database)


async def live_until_killed(server: ServerProcess, token: str, told: Confirmed, acts: int) -> None:
    """Returns when the server is dead. Raises what goes wrong before it is."""
    async with AsyncExitStack() as around:
        outside = await around.enter_async_context(carrier(server))
        alice = await around.enter_async_context(unregistered(server, "alice"))
        bob = await around.enter_async_context(unregistered(server, "bob"))
        client = await around.enter_async_context(
            httpx.AsyncClient(
                base_url=f"http://{server.http}/api/v1",
                headers={"Authorization": f"Bearer {token}"},
                timeout=WITHIN_S,
            )
        )
        lines = [
            asyncio.create_task(again_and_again(act))
            for act in (
                lambda: pay(alice, outside, told),
                lambda: edit(client, told),
                lambda: register(bob, told),
                lambda: leave_a_message(bob, server),
            )
        ]
        await until(
            lambda: (told.acts >= acts and told.is_of_each_kind)
            or any(line.done() for line in lines),
            f"{acts} confirmations, of each kind", WITHIN_S,
        )  # fmt: skip
        for line in lines:
            assert not line.done(), line.exception()
        told.killed_at_s = time.monotonic()
        await asyncio.to_thread(server.kill)
        for line in lines:
            line.cancel()
        await asyncio.gather(*lines, return_exceptions=True)


async def again_and_again(act: Callable[[], Coroutine[Any, Any, None]]) -> None:
    while True:
        await act()


_numbers = count(1)


async def pay(alice: Softphone, outside: Carrier, told: Confirmed) -> None:
    number = f"+4420{next(_numbers):08d}"
    call = await alice.dial(number)
    rung = await outside.rings(within_s=WITHIN_S)
    told.paid.append(number)
    rung.answer()
    await call.answered(within_s=WITHIN_S)
    call.hang_up()
    await rung.ended(within_s=WITHIN_S)


async def edit(client: httpx.AsyncClient, told: Confirmed) -> None:
    name = f"Dave {next(_numbers)}"
    answer = await client.patch("/users/dave", json={"name": name})
    assert answer.status_code == 200, answer.text
    told.edits.append((int(answer.headers["Callwright-Revision"]), name))


async def register(bob: Softphone, told: Confirmed) -> None:
    assert await bob.register() == 200
    told.registered.append(time.monotonic())


async def leave_a_message(bob: Softphone, server: ServerProcess) -> None:
    """How much of it is recorded when the caller hangs up is chance."""
    call = await bob.dial(f"sip:{ERIN}@{server.sip}")
    await call.answered(within_s=WITHIN_S)
    await asyncio.sleep(2.0)
    call.hang_up()


def assert_kept(database: Database, told: Confirmed) -> None:
    transfer, record, change = LEDGER_TRANSFER.c, CALL_RECORD.c, CONFIGURATION_CHANGE.c
    with database.reading() as connection:
        reserved = connection.execute(
            select(transfer.key).where(transfer.act == Act.RESERVE.value)
        ).scalars()
        paid = {key.partition("/")[0] for key in reserved}
        calls = connection.execute(
            select(record.callee, record.id).where(record.callee.in_(told.paid))
        ).all()
        after = connection.execute(select(change.revision, change.key, change.after)).all()
    assert sorted(callee for callee, _ in calls) == sorted(told.paid)
    assert all(call in paid for _, call in calls), "a carrier rang for money not reserved"
    for revision, name in told.edits:
        assert any(
            row.revision == revision and row.key == "dave" and f'"{name}"' in row.after
            for row in after
        ), f"revision {revision}, {name}, was confirmed and is gone"
    if told.is_phone_on_disk:
        assert StoredRegistrations(database).load(utc()), "no phone is known"
