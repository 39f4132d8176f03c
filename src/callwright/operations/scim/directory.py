"""Finds users and groups for SCIM, and follows the configuration as it changes."""

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from callwright.operations.configuration import Configuration, Edit
from callwright.operations.organisation_file.scim_record_schema import GROUP_RECORD, USER_RECORD
from callwright.operations.scim.resources import Kept, user_name
from callwright.operations.scim.words import text_of

UNRECORDED = {"user": "u-", "group": "g-"}
"""Ids of what SCIM has not touched yet begin so, and end with the directory's key."""
RECORDS = {"user": USER_RECORD, "group": GROUP_RECORD}


@dataclass(slots=True)
class _Index:
    """Of one kind, at one revision."""

    settings: dict[str, JsonValue] = field(default_factory=dict)
    records: dict[str, JsonValue] = field(default_factory=dict)
    record_of: dict[str, str] = field(default_factory=dict)
    """Id of the record, by the directory's key."""
    by_name: dict[str, str] = field(default_factory=dict)
    """Directory's key, by folded userName or displayName."""
    names: dict[str, str] = field(default_factory=dict)
    by_external_id: dict[str, str] = field(default_factory=dict)
    external_ids: dict[str, str] = field(default_factory=dict)


class ScimDirectory:
    """One organisation's; from any thread. Its own edits cost what they change, others' one look
    at everything."""

    def __init__(self, current: Callable[[], Configuration]) -> None:
        self._current = current
        self._indexes = {kind: _Index() for kind in RECORDS}
        self._revision = -1
        self._domain = ""
        self._turn = threading.RLock()

    def look(self) -> Configuration:
        """The newest configuration, which the other questions answer from until the next look."""
        with self._turn:
            configuration = self._current()
            if configuration.revision != self._revision:
                self._follow(configuration)
                self._revision = configuration.revision
            return configuration

    def advance(self, edit: Edit, revision: int) -> None:
        """Follows an edit that was written as this revision, if nothing else came before it."""
        with self._turn:
            if revision != self._revision + 1:
                return
            for kind, record_kind in RECORDS.items():
                index = self._indexes[kind]
                settings = _part(edit, kind)
                records = _part(edit, record_kind)
                self._enter_all(kind, index, settings, records)
            self._revision = revision

    def all(self, kind: str) -> Iterator[Kept]:
        """In the order of their keys."""
        with self._turn:
            keys = sorted(self._indexes[kind].settings)
        for key in keys:
            kept = self.of_key(kind, key)
            if kept is not None:
                yield kept

    def count(self, kind: str) -> int:
        return len(self._indexes[kind].settings)

    def of_key(self, kind: str, key: str) -> Kept | None:
        with self._turn:
            index = self._indexes[kind]
            settings = index.settings.get(key)
            if not isinstance(settings, dict):
                return None
            id = index.record_of.get(key)
            record = index.records.get(id) if id is not None else None
            if id is None or not isinstance(record, dict):
                id = UNRECORDED[kind] + key
                return Kept(id, key, dict(settings), {}, None, None, is_recorded=False)
            attributes = record.get("attributes")
            return Kept(
                id,
                key,
                dict(settings),
                dict(attributes) if isinstance(attributes, dict) else {},
                text_of(record, "made_at"),
                text_of(record, "changed_at"),
                is_recorded=True,
            )

    def of_id(self, kind: str, id: str) -> Kept | None:
        with self._turn:
            record = self._indexes[kind].records.get(id)
            if isinstance(record, dict):
                return self.of_key(kind, text_of(record, "entity"))
            prefix = UNRECORDED[kind]
            kept = self.of_key(kind, id.removeprefix(prefix)) if id.startswith(prefix) else None
            return kept if kept is not None and kept.id == id else None

    def of_name(self, kind: str, name: str) -> Kept | None:
        """By userName or displayName, whatever its case."""
        with self._turn:
            key = self._indexes[kind].by_name.get(name.casefold())
            return None if key is None else self.of_key(kind, key)

    def of_external_id(self, kind: str, external_id: str) -> Kept | None:
        with self._turn:
            key = self._indexes[kind].by_external_id.get(external_id)
            return None if key is None else self.of_key(kind, key)

    def keys(self, kind: str) -> dict[str, JsonValue]:
        return self._indexes[kind].settings

    def _follow(self, configuration: Configuration) -> None:
        organisation = configuration.organisation
        self._domain = organisation.organisation.domain if organisation is not None else ""
        found: dict[str, dict[str, JsonValue]] = {
            kind: {} for kind in (*RECORDS, *RECORDS.values())
        }
        for (kind, key), value in configuration.entities.items():
            if kind in found:
                found[kind][key] = value
        for kind, record_kind in RECORDS.items():
            index = self._indexes[kind]
            settings = _difference(index.settings, found[kind])
            records = _difference(index.records, found[record_kind])
            self._enter_all(kind, index, settings, records)

    def _enter_all(
        self,
        kind: str,
        index: _Index,
        settings: Mapping[str, JsonValue],
        records: Mapping[str, JsonValue],
    ) -> None:
        """``settings`` and ``records`` are what changed; None: it is gone."""
        touched = set(settings)
        for id, record in records.items():
            before = text_of(index.records.get(id), "entity")
            if index.record_of.get(before) == id:
                del index.record_of[before]
            after = text_of(record, "entity")
            if after:
                index.record_of[after] = id
            touched |= {before, after} - {""}
        for known, changed in ((index.settings, settings), (index.records, records)):
            for key, value in changed.items():
                if value is None:
                    known.pop(key, None)
                else:
                    known[key] = value
        for key in touched:
            self._enter(kind, index, key, self._domain)

    def _enter(self, kind: str, index: _Index, key: str, domain: str) -> None:
        for names, of in ((index.by_name, index.names), (index.by_external_id, index.external_ids)):
            name = of.pop(key, None)
            if name is not None and names.get(name) == key:
                del names[name]
        kept = self.of_key(kind, key)
        if kept is None:
            return
        if kind == "user":
            name = user_name(kept, domain).casefold()
        else:
            told = kept.settings.get("name") or text_of(kept.attributes, "displayName") or key
            name = str(told).casefold()
        index.names[key] = name
        index.by_name.setdefault(name, key)
        external_id = text_of(kept.attributes, "externalId")
        if external_id:
            index.external_ids[key] = external_id
            index.by_external_id.setdefault(external_id, key)


def _difference(
    before: Mapping[str, JsonValue], after: Mapping[str, JsonValue]
) -> dict[str, JsonValue]:
    """What is another object than before; None for what is gone."""
    found = {key: value for key, value in after.items() if before.get(key) is not value}
    return found | dict.fromkeys(before.keys() - after.keys())


def _part(edit: Edit, kind: str) -> dict[str, JsonValue]:
    """What an edit does to the entities of a kind."""
    removed = {key: None for entity, key in edit.removals if entity == kind}
    written = {key: value for (entity, key), value in edit.upserts.items() if entity == kind}
    return {**removed, **written}
