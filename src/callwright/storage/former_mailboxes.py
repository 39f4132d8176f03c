"""Mailboxes that were taken away with who owned them.

What they hold is set apart, under a name that no mailbox can have, so that a namesake hears, sees
and is let in by nothing of it. Who comes back because the removal is undone has it again; else it
is erased some weeks later, saved messages, too.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from callwright.kernel.ids import MailboxId
from callwright.storage.schema import (
    CONFIGURATION_ENTITY,
    CONFIGURATION_REVISION,
    FORMER_MAILBOX,
    LIT_MAILBOX,
    MAILBOX_CHOICE,
    VOICEMAIL,
    WRONG_PIN,
    insert_once,
    to_us,
)

OWNERS = ("user", "shared-voicemail")
"""Kinds of entities that have a mailbox."""
_MARK = "#"
"""In no key."""


def former_name(mailbox: MailboxId, revision: int) -> MailboxId:
    """Of a mailbox that the revision took away."""
    return MailboxId(f"{mailbox}{_MARK}{revision}")


def is_former(mailbox: MailboxId) -> bool:
    return _MARK in mailbox


def set_apart_within(
    connection: Connection, gone: Collection[MailboxId], *, revision: int, at: datetime
) -> None:
    """Those of ``gone`` that hold something."""
    for mailbox in _holding_within(connection) & set(gone):
        former = former_name(mailbox, revision)
        connection.execute(delete(WRONG_PIN).where(WRONG_PIN.c.mailbox == mailbox))
        _move_within(connection, mailbox, former)
        row = {"mailbox": former, "since_us": to_us(at)}
        connection.execute(insert_once(connection, FORMER_MAILBOX), row)
        connection.execute(insert_once(connection, LIT_MAILBOX), {"mailbox": former})


def set_ownerless_apart_within(connection: Connection, at: datetime) -> None:
    """Those whom nobody owns, however that came: a caller may still have been speaking."""
    entity = CONFIGURATION_ENTITY.c
    owners = select(entity.key).where(entity.kind.in_(OWNERS))
    owned = {MailboxId(key) for key in connection.execute(owners).scalars()}
    gone = _holding_within(connection) - owned - former_within(connection)
    revision = connection.execute(select(CONFIGURATION_REVISION.c.revision)).scalar_one()
    set_apart_within(connection, gone, revision=revision, at=at)


def give_back_within(connection: Connection, back: Iterable[MailboxId], *, undone: int) -> None:
    """To those whom revision ``undone`` took away."""
    known = former_within(connection)
    for mailbox in back:
        former = former_name(mailbox, undone)
        if former in known:
            _move_within(connection, former, mailbox)
            forget_former_within(connection, former)


def former_within(connection: Connection, *, before: datetime | None = None) -> set[MailboxId]:
    """Those that were set apart, all of them or those ``before`` an instant."""
    wanted = select(FORMER_MAILBOX.c.mailbox)
    if before is not None:
        wanted = wanted.where(FORMER_MAILBOX.c.since_us < to_us(before))
    return {MailboxId(key) for key in connection.execute(wanted).scalars()}


def forget_former_within(connection: Connection, former: MailboxId) -> None:
    """There is nothing in it any longer."""
    for table in (FORMER_MAILBOX, LIT_MAILBOX):
        connection.execute(delete(table).where(table.c.mailbox == former))


def _holding_within(connection: Connection) -> set[MailboxId]:
    """Mailboxes that hold something, or did."""
    held: set[MailboxId] = set()
    for table in (LIT_MAILBOX, MAILBOX_CHOICE, WRONG_PIN):
        held.update(map(MailboxId, connection.execute(select(table.c.mailbox)).scalars()))
    return held


def _move_within(connection: Connection, here: MailboxId, there: MailboxId) -> None:
    choice = MAILBOX_CHOICE.c
    if connection.execute(select(choice.mailbox).where(choice.mailbox == here)).first() is not None:
        connection.execute(delete(MAILBOX_CHOICE).where(choice.mailbox == there))
    for table in (VOICEMAIL, MAILBOX_CHOICE):
        connection.execute(update(table).where(table.c.mailbox == here).values(mailbox=there))
