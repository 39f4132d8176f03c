"""Lists in pages: a cursor that survives changes between two pages, a bound, a total."""

import asyncio
import base64
import binascii
import json
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import Query
from fastapi.responses import Response
from pydantic import BaseModel, JsonValue

from callwright.api.problems import bad_parameter
from callwright.kernel.limits.api import API_CURSOR_CHARS_MAX, API_PAGE_DEFAULT, API_PAGE_MAX
from callwright.kernel.plain_text import mended

T = TypeVar("T")
Limit = Annotated[
    int, Query(ge=1, le=API_PAGE_MAX, description="Entries of one page.", examples=[100])
]
CursorText = Annotated[
    str | None,
    Query(
        max_length=API_CURSOR_CHARS_MAX,
        description="`next` of the page before; leave it out for the first page.",
    ),
]
LIMIT_DEFAULT = API_PAGE_DEFAULT


class Page(BaseModel):
    """One page of a list."""

    items: list[Any]
    next: str | None
    """What to send as ``cursor`` for the page after; null: this is the last one."""
    total: int | None = None
    """Entries of all pages; null where counting would cost too much."""


def write_cursor(*place: JsonValue) -> str:
    """Where the next page begins: after the entry with this place."""
    text = json.dumps(place, separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str | None, *shape: type) -> tuple[Any, ...] | None:
    """The place that ``write_cursor`` was given. Raises Problem for what it did not write."""
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        place = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
    except (ValueError, binascii.Error, RecursionError):
        place = None
    is_ours = (
        isinstance(place, list)
        and len(place) == len(shape)
        and all(type(part) is kind for part, kind in zip(place, shape, strict=True))
        and all(map(_is_storable, place))
    )
    if not is_ours:
        text = "is no cursor; leave it out, or send next of the page before"
        raise bad_parameter("cursor", "bad-cursor", text)
    return tuple(place)


def _is_storable(part: object) -> bool:
    """A database takes integers of 64 bits, and text that has an encoding."""
    match part:
        case int():
            return abs(part) < 2**63
        case float():
            return math.isfinite(part)
        case str():
            return mended(part) == part
        case _:
            return False


async def paged(make: Callable[[], Page]) -> Response:
    """Reads a page and writes it as JSON in a thread: calls wait for neither."""

    def respond() -> Response:
        return Response(make().model_dump_json(), media_type="application/json")

    return await asyncio.to_thread(respond)


def page_of(
    found: Sequence[T],
    limit: int,
    *,
    shown: Callable[[T], JsonValue],
    place: Callable[[T], Iterable[JsonValue]],
    total: int | None = None,
) -> Page:
    """``found`` has one entry more than ``limit`` where there is a further page."""
    items = found[:limit]
    following = write_cursor(*place(items[-1])) if len(found) > limit else None
    return Page(items=[shown(each) for each in items], next=following, total=total)
