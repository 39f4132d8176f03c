"""Changes single entities of a checked organisation; everything else stays the same object.

A change of one user among 50,000 validates that user, and makes one new mapping of users.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel, JsonValue, TypeAdapter, ValidationError

from callwright.operations.organisation_file.checks import Finding
from callwright.operations.organisation_file.entities import (
    ORDER,
    SECTION_OF_KIND,
    SECTIONS,
    SINGLETONS,
    Entities,
    EntityKey,
    EntitySection,
    is_order,
    plain,
)
from callwright.operations.organisation_file.refusal import alternatives, quoted
from callwright.operations.organisation_file.schema import EmergencySettings, Organisation
from callwright.operations.organisation_file.wording import path_of, plain_type, text_of

_LABELS = {section.label: section for section in SECTIONS}

_EMPTY = "is empty; write its settings, or remove it"
_LOCATIONS = "are entries of their own; write each as a location, and leave them out here"


def revise(
    organisation: Organisation,
    upserts: Mapping[EntityKey, JsonValue],
    removals: Collection[EntityKey],
) -> tuple[Organisation, list[Finding]]:
    """Returns the organisation after the change, and what the schema refuses of it.

    What is refused is left as it was. Whether the parts fit together is not looked at. Removing
    what is not there changes nothing.
    """
    findings: list[Finding] = []
    by_kind: dict[str, tuple[dict[str, JsonValue], list[str]]] = {}
    for (kind, key), settings in upserts.items():
        by_kind.setdefault(kind, ({}, []))[0][key] = settings
    for kind, key in removals:
        if (kind, key) not in upserts:
            by_kind.setdefault(kind, ({}, []))[1].append(key)
    for kind in sorted(by_kind, key=_rank):
        put, taken = by_kind[kind]
        if kind in SECTION_OF_KIND:
            organisation = _revise_section(
                organisation, SECTION_OF_KIND[kind], put, taken, findings
            )
        elif kind in SINGLETONS:
            organisation = _revise_singleton(organisation, kind, put, taken, findings)
        elif kind == ORDER:
            organisation = _reorder(organisation, put, findings)
        else:
            known = [*SECTION_OF_KIND, *SINGLETONS]
            text = f"there is no kind {quoted(kind)}; {alternatives(kind, known)}"
            findings.append(Finding((kind,), text))
    return organisation, findings


def written(organisation: Organisation, addresses: Iterable[EntityKey]) -> Entities:
    """Returns the settings of entities that are there, worded as `to_entities` does."""
    entries = cache(lambda kind: _entries(organisation, SECTION_OF_KIND[kind])[1])
    entities: dict[EntityKey, JsonValue] = {}
    for kind, key in addresses:
        if kind in SINGLETONS:
            entities[kind, key] = _singleton_settings(kind, getattr(organisation, kind))
        elif kind in SECTION_OF_KIND:
            entities[kind, key] = plain(entries(kind)[key])
    return entities


def worded(kind: str, key: str, settings: JsonValue) -> JsonValue:
    """Returns the settings as they will be stored; as they are where the schema refuses them."""
    if kind in SECTION_OF_KIND:
        valid = _validated(SECTION_OF_KIND[kind], key, settings, [])
        return settings if valid is None else plain(valid)
    if kind in SINGLETONS:
        try:
            return _singleton_settings(kind, _singleton_adapter(kind).validate_python(settings))
        except ValidationError:
            return settings
    return settings


def _singleton_settings(kind: str, value: Any) -> JsonValue:
    settings = plain(value)
    if kind == "emergency" and isinstance(settings, dict):
        settings.pop("locations", None)
    return settings


def _rank(kind: str) -> int:
    """Singletons first, since locations lie in one of them; orders last, when all are there."""
    return 0 if kind in SINGLETONS else 2 if kind == ORDER else 1


def _revise_section(
    organisation: Organisation,
    section: EntitySection,
    put: Mapping[str, JsonValue],
    taken: Collection[str],
    findings: list[Finding],
) -> Organisation:
    parent, entries = _entries(organisation, section)
    if parent is None:
        if put:
            text = f"needs {section.path[0]}; write that section first"
            findings.append(Finding((*section.path, next(iter(put))), text))
        return organisation
    for key in taken:
        entries.pop(key, None)
    for key, settings in put.items():
        valid = _validated(section, key, settings, findings)
        if valid is not None:
            entries[key] = valid
    return _with_entries(organisation, section, entries)


def _entries(
    organisation: Organisation, section: EntitySection
) -> tuple[BaseModel | None, dict[str, Any]]:
    """The model that the section is a field of, and a mapping of its entries that is the
    caller's own. Without the model there are none."""
    parent: Any = organisation
    for step in section.path[:-1]:
        parent = getattr(parent, step)
        if parent is None:
            return None, {}
    found = getattr(parent, section.path[-1])
    if found is None:
        return parent, {}
    if isinstance(found, BaseModel):
        return parent, {name: getattr(found, name) for name in found.model_fields_set}
    if section.identity:
        return parent, {identity_of(section, entry): entry for entry in found}
    return parent, dict(found)


