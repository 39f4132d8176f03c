"""Exact money: integer micro-units of one currency, never a float."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Self

MICROS_PER_UNIT = 1_000_000


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in one currency; arithmetic across currencies raises ValueError."""

    micros: int
    currency: str

    @classmethod
    def parse(cls, text: str, currency: str) -> Self:
        """Reads a decimal such as ``"50.00"``; ValueError past six decimals or on nonsense."""
        try:
            micros = Decimal(text) * MICROS_PER_UNIT
        except InvalidOperation:
            raise ValueError(f'{text!r} is not an amount such as "5.00"') from None
        if not micros.is_finite() or micros != micros.to_integral_value():
            raise ValueError(f"{text!r} is not an amount with at most six decimals")
        return cls(int(micros), currency)

    @classmethod
    def zero(cls, currency: str) -> Self:
        return cls(0, currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.micros + self._same(other).micros, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.micros - self._same(other).micros, self.currency)

    def __mul__(self, count: int) -> "Money":
        return Money(self.micros * count, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.micros, self.currency)

    def __str__(self) -> str:
        """The decimal string, at least two decimals and no needless zeros after them: ``0.11``."""
        whole, part = divmod(abs(self.micros), MICROS_PER_UNIT)
        decimals = f"{part:06d}".rstrip("0").ljust(2, "0")
        return f"{'-' if self.micros < 0 else ''}{whole}.{decimals}"

    def _same(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"cannot mix {self.currency} and {other.currency}")
        return other
