"""The wallet as calls see it: every answer durable, and what is left known without asking."""

from collections.abc import Callable

from callwright.calls.metering import WalletUnavailable
from callwright.domains.credits.model import Standing
from callwright.kernel.clock import Clock
from callwright.kernel.limits.credits import CREDITS_LOW_AGAIN_S
from callwright.kernel.money import Money
from callwright.routing.snapshot import Snapshot
from callwright.runtime.alarms import NodeAlarms
from callwright.runtime.surroundings import CreditWallet
from callwright.runtime.telling import telling
from callwright.storage.faults import DatabaseError


class WatchedWallet:
    """Passes on to the store (``calls.metering.Wallet``); notices when the balance becomes low."""

    def __init__(
        self,
        store: CreditWallet,
        alarms: NodeAlarms,
        clock: Clock,
        snapshot: Callable[[], Snapshot | None],
    ) -> None:
        self.available: Money | None = None
        """As of the last answer of the store; a hint for decisions, never the check itself."""
        self._store = store
        self._alarms = alarms
        self._clock = clock
        self._snapshot = snapshot
        self._balance: Money | None = None
        self._told_at_s: float | None = None
        self._was_topped_up = False

    async def reserve(self, key: str, slice_number: int, amount: Money) -> bool:
        try:
            granted = await self._store.reserve(key, slice_number, amount)
        except DatabaseError as error:
            raise WalletUnavailable(str(error)) from error
        await self._look()
        return granted

    def note_answered(self, key: str, slice_s: int) -> None:
        self._store.note_answered(key, slice_s)

    async def settle(self, key: str, amount: Money) -> None:
        await self._store.settle(key, amount)
        await self._look()

    async def release(self, key: str) -> None:
        await self._store.release(key)
        await self._look()

    async def refresh(self) -> None:
        """Raises DatabaseError."""
        standing = await self._store.standing()
        self.available = None if standing is None else standing.available
        if standing is not None:
            self._watch_for_low(standing)

    async def _look(self) -> None:
        """What was done is done, whatever becomes of the look at what it left."""
        with telling("the balance"):
            await self.refresh()

    def _watch_for_low(self, standing: Standing) -> None:
        """Calls that reserve and release pass the threshold many times; people hear of it once,
        and again after a top-up that helped, or a day later."""
        before, self._balance = self._balance, standing.balance
        if before is not None and before.micros < standing.balance.micros:
            self._was_topped_up = True
        snapshot = self._snapshot()
        if snapshot is None or snapshot.credits is None or snapshot.credits.auto_recharge is None:
            return
        if standing.available.micros >= snapshot.credits.auto_recharge.below.micros:
            if self._was_topped_up:
                self._told_at_s = None
            return
        now_s = self._clock.monotonic()
        if self._told_at_s is None or now_s - self._told_at_s >= CREDITS_LOW_AGAIN_S:
            self._told_at_s = now_s
            self._was_topped_up = False
            self._alarms.credits_low(snapshot, standing.available)
