"""What has to hold after a kill, whatever was going on: proven from the tables and files alone.

``Proof`` is told what nodes were told; ``kept`` looks for each of these acts, ``whole`` for
anything half done, ``settled`` for what a dead node may not leave behind.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection, Table, func, select
from tests.durability.life import ASKER, NUMBER_ASKER, PAIR, utc

from callwright.kernel.ids import VoicemailId
from callwright.storage.database import Database
from callwright.storage.event_tables import EVENT, IDEMPOTENT_ANSWER
from callwright.storage.events import EventKind
from callwright.storage.ledger import Account, Act, Ledger
from callwright.storage.registrations import StoredRegistrations
from callwright.storage.schema import (
    CALL_RECORD,
    CONFIGURATION_CHANGE,
    CONFIGURATION_ENTITY,
    CONFIGURATION_REVISION,
    LEDGER_ANSWER,
    LEDGER_HOLD,
    LEDGER_TRANSFER,
    OPEN_CALL,
    VOICEMAIL,
)
from callwright.storage.voicemail import FOLDER, Voicemails

Told = list[str]
"""The words of one line: ``["reserved", "n1-0-3/1", "2"]``."""


@dataclass(slots=True)
class Proof:
    told: dict[str, list[Told]] = field(default_factory=lambda: defaultdict(list))
    """By the first word; everything that nodes on this database were ever told."""

    def hear(self, lines: Iterable[Told]) -> None:
        for line in lines:
            self.told[line[0]].append(line[1:])

    def kept(self, database: Database) -> None:
        """Every confirmed act is there."""
        with database.reading() as connection:
            self._money_is_kept(connection)
            self._edits_are_kept(connection)
            records = set(connection.execute(select(CALL_RECORD.c.id)).scalars())
        lost = {words[0] for words in self.told["recorded"]} - records
        assert not lost, f"records that were confirmed are gone: {lost}"
        self._sounds_are_kept(database)
        self._phones_are_kept(database)

    def _money_is_kept(self, connection: Connection) -> None:
        transfer = LEDGER_TRANSFER.c
        rows = connection.execute(select(transfer.key, transfer.act, transfer.slice_number))
        posted = set(map(tuple, rows))
        wanted = {(key, Act.RESERVE.value, int(number)) for key, number in self.told["reserved"]}
        wanted |= {(key, Act.CHARGE.value, 0) for (key,) in self.told["settled"]}
        wanted |= {(key, Act.RELEASE.value, 0) for (key,) in self.told["settled"]}
        wanted |= {(key, Act.DEPOSIT.value, 0) for (key,) in self.told["deposited"]}
        assert wanted <= posted, f"money that was confirmed is gone: {wanted - posted}"

    def _edits_are_kept(self, connection: Connection) -> None:
        change = CONFIGURATION_CHANGE.c
        rows = connection.execute(select(change.revision, change.why, change.kind, change.key))
        history = {(row.revision, row.why, row.kind, row.key) for row in rows}
        wanted = {
            (int(revision), name, *address)
            for revision, name in self.told["edited"]
            for address in PAIR
        }
        assert wanted <= history, f"edits that were confirmed are gone: {wanted - history}"
        by_carol = {
            (revision, why.rpartition(" ")[2])
            for revision, why, kind, key in history
            if (kind, key) == ("user", "carol") and why
        }
        given = {(int(revision), number) for revision, number in self.told["assigned"]}
        assert given <= by_carol, f"numbers that were confirmed are gone: {given - by_carol}"

    def _sounds_are_kept(self, database: Database) -> None:
        voicemails = Voicemails(database, new_id=str)
        for message_id, digest in self.told["left"]:
            message = voicemails.get(VoicemailId(message_id))
            assert message is not None, f"voicemail {message_id} was confirmed and is gone"
            found = hashlib.sha256(message.path.read_bytes()).hexdigest()
            assert found == digest, f"the sound of voicemail {message_id} is another one"

    def _phones_are_kept(self, database: Database) -> None:
        stored = {each.aor: each.cseq for each in StoredRegistrations(database).load(utc())}
        for aor, cseq in self.told["registered"]:
            assert stored.get(aor, -1) >= int(cseq), f"{aor} was told its CSeq {cseq} is kept"


def whole(database: Database) -> None:
    """No act is half there."""
    with database.reading() as connection:
        _database_is_sound(connection)
        _entities_are_the_replay_of_their_history(connection)
        _edits_are_whole(connection)
        _events_tell_what_happened(connection)
    accounts = Ledger(database).accounts()
    assert sum(money.micros for money in accounts.values()) == 0, "debits are not credits"
    assert accounts[Account.WALLET].micros >= 0, "the wallet is overdrawn"


def settled(database: Database) -> None:
    """After recovery: nothing runs, nothing is reserved, every charge stands in a record."""
    with database.reading() as connection:
        for table in (OPEN_CALL, LEDGER_HOLD, LEDGER_ANSWER):
            assert _count(connection, table) == 0, f"{table.name} is not empty"
        transfer, record = LEDGER_TRANSFER.c, CALL_RECORD.c
        charged: Counter[str] = Counter()
        paid = select(transfer.key, transfer.micros).where(transfer.act == Act.CHARGE.value)
        for key, micros in connection.execute(paid):
            charged[key.partition("/")[0]] += micros
        recorded = dict(
            map(tuple, connection.execute(select(record.id, record.charge_micros)).all())
        )
    assert Ledger(database).accounts()[Account.RESERVED].micros == 0, "money is still reserved"
    for call, micros in charged.items():
        assert call in recorded, f"{call} was charged and has no record"
        assert recorded[call] == micros, f"{call} cost {micros}, its record says {recorded[call]}"


def every_sound_has_its_row(database: Database) -> None:
    """And every row its sound: to be asked when recovery has removed what became no message."""
    with database.reading() as connection:
        rows = set(connection.execute(select(VOICEMAIL.c.path)).scalars())
    folder = database.data / FOLDER
    files = {str(path.relative_to(folder)) for path in folder.glob("*/*.wav")}
    assert rows == files, f"rows without sound {rows - files}, sounds without row {files - rows}"


def _count(connection: Connection, table: Table) -> int:
    found: int = connection.execute(select(func.count()).select_from(table)).scalar_one()
    return found


def _database_is_sound(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        found = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
        assert found == "ok", found
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").first() is None


def _entities_are_the_replay_of_their_history(connection: Connection) -> None:
    replayed: dict[tuple[str, str], str] = {}
    changes = connection.execute(select(CONFIGURATION_CHANGE).order_by(CONFIGURATION_CHANGE.c.id))
    revisions = []
    for change in changes:
        address = (change.kind, change.key)
        assert replayed.get(address) == change.before, f"{address} was not {change.before}"
        if change.after is None:
            del replayed[address]
        else:
            replayed[address] = change.after
        revisions.append(change.revision)
    entity = CONFIGURATION_ENTITY.c
    stored = connection.execute(select(entity.kind, entity.key, entity.settings))
    assert {(kind, key): text for kind, key, text in stored} == replayed
    revision = connection.execute(select(CONFIGURATION_REVISION.c.revision)).scalar_one()
    assert sorted(revisions) == revisions, "the history is out of order"
    assert list(dict.fromkeys(revisions)) == list(range(1, revision + 1)), "a revision is missing"


def _edits_are_whole(connection: Connection) -> None:
    """Both users of an edit, and the answer to who asked for it: all, or none of them; so an act on
    numbers and its answer."""
    change, answer = CONFIGURATION_CHANGE.c, IDEMPOTENT_ANSWER.c
    in_history: dict[str, set[tuple[str, str]]] = defaultdict(set)
    assigned: set[str] = set()
    for why, kind, key in connection.execute(select(change.why, change.kind, change.key)):
        if why and " " in why:  # it says which number
            assigned.add(why)
        elif why:
            in_history[why].add((kind, key))
    for asker, done in ((ASKER, set(in_history)), (NUMBER_ASKER, assigned)):
        answered = set(
            connection.execute(select(answer.key).where(answer.asker == asker)).scalars()
        )
        assert done == answered, f"an act without its answer, or the other way: {done ^ answered}"
    for name, addresses in in_history.items():
        assert addresses == set(PAIR), f"half an edit: {name} wrote {addresses} only"


def _events_tell_what_happened(connection: Connection) -> None:
    """One event for each revision, record, message and top-up, for none two, and no others."""
    told: dict[str, Counter[object]] = defaultdict(Counter)
    names = {
        EventKind.CONFIGURATION_CHANGED.value: "revision",
        EventKind.CALL_ENDED.value: "id",
        EventKind.VOICEMAIL_LEFT.value: "id",
        EventKind.CREDITS_DEPOSITED.value: "key",
    }
    for kind, data in connection.execute(select(EVENT.c.kind, EVENT.c.data)):
        told[kind][json.loads(data)[names[kind]]] += 1
    transfer = LEDGER_TRANSFER.c
    for kind, happened in (
        (EventKind.CONFIGURATION_CHANGED, select(CONFIGURATION_CHANGE.c.revision).distinct()),
        (EventKind.CALL_ENDED, select(CALL_RECORD.c.id)),
        (EventKind.VOICEMAIL_LEFT, select(VOICEMAIL.c.id)),
        (EventKind.CREDITS_DEPOSITED,
         select(transfer.key).where(transfer.act == Act.DEPOSIT.value)),
    ):  # fmt: skip
        wanted = Counter(connection.execute(happened).scalars())
        assert told[kind.value] == wanted, f"{kind.value}: {told[kind.value]} for {wanted}"
