"""The wallet: never overdrawn, posted once, always explainable."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import text

from callwright.kernel.money import Money
from callwright.storage.database import Database, DatabaseError
from callwright.storage.ledger import Account, Act, Ledger

AT = datetime(2025, 3, 10, 9, 30, tzinfo=UTC)


def usd(amount: str) -> Money:
    return Money.parse(amount, "USD")


@pytest.fixture
def ledger(database: Database) -> Ledger:
    ledger = Ledger(database)
    ledger.post_opening(usd("5.00"), AT)
    return ledger


def test_an_empty_ledger_knows_no_balance(database: Database) -> None:
    ledger = Ledger(database)
    assert ledger.balance() is None
    assert ledger.available() is None
    assert ledger.reserved().micros == 0
    assert not ledger.reserve("call_1/1", 0, usd("0.01"), AT)


def test_the_opening_balance_is_posted_once_ever(
    ledger: Ledger, open_again: Callable[[], Database]
) -> None:
    assert not ledger.post_opening(usd("5.00"), AT)
    assert not Ledger(open_again()).post_opening(usd("9.00"), AT + timedelta(days=1))
    assert ledger.balance() == usd("5.00")


def test_a_balance_of_zero_is_known_and_pays_nothing(database: Database) -> None:
    ledger = Ledger(database)
    ledger.post_opening(usd("0"), AT)
    assert ledger.balance() == usd("0")
    assert not ledger.reserve("call_1/1", 0, usd("0.000001"), AT)


def test_a_reservation_is_not_available_and_still_in_the_balance(ledger: Ledger) -> None:
    assert ledger.reserve("call_1/1", 0, usd("2.00"), AT)
    assert (ledger.balance(), ledger.reserved()) == (usd("5.00"), usd("2.00"))
    assert ledger.available() == usd("3.00")


def test_the_same_slice_is_reserved_once(ledger: Ledger) -> None:
    assert ledger.reserve("call_1/1", 0, usd("5.00"), AT)
    assert ledger.reserve("call_1/1", 0, usd("5.00"), AT)
    assert ledger.reserved() == usd("5.00")


def test_what_is_not_there_is_refused(ledger: Ledger) -> None:
    assert ledger.reserve("call_1/1", 0, usd("4.00"), AT)
    assert not ledger.reserve("call_1/1", 1, usd("1.000001"), AT)
    assert ledger.reserve("call_1/1", 1, usd("1.00"), AT)
    assert ledger.available() == usd("0")


def test_settling_charges_what_was_used_and_frees_the_rest(ledger: Ledger) -> None:
    """ivozprovider#703: a prepaid call was charged during the call and once more after it."""
    ledger.reserve("call_1/1", 0, usd("1.00"), AT)
    ledger.reserve("call_1/1", 1, usd("1.00"), AT)
    ledger.settle("call_1/1", usd("1.25"), AT)
    ledger.settle("call_1/1", usd("1.25"), AT)
    assert (ledger.balance(), ledger.reserved()) == (usd("3.75"), usd("0"))
    assert ledger.accounts()[Account.CARRIER] == usd("1.25")


def test_a_released_reservation_costs_nothing(ledger: Ledger) -> None:
    ledger.reserve("call_1/1", 0, usd("1.00"), AT)
    ledger.release("call_1/1", AT)
    ledger.release("call_1/1", AT)
    ledger.settle("call_1/1", usd("1.00"), AT)
    assert (ledger.balance(), ledger.reserved()) == (usd("5.00"), usd("0"))


def test_a_late_slice_of_a_settled_call_is_refused(ledger: Ledger) -> None:
    ledger.reserve("call_1/1", 0, usd("1.00"), AT)
    ledger.settle("call_1/1", usd("0"), AT)
    assert not ledger.reserve("call_1/1", 1, usd("1.00"), AT)
    assert ledger.open_reservations() == []


def test_never_more_is_charged_than_was_reserved(ledger: Ledger) -> None:
    ledger.reserve("call_1/1", 0, usd("1.00"), AT)
    ledger.settle("call_1/1", usd("3.00"), AT)
    ledger.settle("call_2/1", usd("3.00"), AT)
    assert ledger.balance() == usd("4.00")


