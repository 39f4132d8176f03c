"""Where numbers come from: what a carrier's plug-in has to do (ADR 0030).

A plug-in is found by the entry point group ``callwright.number_sources``: its name is the
supplier's, its object is called without arguments and returns a NumberSupplier.
"""

from collections.abc import Container, Mapping, Sequence
from typing import Protocol

from callwright.domains.numbers.orders import NumberOrder
from callwright.domains.numbers.porting import PortRequest
from callwright.domains.numbers.search import Criteria, PoolEntry
from callwright.domains.numbers.states import Standing
from callwright.kernel.e164 import E164
from callwright.operations.configuration import Edit
from callwright.operations.numbers.view import View

ENTRY_POINTS = "callwright.number_sources"


class SupplierRefused(Exception):
    """The supplier cannot, or will not; its text says why and what to do."""


class NumberSupplier(Protocol):
    """A carrier that gives numbers and takes them back.

    Each act may be asked twice with the same order, when the first answer could not be kept, and
    has then the same outcome. An Edit that is returned is written in the same transaction as what
    the act itself writes; who keeps numbers elsewhere returns an empty one. All raise
    SupplierRefused.
    """

    @property
    def name(self) -> str: ...

    def search(
        self, view: View, wanted: Criteria, taken: Container[E164]
    ) -> Sequence[tuple[E164, PoolEntry]]:
        """At most ``wanted.quantity`` numbers, none of ``taken``, all alike in their source."""
        ...

    def reserve(self, order: NumberOrder) -> None:
        """Keeps the order's numbers until ``order.reserved_until``; asked again with the same id,
        these and no others."""
        ...

    def order(self, view: View, order: NumberOrder) -> Edit:
        """Makes the reserved numbers the organisation's."""
        ...

    def cancel(self, order: NumberOrder) -> None:
        """Lets reserved numbers go."""
        ...

    def release(self, view: View, numbers: Sequence[Standing]) -> Edit:
        """Takes numbers back that it gave."""
        ...

    def port(self, identifier: str, request: PortRequest) -> None:
        """Asks the losing carrier for numbers; how that goes is told by moving the port order."""
        ...

    def cancel_port(self, identifier: str) -> None: ...


def supplier_named(suppliers: Mapping[str, NumberSupplier], name: str) -> NumberSupplier:
    """Raises SupplierRefused: an order is older than the removal of a plug-in."""
    found = suppliers.get(name)
    if found is None:
        known = ", ".join(suppliers)
        raise SupplierRefused(f"the supplier {name} is not installed; install it again ({known})")
    return found
