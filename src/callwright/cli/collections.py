"""`list`, `show`, `set`, `add` and `remove` for everything that the API keeps in collections."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from callwright.cli.groups import ListsByItself
from callwright.cli.places import (
    DATA,
    DryRunOption,
    JsonOption,
    Reach,
    Where,
    WhyOption,
    YesOption,
    reached,
)
from callwright.cli.queue_calls import list_queue_calls
from callwright.cli.queue_keeping import add_keeping_verbs
from callwright.cli.schedules import add_holiday_verb, add_schedule_verbs
from callwright.kernel.limits.commands import COMPLETIONS_MAX, LISTED_DEFAULT, LISTED_MAX


@dataclass(frozen=True, slots=True)
class Collection:
    name: str
    """Of the group of commands."""
    kind: str
    path: str
    """Below ``/api/v1``."""
    one: str
    """What one of them is called."""
    columns: tuple[str, ...]
    """Paths inside of an entry that the list shows."""


USERS = Collection("users", "user", "users", "user", ("name", "number", "extension", "licences"))
COLLECTIONS = (
    Collection("groups", "group", "groups", "group", ("members", "licences")),
    Collection("queues", "call-queue", "call-queues", "call queue", ("routing", "agents")),
    Collection(
        "attendants", "auto-attendant", "auto-attendants", "auto attendant", ("operator", "hours")
    ),
    Collection("schedules", "schedule", "schedules", "schedule", ("hours", "timezone")),
    Collection(
        "holiday-sets", "holiday-set", "holiday-sets", "holiday set",
        ("name", "dates", "country", "calendar"),
    ),
    Collection(
        "resource-accounts", "resource-account", "resource-accounts", "resource account",
        ("name", "number", "answers"),
    ),
    Collection("sbcs", "sbc", "sbcs", "SBC", ("address", "transport", "enabled")),
    Collection("routes", "route", "routes", "route", ("pattern", "usage", "sbcs", "priority")),
    Collection("routing-policies", "policy", "routing-policies", "routing policy", ("usages",)),
    Collection(
        "calling-policies", "calling-policy", "policies/calling", "calling policy", ("outbound",)
    ),
    Collection(
        "caller-id-policies", "caller-id-policy", "policies/caller-id", "caller ID policy",
        ("show", "company_name"),
    ),
    Collection(
        "number-ranges", "number-range", "number-ranges", "number range", ("kind", "source")
    ),
    Collection("contacts", "contact", "contacts", "contact", ("name", "phones")),
    Collection("locations", "location", "locations", "location", ("address", "elin")),
    Collection("mailboxes", "shared-voicemail", "shared-voicemail", "mailbox", ("email",)),
)  # fmt: skip

WITH_HOURS = ("schedules", "attendants")

FieldsArgument = Annotated[
    list[str],
    typer.Argument(metavar="FIELD=TEXT|FIELD:=JSON...", help='extension=101 alert_s:=20 "x:=null"'),
]

SearchOption = Annotated[str, typer.Option("--search", help="Words anywhere in an entry.")]
FilterOption = Annotated[
    list[str] | None,
    typer.Option(metavar="FIELD:VALUE", help="VALUE may end in *; repeatable."),
]
SortOption = Annotated[str, typer.Option(help="A field; -FIELD turns it round.")]
LimitOption = Annotated[int, typer.Option(min=1, max=LISTED_MAX)]


def collection_apps() -> Iterator[typer.Typer]:
    for each in COLLECTIONS:
        app = typer.Typer(name=each.name, help=f"Each {each.one}.", cls=ListsByItself)
        add_verbs(app, each)
        if each.name in WITH_HOURS:
            add_schedule_verbs(app, each.path, each.one)
        if each.name == "holiday-sets":
            add_holiday_verb(app)
        if each.kind == "call-queue":
            app.command("watch")(watch_queues)
            app.command("calls")(list_queue_calls)
            add_keeping_verbs(app)
        yield app


@reached
def watch_queues(
    reach: Reach,
    queues: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Only these queues.")
    ] = None,
    every_s: Annotated[
        float, typer.Option("--every", metavar="SECONDS", min=0.5, help="How often to look.")
    ] = 1.0,
    once: Annotated[bool, typer.Option("--once", help="Look once and end.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Watch who waits, what agents do, and today's figures, while a server runs."""
    from callwright.cli.queue_watch import watch

    watch(reach, queues or (), every_s=every_s, once=once, as_json=as_json)


