"""An organisation in parts: one entity for each user, queue, route ..., as the file words it.

An entity is ``(kind, key)`` and plain JSON. The order of a section is an entity of its own, since
it can mean something (the first location, routes of equal priority) and ``export`` keeps it.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias, TypeGuard, cast

from pydantic import BaseModel, JsonValue

from callwright.operations.circles import no_circles_looked_for
from callwright.operations.organisation_file.record_schema import NUMBER_RECORDS
from callwright.operations.organisation_file.schedule_record_schema import SCHEDULE_RECORDS
from callwright.operations.organisation_file.schema import Organisation
from callwright.operations.organisation_file.scim_record_schema import SCIM_RECORDS

EntityKey: TypeAlias = tuple[str, str]
Entities: TypeAlias = Mapping[EntityKey, JsonValue]

ORDER = "order"


class EntitySection(NamedTuple):
    kind: str
    path: tuple[str, ...]
    """Of the section in the file."""
    identity: tuple[str, ...] = ()
    """For a section that is a list: the fields of which one names the entry."""

    @property
    def label(self) -> str:
        return ".".join(self.path)


SECTIONS = (
    EntitySection("user", ("users",)),
    EntitySection("group", ("groups",)),
    EntitySection("calling-policy", ("policies", "calling")),
    EntitySection("caller-id-policy", ("policies", "caller_id")),
    EntitySection("shared-calling-policy", ("policies", "shared_calling")),
    EntitySection("voice-applications-policy", ("policies", "voice_applications")),
    EntitySection("voicemail-policy", ("policies", "voicemail")),
    EntitySection("sbc", ("pstn", "direct_routing", "sbcs")),
    EntitySection("stir", ("pstn", "stir")),
    EntitySection("route", ("pstn", "direct_routing", "routes"), ("name",)),
    EntitySection("policy", ("pstn", "direct_routing", "policies")),
    EntitySection("calling-plan", ("pstn", "calling_plan")),
    EntitySection("operator-connect", ("pstn", "operator_connect")),
    EntitySection("dial-plan", ("dial_plans",)),
    EntitySection("number-range", ("numbers",), ("range", "number")),
    EntitySection("unassigned-number", ("unassigned_numbers",)),
    EntitySection("contact", ("contacts",)),
    EntitySection("resource-account", ("resource_accounts",)),
    EntitySection("call-queue", ("call_queues",)),
    EntitySection("shared-voicemail", ("shared_voicemail",)),
    EntitySection("schedule", ("schedules",)),
    EntitySection("holiday-set", ("holiday_sets",)),
    EntitySection("auto-attendant", ("auto_attendants",)),
    EntitySection("location", ("emergency", "locations")),
)
SINGLETONS = ("organisation", "licences", "credits", "emergency", "shield", "sign_in", "voicemail")
"""Sections that are one entity; kind and key are the section's name."""

RECORD_SCHEMAS: Mapping[str, type[BaseModel]] = {
    **NUMBER_RECORDS,
    **SCIM_RECORDS,
    **SCHEDULE_RECORDS,
}
"""Kinds of entities that are state of the running system: kept and logged as the others, but no
part of the file. Each with the shape of its settings."""

SECTION_OF_KIND = {section.kind: section for section in SECTIONS}


def to_entities(organisation: Organisation) -> Entities:
    """Takes an organisation apart; what the file leaves to a default is in no entity."""
    tree: Any = _in_parts(organisation)
    entities: dict[EntityKey, JsonValue] = {}
    for section in SECTIONS:
        keys = []
        for key, value in _take(tree, section):
            entities[section.kind, key] = value
            keys.append(key)
        if len(keys) > 1:
            entities[ORDER, section.label] = list(keys)
    for name in SINGLETONS:
        if name in tree:
            entities[name, name] = tree[name]
    return entities


def _in_parts(organisation: Organisation) -> dict[str, JsonValue]:
    """As ``plain``, entry by entry: to write 50,000 at once lets nobody else run meanwhile."""
    written = [name for name in Organisation.model_fields if name in organisation.model_fields_set]
    parts = {name: plain(getattr(organisation, name)) for name in written}
    return {name: part for name, part in parts.items() if part is not None}


