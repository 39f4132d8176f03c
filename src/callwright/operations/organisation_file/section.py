"""What every part of the organisation file's shape is made of."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field


def example(text: str) -> Any:
    """A required field, and what to write when it is missing."""
    return Field(examples=[text])


def empty(make: type[list[Any]] | type[dict[str, Any]]) -> Any:
    """A default for what 50,000 entries have: made by itself in a tenth of what a copy takes."""
    return Field(default_factory=make, json_schema_extra={"default": make()})


class Section(BaseModel):
    """Nobody changes one, so a copy of it is the thing itself: a default is shared by 50,000."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @classmethod
    def shared(cls) -> Any:
        """A default that 50,000 have in common, which nobody has to be asked to copy."""
        one = cls()
        return Field(
            default_factory=lambda: one,
            json_schema_extra={"default": one.model_dump(mode="json")},
        )

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        return self
