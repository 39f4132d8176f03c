"""Parameters that a route does not know are refused: a misspelt filter must not find everything."""

from collections.abc import Iterator
from typing import Any
from weakref import WeakKeyDictionary

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import HTTPConnection

from callwright.api.problems import Problem, bad_parameter
from callwright.operations.organisation_file.refusal import alternatives, quoted

_known: WeakKeyDictionary[Any, frozenset[str]] = WeakKeyDictionary()
"""Of routes that were asked, by their functions."""


async def no_others(request: HTTPConnection) -> None:
    """A dependency of every router. Raises Problem (422)."""
    route = request.scope.get("route")
    if "\0" in request.url.path or any("\0" in value for value in request.query_params.values()):
        text = "a parameter holds the character U+0000"
        raise Problem(422, "bad-character", text, "leave it out")
    if not request.query_params or not isinstance(route, APIRoute):
        return
    known = _names(route)
    for name in request.query_params:
        if name not in known:
            text = f"there is no parameter {quoted(name)}; {alternatives(name, sorted(known))}"
            raise bad_parameter(name, "unknown-parameter", text)


def _names(route: APIRoute) -> frozenset[str]:
    found = _known.get(route.endpoint)
    if found is None:
        found = _known[route.endpoint] = frozenset(_walk(route.dependant))
    return found


def _walk(dependant: Dependant) -> Iterator[str]:
    for field in dependant.query_params:
        yield field.alias
    for inner in dependant.dependencies:
        yield from _walk(inner)
