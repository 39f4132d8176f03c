"""The organisations of a running server, which follow the system's list (ADR 0026)."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import asdict, astuple
from itertools import count

import structlog

from callwright.kernel.limits.configuration import CONFIGURATION_RETRY_S, ORGANISATIONS_POLL_S
from callwright.kernel.limits.running import SHUTDOWN_GRACE_S
from callwright.runtime.clock import LoopClock
from callwright.runtime.marks import FIRST
from callwright.runtime.reception import Reception
from callwright.runtime.served_organisation import (
    Premises,
    ServedOrganisation,
    organisation_of,
)
from callwright.runtime.tasks import Tasks
from callwright.storage.database import Database, DatabaseError
from callwright.storage.recovery import recover
from callwright.storage.system import System

log = structlog.get_logger("callwright.organisations")


class Organisations:
    """Serves those that the system lists, and follows the list."""

    def __init__(self, premises: Premises, system: System, reception: Reception) -> None:
        self._premises = premises
        self._system = system
        self._reception = reception
        self._served: dict[str | None, ServedOrganisation] = {}
        """By seat."""
        self._numbers = count(FIRST)
        self._put_off: dict[str, float] = {}
        """Those that could not be opened, and when they are tried again."""
        self._trouble: dict[str, str] = {}
        self._leaving: set[str] = set()
        self._tasks = Tasks(premises.report)

    def __iter__(self) -> Iterator[ServedOrganisation]:
        """The first one first."""
        return iter(tuple(self._served.values()))

    @property
    def system(self) -> System:
        """The list that is followed."""
        return self._system

    @property
    def first(self) -> ServedOrganisation:
        return self._served[None]

    def find(self, domain: str) -> ServedOrganisation | None:
        return next((one for one in self if one.domain == domain), None)

    @property
    def troubled(self) -> tuple[str, ...]:
        """Domains of those that cannot be served; the log says why."""
        return tuple(domain for domain in self._trouble if domain)

    # -- life --------------------------------------------------------------------------------------

    async def open(self, first: Database) -> None:
        """Serves all there are, ``first`` being recovered; returns when they are ready.

        Raises DatabaseError where the first one cannot be served; of another one that is logged.
        """
        await self._move_in(None, first)
        for domain in await asyncio.to_thread(self._system.leaving):
            await self._put_aside(domain)
        for domain in await asyncio.to_thread(self._system.further):
            await self._open_further(domain)

    async def run(self) -> None:
        """Follows the list."""
        while True:
            await asyncio.sleep(ORGANISATIONS_POLL_S)
            try:
                wanted = await asyncio.to_thread(self._system.further)
            except DatabaseError as error:
                self._note_trouble("", error)
                continue
            self._follow(wanted)

    async def stop(self, grace_s: float) -> None:
        await asyncio.gather(*(organisation.stop(grace_s) for organisation in self))

    async def rest(self) -> None:
        await self._tasks.close()
        for organisation in self:
            await organisation.rest()

    async def close(self) -> None:
        for organisation in self:
            await organisation.close()

    # -- inside ------------------------------------------------------------------------------------

    def _follow(self, wanted: tuple[str, ...]) -> None:
        now_s, opening = self._premises.clock.monotonic(), float("inf")
        listed = set(wanted)
        self._trouble = {each: why for each, why in self._trouble.items() if each in listed}
        self._put_off = {
            each: at_s
            for each, at_s in self._put_off.items()
            if each in listed or at_s == opening  # an attempt that runs has an end
        }
        for domain in wanted:
            if domain not in self._served and self._put_off.get(domain, 0.0) <= now_s:
                self._put_off[domain] = opening
                self._tasks.spawn(self._open_further(domain), f"opening of {domain}")
        for seat in self._served:
            if seat is not None and seat not in wanted and seat not in self._leaving:
                self._leaving.add(seat)
                self._tasks.spawn(self._move_out(seat), f"leaving of {seat}")

    async def _open_further(self, domain: str) -> None:
        try:
            database = await asyncio.to_thread(self._system.open_further, domain)
            try:
                await recovered(database, self._premises.clock)
            except BaseException:
                database.close()
                raise
            await self._move_in(domain, database)
        except Exception as error:
            # Whatever is wrong with one must not keep the others from their calls.
            self._put_off[domain] = self._premises.clock.monotonic() + CONFIGURATION_RETRY_S
            self._note_trouble(domain, error)
        else:
            self._put_off.pop(domain, None)
            self._trouble.pop(domain, None)
            log.info("an organisation is served", organisation=domain)

    def _note_trouble(self, domain: str, error: Exception) -> None:
        """The same trouble is told once."""
        trouble = f"{type(error).__name__}: {error}"
        if self._trouble.get(domain) != trouble:
            log.error("an organisation cannot be served", organisation=domain, because=trouble)
        self._trouble[domain] = trouble

    async def _move_in(self, seat: str | None, database: Database) -> None:
        async with AsyncExitStack() as kept:
            kept.callback(database.close)
            organisation = organisation_of(
                self._premises,
                database,
                kept,
                number=next(self._numbers),
                seat=seat,
                outside=self._system.outside(seat),
                followed=self._reception.look_again,
            )
            kept.push_async_callback(organisation.rest)
            await organisation.begin(self._premises)
            organisation.kept = kept.pop_all()
        self._reception.admit(organisation.number, organisation.node, seat)
        self._served[seat] = organisation

    async def _move_out(self, domain: str) -> None:
        """It was removed: running calls are given the time that they have when a server stops."""
        organisation = self._served[domain]
        log.warning("an organisation leaves", organisation=domain)
        await organisation.stop(SHUTDOWN_GRACE_S)
        self._reception.dismiss(organisation.number)
        del self._served[domain]
        await organisation.rest()
        await organisation.close()
        self._leaving.discard(domain)
        await self._put_aside(domain)

    async def _put_aside(self, domain: str) -> None:
        now = self._premises.clock.utc()
        try:
            place = await asyncio.to_thread(self._system.put_aside, domain, now)
        except DatabaseError as error:  # whoever removed it may have been quicker
            log.info("an organisation was not put aside", organisation=domain, because=str(error))
        else:
            log.warning("an organisation was put aside", organisation=domain, now_in=str(place))


async def recovered(database: Database, clock: LoopClock) -> None:
    """Makes this process its server, and settles what a killed one left. Raises DatabaseError."""
    found = await asyncio.to_thread(recover, database, clock.utc())
    if any(astuple(found)):
        log.warning("recovered", data=str(database.data), **asdict(found))
