"""The desk that commands about numbers work at: the stored organisation, and who asks."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

import typer

from callwright.cli.civil_time import for_people, utc_now
from callwright.cli.failures import told
from callwright.cli.organisation import whoever_asks
from callwright.cli.places import Where
from callwright.cli.tables import print_json
from callwright.domains.numbers.formats import BadNumber, read_line
from callwright.kernel.e164 import LineNumber
from callwright.operations.administration import Administration, Applied, EditConflict
from callwright.operations.numbers.desk import Act, NumberDesk
from callwright.operations.numbers.supplier import NumberSupplier, SupplierRefused
from callwright.operations.numbers.suppliers import suppliers
from callwright.operations.numbers.upload_rows import BadUpload
from callwright.runtime.identifiers import new_sortable_id
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.system import System


@contextmanager
def opened(where: Where, *, read_only: bool = False) -> Iterator[NumberDesk]:
    """What an act refuses becomes lines on stderr and exit status 1."""
    with (
        told(EditConflict, SupplierRefused, BadUpload),
        closing(System.open(where.data, where.url)) as system,
        closing(system.open_organisation(where.organisation, read_only=read_only)) as database,
    ):
        seat = None if database.data == system.data else where.organisation
        stored = StoredConfiguration(database, utc=utc_now)
        administration = Administration(stored, system.outside(seat))
        yield NumberDesk(administration, utc_now, new_sortable_id)


def act(why: str | None, *, dry_run: bool) -> Act:
    return Act(whoever_asks(), why, dry_run)


def lines(texts: Sequence[str]) -> list[LineNumber]:
    """Raises typer.BadParameter."""
    try:
        return [read_line(text) for text in texts]
    except BadNumber as error:
        raise typer.BadParameter(str(error)) from None


def supplier(name: str) -> NumberSupplier:
    """Raises typer.BadParameter."""
    found = suppliers().get(name)
    if found is None:
        raise typer.BadParameter(f"there is no supplier {name!r}: {', '.join(suppliers())}")
    return found


def say(applied: Applied, *, as_json: bool, dry_run: bool) -> None:
    """What changed, or would."""
    if as_json:
        print_json(
            {
                "revision": applied.revision,
                "changes": [
                    {"kind": c.kind, "key": c.key, "action": c.action} for c in applied.changes
                ],
            }
        )
        return
    for change in applied.changes:
        print(change)
        for field in change.fields:
            print(f"    {field}")
    verb = "would change" if dry_run else "changed"
    print(f"{len(applied.changes)} {verb}" if applied.changes else f"nothing {verb}")
    for caution in applied.cautions:
        typer.echo(f"caution: {caution}")


def local(desk: NumberDesk, instant: datetime | None) -> str:
    """In the organisation's zone."""
    if instant is None:
        return "-"
    return for_people(instant, ZoneInfo(desk.view().organisation.organisation.timezone))
