"""The shape of bought licences: a number of seats, or seats for a term (SPEC 1)."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import (
    GetJsonSchemaHandler,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticKnownError

from callwright.kernel.limits.rights import LICENCE_GRACE_DAYS_DEFAULT, LICENCE_GRACE_DAYS_MAX
from callwright.operations.organisation_file import values
from callwright.operations.organisation_file.refusal import refused
from callwright.operations.organisation_file.section import Section, example

SEATS_MAX = 10_000_000


class LicenceSettings(Section):
    """``10``, or ``{seats: 10, expires: "2026-12-31", grace_days: 30}``."""

    seats: Annotated[int, values.whole(0, SEATS_MAX)] = example("seats: 10")
    expires: values.DateText | None = None
    grace_days: Annotated[int, values.whole(0, LICENCE_GRACE_DAYS_MAX)] = LICENCE_GRACE_DAYS_DEFAULT

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        """A number alone is the seats; what is neither is refused as a number would be."""
        if isinstance(value, int) and not isinstance(value, bool):
            if not 0 <= value <= SEATS_MAX:
                raise refused(f"{value} is out of bounds; write 0 to {SEATS_MAX}")
            return {"seats": value}
        if not isinstance(value, Mapping | cls):
            raise PydanticKnownError("int_type")
        return value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        alone = {"type": "integer", "minimum": 0, "maximum": SEATS_MAX}
        return {"anyOf": [alone, handler(schema)]}

    @model_serializer(mode="wrap")
    def _written(self, handler: SerializerFunctionWrapHandler) -> Any:
        written = handler(self)
        return written["seats"] if written.keys() == {"seats"} else written
