"""Numbers, people and places are found as written (SPEC 3, 9)."""

from hypothesis import given
from hypothesis import strategies as st

from callwright.domains.directory.rules import find_user, shown_address
from callwright.domains.emergency.rules import find_location, is_emergency
from callwright.domains.numbers.model import NumberKind, NumberRange, NumberSource
from callwright.domains.numbers.rules import Inventory
from callwright.kernel.e164 import E164
from callwright.testing.builders import (
    BOB,
    DAVE,
    contoso_emergency,
    contoso_number_ranges,
    contoso_snapshot,
    user,
)

INVENTORY = Inventory(contoso_number_ranges())


def test_a_range_holds_both_its_ends_and_nothing_else() -> None:
    first = INVENTORY.find(E164("+14255550101"))
    assert first is not None
    assert first.kind is NumberKind.USER
    assert INVENTORY.find(E164("+14255550119")) is first
    assert INVENTORY.find(E164("+14255550100")) is None
    assert INVENTORY.find(E164("+14255550120")) is None
    assert INVENTORY.find(E164("+142555501011")) is None


@given(
    starts=st.lists(st.integers(1, 3_000), unique=True, max_size=60),
    number=st.integers(1, 3_200),
)
def test_the_index_finds_what_a_walk_finds(starts: list[int], number: int) -> None:
    def between(first: int, last: int) -> NumberRange:
        ends = E164(f"+1425555{first:04}"), E164(f"+1425555{last:04}")
        return NumberRange(*ends, NumberKind.USER, NumberSource.DIRECT_ROUTING)

    limits = [*sorted(starts)[1:], 3_100]
    ranges = [between(s, max(s, e - 2)) for s, e in zip(sorted(starts), limits, strict=False)]
    wanted = E164(f"+1425555{number:04}")
    walked = next((found for found in ranges if wanted in found), None)
    assert Inventory(reversed(ranges)).find(wanted) is walked


def test_only_the_toll_free_range_is_toll_free() -> None:
    assert INVENTORY.is_toll_free(E164("+18005550100"))
    assert not INVENTORY.is_toll_free(E164("+14255550150"))
    assert not INVENTORY.is_toll_free(E164("+18005550101"))


def test_the_main_number_is_the_first_service_number() -> None:
    owned = [None, E164("+18005550100"), E164("+14255550151"), E164("+14255550150")]
    assert INVENTORY.main_number(owned) == "+14255550151"
    assert INVENTORY.main_number(owned[:2]) is None


def test_users_are_found_by_extension_then_by_name() -> None:
    contoso = contoso_snapshot()
    users, by_extension = contoso.users, contoso.user_by_extension
    assert find_user("102", users=users, by_extension=by_extension) == BOB
    assert find_user("bob", users=users, by_extension=by_extension) == BOB
    assert find_user("10", users=users, by_extension=by_extension) is None
    assert find_user("Bob Brown", users=users, by_extension=by_extension) is None
    assert find_user("dave", users=users, by_extension={"dave": BOB}) == BOB


def test_a_caller_shows_number_else_extension_else_name() -> None:
    users = contoso_snapshot().users
    assert shown_address(users[BOB]) == "+14255550102"
    assert shown_address(users[DAVE]) == "104"
    assert shown_address(user("zoe")) == "zoe"


def test_emergency_numbers_match_exactly() -> None:
    emergency = contoso_emergency()
    assert is_emergency(emergency, "911")
    assert is_emergency(emergency, "933")
    assert not any(is_emergency(emergency, d) for d in ("+911", "9110", "91", "112", ""))
    assert not is_emergency(None, "911")


def test_the_first_location_stands_in_for_none_and_for_unknown_ones() -> None:
    emergency = contoso_emergency()
    hq = emergency.locations[0]
    assert find_location(emergency, None) is hq
    assert find_location(emergency, "hq") is hq
    assert find_location(emergency, "moved-out") is hq
