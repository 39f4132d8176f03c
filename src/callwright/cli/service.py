"""What users may do and which licences they hold, printed."""

import sys
from zoneinfo import ZoneInfo

import typer

from callwright.cli.civil_time import utc_now
from callwright.cli.failures import told
from callwright.cli.places import Where
from callwright.cli.stored import stored
from callwright.cli.tables import print_json, print_table
from callwright.domains.policies.rules import Level
from callwright.kernel.ids import UserId
from callwright.operations.licence_report import Usage, report_licences
from callwright.operations.organisation_file import Organisation, build_snapshot, from_entities
from callwright.operations.organisation_file.refusal import alternatives
from callwright.routing.explain import Explanation, explain
from callwright.routing.request import LiveState
from callwright.routing.service import Service, effective_service
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.database import Database
from callwright.storage.ledger import Ledger

USAGE = ("licence", "bought", "held", "unused", "standing", "expires")
WASTE = ("holder", "licence", "what to do")


def show_service(where: Where, user: str, to: str | None, *, as_json: bool) -> None:
    with told(), stored(where) as database:
        organisation = _organisation(database)
        if user not in organisation.users:
            remedy = alternatives(user, organisation.users)
            print(f"there is no user {user!r}; {remedy}", file=sys.stderr)
            raise typer.Exit(1)
        snapshot = build_snapshot(organisation, revision=0, base=None)
        standing = Ledger(database).standing()
        live = LiveState(available=None if standing is None else standing.available)
        now = utc_now()
        service = effective_service(snapshot, UserId(user), now=now, live=live)
        call = None if to is None else explain(snapshot, caller=user, dialled=to, at=now, live=live)
    if as_json:
        print_json(service.as_json() | ({} if call is None else {"call": call.as_json()}))
        return
    _print_service(service, organisation.users[user].name)
    if call is not None:
        _print_call(call, to or "")


def show_licences(where: Where, *, as_json: bool) -> None:
    with told(), stored(where) as database:
        organisation = _organisation(database)
    zone = ZoneInfo(organisation.organisation.timezone)
    report = report_licences(organisation, utc_now().astimezone(zone).date())
    if as_json:
        print_json(report.as_json())
        return
    print_table(USAGE, map(_usage_row, report.usage))
    if report.waste:
        print()
        print_table(WASTE, ((row.holder, row.sku, row.text) for row in report.waste))


def _usage_row(row: Usage) -> tuple[str, ...]:
    counts = map(str, (row.bought, row.held, row.unused))
    return (row.sku, *counts, row.standing.value, str(row.expires or "-"))


def _organisation(database: Database) -> Organisation:
    _, entities = StoredConfiguration(database, utc=utc_now).load()
    return from_entities(entities)


def _print_service(service: Service, name: str) -> None:
    print(f"{service.user} ({name})")
    for answer in service.answers:
        code = f" [{answer.reason.code}]" if answer.reason is not None else ""
        print(f"  {'yes' if answer.is_given else 'no ':3} {answer.what}{code}")
        print(f"      because {answer.because}")
    for kind, resolved in service.policies:
        if resolved.level is not Level.GLOBAL:
            print(f"  {kind.value.replace('_', ' ')} policy {resolved.policy}: {resolved.because}")
    for warning in service.warnings:
        print(f"  caution: {warning}")


def _print_call(call: Explanation, to: str) -> None:
    print(f"\nA call to {to}:")
    for number, step in enumerate(call.steps, start=1):
        print(f"{number:3}. {step.what}\n     because {step.because}")
    print(f"  => {call.outcome}")
