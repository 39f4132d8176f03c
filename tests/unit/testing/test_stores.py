"""The wallet of the virtual world keeps the rules that the real one keeps."""

import asyncio

from callwright.kernel.money import Money
from callwright.testing.stores import MemoryWallet
from callwright.testing.virtual_loop import run


def usd(text: str) -> Money:
    return Money.parse(text, "USD")


def test_money_is_reserved_settled_and_released_once_by_key() -> None:
    async def main() -> None:
        wallet = MemoryWallet(usd("1.00"))
        assert await wallet.reserve("a", 0, usd("0.40"))
        assert await wallet.reserve("a", 0, usd("0.40"))
        assert await wallet.reserve("a", 1, usd("0.30"))
        assert await wallet.available() == usd("0.30")
        assert not await wallet.reserve("b", 0, usd("0.31"))
        await wallet.settle("a", usd("0.50"))
        await wallet.settle("a", usd("0.50"))
        assert (wallet.balance, wallet.reserved) == (usd("0.50"), usd("0.00"))
        assert await wallet.reserve("b", 0, usd("0.50"))
        await wallet.release("b")
        assert await wallet.available() == wallet.balance == usd("0.50")
        assert wallet.lowest == usd("0.00")

    run(main())


def test_reservations_at_the_same_instant_share_what_is_there() -> None:
    async def main() -> None:
        wallet = MemoryWallet(usd("1.00"))
        granted = await asyncio.gather(
            *(wallet.reserve(str(number), 0, usd("0.30")) for number in range(10))
        )
        assert sum(granted) == 3
        assert (wallet.refused, wallet.lowest) == (7, usd("0.10"))

    run(main())


def test_without_credits_nothing_can_be_reserved() -> None:
    async def main() -> None:
        wallet = MemoryWallet(None)
        assert not await wallet.reserve("a", 0, usd("0.01"))
        await wallet.settle("a", usd("0.01"))
        assert await wallet.available() is None

    run(main())