def add_verbs(app: typer.Typer, of: Collection) -> None:
    key_argument = _key_argument(of)

    @reached
    def list_them(
        reach: Reach,
        q: SearchOption = "",
        filter: FilterOption = None,
        sort: SortOption = "key",
        limit: LimitOption = LISTED_DEFAULT,
        as_json: JsonOption = False,
    ) -> None:
        from callwright.cli import entries

        query: dict[str, Any] = {"q": q, "filter": filter or [], "sort": sort}
        entries.show_all(reach, of, query, limit=limit, as_json=as_json)

    @reached
    def show(reach: Reach, key: Annotated[str, key_argument], as_json: JsonOption = False) -> None:
        from callwright.cli import entries

        entries.show(reach, of, key, as_json=as_json)

    @reached
    def set_fields(
        reach: Reach,
        key: Annotated[str, key_argument],
        fields: FieldsArgument,
        dry_run: DryRunOption = False,
        why: WhyOption = None,
        as_json: JsonOption = False,
    ) -> None:
        from callwright.cli import entries

        entries.change(reach, of, key, fields, dry_run=dry_run, why=why, as_json=as_json)

    @reached
    def add(
        reach: Reach,
        key: Annotated[str, typer.Argument(metavar="KEY", help="A new one.")],
        fields: FieldsArgument,
        dry_run: DryRunOption = False,
        why: WhyOption = None,
        as_json: JsonOption = False,
    ) -> None:
        from callwright.cli import entries

        entries.add(reach, of, key, fields, dry_run=dry_run, why=why, as_json=as_json)

    @reached
    def remove(
        reach: Reach,
        key: Annotated[str, key_argument],
        yes: YesOption = False,
        dry_run: DryRunOption = False,
        why: WhyOption = None,
        as_json: JsonOption = False,
    ) -> None:
        from callwright.cli import entries

        entries.remove(reach, of, key, yes=yes, dry_run=dry_run, why=why, as_json=as_json)

    for verb, act, help in (
        ("list", list_them, "List them, with filters."),
        ("show", show, f"Show one {of.one} as the file words it."),
        ("set", set_fields, f"Change fields of one {of.one}."),
        ("add", add, f"Make one {of.one}."),
        ("remove", remove, f"Take one {of.one} away."),
    ):
        app.command(verb, help=help)(act)


def _key_argument(of: Collection) -> Any:
    return typer.Argument(metavar="KEY", help="As listed.", autocompletion=_completion(of.kind))


def _completion(kind: str) -> Any:
    """Keys of a kind for the shell, from the data here; a server is not asked while one types."""

    def keys(ctx: typer.Context, incomplete: str) -> list[str]:
        from callwright.cli.stored import opened
        from callwright.storage.configuration import StoredConfiguration

        where = Where(
            ctx.params.get("data") or DATA,
            ctx.params.get("database"),
            ctx.params.get("organisation"),
        )
        try:
            with opened(where, read_only=True) as database:
                from callwright.cli.civil_time import utc_now

                _, entities = StoredConfiguration(database, utc=utc_now).load()
        except Exception:  # a shell that completes shows nothing rather than a failure
            return []
        found = sorted(key for each, key in entities if each == kind)
        return [key for key in found if key.startswith(incomplete)][:COMPLETIONS_MAX]

    return keys
