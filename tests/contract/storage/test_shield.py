"""Blocks and orders, in each database."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.contract.storage.conftest import AT

from callwright.domains.shield.model import Block, Offence
from callwright.kernel.limits.shield import SHIELD_MEMORY_S
from callwright.storage.database import Database
from callwright.storage.shield import Act, Order, StoredShield

HOUR = timedelta(hours=1)
BLOCK = Block(
    network="203.0.113.7/32",
    since=AT,
    until=AT + HOUR,
    offence=Offence.GUESSING,
    count=20,
    names=("alice", "bøb"),
    offences=2,
)


@pytest.fixture
def kept(database: Database) -> StoredShield:
    return StoredShield(database)


def test_blocks_come_back_as_they_were_stored(kept: StoredShield) -> None:
    other = replace(BLOCK, network="2001:db8::/64", since=AT + HOUR, until=AT + 2 * HOUR)
    kept.save([BLOCK, other], [], 0)
    assert kept.load(AT) == [BLOCK, other]
    assert kept.holding(AT, limit=10) == [other, BLOCK]
    assert kept.holding(AT, limit=1) == [other]
    assert kept.count(AT) == 2
    assert kept.holding(AT + HOUR, limit=10) == [other]


def test_a_newer_block_of_a_network_takes_the_place_of_the_older_one(kept: StoredShield) -> None:
    kept.save([BLOCK], [], 0)
    kept.save([replace(BLOCK, offences=3)], [], 0)
    assert [block.offences for block in kept.load(AT)] == [3]
    kept.save([], [BLOCK.network], 0)
    assert kept.load(AT) == []


def test_blocks_that_are_over_are_remembered_for_a_week(kept: StoredShield) -> None:
    kept.save([BLOCK], [], 0)
    assert kept.holding(AT + HOUR, limit=10) == []
    week = timedelta(seconds=SHIELD_MEMORY_S)
    assert kept.load(BLOCK.until + week - HOUR) == [BLOCK]
    assert kept.load(BLOCK.until + week + HOUR) == []
    assert kept.load(AT) == [], "what is too old is gone for good"


def test_an_order_holds_at_once_and_waits_for_a_server(kept: StoredShield) -> None:
    kept.block("198.51.100.0/24", AT, AT + HOUR)
    [block] = kept.holding(AT, limit=10)
    assert (block.network, block.offence, block.until) == (
        "198.51.100.0/24",
        Offence.ORDER,
        AT + HOUR,
    )
    kept.lift("198.51.100.0/24", AT + HOUR / 2)
    assert kept.holding(AT, limit=10) == []
    assert kept.orders() == [
        Order(Act.BLOCK, "198.51.100.0/24", AT, AT + HOUR),
        Order(Act.LIFT, "198.51.100.0/24", AT + HOUR / 2, AT + HOUR / 2),
    ]
    kept.save([], [], 1)
    assert [order.act for order in kept.orders()] == [Act.LIFT]
    kept.save([], [], 1)
    assert kept.orders() == []


def test_lifting_an_address_lifts_what_it_is_in_and_a_network_what_it_has(
    kept: StoredShield,
) -> None:
    wide = replace(BLOCK, network="203.0.113.0/24")
    other = replace(BLOCK, network="203.0.114.7/32")
    kept.save([BLOCK, wide, other], [], 0)
    assert set(kept.lift("203.0.113.7/32", AT)) == {BLOCK.network, wide.network}
    assert kept.load(AT) == [other]
    kept.save([BLOCK, wide], [], 0)
    assert set(kept.lift("203.0.112.0/21", AT)) == {BLOCK.network, wide.network, other.network}


def test_lifting_all_leaves_one_order(kept: StoredShield) -> None:
    kept.save([BLOCK, replace(BLOCK, network="10.0.0.1/32")], [], 0)
    assert len(kept.lift_all(AT)) == 2
    assert kept.orders() == [Order(Act.LIFT, "", AT, AT)]
    assert kept.lift_all(AT) == []


def test_a_server_that_starts_needs_no_orders_of_the_time_before(kept: StoredShield) -> None:
    kept.block("198.51.100.0/24", AT, AT + HOUR)
    assert [block.network for block in kept.load(AT)] == ["198.51.100.0/24"]
    assert kept.orders() == []
