"""Commands about the organisation: plan, apply, export, explain."""

import getpass
import os
from contextlib import closing
from datetime import datetime
from pathlib import Path

import typer

from callwright.cli.civil_time import utc_now
from callwright.cli.failures import told
from callwright.cli.places import Where
from callwright.cli.stored import stored
from callwright.cli.tables import print_json
from callwright.operations.actor import Actor
from callwright.operations.administration import Administration, Applied
from callwright.operations.configuration import Problem
from callwright.operations.export_organisation import export_organisation
from callwright.operations.organisation_file import (
    Organisation,
    build_snapshot,
    from_entities,
    read_organisation,
    to_entities,
)
from callwright.operations.organisation_file.soundness import cautions
from callwright.operations.plan import Change
from callwright.operations.plan import plan as compare
from callwright.routing.explain import explain as explain_call
from callwright.routing.snapshot import Snapshot
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.database import Database
from callwright.storage.system import NoSuchOrganisation, System


def show_plan(file: Path, where: Where, *, as_json: bool) -> None:
    with told(), closing(System.open(where.data, where.url)) as system:
        organisation = read_organisation(file)
        if not system.has_first:
            advice = tuple(Problem(*finding) for finding in cautions(organisation))
            planned = Applied(0, compare({}, to_entities(organisation)), advice)
        else:
            with closing(_place_of(organisation, system, where, read_only=True)) as database:
                planned = applied(organisation, database, system, dry_run=True)
        _print_applied(planned, as_json, verb="would change")


def apply(file: Path, where: Where, *, as_json: bool) -> None:
    with told(), closing(System.open(where.data, where.url)) as system:
        organisation = read_organisation(file)
        with closing(_place_of(organisation, system, where)) as database:
            done = applied(organisation, database, system)
        _print_applied(done, as_json, verb="changed")


def applied(
    organisation: Organisation, database: Database, system: System, *, dry_run: bool = False
) -> Applied:
    """Raises EditRefused where it cannot be beside its neighbours, and DatabaseError."""
    configuration = StoredConfiguration(database, utc=utc_now)
    seat = None if database.data == system.data else organisation.organisation.domain
    administration = Administration(configuration, system.outside(seat))
    return administration.replace(organisation, by=whoever_asks(), dry_run=dry_run)


def whoever_asks() -> Actor:
    try:
        return Actor("local", getpass.getuser())
    except (KeyError, OSError):  # a container need not know its users
        return Actor("local", str(os.getuid()))


def _place_of(
    organisation: Organisation, system: System, where: Where, *, read_only: bool = False
) -> Database:
    """The file says whose it is; who names another organisation is mistaken."""
    domain = organisation.organisation.domain
    if where.organisation is not None and where.organisation != domain:
        raise NoSuchOrganisation(f"the file is of {domain}, not of {where.organisation}")
    return system.open_for_file(domain, read_only=read_only)


def export(where: Where) -> None:
    with stored(where) as database:
        _, entities = StoredConfiguration(database, utc=utc_now).load()
        print(export_organisation(entities), end="")


def snapshot_of(org: Path | None, where: Where) -> Snapshot:
    """Returns what calls would see of a file, or of what is stored."""
    if org is not None:
        return build_snapshot(read_organisation(org), revision=0, base=None)
    with stored(where) as database:
        revision, entities = StoredConfiguration(database, utc=utc_now).load()
    return build_snapshot(from_entities(entities), revision=revision, base=None)


def explain(
    org: Path | None, where: Where, *, caller: str, dialled: str, at: str | None, as_json: bool
) -> None:
    with told():
        snapshot = snapshot_of(org, where)
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


def _print_applied(applied: Applied, as_json: bool, *, verb: str) -> None:
    """Cautions stand beside what a program reads, and in what people read."""
    _print_changes(applied.changes, as_json, verb=verb)
    for caution in applied.cautions:
        typer.echo(f"caution: {caution}", err=as_json)


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
