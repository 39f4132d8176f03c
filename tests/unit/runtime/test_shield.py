"""The shield's own book-keeping, with a clock that a test turns."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import callwright.runtime.shield
from callwright.domains.shield.model import Block, Offence
from callwright.kernel.addresses import HostPort
from callwright.kernel.limits.shield import SHIELD_BLOCK_S, SHIELD_WRONG_SHORT
from callwright.runtime.shield import Shield
from callwright.runtime.shield_keeping import ShieldKeeping
from callwright.sip.flow import Flow
from callwright.storage.database import Database, DatabaseError
from callwright.storage.shield import Act, Order, StoredShield

AT = datetime(2025, 3, 10, 9, 30, tzinfo=UTC)
EVIL = "203.0.113.7"
OPTIONS = b"OPTIONS sip:x SIP/2.0\r\nCall-ID: 1\r\n\r\n"


class TurnedClock:
    def __init__(self) -> None:
        self.now_s = 1_000.0

    def monotonic(self) -> float:
        return self.now_s

    def utc(self) -> datetime:
        return AT + timedelta(seconds=self.now_s - 1_000.0)

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> None:
        raise AssertionError("a shield sets no timers")


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
def shield(clock: TurnedClock) -> Shield:
    return Shield(clock)  # type: ignore[arg-type]


def is_heard(shield: Shield, host: str = EVIL) -> bool:
    flow = Flow("udp", HostPort("192.0.2.1", 5060), HostPort(host, 5060))
    return not (shield.is_up and shield.turns_away(flow, OPTIONS))


def guess(shield: Shield, host: str = EVIL, times: int = SHIELD_WRONG_SHORT[0]) -> None:
    for at in range(times):
        shield.wrong(host, f'Digest username="alice", response="{at}"')


def a_block(host: str = EVIL, **changes: object) -> Block:
    block = Block(
        network=f"{host}/32",
        since=AT,
        until=AT + timedelta(seconds=600),
        offence=Offence.GUESSING,
        count=20,
        names=("alice",),
    )
    return replace(block, **changes)  # type: ignore[arg-type]


def test_what_is_to_be_stored_is_told_once(shield: Shield, clock: TurnedClock) -> None:
    guess(shield)
    assert shield.take_changes() == ([a_block()], [])
    assert shield.take_changes() == ([], [])
    clock.now_s += SHIELD_BLOCK_S[0]
    assert shield.take_changes() == ([], []), "what is over stays stored for the next time"
    assert not shield.is_up


def test_a_block_that_was_stored_holds_and_is_remembered(
    shield: Shield, clock: TurnedClock
) -> None:
    over = a_block("203.0.113.8", until=AT - timedelta(days=1), offences=2)
    shield.restore([over, a_block()])
    assert not is_heard(shield)
    assert shield.take_changes() == ([], [])
    guess(shield, "203.0.113.8")
    ([block], _) = shield.take_changes()
    assert (block.offences, block.until - block.since) == (3, timedelta(days=1))


def test_a_clock_that_is_set_lets_nobody_in(shield: Shield, clock: TurnedClock) -> None:
    guess(shield)
    shift = timedelta(days=2)
    real = clock.utc
    clock.utc = lambda: real() + shift  # type: ignore[method-assign]
    assert not is_heard(shield)
    clock.now_s += SHIELD_BLOCK_S[0]
    assert is_heard(shield)


def test_of_too_many_blocks_the_one_that_ends_first_gives_way_and_no_order(
    shield: Shield, clock: TurnedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callwright.runtime.shield, "SHIELD_BLOCKS_MAX", 3)
    soon = AT + timedelta(seconds=60)
    shield.obey(Order(Act.BLOCK, "10.0.0.1/32", AT, soon))
    for at in (2, 3, 4):
        guess(shield, f"10.0.{at}.1")
        clock.now_s += 1
    heard = [is_heard(shield, host) for host in ("10.0.0.1", "10.0.2.1", "10.0.3.1", "10.0.4.1")]
    assert heard == [False, True, False, False]


@pytest.mark.parametrize(
    ("network", "inside", "outside"),
    [
        ("10.1.0.0/16", "10.1.200.3", "10.2.0.1"),
        ("10.1.2.128/25", "10.1.2.200", "10.1.2.1"),
        ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::1"),
        ("2001:db8::/64", "2001:db8::99", "2001:db8:0:1::1"),
        ("2001:db8::7/128", "2001:db8::7", "2001:db8::8"),
        ("0.0.0.0/0", "8.8.8.8", "2001:db8::1"),
    ],
)
def test_an_order_may_name_a_network_of_any_size(
    shield: Shield, network: str, inside: str, outside: str
) -> None:
    shield.obey(Order(Act.BLOCK, network, AT, AT + timedelta(hours=1)))
    assert (is_heard(shield, inside), is_heard(shield, outside)) == (False, True)
    shield.obey(Order(Act.LIFT, network, AT, AT))
    assert is_heard(shield, inside)
    assert shield.take_changes() == ([], [network])


def test_an_order_that_is_over_by_now_changes_nothing(shield: Shield) -> None:
    shield.obey(Order(Act.BLOCK, f"{EVIL}/32", AT - timedelta(hours=2), AT - timedelta(hours=1)))
    assert not shield.is_up


def test_lifting_all_forgets_failures_too(shield: Shield) -> None:
    guess(shield)
    guess(shield, "203.0.113.8", SHIELD_WRONG_SHORT[0] - 1)
    shield.obey(Order(Act.LIFT, "", AT, AT))
    guess(shield, "203.0.113.8", 1)
    assert is_heard(shield, "203.0.113.8")
    assert is_heard(shield)


def test_a_phone_on_ipv6_protects_its_whole_home(clock: TurnedClock) -> None:
    shield = Shield(clock, friends=lambda: {"2001:db8::5", "2001:db8::/64"})  # type: ignore[arg-type]
    guess(shield, "2001:db8::6")
    guess(shield, "2001:db8:0:1::6")
    assert is_heard(shield, "2001:db8::6")
    assert not is_heard(shield, "2001:db8:0:1::6")


def test_orders_are_obeyed_and_blocks_are_stored(
    shield: Shield, clock: TurnedClock, tmp_path: Path
) -> None:
    database = Database.open(tmp_path)
    try:
        stored = StoredShield(database)
        keeping = ShieldKeeping(shield, stored)
        guess(shield)
        stored.block("10.0.0.0/8", AT, AT + timedelta(hours=1))
        asyncio.run(keeping.look())
        assert not is_heard(shield, "10.9.9.9")
        assert {block.network for block in stored.holding(AT, limit=9)} == {
            "203.0.113.7/32",
            "10.0.0.0/8",
        }
        assert stored.orders() == []
        stored.lift("203.0.113.7/32", AT)
        asyncio.run(keeping.look())
        assert is_heard(shield)
        assert [block.network for block in stored.holding(AT, limit=9)] == ["10.0.0.0/8"]
    finally:
        database.close()


def test_what_could_not_be_stored_is_stored_the_next_time(
    shield: Shield, clock: TurnedClock, tmp_path: Path
) -> None:
    class FullDisk(StoredShield):
        is_full = True

        def save(self, changed: object, gone: object, taken_over: int) -> None:
            if self.is_full:
                raise DatabaseError("the disk is full")
            super().save(changed, gone, taken_over)  # type: ignore[arg-type]

    database = Database.open(tmp_path)
    try:
        stored = FullDisk(database)
        keeping = ShieldKeeping(shield, stored)
        guess(shield)
        with pytest.raises(DatabaseError):
            asyncio.run(keeping.look())
        assert not is_heard(shield), "it holds all the same"
        stored.is_full = False
        asyncio.run(keeping.look())
        assert [block.network for block in stored.load(AT)] == ["203.0.113.7/32"]
    finally:
        database.close()
