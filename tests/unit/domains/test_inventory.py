"""Numbers, people and places are found as written (SPEC 3, 9)."""

from callwright.domains.directory.rules import find_user, shown_address
from callwright.domains.emergency.rules import find_location, is_emergency
from callwright.domains.numbers.model import NumberKind
from callwright.domains.numbers.rules import find_range, is_toll_free, main_number
from callwright.kernel.e164 import E164
from callwright.testing.builders import (
    BOB,
    DAVE,
    contoso_emergency,
    contoso_number_ranges,
    contoso_snapshot,
    user,
)

RANGES = contoso_number_ranges()


def test_a_range_holds_both_its_ends_and_nothing_else() -> None:
    first = find_range(RANGES, E164("+14255550101"))
    assert first is not None
    assert first.kind is NumberKind.USER
    assert find_range(RANGES, E164("+14255550119")) is first
    assert find_range(RANGES, E164("+14255550100")) is None
    assert find_range(RANGES, E164("+14255550120")) is None
    assert find_range(RANGES, E164("+142555501011")) is None


def test_only_the_toll_free_range_is_toll_free() -> None:
    assert is_toll_free(RANGES, E164("+18005550100"))
    assert not is_toll_free(RANGES, E164("+14255550150"))
    assert not is_toll_free(RANGES, E164("+18005550101"))


def test_the_main_number_is_the_first_service_number() -> None:
    owned = [None, E164("+18005550100"), E164("+14255550151"), E164("+14255550150")]
    assert main_number(owned, RANGES) == "+14255550151"
    assert main_number(owned[:2], RANGES) is None


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
