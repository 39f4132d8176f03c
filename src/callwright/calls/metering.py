"""Pays for a call while it runs: reserve a slice, talk, reserve the next, settle at the end.

Each slice is reserved before it begins, so that a call never talks on money that is not there
(peers' D2: ten minutes on a two-minute balance). When the next slice is refused, the call ends
where the paid time ends.
"""

from collections.abc import Callable, Coroutine
from typing import Protocol

from callwright.domains.credits.model import Rate
from callwright.domains.credits.rules import charge, first_reservation, slice_reservation
from callwright.kernel.clock import Clock, Timer
from callwright.kernel.money import Money

RESERVE_AHEAD_S = 5.0
"""How long before a slice begins its money is asked for."""
CUT_EARLY_S = 0.2
"""A call that may not go on is cut this much before its paid time ends, so that no further
started increment is owed."""


class WalletUnavailable(Exception):
    """The balance can be neither asked nor written just now; nothing was reserved for the caller.

    The text is for the log.
    """


class Wallet(Protocol):
    """The organisation's prepaid balance; each answer is durable when it is given.

    ``key`` names the paid leg: call id, slash, number.
    """

    async def reserve(self, key: str, slice_number: int, amount: Money) -> bool:
        """Raises WalletUnavailable."""
        ...

    def note_answered(self, key: str, slice_s: int) -> None:
        """The leg was answered: its slices of ``slice_s`` seconds begin. Returns at once; what is
        not noted yet when the process is killed costs nothing (ADR 0005)."""
        ...

    async def settle(self, key: str, amount: Money) -> None:
        """While nothing can be written it waits for that by itself, and is not durable before."""
        ...

    async def release(self, key: str) -> None:
        """As `settle`."""
        ...


class Meter:
    """Watches one charged leg of a call; ``key`` names it in the ledger. Free legs have none."""

    def __init__(
        self,
        key: str,
        rate: Rate,
        wallet: Wallet,
        clock: Clock,
        *,
        spawn: Callable[[Coroutine[object, object, None]], None],
        cut: Callable[[], None],
    ) -> None:
        self._key = key
        self._rate = rate
        self._wallet = wallet
        self._clock = clock
        self._spawn = spawn
        self._cut = cut
        self._slices = 0
        self._reserved = Money.zero(rate.per_minute.currency)
        self._answered_at: float | None = None
        self._ended_at: float | None = None
        self._timer: Timer | None = None
        self._is_settled = False

    async def open(self) -> bool:
        """Reserves the connection fee and the first slice; False: the balance is too small.

        Raises WalletUnavailable.
        """
        return await self._reserve(first_reservation(self._rate))

    def answered(self) -> None:
        """The paid time starts."""
        if self._answered_at is None and self._ended_at is None:
            self._answered_at = self._clock.monotonic()
            self._wallet.note_answered(self._key, self._rate.increment_s)
            self._set_timer()

    def stop(self) -> None:
        """The paid time ends: the leg left, or never came to be answered."""
        if self._ended_at is not None:
            return
        self._ended_at = self._clock.monotonic()
        if self._timer is not None:
            self._timer.cancel()
        # They refer to the call, which has its meters: it goes without the garbage collector.
        del self._spawn, self._cut, self._timer

    @property
    def charge(self) -> Money:
        """What is owed for the time until ``stop``, or until now."""
        if self._answered_at is None:
            return Money.zero(self._reserved.currency)
        ended_at = self._clock.monotonic() if self._ended_at is None else self._ended_at
        return min(charge(self._rate, ended_at - self._answered_at), self._reserved)

    async def close(self) -> None:
        """Settles what was talked and releases the rest; may be called again."""
        self.stop()
        if self._is_settled:
            return
        if self._answered_at is None:
            await self._wallet.release(self._key)
        else:
            await self._wallet.settle(self._key, self.charge)
        self._is_settled = True

    async def _reserve(self, amount: Money) -> bool:
        granted = await self._wallet.reserve(self._key, self._slices, amount)
        if granted:
            self._slices += 1
            self._reserved += amount
        return granted

    def _set_timer(self) -> None:
        assert self._answered_at is not None
        ahead_s = min(RESERVE_AHEAD_S, self._rate.increment_s / 2)
        due_s = self._slices * self._rate.increment_s - ahead_s
        elapsed_s = self._clock.monotonic() - self._answered_at
        self._timer = self._clock.call_later(
            max(0.0, due_s - elapsed_s), lambda: self._spawn(self._extend())
        )

    async def _extend(self) -> None:
        assert self._answered_at is not None
        try:
            granted = await self._reserve(slice_reservation(self._rate))
        except Exception:  # a wallet that cannot answer has not granted: talk is never free
            granted = False
        if self._ended_at is not None:
            return
        if granted:
            self._set_timer()
            return
        paid_s = self._slices * self._rate.increment_s - CUT_EARLY_S
        elapsed_s = self._clock.monotonic() - self._answered_at
        self._timer = self._clock.call_later(max(0.0, paid_s - elapsed_s), self._cut)
