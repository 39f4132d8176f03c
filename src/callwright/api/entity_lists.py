"""Questions about lists of entities, as the query words them: ``q``, ``filter``, ``sort``."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, JsonValue

from callwright.api.entity_index import KEY, Filter, KindIndex, Path, Question
from callwright.api.entity_kinds import EntityKind
from callwright.api.masking import masked
from callwright.api.paging import (
    LIMIT_DEFAULT,
    CursorText,
    Limit,
    Page,
    page_of,
    read_cursor,
)
from callwright.api.problems import bad_parameter
from callwright.kernel.limits.api import API_FILTERS_MAX, API_SEARCH_CHARS_MAX
from callwright.operations.configuration import etag_of
from callwright.operations.organisation_file.refusal import alternatives, quoted
from callwright.operations.organisation_file.schema import SECRET_FIELDS


@dataclass(frozen=True, slots=True)
class ListQuery:
    q: str
    filters: tuple[str, ...]
    sort: str
    cursor: str | None
    limit: int


def list_query(
    q: Annotated[
        str,
        Query(
            max_length=API_SEARCH_CHARS_MAX,
            description="Words that stand anywhere in an entry, in any case.",
        ),
    ] = "",
    filter: Annotated[
        list[str] | None,
        Query(
            max_length=API_FILTERS_MAX,
            description="`field:value`, `field:begin*`, `-field:value` for not; all must hold. "
            "A field is a path as in the file: `answering.unanswered.after_s`, or `key`.",
        ),
    ] = None,
    sort: Annotated[
        str,
        Query(
            max_length=API_SEARCH_CHARS_MAX,
            description="A field; `-field` for the other direction.",
        ),
    ] = "key",
    cursor: CursorText = None,
    limit: Limit = LIMIT_DEFAULT,
) -> ListQuery:
    return ListQuery(q, tuple(filter or ()), sort, cursor, limit)


def answer(index: KindIndex, kind: EntityKind, query: ListQuery) -> Page:
    """One page of a kind's entries. Raises Problem for a question that cannot be understood."""
    question = read_question(kind, query)
    found = index.find(question)

    def shown(entry: tuple[str, JsonValue]) -> JsonValue:
        key, settings = entry
        return {"key": key, "etag": etag_of(settings), "settings": masked(settings)}

    def place(entry: tuple[str, JsonValue]) -> Sequence[JsonValue]:
        (order, value, text), key = index.place(entry[0], question.sort)
        return (order, value, text, key)

    return page_of(found.items, query.limit, shown=shown, place=place, total=found.total)


def read_question(kind: EntityKind, query: ListQuery) -> Question:
    place = read_cursor(query.cursor, int, float, str, str)
    return Question(
        words=tuple(query.q.casefold().split()),
        filters=tuple(_filter(kind, text) for text in query.filters),
        sort=_path(kind, "sort", query.sort.removeprefix("-")),
        is_descending=query.sort.startswith("-"),
        after=None if place is None else ((place[0], place[1], place[2]), place[3]),
        limit=query.limit,
    )


def _filter(kind: EntityKind, text: str) -> Filter:
    field, colon, value = text.removeprefix("-").partition(":")
    if not colon:
        raise bad_parameter(
            "filter", "bad-filter", f"{quoted(text)} has no value; write field:value"
        )
    return Filter(
        path=_path(kind, "filter", field),
        value=value.removesuffix("*").casefold(),
        is_prefix=value.endswith("*"),
        is_negated=text.startswith("-"),
    )


def _path(kind: EntityKind, parameter: str, text: str) -> Path:
    """A secret is no field: who may ask whether it begins with an a soon has it."""
    path = tuple(text.split("."))
    if path == KEY:
        return path
    if SECRET_FIELDS.intersection(path):
        words = f"{quoted(text)} is secret; use another field"
        raise bad_parameter(parameter, "secret-field", words)
    shape = kind.shape
    fields = (
        list(shape.model_fields) if isinstance(shape, type) and issubclass(shape, BaseModel) else []
    )
    if fields and path[0] not in fields:
        words = f"there is no field {quoted(path[0])}; {alternatives(path[0], ['key', *fields])}"
        raise bad_parameter(parameter, "unknown-field", words)
    return path
