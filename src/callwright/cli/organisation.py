"""Commands about the organisation: plan, apply, export, drift, schema, explain.

Without a server they act on the data as the API does, and by the same operations (ADR 0031).
"""

import getpass
import os
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import typer

from callwright.cli.changes import change_of, changes_as_json, print_answer, print_changes
from callwright.cli.civil_time import utc_now
from callwright.cli.client import ApiRefused, reached_api
from callwright.cli.failures import told
from callwright.cli.overwriting import write_over
from callwright.cli.places import Reach, Where
from callwright.cli.rewinding import newest_change_of, said_of
from callwright.cli.stored import stored
from callwright.cli.tables import print_json
from callwright.kernel.instants import in_reach
from callwright.kernel.limits.commands import DRIFT_LOOKUPS_MAX
from callwright.operations.actor import Actor
from callwright.operations.administration import Administration, Advice, Applied
from callwright.operations.configuration import is_record
from callwright.operations.export_organisation import export_organisation
from callwright.operations.json_schema import file_schema
from callwright.operations.merge_export import merge_export
from callwright.operations.organisation_file import (
    Organisation,
    build_snapshot,
    from_entities,
    read_organisation,
    read_organisation_text,
    to_entities,
)
from callwright.operations.organisation_file.secret_references import SecretPlaces
from callwright.operations.organisation_file.several import read_text
from callwright.operations.organisation_file.splicing import CannotSplice
from callwright.operations.plan import plan as compare
from callwright.operations.schedules.kept import kept_schedules
from callwright.routing.explain import explain as explain_call
from callwright.routing.scripted_caller import Act
from callwright.routing.snapshot import Snapshot
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.database import Database
from callwright.storage.system import NoSuchOrganisation, System

DRIFT_STATUS = 2
_DRIFT = {
    "add": "is in the file, and not stored",
    "change": "is another",
    "remove": "is stored, and not in the file",
}


def show_plan(file: Path, reach: Reach, *, as_json: bool) -> None:
    with told(ApiRefused):
        organisation = read_organisation(file)
        if reach.server is not None:
            _ask(reach, organisation, "plan", as_json=as_json, verb="would change")
        else:
            _print_applied(_planned(organisation, reach.where), as_json, verb="would change")


def _planned(organisation: Organisation, where: Where) -> Applied:
    with closing(System.open(where.data, where.url)) as system:
        if not system.has_first:
            return Applied(0, compare({}, to_entities(organisation)), Advice(organisation))
        with closing(_place_of(organisation, system, where, read_only=True)) as database:
            return applied(organisation, database, system, dry_run=True)


def apply(file: Path, reach: Reach, *, why: str | None, as_json: bool) -> None:
    where = reach.where
    with told(ApiRefused):
        organisation = read_organisation(file)
        if reach.server is not None:
            _ask(reach, organisation, "apply", why=why, as_json=as_json, verb="changed")
            return
        with closing(System.open(where.data, where.url)) as system:
            with closing(_place_of(organisation, system, where)) as database:
                done = applied(organisation, database, system, why=why)
            _print_applied(done, as_json, verb="changed")


def _ask(
    reach: Reach,
    organisation: Organisation,
    act: str,
    *,
    why: str | None = None,
    as_json: bool,
    verb: str,
) -> None:
    """The file was read here, where the lines of its mistakes are; the server gets what it says.

    Raises ApiRefused.
    """
    with reached_api(reach) as api:
        tree = organisation.model_dump(mode="json", exclude_unset=True)
        answer = api.ask("POST", f"/organisation/{act}", body=tree, why=why)
    print_answer(answer, as_json=as_json, verb=verb)


