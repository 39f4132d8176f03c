"""What every part of the organisation file's shape is made of."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


def example(text: str) -> Any:
    """A required field, and what to write when it is missing."""
    return Field(examples=[text])


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