def test_a_top_up_is_posted_once(ledger: Ledger) -> None:
    assert ledger.top_up("invoice 7", usd("10.00"), "bank transfer", AT)
    assert not ledger.top_up("invoice 7", usd("10.00"), "bank transfer", AT)
    assert ledger.balance() == usd("15.00")
    assert ledger.latest(1)[0].note == "bank transfer"


def test_the_wallet_holds_one_currency(ledger: Ledger) -> None:
    with pytest.raises(DatabaseError, match="the wallet holds USD"):
        ledger.top_up("invoice 7", Money(1, "EUR"), None, AT)
    assert not ledger.reserve("call_1/1", 0, Money(1, "EUR"), AT)


def test_nothing_below_zero_is_posted(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="below zero"):
        ledger.top_up("trick", usd("-1.00"), None, AT)
    with pytest.raises(ValueError, match="below zero"):
        ledger.reserve("call_1/1", 0, usd("-1.00"), AT)


def test_open_reservations_name_the_call_its_slices_and_its_money(ledger: Ledger) -> None:
    ledger.reserve("call_1/1", 0, usd("1.00"), AT)
    ledger.reserve("call_1/1", 1, usd("0.50"), AT + timedelta(minutes=1))
    ledger.reserve("call_2/1", 0, usd("0.25"), AT + timedelta(minutes=2))
    first, second = ledger.open_reservations()
    assert (first.key, first.slices, first.amount) == ("call_1/1", 2, usd("1.50"))
    assert first.began_at == AT
    assert (second.key, second.slices) == ("call_2/1", 1)


def test_after_a_crash_a_leg_that_was_not_answered_costs_nothing(ledger: Ledger) -> None:
    ledger.reserve("call_1/1", 0, usd("1.00"), AT)
    assert ledger.recover(AT + timedelta(hours=1)) == 1
    assert (ledger.balance(), ledger.reserved()) == (usd("5.00"), usd("0"))


@pytest.mark.parametrize(
    ("talked_s", "charged"), [(0, "1.10"), (60, "1.10"), (60.001, "2.10"), (3_600, "3.10")]
)
def test_after_a_crash_the_slices_that_had_begun_are_settled(
    ledger: Ledger, talked_s: float, charged: str
) -> None:
    """The first slice has the connection fee; more than was reserved is never charged."""
    for slice_number, price in enumerate(("1.10", "1.00", "1.00")):
        ledger.reserve("call_1/1", slice_number, usd(price), AT)
    ledger.note_answered("call_1/1", 60, AT + timedelta(seconds=20))
    assert ledger.recover(AT + timedelta(seconds=20 + talked_s)) == 1
    assert ledger.balance() == usd("5.00") - usd(charged)
    assert ledger.reserved() == usd("0")


def test_a_slice_has_the_length_of_its_tariff(ledger: Ledger) -> None:
    for slice_number in range(3):
        ledger.reserve("call_1/1", slice_number, usd("0.10"), AT)
    ledger.note_answered("call_1/1", 6, AT)
    ledger.recover(AT + timedelta(seconds=7))
    assert ledger.balance() == usd("4.80")


def test_an_answer_is_noted_once_and_only_while_money_is_reserved(ledger: Ledger) -> None:
    ledger.reserve("call_1/1", 0, usd("1.00"), AT)
    ledger.note_answered("call_1/1", 60, AT)
    ledger.note_answered("call_1/1", 60, AT + timedelta(minutes=5))
    ledger.settle("call_1/1", usd("1.00"), AT + timedelta(minutes=1))
    ledger.note_answered("call_1/1", 60, AT + timedelta(minutes=1))
    assert ledger.recover(AT + timedelta(minutes=2)) == 0
    assert ledger.balance() == usd("4.00")


def test_a_recovery_leaves_living_calls_alone(ledger: Ledger) -> None:
    for call in ("call_1/1", "call_2/1"):
        ledger.reserve(call, 0, usd("1.00"), AT)
        ledger.note_answered(call, 60, AT)
    assert ledger.recover(AT, alive={"call_2/1"}) == 1
    assert (ledger.balance(), ledger.reserved()) == (usd("4.00"), usd("1.00"))
    assert ledger.recover(AT) == 1
    assert ledger.recover(AT) == 0
    assert ledger.balance() == usd("3.00")


