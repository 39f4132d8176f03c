"""Commands about what happened: calls, and what they cost."""

from datetime import datetime

import typer

from callwright.calls.record import CallResult, Direction
from callwright.cli import call_detail, tables
from callwright.cli.places import Where
from callwright.cli.stored import stored, zone_of
from callwright.kernel.ids import AutoAttendantId, CallId, CallQueueId, UserId
from callwright.storage.call_records import CallRecords
from callwright.storage.ledger import Ledger


def show_calls(
    where: Where,
    *,
    as_json: bool,
    limit: int,
    before: str | None,
    caller: str | None,
    callee: str | None,
    user: str | None,
    result: CallResult | None,
    direction: Direction | None,
    queue: str | None,
    attendant: str | None,
    agent: str | None,
    since: datetime | None,
) -> None:
    with stored(where) as database:
        zone = zone_of(database)
        try:
            records = CallRecords(database).list(
                limit=limit,
                before=None if before is None else CallId(before),
                caller=caller,
                callee=callee,
                user=None if user is None else UserId(user),
                result=result,
                direction=direction,
                queue=None if queue is None else CallQueueId(queue),
                attendant=None if attendant is None else AutoAttendantId(attendant),
                agent=None if agent is None else UserId(agent),
                since=None if since is None else since.replace(tzinfo=zone),
            )
        except LookupError:
            raise typer.BadParameter(f"there is no call {before}") from None
    if as_json:
        tables.print_json([tables.call_as_json(record) for record in records])
    else:
        rows = (tables.call_row(record, zone) for record in records)
        tables.print_table(tables.CALL_COLUMNS, rows)


def show_running(where: Where, *, as_json: bool, limit: int) -> None:
    with stored(where) as database:
        zone = zone_of(database)
        starts = CallRecords(database).open_calls()[::-1][:limit]
    if as_json:
        tables.print_json([call_detail.start_as_json(start) for start in starts])
    else:
        rows = (call_detail.start_row(start, zone) for start in starts)
        tables.print_table(call_detail.START_COLUMNS, rows)


def show_call(where: Where, call: str, *, as_json: bool) -> None:
    with stored(where) as database:
        zone, records = zone_of(database), CallRecords(database)
        record = records.get(CallId(call))
        running = None if record is not None else records.running(CallId(call))
    if record is not None and as_json:
        tables.print_json(call_detail.record_as_json(record))
    elif record is not None:
        call_detail.print_record(record, zone)
    elif running is None:
        raise typer.BadParameter(f"there is no call {call}")
    elif as_json:
        tables.print_json(call_detail.running_as_json(*running))
    else:
        call_detail.print_running(*running, zone)


def show_credits(where: Where, *, as_json: bool) -> None:
    with stored(where) as database:
        ledger = Ledger(database)
        balance, reserved = ledger.balance(), ledger.reserved()
    shown = {
        "currency": None if balance is None else balance.currency,
        "balance": None if balance is None else str(balance),
        "reserved": None if balance is None else str(reserved),
    }
    if as_json:
        tables.print_json(shown)
    elif balance is None:
        print("the organisation has no credits")
    else:
        print(f"balance {balance} {balance.currency}, of it {reserved} reserved by calls")
