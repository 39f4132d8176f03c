"""Brings an organisation file up to what is stored, and keeps all of it that still holds."""

from pathlib import Path

from callwright.operations.organisation_file import (
    Entities,
    OrganisationFileError,
    from_entities,
    read_organisation_text,
    to_entities,
)
from callwright.operations.organisation_file.secret_references import SecretPlaces
from callwright.operations.organisation_file.splicing import CannotSplice, spliced


def merge_export(
    text: str,
    entities: Entities,
    *,
    name: str,
    base: Path | None,
    secrets: SecretPlaces | None = None,
) -> str:
    """Returns ``text`` with what differs from ``entities`` changed in place: comments, order and
    layout stay, and a file that says what is stored stays the same byte for byte.

    ``name``, ``base`` and ``secrets`` are the file's, as for reading it. A reference to a secret
    stays if it leads to what is stored. Raises OrganisationFileError where the file has mistakes,
    and CannotSplice where it cannot be changed in place.
    """
    read = read_organisation_text(text, name=name, base=base, secrets=secrets)
    if to_entities(read) == entities:
        return text
    before = read.model_dump(mode="json", exclude_unset=True)
    after = from_entities(entities).model_dump(mode="json", exclude_unset=True)
    merged = spliced(text, before, after)
    try:
        again = read_organisation_text(merged, name=name, base=base, secrets=secrets)
    except OrganisationFileError as error:
        raise CannotSplice(f"{name}: would not read back: {error.mistakes[0].text}") from None
    if to_entities(again) != entities:
        raise CannotSplice(f"{name}: entries stand in another order than is stored; use export")
    return merged
