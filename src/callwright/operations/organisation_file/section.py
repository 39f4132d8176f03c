"""What every part of the organisation file's shape is made of."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field


def example(text: str) -> Any:
    """A required field, and what to write when it is missing."""
    return Field(examples=[text])


class Section(BaseModel):
    """Nobody changes one, so a copy of it is the thing itself: a default is shared by 50,000."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        return self
