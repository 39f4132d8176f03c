"""What owners of mailboxes chose by phone or API: PIN, greetings, what callers meet."""

from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select

from callwright.domains.voicemail.model import NOTHING_CHOSEN, AnswerRule, Choice, WrongPins
from callwright.domains.voicemail.rules import is_shut
from callwright.kernel.ids import MailboxId
from callwright.storage.message_files import changed_us, discard_recording, recordings
from callwright.storage.schema import MAILBOX_CHOICE, WRONG_PIN, from_us, insert_latest, to_us

GREETINGS = "greetings"
"""The folder of recorded greetings."""
_CHOICE = MAILBOX_CHOICE.c


def choice_within(connection: Connection, mailbox: MailboxId, folder: Path) -> Choice:
    """``folder``: of greetings."""
    row = connection.execute(select(MAILBOX_CHOICE).where(_CHOICE.mailbox == mailbox)).first()
    if row is None:
        return NOTHING_CHOSEN
    away = row.out_of_office_greeting
    return Choice(
        pin_hash=row.pin_hash,
        rule=None if row.rule is None else AnswerRule(row.rule),
        out_of_office=row.out_of_office,
        until=None if row.until is None else date.fromisoformat(row.until),
        greeting=None if row.greeting is None else folder / row.greeting,
        out_of_office_greeting=None if away is None else folder / away,
    )


def choose_within(connection: Connection, mailbox: MailboxId, choice: Choice, folder: Path) -> None:
    """Takes the place of what was chosen before; another PIN opens a mailbox that was shut."""

    def inside(path: Path | None) -> str | None:
        return None if path is None else str(path.relative_to(folder))

    former = connection.execute(select(_CHOICE.pin_hash).where(_CHOICE.mailbox == mailbox)).scalar()
    if former != choice.pin_hash:
        forget_wrong_pins_within(connection, mailbox)
    connection.execute(delete(MAILBOX_CHOICE).where(_CHOICE.mailbox == mailbox))
    if choice == NOTHING_CHOSEN:
        return
    connection.execute(
        insert(MAILBOX_CHOICE),
        {
            "mailbox": mailbox,
            "pin_hash": choice.pin_hash,
            "rule": None if choice.rule is None else choice.rule.value,
            "out_of_office": choice.out_of_office,
            "until": None if choice.until is None else choice.until.isoformat(),
            "greeting": inside(choice.greeting),
            "out_of_office_greeting": inside(choice.out_of_office_greeting),
        },
    )


def wrong_pins_within(connection: Connection, mailbox: MailboxId) -> WrongPins:
    row = connection.execute(select(WRONG_PIN).where(WRONG_PIN.c.mailbox == mailbox)).first()
    return WrongPins() if row is None else WrongPins(row.failures, from_us(row.last_us))


def count_guess_within(connection: Connection, mailbox: MailboxId, at: datetime) -> bool:
    """False: wrong ones shut the mailbox, so that nothing is counted."""
    before = wrong_pins_within(connection, mailbox)
    if is_shut(before, at):
        return False
    row = {"mailbox": mailbox, "failures": before.count + 1, "last_us": to_us(at)}
    connection.execute(insert_latest(connection, WRONG_PIN).values(row))
    return True


def forget_wrong_pins_within(connection: Connection, mailbox: MailboxId) -> None:
    connection.execute(delete(WRONG_PIN).where(WRONG_PIN.c.mailbox == mailbox))


def remove_unused_greetings_within(connection: Connection, folder: Path, before_us: int) -> int:
    """Removes recordings that nobody chose, or chose something else for; how many."""
    used = set()
    for row in connection.execute(select(_CHOICE.greeting, _CHOICE.out_of_office_greeting)):
        used |= {str(folder / name) for name in row if name is not None}
    removed = 0
    for path in recordings(folder):
        changed = changed_us(path) if str(path) not in used else None
        if changed is not None and changed < before_us:
            discard_recording(path)
            removed += 1
    return removed
