"""Brings many numbers into the inventory at once, and says of each row what became of it
(SPEC 3.4; row 38)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue, ValidationError

from callwright.domains.numbers.formats import BadNumber
from callwright.domains.numbers.spans import Span, joined
from callwright.kernel.e164 import E164
from callwright.kernel.limits.numbers import (
    NUMBER_UPLOADS_KEPT_MAX,
    NUMBERS_PER_UPLOAD_MAX,
    UPLOAD_MISTAKES_KEPT_MAX,
)
from callwright.operations.numbers.desk import Act, NumberDesk
from callwright.operations.numbers.entries import written
from callwright.operations.numbers.upload_rows import UploadRow
from callwright.operations.numbers.view import Draft, NumberProblem, NumbersRefused, View, refusal
from callwright.operations.organisation_file.entities import EntityKey
from callwright.operations.organisation_file.number_schema import NumberSettings
from callwright.operations.organisation_file.record_schema import NUMBER_UPLOAD
from callwright.operations.organisation_file.wording import text_of

Progress = Callable[[int, int], None]
"""Told how many rows of how many were read."""


@dataclass(frozen=True, slots=True)
class UploadMistake:
    row: int
    number: str
    code: str
    text: str
    """What is wrong, a semicolon, what to do instead."""


@dataclass(frozen=True, slots=True)
class Uploaded:
    id: str
    rows: int
    added: int
    """Numbers, not rows."""
    present: int
    """They were there already, of the same kind and source."""
    mistakes: tuple[UploadMistake, ...]


def upload(
    desk: NumberDesk,
    rows: Sequence[UploadRow],
    act: Act,
    *,
    default: Mapping[str, JsonValue],
    good_ones: bool = False,
    progress: Progress = lambda done, total: None,
) -> Uploaded:
    """Adds all numbers, or none; with ``good_ones`` those whose rows are right.

    ``default`` is said of rows that say nothing else. Raises NumbersRefused for more than 10,000
    numbers, and with every mistake where not all rows are right.
    """
    require_few_enough(rows)
    identifier = desk.new_id()

    def draft(view: View) -> Draft[Uploaded]:
        sorting = _Sorting(view, default)
        for done, row in enumerate(rows, start=1):
            sorting.take(row)
            progress(done, len(rows))
        if sorting.mistakes and not good_ones:
            raise NumbersRefused([_problem(mistake) for mistake in sorting.mistakes])
        result = sorting.result(identifier, len(rows))
        record = (NUMBER_UPLOAD, identifier)
        upserts = {**sorting.entries(), record: _record(result, view)}
        return Draft(result, upserts, _forgotten(view))

    return desk.write(draft, act)[0]


def require_few_enough(rows: Sequence[UploadRow]) -> None:
    """Raises NumbersRefused above 10,000 numbers; ranges count as what they hold."""
    count = 0
    for row in rows:
        try:
            count += len(row.span())
        except BadNumber:
            count += 1
        if count > NUMBERS_PER_UPLOAD_MAX:
            most = f"{NUMBERS_PER_UPLOAD_MAX:,}"
            text = f"has more than {most} numbers; upload {most} at a time"
            raise refusal(("numbers",), "upload-too-large", text)


class _Sorting:
    """Rows, one after the other, into numbers to add, numbers that are there, and mistakes."""

    def __init__(self, view: View, default: Mapping[str, JsonValue]) -> None:
        self.mistakes: list[UploadMistake] = []
        self._view = view
        self._default = default
        self._seen: dict[E164, int] = {}
        self._groups: list[tuple[dict[str, JsonValue], list[E164]]] = []
        self._present = 0

    def take(self, row: UploadRow) -> None:
        try:
            span = row.span()
        except BadNumber as error:
            self._note(row, "number-malformed", str(error))
            return
        about = {**self._default, **row.about}
        text = _schema_mistake(span, about)
        if text:
            self._note(row, "number-settings", text)
            return
        fresh = list(self._fresh(row, span, about))
        if fresh:
            self._group(about).extend(fresh)

    def _fresh(self, row: UploadRow, span: Span, about: Mapping[str, JsonValue]) -> Iterator[E164]:
        """The numbers of a row that are not there; one that cannot be added is a mistake."""
        for number in span:
            earlier = self._seen.setdefault(number, row.place)
            entry = self._view.inventory.entry_of(number)
            if earlier != row.place:
                self._note(
                    row, "number-listed-twice", f"{number} is in row {earlier}; list it once"
                )
            elif entry is None:
                yield number
            elif (entry.kind.value, entry.source.value) == (about["kind"], about["source"]):
                self._present += 1
            else:
                text = f"{number} is there as a {entry.kind.value} number of {entry.source.value}"
                self._note(row, "number-exists", f"{text}; release it first, or leave it out")

    def _group(self, about: dict[str, JsonValue]) -> list[E164]:
        for known, numbers in self._groups:
            if known == about:
                return numbers
        self._groups.append((about, []))
        return self._groups[-1][1]

    def _note(self, row: UploadRow, code: str, text: str) -> None:
        self.mistakes.append(UploadMistake(row.place, row.text, code, text))

    def entries(self) -> dict[EntityKey, JsonValue]:
        return dict(
            written(span, about) for about, numbers in self._groups for span in joined(numbers)
        )

    def result(self, identifier: str, rows: int) -> Uploaded:
        added = sum(len(numbers) for _, numbers in self._groups)
        return Uploaded(identifier, rows, added, self._present, tuple(self.mistakes))


def _schema_mistake(span: Span, about: dict[str, JsonValue]) -> str:
    """What the organisation file would refuse of an entry; empty: nothing."""
    (_, settings) = written(span, about)
    try:
        NumberSettings.model_validate(settings)
    except ValidationError as error:
        details = error.errors(include_url=False)[0]
        place = ".".join(map(str, details["loc"]))
        text = text_of({**details, "loc": ("numbers", 0, *details["loc"])}, None)
        return f"{place}: {text}" if place else text
    return ""


def _problem(mistake: UploadMistake) -> NumberProblem:
    return NumberProblem(("rows", mistake.row), mistake.text, mistake.code)


def _record(result: Uploaded, view: View) -> JsonValue:
    return {
        "at": view.now.isoformat(),
        "rows": result.rows,
        "added": result.added,
        "present": result.present,
        "mistakes": [
            {"row": m.row, "number": m.number, "code": m.code, "text": m.text}
            for m in result.mistakes[:UPLOAD_MISTAKES_KEPT_MAX]
        ],
    }


def _forgotten(view: View) -> list[EntityKey]:
    kept = sorted(view.records(NUMBER_UPLOAD))
    return [(NUMBER_UPLOAD, key) for key in kept[: -NUMBER_UPLOADS_KEPT_MAX + 1]]
