"""Follows the stored configuration: a new revision becomes the node's snapshot (ADR 0003)."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from callwright.kernel.limits import CONFIGURATION_POLL_S
from callwright.media.library import PromptError
from callwright.operations.organisation_file import build_snapshot, from_entities
from callwright.routing.snapshot import Snapshot
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.database import DatabaseError

log = structlog.get_logger("callwright.configuration")


class ConfigurationWatch:
    """Reads; ``use`` makes a snapshot hold. A revision that cannot be used leaves the old one."""

    def __init__(
        self,
        configuration: StoredConfiguration,
        use: Callable[[Snapshot], Awaitable[None]],
        refresh: Callable[[], Awaitable[None]],
    ) -> None:
        """``refresh`` is called at every look: another process may have changed the balance."""
        self.revision = 0
        self._configuration = configuration
        self._use = use
        self._refresh = refresh

    async def look(self) -> bool:
        """Takes over a new revision; True when there was one."""
        revision = await asyncio.to_thread(self._configuration.revision)
        if revision == self.revision:
            return False
        self.revision = revision
        snapshot = await asyncio.to_thread(self._load)
        if snapshot is None:
            return False
        self.revision = snapshot.revision
        try:
            await self._use(snapshot)
        except PromptError as error:
            log.error("prompts are missing", revision=snapshot.revision, because=str(error))
        log.info("configuration in use", revision=snapshot.revision, organisation=snapshot.name)
        return True

    async def run(self) -> None:
        while True:
            await asyncio.sleep(CONFIGURATION_POLL_S)
            try:
                await self.look()
                await self._refresh()
            except (DatabaseError, ValueError) as error:
                log.error("configuration cannot be read", because=str(error))

    def _load(self) -> Snapshot | None:
        revision, entities = self._configuration.load()
        if not entities:
            return None
        return build_snapshot(from_entities(entities), revision=revision, base=None)
