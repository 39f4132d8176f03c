"""The OpenAPI document: bodies by the schema of the organisation file, refusals in one shape."""

from collections.abc import Iterator, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any, TypeAlias

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import TypeAdapter

from callwright.api.authorisation import Allowed
from callwright.api.document_sharing import plain, plain_fields, share_parameters, share_refusals
from callwright.api.entity_kinds import SEPARATE_PARTS, EntityKind, entity_kinds
from callwright.api.problems import MEDIA_TYPE
from callwright.operations.organisation_file.schema import Organisation

Answers: TypeAlias = dict[int | str, dict[str, Any]]
"""By status, as FastAPI takes them."""
REFS = "#/components/schemas/"
PROBLEM = "Problem"
PLAN = "Plan"
_TEXT = {"type": "string"}
_MISTAKE = {
    "type": "object",
    "required": ["pointer", "code", "detail", "remedy"],
    "properties": {
        "pointer": _TEXT | {"description": "JSON Pointer into the body; ?name of a parameter."},
        "code": _TEXT,
        "detail": _TEXT,
        "remedy": _TEXT,
    },
}
_PROBLEM = {
    "type": "object",
    "description": "RFC 9457, with a stable code, and what to do instead.",
    "required": ["type", "title", "status", "code", "detail", "remedy", "errors"],
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "code": _TEXT,
        "detail": _TEXT,
        "remedy": _TEXT,
        "errors": {"type": "array", "items": _MISTAKE},
    },
}
_PLAN = {
    "type": "object",
    "required": ["revision", "changes", "cautions"],
    "properties": {
        "revision": {"type": "integer"},
        "changes": {"type": "array", "items": {"type": "object"}},
        "cautions": {"type": "array", "items": {"type": "object"}},
    },
}


def described(
    kind: EntityKind,
    verb: str,
    summary: str,
    *,
    takes: Mapping[str, EntityKind | None] | None = None,
) -> dict[str, Any]:
    """What a route of a kind is called in the document; ``takes`` is its body by media type, None
    for any object."""
    name = kind.collection.replace("/", "-").replace("-", "_")
    found: dict[str, Any] = {
        "operation_id": f"{verb}_{name}",
        "summary": summary,
        "tags": [kind.collection],
    }
    if takes is not None:
        content = {
            media: {"schema": {"type": "object"} if of is None else schema_of(of)}
            for media, of in takes.items()
        }
        found["openapi_extra"] = {"requestBody": {"required": True, "content": content}}
    return found


def problems(*statuses: int) -> Answers:
    """The refusals of a route; what every route can meet is among them."""
    content = {MEDIA_TYPE: {"schema": {"$ref": REFS + PROBLEM}}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": content}
        for status in (*statuses, 503)
    }


def _without_framework(responses: dict[str, Any]) -> dict[str, Any]:
    """Refusals have our shape, whatever the framework thinks of its own."""
    return {
        status: response
        for status, response in responses.items()
        if "HTTPValidationError" not in str(response)
    }


def json_body(schema: Mapping[str, Any], description: str) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": dict(schema)}}}


def kind_body(kind: EntityKind, description: str) -> dict[str, Any]:
    return json_body({"anyOf": [schema_of(kind), {"$ref": REFS + PLAN}]}, description)


def schema_of(kind: EntityKind) -> dict[str, Any]:
    return dict(_schemas()[0][kind.kind])


def install(app: FastAPI) -> None:
    """Makes ``app`` tell its whole document."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(
                title=app.title,
                version=app.version,
                description=app.description,
                routes=app.routes,
            )
            components = document.setdefault("components", {})
            schemas = components.setdefault("schemas", {})
            schemas |= _schemas()[1] | {PROBLEM: _PROBLEM, PLAN: _PLAN}
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
            components["securitySchemes"] = {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "callwright"},
            }
            document["security"] = [{"token": []}, {"session": []}]
            for method, path in _open_routes(app):
                document["paths"].get(path, {}).get(method.lower(), {})["security"] = []
            operations = [each for path in document["paths"].values() for each in path.values()]
            for operation in operations:
                operation["responses"] = COMMON | _without_framework(operation["responses"])
            components["responses"] = share_refusals(operations)
            components["parameters"] = share_parameters(operations)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _open_routes(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Those that let anybody in."""
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, APIRoute) and not _is_guarded(route.dependant):
            for method in route.methods or ():
                yield method, str(route.path)


def _is_guarded(dependant: Dependant) -> bool:
    return isinstance(dependant.call, Allowed) or any(map(_is_guarded, dependant.dependencies))


COMMON = {
    str(status): response
    for status, response in problems(400, 401, 403, 404, 408, 409, 413, 415, 422, 429).items()
}
"""What any route may answer when something is wrong."""


@cache
def _schemas() -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """The schema of each kind, and what they refer to."""
    kinds = entity_kinds()
    inputs = [(kind.kind, "validation", TypeAdapter(kind.shape)) for kind in kinds.values()]
    found, shared = TypeAdapter.json_schemas(inputs, ref_template=REFS + "{model}")  # type: ignore[arg-type]
    definitions = plain_fields(shared.get("$defs", {}))
    by_kind = {name: plain(schema) for (name, _), schema in found.items()}
    for name, parts in SEPARATE_PARTS.items():
        target = by_kind[name]
        if "$ref" in target:
            target = definitions[target["$ref"].removeprefix(REFS)]
        for part in parts:
            target["properties"].pop(part, None)
    return by_kind, definitions


@cache
def organisation_schema() -> dict[str, Any]:
    """Of the whole file, for editors."""
    found = Organisation.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | found
