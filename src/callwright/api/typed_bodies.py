"""Bodies with a shape, read after it is known who asks: nobody makes us read what he may not send.

FastAPI reads a body that a route declares before it looks who sent it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, JsonValue, ValidationError

from callwright.api.bodies import JSON_TYPE, read_json
from callwright.api.problems import invalid
from callwright.kernel.limits.api import API_BODY_BYTES_MAX, API_MISTAKES_MAX

Shape = TypeVar("Shape", bound=BaseModel)


def body_of(shape: type[Shape]) -> Callable[[Request], Awaitable[Shape]]:
    """A dependency that stands behind the one that lets the caller in. Raises Problem."""

    async def read(request: Request) -> Shape:
        content = await read_json(request, bytes_max=API_BODY_BYTES_MAX)
        return await asyncio.to_thread(read_shape, shape, content)

    return read


def read_shape(shape: type[Shape], content: JsonValue) -> Shape:
    """In a thread: telling what is wrong with a long body takes its time. Raises Problem."""
    try:
        return shape.model_validate(content)
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)[:API_MISTAKES_MAX]
        raise invalid([{**each, "loc": ("body", *each["loc"])} for each in errors]) from None


def takes(shape: type[BaseModel]) -> dict[str, Any]:
    """What the document says of such a body: ``openapi_extra`` of the route."""
    schema = shape.model_json_schema()
    whole = _inlined(schema, schema.pop("$defs", {}))
    return {"requestBody": {"required": True, "content": {JSON_TYPE: {"schema": whole}}}}


def _inlined(schema: Any, definitions: dict[str, Any]) -> Any:
    """Without references; none of these shapes contains itself."""
    if isinstance(schema, list):
        return [_inlined(inner, definitions) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        return _inlined(definitions[name], definitions) | rest
    return {key: _inlined(value, definitions) for key, value in schema.items()}
