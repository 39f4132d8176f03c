"""Numbers for people to read: pages, who has what, quotas, and CSV."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from callwright.domains.numbers.formats import BadNumber, read_line
from callwright.domains.numbers.inventory import Filter
from callwright.domains.numbers.model import NumberKind, NumberSource
from callwright.domains.numbers.quotas import CLASS_OF_KIND, quota
from callwright.domains.numbers.states import Entry, Holding, Standing, capabilities_of
from callwright.kernel.e164 import E164
from callwright.operations.numbers.ordering import seats_of
from callwright.operations.numbers.upload_rows import COLUMNS, SHOWN_COLUMNS
from callwright.operations.numbers.view import View, refusal

CSV_COLUMNS = ("number", *COLUMNS, *SHOWN_COLUMNS)
_FORMULA_SIGNS = ("=", "@", "-", "\t", "\r")


@dataclass(frozen=True, slots=True)
class QuotaLine:
    """How far the quota of a kind of number is used (SPEC 3.3)."""

    kind: NumberKind
    most: int
    held: int
    """Of the calling plan, without ported numbers."""


def page(view: View, wanted: Filter, *, after: E164 | None, limit: int) -> list[Standing]:
    return list(islice(view.inventory.walk(wanted, view.now, after=after), limit))


def look_up(view: View, text: str) -> tuple[Standing, tuple[Holding, ...]]:
    """Returns a number as it stands, and who exactly has what was asked for: of a number with an
    extension one, of a number all who share it. Raises NumbersRefused."""
    try:
        line = read_line(text)
    except BadNumber as error:
        raise refusal(("number",), "number-malformed", str(error)) from None
    standing = view.inventory.standing(line.base, view.now)
    if standing is None:
        message = f"{line.base} is not in the inventory; look at `callwright numbers list`"
        raise refusal(("number",), "number-unknown", message)
    if line.extension is None:
        return standing, standing.holdings
    held = view.inventory.holder_of(line)
    return standing, () if held is None else (held,)


def quotas(view: View) -> list[QuotaLine]:
    seats = seats_of(view.organisation)
    return [
        QuotaLine(
            kind,
            quota(CLASS_OF_KIND[kind], seats),
            view.inventory.count(kind, NumberSource.CALLING_PLAN),
        )
        for kind in NumberKind
    ]


def written_csv(standings: Iterable[Standing]) -> Iterator[str]:
    """Yields lines that an upload reads again."""
    yield _line(CSV_COLUMNS)
    for standing in standings:
        entry = standing.entry
        yield _line(
            (
                standing.number,
                entry.kind.value,
                entry.source.value,
                entry.country or "",
                _harmless(entry.city or ""),
                entry.location or "",
                _harmless(";".join(standing.tags)),
                _stated_capabilities(entry),
                standing.status.value,
                ";".join(map(str, standing.holdings)),
                standing.block_state.value,
            )
        )


def _stated_capabilities(entry: Entry) -> str:
    """Empty where the kind says it: of a calling plan nothing else may be stated."""
    if entry.capabilities == capabilities_of(entry.kind, entry.source, None):
        return ""
    return ";".join(sorted(capability.value for capability in entry.capabilities))


def _harmless(text: str) -> str:
    """What a spreadsheet would take for a formula is text to it."""
    return f"'{text}" if text.startswith(_FORMULA_SIGNS) else text


def _line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