def plain(value: Any) -> JsonValue:
    """Returns what was written of a part of an organisation; null is what nobody wrote."""
    if isinstance(value, BaseModel):
        settings: JsonValue = value.model_dump(mode="json", exclude_unset=True, exclude_none=True)
        return settings
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return cast(JsonValue, value)


def kept_orders(before: Entities, wanted: Entities) -> Entities:
    """Returns ``wanted`` with the orders of ``before`` where they come to the same."""
    kept = dict(wanted)
    for section in SECTIONS:
        address = ORDER, section.label
        if before.get(address) != wanted.get(address) and (
            _keys_of(section, before) == _keys_of(section, wanted)
        ):
            kept.pop(address, None)
            if address in before:
                kept[address] = before[address]
    return kept


def _keys_of(section: EntitySection, entities: Entities) -> list[str]:
    stored = {key: value for (kind, key), value in entities.items() if kind == section.kind}
    return _ordered(stored, entities.get((ORDER, section.label)))


def from_entities(entities: Entities) -> Organisation:
    """Puts an organisation together again; raises ValueError on what no version here wrote."""
    with no_circles_looked_for():
        return Organisation.model_validate(to_tree(entities))


def to_tree(entities: Entities) -> dict[str, Any]:
    """Returns the file as plain data, sections in the file's order, entries in the order stored."""
    tree: dict[str, Any] = {}
    by_kind: dict[str, dict[str, JsonValue]] = {}
    for (kind, key), value in entities.items():
        if kind in SINGLETONS:
            tree[kind] = dict(value) if isinstance(value, dict) else value
        elif kind in SECTION_OF_KIND:
            by_kind.setdefault(kind, {})[key] = value
        elif kind != ORDER and kind not in RECORD_SCHEMAS:
            raise ValueError(f"no entity has the kind {kind!r}; it is from another version")
    for section in SECTIONS:
        stored = by_kind.get(section.kind, {})
        if stored:
            keys = _ordered(stored, entities.get((ORDER, section.label)))
            _put(tree, section, {key: stored[key] for key in keys})
    return {name: tree[name] for name in Organisation.model_fields if name in tree}


def _take(tree: dict[str, Any], section: EntitySection) -> Iterator[tuple[str, JsonValue]]:
    parent: Any = tree
    for step in section.path[:-1]:
        parent = parent.get(step) or {}
    entries = parent.pop(section.path[-1], None) or {}
    if not section.identity:
        yield from entries.items()
        return
    for entry in entries:
        yield next(entry[field] for field in section.identity if field in entry), entry


def _put(tree: dict[str, Any], section: EntitySection, entries: dict[str, JsonValue]) -> None:
    parent = tree
    for step in section.path[:-1]:
        parent = parent.setdefault(step, {})
    parent[section.path[-1]] = list(entries.values()) if section.identity else entries


def orders_after(before: Entities, after: Entities, touched: Iterable[EntityKey]) -> Entities:
    """Returns the order of each section that stands in another one than its entries in ``before``
    with new ones behind them: as ``to_tree`` will read it."""
    touched = set(touched)
    come: dict[str, set[JsonValue]] = {}
    for kind, key in touched:
        if (kind, key) in after and (kind, key) not in before:
            come.setdefault(kind, set()).add(key)
    orders: dict[EntityKey, JsonValue] = {}
    for section in SECTIONS:
        address = ORDER, section.label
        order = after.get(address, [])
        if not is_order(order):
            continue  # and is refused as it is
        if address in touched or not come.get(section.kind, set()).isdisjoint(order):
            orders[address] = list(_keys_of(section, after))
    return orders


def is_order(value: JsonValue) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(key, str) for key in value)


def _ordered(stored: Mapping[str, JsonValue], order: JsonValue) -> list[str]:
    """The keys as the section's order has them, then those that came since, the latest last."""
    known = [key for key in order if key in stored] if is_order(order) else []
    return list(dict.fromkeys((*known, *stored)))
