"""Who is kept out, so that it holds after a restart and a command can see and change it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from callwright.domains.shield.model import Block, Offence
from callwright.domains.shield.rules import overlap
from callwright.kernel.limits.shield import SHIELD_BLOCKS_MAX, SHIELD_MEMORY_S
from callwright.storage.database import Database
from callwright.storage.schema import SHIELD_BLOCK, SHIELD_ORDER, from_us, storable, to_us

_BLOCK = SHIELD_BLOCK.c
_ORDER = SHIELD_ORDER.c
_DELETE = delete(SHIELD_BLOCK).where(_BLOCK.network == bindparam("of_network"))
ORDERS_READ_MAX = 1_000
_ORDERS = select(SHIELD_ORDER).order_by(_ORDER.id).limit(ORDERS_READ_MAX)


class Act(Enum):
    LIFT = "lift"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Order:
    """What an administrator told."""

    act: Act
    network: str
    """CIDR; with LIFT "" for all."""
    given_at: datetime
    until: datetime


class StoredShield:
    """May be used from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- the server's side -------------------------------------------------------------------------

    def load(self, now: datetime) -> list[Block]:
        """All that still mean something, the newest last. Forgets the others, and orders given
        while no server ran: they are in the blocks already."""
        with self._database.writing() as connection:
            old = to_us(now - timedelta(seconds=SHIELD_MEMORY_S))
            connection.execute(delete(SHIELD_BLOCK).where(_BLOCK.until_us < old))
            connection.execute(delete(SHIELD_ORDER))
            return _blocks(connection, least_us=old, limit=SHIELD_BLOCKS_MAX)[::-1]

    def orders(self) -> list[Order]:
        """Those not taken over yet, in the order they were given."""
        with self._database.reading() as connection:
            return [
                Order(Act(row.act), row.network, from_us(row.given_at_us), from_us(row.until_us))
                for row in connection.execute(_ORDERS)
            ]

    def save(self, changed: Sequence[Block], gone: Iterable[str], taken_over: int) -> None:
        """Makes one transaction of what the server changed, and of the orders it took over.

        ``taken_over`` is how many of ``orders`` those were.
        """
        with self._database.writing() as connection:
            _remove(connection, gone)
            _store(connection, changed)
            if taken_over:
                first = select(_ORDER.id).order_by(_ORDER.id).limit(taken_over)
                ids = connection.execute(first).scalars().all()
                connection.execute(delete(SHIELD_ORDER).where(_ORDER.id.in_(ids)))

    # -- the administrator's side ------------------------------------------------------------------

    def holding(self, now: datetime, *, limit: int) -> list[Block]:
        """Blocks that hold, the newest first."""
        with self._database.reading() as connection:
            return _blocks(connection, least_us=to_us(now), limit=limit)

    def count(self, now: datetime) -> int:
        """How many blocks hold."""
        statement = (
            select(func.count()).select_from(SHIELD_BLOCK).where(_BLOCK.until_us > to_us(now))
        )
        with self._database.reading() as connection:
            return connection.execute(statement).scalar_one()

    def lift(self, network: str, now: datetime) -> list[str]:
        """Ends the blocks of a network, of all around it and inside it; it has a fresh start.

        Returns what was blocked. A running server follows within a second.
        """
        with self._database.writing() as connection:
            known = _blocks(connection, least_us=0, limit=None)
            touched = [block for block in known if overlap(block.network, network)]
            names = {network, *(block.network for block in touched)}
            _remove(connection, names)
            for name in sorted(names):
                _give(connection, Order(Act.LIFT, name, now, now))
            return [block.network for block in touched if block.until > now]

    def lift_all(self, now: datetime) -> list[str]:
        """The same for every block."""
        with self._database.writing() as connection:
            known = _blocks(connection, least_us=to_us(now), limit=None)
            connection.execute(delete(SHIELD_BLOCK))
            _give(connection, Order(Act.LIFT, "", now, now))
            return [block.network for block in known]

    def block(self, network: str, now: datetime, until: datetime) -> None:
        """Keeps a network out until then. A running server follows within a second."""
        block = Block(network=network, since=now, until=until, offence=Offence.ORDER)
        with self._database.writing() as connection:
            _store(connection, [block])
            _give(connection, Order(Act.BLOCK, network, now, until))


def _blocks(connection: Connection, *, least_us: int, limit: int | None) -> list[Block]:
    statement = (
        select(SHIELD_BLOCK)
        .where(_BLOCK.until_us > least_us)
        .order_by(_BLOCK.since_us.desc(), _BLOCK.network)
        .limit(limit)
    )
    return [
        Block(
            network=row.network,
            since=from_us(row.since_us),
            until=from_us(row.until_us),
            offence=Offence(row.offence),
            count=row.failures,
            names=tuple(json.loads(row.names)),
            offences=row.offences,
        )
        for row in connection.execute(statement)
    ]


def _remove(connection: Connection, networks: Iterable[str]) -> None:
    gone = [{"of_network": storable(network)} for network in networks]
    if gone:
        connection.execute(_DELETE, gone)


def _store(connection: Connection, blocks: Sequence[Block]) -> None:
    rows = [
        {
            "network": storable(block.network),
            "since_us": to_us(block.since),
            "until_us": to_us(block.until),
            "offence": block.offence.value,
            "failures": block.count,
            "names": json.dumps(block.names),
            "offences": block.offences,
        }
        for block in blocks
    ]
    if rows:
        _remove(connection, [block.network for block in blocks])
        connection.execute(insert(SHIELD_BLOCK), rows)


def _give(connection: Connection, order: Order) -> None:
    connection.execute(
        insert(SHIELD_ORDER),
        {
            "act": order.act.value,
            "network": storable(order.network),
            "given_at_us": to_us(order.given_at),
            "until_us": to_us(order.until),
        },
    )
