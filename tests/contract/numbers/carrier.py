"""A carrier as a plug-in would be: it keeps its numbers itself, and remembers what it was asked."""

from collections.abc import Container, Sequence

from callwright.domains.numbers.model import NumberKind, NumberSource
from callwright.domains.numbers.orders import NumberOrder
from callwright.domains.numbers.porting import PortRequest
from callwright.domains.numbers.search import Criteria, PoolEntry, find_numbers
from callwright.domains.numbers.spans import Span
from callwright.domains.numbers.states import Standing
from callwright.kernel.e164 import E164
from callwright.operations.configuration import Edit
from callwright.operations.numbers.supplier import NumberSupplier, SupplierRefused
from callwright.operations.numbers.view import View

STOCK = Span(E164("+12065550100"), E164("+12065550149"))


class Carrier:
    """Implements NumberSupplier."""

    def __init__(self) -> None:
        self.stock = [
            PoolEntry(
                "seattle", STOCK, NumberKind.USER, NumberSource.OPERATOR_CONNECT, "US", "Seattle"
            )
        ]
        self.reserved: dict[str, tuple[E164, ...]] = {}
        self.sold: dict[E164, str] = {}
        self.ports: dict[str, PortRequest] = {}

    @property
    def name(self) -> str:
        return "carrier"

    def search(
        self, view: View, wanted: Criteria, taken: Container[E164]
    ) -> Sequence[tuple[E164, PoolEntry]]:
        gone = {*self.sold, *(n for held in self.reserved.values() for n in held)}
        found = find_numbers(self.stock, gone, Criteria(
            wanted.country, wanted.kind, len(STOCK), wanted.mode, wanted.text))  # fmt: skip
        return [one for one in found if one[0] not in taken][: wanted.quantity]

    def reserve(self, order: NumberOrder) -> None:
        self.reserved[order.id] = order.numbers

    def order(self, view: View, order: NumberOrder) -> Edit:
        for number in order.numbers:
            if number not in STOCK or self.sold.get(number, order.id) != order.id:
                raise SupplierRefused(f"{number} is not to be had; search again")
        self.sold |= dict.fromkeys(order.numbers, order.id)
        self.reserved.pop(order.id, None)
        return Edit()

    def cancel(self, order: NumberOrder) -> None:
        self.reserved.pop(order.id, None)

    def release(self, view: View, numbers: Sequence[Standing]) -> Edit:
        for standing in numbers:
            self.sold.pop(standing.number, None)
        return Edit()

    def port(self, identifier: str, request: PortRequest) -> None:
        self.ports[identifier] = request

    def cancel_port(self, identifier: str) -> None:
        self.ports.pop(identifier, None)


def make() -> NumberSupplier:
    """What an entry point names."""
    return Carrier()