def identity_of(section: EntitySection, entry: BaseModel) -> str:
    """The key of an entry of a section that is a list."""
    for field in section.identity:
        value = getattr(entry, field)
        if value is not None:
            return str(value)
    raise AssertionError("the schema refuses an entry without identity")


def _with_entries(
    organisation: Organisation, section: EntitySection, entries: dict[str, Any]
) -> Organisation:
    shape = _shape(section)
    model = plain_type(shape)
    value: Any = entries
    if isinstance(model, type) and issubclass(model, BaseModel):
        may_be_absent = model is not shape
        value = model.model_construct(_fields_set=set(entries), **entries)
        if may_be_absent and not entries:
            value = None
    elif section.identity:
        value = list(entries.values())
    return _replaced(organisation, section.path, value)


def _replaced(organisation: Organisation, path: tuple[str, ...], value: Any) -> Organisation:
    """The organisation with another value at ``path``; models on the way are copied."""
    models: list[Any] = [organisation]
    for step in path[:-1]:
        models.append(getattr(models[-1], step))
    for model, step in zip(reversed(models), reversed(path), strict=True):
        value = model.model_copy(update={step: value})
    assert isinstance(value, Organisation)
    return value


def _validated(
    section: EntitySection, key: str, settings: JsonValue, findings: list[Finding]
) -> Any:
    """The entry as the schema has it; None where it is refused."""
    if settings is None:
        findings.append(Finding((*section.path, key), _EMPTY))
        return None
    whole: Any = [settings] if section.identity else {key: settings}
    try:
        valid = _adapter(section).validate_python(whole)
    except ValidationError as error:
        findings += _worded(error, section.path, key)
        return None
    if isinstance(valid, BaseModel):
        return getattr(valid, key)
    if not section.identity:
        return valid[key]
    (entry,) = valid
    own = identity_of(section, entry)
    if own != key:
        text = f"is {own}, but it is stored as {key}; write {key}, or remove the other one"
        findings.append(Finding((*section.path, key, section.identity[0]), text))
        return None
    return entry


def _worded(error: ValidationError, path: tuple[str, ...], key: str | None) -> Iterator[Finding]:
    """Pydantic's errors by entity: what is at position 0 of a list is called by its key."""
    for details in error.errors(include_url=False):
        place = path_of(details)
        text = text_of({**details, "loc": (*path, *details["loc"])}, None)
        yield Finding((*path, *(place if key is None else (key, *place[1:]))), text)


def _revise_singleton(
    organisation: Organisation,
    kind: str,
    put: Mapping[str, JsonValue],
    taken: Collection[str],
    findings: list[Finding],
) -> Organisation:
    if kind in put:
        try:
            value = _singleton_adapter(kind).validate_python(put[kind])
        except ValidationError as error:
            findings += _worded(error, (kind,), None)
            return organisation
        if isinstance(value, EmergencySettings):
            if value.locations:
                findings.append(Finding((kind, "locations"), _LOCATIONS))
                return organisation
            value = _with_locations(value, organisation.emergency)
        return organisation.model_copy(update={kind: value})
    if kind not in taken:
        return organisation
    field = Organisation.model_fields[kind]
    if field.is_required():
        findings.append(Finding((kind,), "cannot be removed; remove the organisation instead"))
        return organisation
    if kind == "emergency" and organisation.emergency and organisation.emergency.locations:
        text = "has locations; remove them first, then emergency"
        findings.append(Finding((kind, "locations"), text))
        return organisation
    value = field.get_default(call_default_factory=True)
    organisation = organisation.model_copy(update={kind: value})
    organisation.model_fields_set.discard(kind)  # of the copy: nobody wrote it any longer
    return organisation


def _with_locations(
    settings: EmergencySettings, former: EmergencySettings | None
) -> EmergencySettings:
    return (
        settings if former is None else settings.model_copy(update={"locations": former.locations})
    )


def _reorder(
    organisation: Organisation, orders: Mapping[str, JsonValue], findings: list[Finding]
) -> Organisation:
    for label, order in orders.items():
        section = _LABELS.get(label)
        if section is None:
            text = f"there is no section {quoted(label)}; {alternatives(label, _LABELS)}"
            findings.append(Finding((ORDER, label), text))
            continue
        if not is_order(order):
            findings.append(Finding((ORDER, label), "is no list of keys; write those of entries"))
            continue
        _, entries = _entries(organisation, section)
        keys = dict.fromkeys(str(key) for key in order if key in entries)
        rest = {key: entry for key, entry in entries.items() if key not in keys}
        ordered = {key: entries[key] for key in keys} | rest
        if list(ordered) != list(entries):
            organisation = _with_entries(organisation, section, ordered)
    return organisation


def _shape(section: EntitySection) -> Any:
    """The type of the section in the schema: a mapping, a list or a model."""
    model: Any = Organisation
    for step in section.path[:-1]:
        model = plain_type(model.model_fields[step].annotation)
    return model.model_fields[section.path[-1]].annotation


@cache
def _adapter(section: EntitySection) -> TypeAdapter[Any]:
    return TypeAdapter(_shape(section))


@cache
def _singleton_adapter(kind: str) -> TypeAdapter[Any]:
    return TypeAdapter(plain_type(Organisation.model_fields[kind].annotation))
