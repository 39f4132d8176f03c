"""The state of each number, and finding numbers among many."""

from datetime import timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domains.numbers.stock import ENTRIES, NOW, PLAN, SERVICE, entry, inventory, number

from callwright.domains.numbers.inventory import EVERYTHING, Filter, Inventory
from callwright.domains.numbers.spans import Span
from callwright.domains.numbers.states import (
    Block,
    BlockState,
    Capability,
    HolderKind,
    Holding,
    Line,
    Status,
)
from callwright.kernel.e164 import E164

ALICE = Holding(number("+14255550101"), HolderKind.USER, "alice")
SECRET = Holding(number("+14255550102"), HolderKind.USER, "alice", Line.PRIVATE)
MAIN = Holding(number("+14255550150"), HolderKind.RESOURCE_ACCOUNT, "main-line")
ELIN = Holding(number("+14255550119"), HolderKind.LOCATION, "hq")


@pytest.mark.parametrize(
    ("holding", "status"),
    [
        (ALICE, Status.USER_ASSIGNED),
        (SECRET, Status.USER_ASSIGNED),
        (MAIN, Status.VOICE_APPLICATION_ASSIGNED),
        (ELIN, Status.POLICY_ASSIGNED),
    ],
)
def test_who_holds_a_number_tells_its_status(holding: Holding, status: Status) -> None:
    standing = inventory(holding).standing(holding.number.base, NOW)
    assert standing is not None
    assert standing.status is status


def test_a_number_is_unassigned_or_not_ours() -> None:
    numbers = inventory(ALICE)
    free = numbers.standing(E164("+14255550103"), NOW)
    assert free is not None
    assert (free.status, free.block_state) == (Status.UNASSIGNED, BlockState.NOT_BLOCKED)
    assert numbers.standing(E164("+14255550120"), NOW) is None
    assert numbers.standing(E164("+142555501"), NOW) is None


def test_a_block_holds_until_its_end() -> None:
    base = E164("+14255550103")
    numbers = inventory(blocks={base: Block(NOW + timedelta(days=30))})
    states = [
        numbers.standing(base, NOW + timedelta(days=days)).block_state  # type: ignore[union-attr]
        for days in (0, 29, 30)
    ]
    assert states == [BlockState.BLOCKED_UNTIL, BlockState.BLOCKED_UNTIL, BlockState.NOT_BLOCKED]


def test_reverse_look_up_knows_extensions_apart() -> None:
    first = Holding(number("+14255550110;ext=1"), HolderKind.USER, "alice")
    second = Holding(number("+14255550110;ext=2"), HolderKind.USER, "bob")
    numbers = inventory(first, second)
    assert numbers.holder_of(number("+14255550110;ext=2")) == second
    assert numbers.holder_of(number("+14255550110")) is None
    assert numbers.holdings_of(E164("+14255550110")) == (first, second)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Filter(status=Status.USER_ASSIGNED), ["+14255550101", "+14255550102"]),
        (Filter(status=Status.POLICY_ASSIGNED), ["+14255550119"]),
        (Filter(tag="front desk"), ["+14255550103"]),
        (Filter(containing="55501", kind=SERVICE, source=PLAN, status=Status.USER_ASSIGNED), []),
        (Filter(containing="ALI"), ["+14255550101", "+14255550102"]),
        (
            Filter(within=Span(E164("+14255550118"), E164("+14255550151"))),
            ["+14255550118", "+14255550119", "+14255550150", "+14255550151"],
        ),
        (Filter(containing="1422781"), ["+33142278186"]),
    ],
)
def test_filters_take_only_what_matches(wanted: Filter, found: list[str]) -> None:
    numbers = inventory(ALICE, SECRET, MAIN, ELIN, tags={E164("+14255550103"): ("Front desk",)})
    assert [standing.number for standing in numbers.walk(wanted, NOW)] == found


def test_a_tag_of_the_range_is_one_of_each_number() -> None:
    redmond = list(inventory().walk(Filter(tag="redmond"), NOW))
    assert len(redmond) == 19


def test_a_capability_is_for_what_a_number_may_be_used() -> None:
    wanted = Filter(capability=Capability.CONFERENCE_ASSIGNMENT)
    kinds = {standing.entry.kind.value for standing in inventory().walk(wanted, NOW)}
    assert kinds == {"service", "toll-free"}


@given(st.integers(1, 30), st.sampled_from([*Status, None]))
def test_pages_together_are_the_whole_list(size: int, status: Status | None) -> None:
    numbers = inventory(ALICE, SECRET, MAIN, ELIN)
    wanted = Filter(status=status)
    whole = [standing.number for standing in numbers.walk(wanted, NOW)]
    paged: list[E164] = []
    while True:
        after = paged[-1] if paged else None
        page = [s.number for s in islice(numbers.walk(wanted, NOW, after=after), size)]
        paged += page
        if len(page) < size:
            break
    assert paged == whole


def test_ported_numbers_do_not_count_against_the_quota() -> None:
    ported = entry("+12065550200", "+12065550204", source=PLAN, is_ported=True)
    numbers = Inventory((*ENTRIES, ported), (), blocks={}, tags={})
    assert numbers.count(ported.kind, PLAN) == 10
    assert len(list(numbers.walk(EVERYTHING, NOW))) == 19 + 10 + 1 + 10 + 10 + 1 + 5