def test_balance_and_available_are_read_at_one_instant(ledger: Ledger, database: Database) -> None:
    ledger.reserve("call_1/1", 0, usd("2.00"), AT)
    standing = ledger.standing()
    assert standing is not None
    assert (standing.balance, standing.available) == (usd("5.00"), usd("3.00"))


def test_entries_explain_the_balance_in_the_order_of_posting(ledger: Ledger) -> None:
    ledger.reserve("call_1/1", 0, usd("1.00"), AT)
    ledger.settle("call_1/1", usd("0.25"), AT + timedelta(seconds=15))
    entries = ledger.entries(limit=10)
    assert [entry.act for entry in entries] == [Act.DEPOSIT, Act.RESERVE, Act.RELEASE, Act.CHARGE]
    assert (entries[3].source, entries[3].destination) == (Account.WALLET, Account.CARRIER)
    assert (entries[3].amount, entries[3].at) == (usd("0.25"), AT + timedelta(seconds=15))
    assert ledger.entries(limit=1, after=entries[1].id) == [entries[2]]
    assert ledger.latest(2) == [entries[3], entries[2]]
    assert ledger.latest(2, before=entries[2].id) == [entries[1], entries[0]]


@pytest.mark.parametrize(
    "change", ["UPDATE ledger_transfer SET micros = 1", "DELETE FROM ledger_transfer"]
)
def test_what_was_posted_cannot_be_changed(ledger: Ledger, database: Database, change: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), database.writing() as connection:
        connection.execute(text(change))
    assert ledger.balance() == usd("5.00")


def test_a_transaction_that_failed_leaves_no_trace_in_the_sums(
    ledger: Ledger, database: Database
) -> None:
    def post_and_fail() -> None:
        with database.writing() as connection:
            ledger.catch_up_within(connection)
            ledger.deposit_within(connection, "invoice 7", usd("10.00"), None, AT)
            assert ledger.reserve_within(connection, "call_1/1", 0, usd("12.00"), AT)
            raise RuntimeError("something else went wrong")

    with pytest.raises(RuntimeError):
        post_and_fail()
    assert (ledger.balance(), ledger.available()) == (usd("5.00"), usd("5.00"))
    assert not ledger.reserve("call_2/1", 0, usd("12.00"), AT)


def test_twenty_at_once_never_overdraw(ledger: Ledger, open_again: Callable[[], Database]) -> None:
    """Half of them come by another connection pool, as another process would."""
    other = Ledger(open_again())
    price, slices = usd("0.11"), 4

    def call(number: int) -> int:
        mine = ledger if number % 2 else other
        key = f"call_{number}/1"
        granted = sum(mine.reserve(key, each, price, AT) for each in range(slices))
        assert mine.reserved() <= usd("5.00")
        if number % 3 == 0:
            mine.release(key, AT)
            return 0
        mine.settle(key, price * granted, AT)
        return granted

    with ThreadPoolExecutor(20) as threads:
        charged = sum(threads.map(call, range(20)))
    assert ledger.balance() == other.balance() == usd("5.00") - price * charged
    assert ledger.reserved().micros == 0
    assert sum(money.micros for money in ledger.accounts().values()) == 0
    assert all(balance >= 0 for balance in running_balances(ledger))


def test_of_many_processes_that_want_the_last_money_some_get_it(
    ledger: Ledger, open_again: Callable[[], Database]
) -> None:
    """Each has a database object of its own, and all ask in the same moment, five times."""
    everybody = [Ledger(open_again()) for _ in range(8)]
    together = Barrier(len(everybody))

    def ask(number: int) -> int:
        granted = 0
        for round_number in range(5):
            together.wait()
            key = f"call_{round_number}_{number}/1"
            granted += everybody[number].reserve(key, 0, usd("0.30"), AT)
        return granted

    with ThreadPoolExecutor(len(everybody)) as threads:
        granted = sum(threads.map(ask, range(len(everybody))))
    assert granted == 16
    assert ledger.available() == usd("0.20")


def running_balances(ledger: Ledger) -> list[int]:
    """The wallet after each entry."""
    balances, wallet = [], 0
    for entry in ledger.entries(limit=10_000):
        wallet += entry.amount.micros * (
            (entry.destination is Account.WALLET) - (entry.source is Account.WALLET)
        )
        balances.append(wallet)
    return balances
