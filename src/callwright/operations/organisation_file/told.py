"""Checks that tell what they allow, as JSON Schema: editors propose it, the API documents it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from pydantic import AfterValidator, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema


@dataclass(frozen=True, slots=True)
class Told(AfterValidator):
    choices: tuple[str | int, ...] = ()
    bounds: tuple[int, int] | None = None
    """Both included."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        found = handler(schema)
        if self.choices:
            found["enum"] = list(self.choices)
        if self.bounds is not None:
            found["minimum"], found["maximum"] = self.bounds
        return found


def told_choice(check: Callable[[Any], Any], known: Collection[str | int]) -> Told:
    return Told(check, choices=tuple(known))


def told_bounds(check: Callable[[Any], Any], low: int, high: int) -> Told:
    return Told(check, bounds=(low, high))
