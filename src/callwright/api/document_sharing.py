"""Makes the OpenAPI document shorter: what is the same everywhere is written once."""

import json
from collections.abc import Iterable
from typing import Any

from callwright.api.problems import MEDIA_TYPE

Operation = dict[str, Any]


def share_refusals(operations: Iterable[Operation]) -> dict[str, Any]:
    """Replaces each refusal by a reference; returns what they refer to."""
    shared: dict[str, Any] = {}
    for operation in operations:
        for status, response in operation.get("responses", {}).items():
            if list(response.get("content", {})) == [MEDIA_TYPE]:
                name = f"Problem{status}"
                shared[name] = response
                operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}
    return dict(sorted(shared.items()))


def share_parameters(operations: Iterable[Operation]) -> dict[str, Any]:
    """The same for parameters; different ones of a name are numbered."""
    shared: dict[str, Any] = {}
    names: dict[str, str] = {}
    for operation in operations:
        parameters = [_plain_parameter(each) for each in operation.get("parameters", ())]
        for at, parameter in enumerate(parameters):
            text = json.dumps(parameter, sort_keys=True)
            if text not in names:
                name = parameter["name"].replace(".", "-")
                count = sum(1 for taken in names.values() if taken.partition(".")[0] == name)
                names[text] = name if count == 0 else f"{name}.{count + 1}"
                shared[names[text]] = parameter
            parameters[at] = {"$ref": f"#/components/parameters/{names[text]}"}
        if parameters:
            operation["parameters"] = parameters
    return dict(sorted(shared.items()))


def _plain_parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    """A parameter that is not sent is left out: null cannot be written in a query or a header."""
    schema = dict(parameter.get("schema", {}))
    choices = [each for each in schema.pop("anyOf", []) if each != {"type": "null"}]
    if len(choices) == 1:
        schema = {**choices[0], **schema}
    elif choices:
        schema["anyOf"] = choices
    if schema.get("description") == parameter.get("description"):
        schema.pop("description", None)
    return {**parameter, "schema": plain(schema)}


def plain(schema: Any) -> Any:
    """Without titles, and without examples that are written as YAML."""
    if isinstance(schema, dict):
        return {
            name: plain_fields(value) if name in ("properties", "$defs") else plain(value)
            for name, value in schema.items()
            if name not in ("title", "examples")
        }
    return [plain(inner) for inner in schema] if isinstance(schema, list) else schema


def plain_fields(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: plain(schema) for name, schema in fields.items()}