def show_drift(file: Path, reach: Reach, *, as_json: bool) -> None:
    """What is stored and not in the file, and the other way round; exit status 2 where anything
    is."""
    with told(ApiRefused), reached_api(reach, read_only=True) as api:
        tree = read_organisation(file).model_dump(mode="json", exclude_unset=True)
        answer = api.ask("POST", "/organisation/plan", body=tree)
        changes = [change_of(each) for each in answer["changes"]]
        known = [newest_change_of(api, change) for change in changes[:DRIFT_LOOKUPS_MAX]]
    makers = [*known, *(None for _ in changes[DRIFT_LOOKUPS_MAX:])]
    if as_json:
        shown = zip(changes_as_json(changes), makers, strict=True)
        print_json([{**change, "stored_by": maker} for change, maker in shown])
    else:
        for change, maker in zip(changes, makers, strict=True):
            print(f"{change.subject}: {_DRIFT[change.action]}")
            for field in change.fields if change.action == "change" else ():
                print(f"    {field.path}: stored {field.old}, in the file {field.new}")
            if maker is not None:
                print(f"    {said_of(maker)}")
        print(f"{len(changes)} differ" if changes else "no drift")
    if changes:
        raise typer.Exit(DRIFT_STATUS)


def applied(
    organisation: Organisation,
    database: Database,
    system: System,
    *,
    why: str | None = None,
    dry_run: bool = False,
) -> Applied:
    """Raises EditRefused where it cannot be beside its neighbours, and DatabaseError."""
    configuration = StoredConfiguration(database, utc=utc_now)
    seat = None if database.data == system.data else organisation.organisation.domain
    administration = Administration(configuration, system.outside(seat))
    return administration.replace(organisation, by=whoever_asks(), why=why, dry_run=dry_run)


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


def export(reach: Reach, merge: Path | None) -> None:
    with told(ApiRefused, CannotSplice, OSError):
        exported = _exported(reach)
        if merge is None:
            print(exported, end="")
        else:
            print(_merged(merge, exported), file=sys.stderr)


def _merged(file: Path, exported: str) -> str:
    """Returns what became of the file."""
    stored_now = to_entities(read_organisation_text(exported, name="the export", base=None))
    text = read_text(file)
    secrets = SecretPlaces(os.environ, file.parent)
    merged = merge_export(text, stored_now, name=str(file), base=file.parent, secrets=secrets)
    if merged == text:
        return f"{file} says what is stored; nothing changed"
    write_over(file, merged)
    return f"{file} says what is stored now"


def _exported(reach: Reach) -> str:
    if reach.server is not None:
        with reached_api(reach) as api:
            return str(api.get("/organisation/export"))
    with stored(reach.where) as database:
        _, entities = StoredConfiguration(database, utc=utc_now).load()
    return export_organisation({a: value for a, value in entities.items() if not is_record(a)})


def show_schema() -> None:
    print_json(file_schema())


def snapshot_of(org: Path | None, where: Where) -> Snapshot:
    """Returns what calls would see of a file, or of what is stored."""
    if org is not None:
        return build_snapshot(read_organisation(org), revision=0, base=None)
    with stored(where) as database:
        revision, entities = StoredConfiguration(database, utc=utc_now).load()
    organisation = from_entities(entities)
    kept = kept_schedules(organisation, entities)
    return build_snapshot(organisation, revision=revision, base=None, kept=kept)


class AskedCall(NamedTuple):
    """What `explain` is asked for."""

    caller: str
    dialled: str
    at: str | None
    """Local time without zone; None: now."""
    acts: Sequence[Act] | None
    """What the caller does in menus; None: menus are shown."""


def explain(org: Path | None, where: Where, asked: AskedCall, *, as_json: bool) -> None:
    with told():
        snapshot = snapshot_of(org, where)
        explanation = explain_call(
            snapshot,
            caller=asked.caller,
            dialled=asked.dialled,
            at=_instant(asked.at),
            acts=asked.acts,
        )
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
        return in_reach(datetime.fromisoformat(text))
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no time such as 2026-12-25T09:00") from None


def _print_applied(applied: Applied, as_json: bool, *, verb: str) -> None:
    """Cautions stand beside what a program reads, and in what people read."""
    print_changes(applied.changes, as_json=as_json, verb=verb)
    for caution in applied.cautions:
        typer.echo(f"caution: {caution}", err=as_json)
