"""Commands about the organisation: plan, apply, export, explain."""

from datetime import datetime
from pathlib import Path

import typer

from callwright.cli.civil_time import utc_now
from callwright.cli.failures import told
from callwright.cli.stored import stored
from callwright.cli.tables import print_json
from callwright.operations.apply_organisation import apply_organisation
from callwright.operations.export_organisation import export_organisation
from callwright.operations.organisation_file import (
    build_snapshot,
    from_entities,
    read_organisation,
    to_entities,
)
from callwright.operations.plan import Change
from callwright.operations.plan import plan as compare
from callwright.routing.explain import explain as explain_call
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.database import Database


def show_plan(file: Path, data: Path, *, as_json: bool) -> None:
    with told():
        wanted = to_entities(read_organisation(file))
        if not (data / "callwright.db").exists():
            _print_changes(compare({}, wanted), as_json, verb="would change")
            return
        with stored(data) as database:
            _, entities = StoredConfiguration(database, utc=utc_now).load()
        _print_changes(compare(entities, wanted), as_json, verb="would change")


def apply(file: Path, data: Path, *, as_json: bool) -> None:
    with told():
        organisation = read_organisation(file)
        database = Database.open(data)
        try:
            configuration = StoredConfiguration(database, utc=utc_now)
            changes = apply_organisation(configuration, organisation)
        finally:
            database.close()
        _print_changes(changes, as_json, verb="changed")


def export(data: Path) -> None:
    with stored(data) as database:
        _, entities = StoredConfiguration(database, utc=utc_now).load()
        print(export_organisation(entities), end="")


def explain(
    org: Path | None, data: Path, *, caller: str, dialled: str, at: str | None, as_json: bool
) -> None:
    with told():
        if org is not None:
            organisation, revision = read_organisation(org), 0
        else:
            with stored(data) as database:
                revision, entities = StoredConfiguration(database, utc=utc_now).load()
            organisation = from_entities(entities)
        snapshot = build_snapshot(organisation, revision=revision, base=None)
        explanation = explain_call(snapshot, caller=caller, dialled=dialled, at=_instant(at))
    if as_json:
        print_json(explanation.as_json())
        return
    for number, step in enumerate(explanation.steps, start=1):
        print(f"{number:3}. {step.what}\n     because {step.because}")
    print(f"  => {explanation.outcome}")


def _instant(text: str | None) -> datetime:
    """A local time without zone is the organisation's."""
    if text is None:
        return utc_now()
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no time such as 2026-12-25T09:00") from None


def _print_changes(changes: tuple[Change, ...], as_json: bool, *, verb: str) -> None:
    if as_json:
        print_json(
            [
                {
                    "kind": change.kind,
                    "key": change.key,
                    "action": change.action,
                    "fields": [
                        {"path": field.path, "old": field.old, "new": field.new}
                        for field in change.fields
                    ],
                }
                for change in changes
            ]
        )
        return
    for change in changes:
        print(change)
        for field in change.fields:
            print(f"    {field}")
    print(f"{len(changes)} {verb}" if changes else f"nothing {verb}")
