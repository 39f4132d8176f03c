"""The wallet as calls see it: every answer durable, and what is left known without asking."""

from collections.abc import Callable

from callwright.kernel.money import Money
from callwright.routing.snapshot import Snapshot
from callwright.runtime.alarms import NodeAlarms
from callwright.runtime.surroundings import CreditWallet


class WatchedWallet:
    """Passes on to the store (``calls.metering.Wallet``); notices when the balance becomes low."""

    def __init__(
        self,
        store: CreditWallet,
        alarms: NodeAlarms,
        snapshot: Callable[[], Snapshot | None],
    ) -> None:
        self.available: Money | None = None
        """As of the last answer of the store; a hint for decisions, never the check itself."""
        self._store = store
        self._alarms = alarms
        self._snapshot = snapshot
        self._is_low = False

    async def reserve(self, key: str, slice_number: int, amount: Money) -> bool:
        granted = await self._store.reserve(key, slice_number, amount)
        await self.refresh()
        return granted

    async def settle(self, key: str, amount: Money) -> None:
        await self._store.settle(key, amount)
        await self.refresh()

    async def release(self, key: str) -> None:
        await self._store.release(key)
        await self.refresh()

    async def refresh(self) -> None:
        self.available = await self._store.available()
        snapshot = self._snapshot()
        if snapshot is None or snapshot.credits is None or self.available is None:
            return
        recharge = snapshot.credits.auto_recharge
        is_low = recharge is not None and self.available < recharge.below
        if is_low and not self._is_low:
            self._alarms.credits_low(snapshot, self.available)
        self._is_low = is_low
