"""Follows the stored configuration: a new revision becomes the node's snapshot (ADR 0003, 0025)."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from callwright.kernel.clock import Clock
from callwright.kernel.limits.configuration import CONFIGURATION_POLL_S, CONFIGURATION_RETRY_S
from callwright.media.library import PromptError
from callwright.operations.administration import Administration, ConfigurationRepository, Outside
from callwright.operations.organisation_file import Former, build_snapshot, follow_snapshot
from callwright.operations.schedules.kept import kept_schedules
from callwright.routing.snapshot import Snapshot

log = structlog.get_logger("callwright.configuration")


class ConfigurationWatch:
    """Reads; ``use`` makes a snapshot hold. A revision that cannot be used leaves the old one."""

    def __init__(
        self,
        configuration: ConfigurationRepository,
        use: Callable[[Snapshot], Awaitable[None]],
        refresh: Callable[[], Awaitable[None]],
        clock: Clock,
        outside: Outside = lambda after, touched, by: (),
        has_news: Callable[[], bool] = lambda: True,
    ) -> None:
        """``refresh`` is called at every look: another process may have changed the balance.
        ``outside``: see ``Administration``. ``has_news()``: whether anything was stored since it
        was asked last; while there is nothing nobody looks."""
        self.administration = Administration(configuration, outside)
        """What the node follows; whoever changes it in this process goes through it, too."""
        self.revision = 0
        """The one in use; 0 before there is one."""
        self._clock = clock
        self._failed: tuple[int, float] | None = None
        """A revision that could not be taken over, and when to try it again."""
        self._trouble: str | None = None
        self._configuration = configuration
        self._use = use
        self._has_news = has_news
        self._refresh = refresh
        self._former: Former | None = None

    async def look(self) -> bool:
        """Takes over a new revision; True when there was one.

        Raises what loading and using it raise; the same revision is tried again after
        CONFIGURATION_RETRY_S, a newer one at once.
        """
        revision = await asyncio.to_thread(self._configuration.revision)
        if revision == self.revision or self._is_put_off(revision):
            return False
        self._failed = (revision, self._clock.monotonic() + CONFIGURATION_RETRY_S)
        snapshot = await asyncio.to_thread(self._load)
        if snapshot is not None:
            try:
                await self._use(snapshot)
            except PromptError as error:
                log.error("prompts are missing", revision=snapshot.revision, because=str(error))
            log.info("configuration in use", revision=snapshot.revision, organisation=snapshot.name)
        self.revision = revision if snapshot is None else snapshot.revision
        self._failed = None
        return snapshot is not None

    def _is_put_off(self, revision: int) -> bool:
        if self._failed is None:
            return False
        failed, again_at_s = self._failed
        return revision == failed and self._clock.monotonic() < again_at_s

    async def run(self) -> None:
        while True:
            await asyncio.sleep(CONFIGURATION_POLL_S)
            if self._has_news() or self._failed is not None or self._trouble is not None:
                await self.look_safely()

    async def look_safely(self) -> None:
        """Trouble of any kind is logged when it is new; it must not end the watch."""
        try:
            await self.look()
            await self._refresh()
        except Exception as error:
            trouble = f"{type(error).__name__}: {error}"
            if trouble != self._trouble:
                log.error("configuration cannot be taken over", because=trouble)
            self._trouble = trouble
        else:
            if self._failed is None:
                self._trouble = None

    def _load(self) -> Snapshot | None:
        """Builds what changed since the last time, which may not have been taken over."""
        current = self.administration.current()
        organisation = current.organisation
        if organisation is None:
            return None
        kept, revision = kept_schedules(organisation, current.entities), current.revision
        if self._former is None:
            snapshot = build_snapshot(organisation, revision=revision, base=None, kept=kept)
        else:
            snapshot = follow_snapshot(self._former, organisation, revision=revision, kept=kept)
        self._former = Former(organisation, snapshot, kept)
        return snapshot
