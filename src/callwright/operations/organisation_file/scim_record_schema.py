"""What is kept of a user or group for its provider, beside the directory's own entry."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, JsonValue, StrictStr

from callwright.kernel.limits.access import SCIM_TEXT_CHARS_MAX
from callwright.operations.organisation_file.refusal import refused
from callwright.operations.organisation_file.section import Section

USER_RECORD, GROUP_RECORD = "scim-user", "scim-group"


def _check_length(text: str) -> str:
    if not text or len(text) > SCIM_TEXT_CHARS_MAX:
        raise refused(f"is empty or longer than {SCIM_TEXT_CHARS_MAX} characters; shorten it")
    return text


Text = Annotated[StrictStr, AfterValidator(_check_length)]


class ScimRecord(Section):
    """Its key is the resource's ``id``."""

    entity: Text
    """Key of the user or group of the directory."""
    made_at: Text
    changed_at: Text
    attributes: dict[str, JsonValue] = {}
    """As the provider sent them, those too that mean nothing here."""


SCIM_RECORDS: dict[str, type[BaseModel]] = {USER_RECORD: ScimRecord, GROUP_RECORD: ScimRecord}
