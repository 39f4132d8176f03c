"""The command that lists voicemail."""

from zoneinfo import ZoneInfo

from callwright.cli.civil_time import for_people, for_programs
from callwright.cli.places import Where
from callwright.cli.stored import stored, zone_of
from callwright.cli.tables import print_json, print_table
from callwright.domains.voicemail.model import KeptMessage
from callwright.kernel.ids import MailboxId
from callwright.storage.voicemail import Voicemails

COLUMNS = ("received", "caller", "length", "state", "file")


def show_messages(where: Where, mailbox: str, *, as_json: bool, limit: int) -> None:
    with stored(where) as database:
        zone = zone_of(database)
        store = Voicemails(database, new_id=lambda: "")
        messages = store.list(MailboxId(mailbox))[:limit]
    if as_json:
        print_json([_as_json(message) for message in messages])
    else:
        print_table(COLUMNS, (_row(message, zone) for message in messages))


def _as_json(message: KeptMessage) -> dict[str, object]:
    return {
        "id": message.id,
        "mailbox": message.mailbox,
        "caller": message.caller,
        "caller_name": message.caller_name,
        "received_at": for_programs(message.received_at),
        "duration_s": round(message.duration_s, 3),
        "path": str(message.path.absolute()),
        "is_read": message.is_read,
    }


def _row(message: KeptMessage, zone: ZoneInfo) -> tuple[str, ...]:
    return (
        for_people(message.received_at, zone),
        f"{message.caller_name or ''} {message.caller}".strip(),
        f"{message.duration_s:.1f} s",
        "heard" if message.is_read else "new",
        str(message.path.absolute()),
    )
