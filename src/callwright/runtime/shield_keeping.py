"""Keeps the shield's blocks on disk, and brings it what administrators command."""

import asyncio
from collections.abc import Callable
from typing import Self

import structlog

from callwright.domains.shield.model import Block
from callwright.kernel.clock import Clock
from callwright.kernel.limits.shield import SHIELD_POLL_S
from callwright.runtime.shield import Shield
from callwright.storage.database import DatabaseError
from callwright.storage.shield import Order, StoredShield

log = structlog.get_logger("callwright.shield")


class ShieldKeeping:
    """One look at the disk at a time; what could not be stored is stored with the next one."""

    def __init__(
        self, shield: Shield, stored: StoredShield, has_news: Callable[[], bool] = lambda: True
    ) -> None:
        """``has_news()``: whether anything was stored since it was asked last."""
        self._shield = shield
        self._stored = stored
        self._has_news = has_news
        self._may_have_orders = True
        self._is_in_trouble = False

    @classmethod
    def restored(
        cls,
        shield: Shield,
        stored: StoredShield,
        clock: Clock,
        has_news: Callable[[], bool] = lambda: True,
    ) -> Self:
        """Lets what was stored hold again. Raises DatabaseError."""
        shield.restore(stored.load(clock.utc()))
        return cls(shield, stored, has_news)

    async def look(self) -> None:
        """Obeys the orders there are, then stores what changed. Raises DatabaseError."""
        orders: list[Order] = []
        if self._has_news() or self._may_have_orders:
            self._may_have_orders = True
            orders = await asyncio.to_thread(self._stored.orders)
        for order in orders:
            self._shield.obey(order)
        blocks, gone = self._shield.take_changes()
        if not (blocks or gone or orders):
            self._may_have_orders = False
            return
        try:
            await asyncio.to_thread(self._save, blocks, gone, orders)
        except BaseException:
            self._shield.put_back(blocks, gone)
            raise
        self._may_have_orders = False

    async def run(self) -> None:
        while True:
            await asyncio.sleep(SHIELD_POLL_S)
            try:
                await self.look()
            except DatabaseError as error:
                if not self._is_in_trouble:
                    log.error("blocks cannot be stored", because=str(error))
                self._is_in_trouble = True
            else:
                self._is_in_trouble = False

    def _save(self, blocks: list[Block], gone: list[str], orders: list[Order]) -> None:
        self._stored.save(blocks, gone, len(orders))
