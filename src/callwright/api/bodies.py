"""Bodies of requests: bounded in size, time and depth, and JSON that means one thing only."""

import asyncio
import json
from collections.abc import Collection, Mapping
from fnmatch import fnmatchcase
from typing import Any

from fastapi import Request
from pydantic import JsonValue
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from callwright.api.problems import Problem
from callwright.kernel.limits.api import (
    API_BIG_JSON_BYTES,
    API_BODY_S,
    API_ENTITY_BYTES_MAX,
    API_JSON_DEPTH_MAX,
    API_JSON_VALUES_MAX,
)

JSON_TYPE = "application/json"
MERGE_PATCH_TYPE = "application/merge-patch+json"


class BodyBound:
    """Refuses what is too long or too slow before any route reads it.

    The framework parses the body of a route that declares a model before it looks who asks, and on
    the loop that calls run on: only routes that read their body themselves may take a long one.
    """

    def __init__(self, app: ASGIApp, long_bodies: Mapping[str, int]) -> None:
        """``long_bodies``: how many bytes, by path, where a star is anything;
        API_ENTITY_BYTES_MAX for any other."""
        self._app = app
        self._long_bodies = long_bodies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = self._most(scope["path"])
        loop = asyncio.get_running_loop()
        ends_at_s = loop.time() + API_BODY_S
        received, is_complete = 0, False

        async def bounded() -> Message:
            nonlocal received, is_complete
            if is_complete:
                return await receive()  # waits for the client to go away, as long as that takes
            try:
                async with asyncio.timeout_at(ends_at_s):
                    message = await receive()
            except TimeoutError:
                raise Problem(408, "body-too-slow", "the body did not arrive in time") from None
            received += len(message.get("body", b""))
            if received > most:
                raise too_long(most)
            is_complete = not message.get("more_body", False)
            return message

        await self._app(scope, bounded, send)

    def _most(self, path: str) -> int:
        found = (most for wanted, most in self._long_bodies.items() if fnmatchcase(path, wanted))
        return next(found, API_ENTITY_BYTES_MAX)


def too_long(most: int) -> Problem:
    return Problem(413, "body-too-long", f"the body has more than {most} bytes", "send less")


async def read_json(
    request: Request,
    *,
    bytes_max: int = API_ENTITY_BYTES_MAX,
    types: Collection[str] = (JSON_TYPE,),
) -> JsonValue:
    """Raises Problem: 400 no JSON, 413 too long, 415 another type."""
    check_type(request, types)
    content = await request.body()
    if len(content) > bytes_max:
        raise too_long(bytes_max)
    if len(content) > API_BIG_JSON_BYTES:
        return await asyncio.to_thread(parse_json, content)
    return parse_json(content)


def check_type(request: Request, types: Collection[str]) -> str:
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given not in types:
        wanted = " or ".join(types)
        raise Problem(
            415,
            "unsupported-media-type",
            f"the body is of the type {given!r}" if given else "the body has no Content-Type",
            f"send {wanted}",
            headers={"Accept": ", ".join(types)},
        )
    return given


def parse_json(content: bytes) -> JsonValue:
    """Raises Problem for what JSON readers do not all read alike: a key twice, NaN, half
    characters; and for more than the loop that calls run on can wait for."""
    if sum(map(content.count, (b",", b"[", b"{"))) > API_JSON_VALUES_MAX:
        text = f"the body has more than {API_JSON_VALUES_MAX:,} values"
        raise Problem(413, "too-many-values", text, "send it in parts")
    try:
        text = content.decode("utf-8")
        value: JsonValue = json.loads(
            text, object_pairs_hook=_object, parse_constant=_refuse_constant
        )
        _check_depth(value)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except RecursionError:
        raise _unreadable("it is nested too deeply") from None
    except UnicodeError:
        raise _unreadable("it is not UTF-8, or holds half a character") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise _unreadable(f"{error.msg.lower()} in {where}") from None
    except ValueError as error:
        raise _unreadable(str(error)) from None
    return value


def _unreadable(why: str) -> Problem:
    return Problem(400, "not-json", f"the body is not JSON that can be read: {why}", "correct it")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _check_depth(value: JsonValue) -> None:
    level: list[JsonValue] = [value]
    for _ in range(API_JSON_DEPTH_MAX):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return
    raise RecursionError
