"""Which number is lent to whoever calls for help (SPEC 3.12; rows 44 and 45)."""

from hypothesis import given
from hypothesis import strategies as st

from callwright.domains.policies.shared_calling import SharedCallingPolicy, lend_emergency_number
from callwright.kernel.e164 import E164
from callwright.kernel.ids import ResourceAccountId, UserId

MAIN = ResourceAccountId("main-line")
NUMBERS = tuple(E164(f"+1425555011{digit}") for digit in range(4))
ZOE = UserId("zoe")


@given(
    count=st.integers(0, 4),
    lent=st.dictionaries(st.sampled_from(NUMBERS), st.sampled_from(["zoe", "ann", "ben"])),
)
def test_one_keeps_ones_number_else_gets_a_free_one_else_the_first(
    count: int, lent: dict[E164, str]
) -> None:
    policy = SharedCallingPolicy(MAIN, NUMBERS[:count])
    leads_back = {number: UserId(user) for number, user in lent.items()}

    given_number = lend_emergency_number(policy, ZOE, leads_back)

    if not count:
        assert given_number is None
        return
    assert given_number is not None
    mine = [n for n in NUMBERS[:count] if lent.get(n) == "zoe"]
    free = [n for n in NUMBERS[:count] if n not in lent]
    assert given_number.number == [*mine, *free, NUMBERS[0]][0]
    assert given_number.because
