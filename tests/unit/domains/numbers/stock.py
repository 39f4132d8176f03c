"""A small inventory for tests: own numbers, a calling plan's, a toll-free one."""

from collections.abc import Mapping
from datetime import UTC, datetime

from callwright.domains.numbers.formats import read_line
from callwright.domains.numbers.inventory import Inventory
from callwright.domains.numbers.model import NumberKind, NumberSource
from callwright.domains.numbers.spans import Span
from callwright.domains.numbers.states import Block, Entry, Holding, capabilities_of
from callwright.kernel.e164 import E164, LineNumber

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
USER, SERVICE, TOLL_FREE = NumberKind.USER, NumberKind.SERVICE, NumberKind.TOLL_FREE
OWN, PLAN = NumberSource.DIRECT_ROUTING, NumberSource.CALLING_PLAN


def number(text: str) -> LineNumber:
    return read_line(text)


def entry(
    first: str,
    last: str | None = None,
    *,
    kind: NumberKind = USER,
    source: NumberSource = OWN,
    tags: tuple[str, ...] = (),
    location: str | None = None,
    is_ported: bool = False,
) -> Entry:
    span = Span(E164(first), E164(last or first))
    return Entry(
        str(span),
        span,
        kind,
        source,
        capabilities_of(kind, source, None),
        tags=tags,
        location=location,
        is_ported=is_ported,
    )


ENTRIES = (
    entry("+14255550101", "+14255550119", tags=("Redmond",)),
    entry("+14255550150", "+14255550159", kind=SERVICE),
    entry("+18005550100", kind=TOLL_FREE),
    entry("+12065550100", "+12065550109", source=PLAN),
    entry("+12065550150", "+12065550159", kind=SERVICE, source=PLAN),
    entry("+33142278186", source=OWN),
)


def inventory(
    *holdings: Holding,
    blocks: Mapping[E164, Block] | None = None,
    tags: Mapping[E164, tuple[str, ...]] | None = None,
) -> Inventory:
    return Inventory(ENTRIES, holdings, blocks=blocks or {}, tags=tags or {})
