"""Values as JSON has them."""

from enum import Enum
from typing import Any, TypeAlias

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
Fields: TypeAlias = "dict[str, Json]"


def value_or_none(member: Enum | None) -> Any:
    return None if member is None else member.value
