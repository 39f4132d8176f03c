"""Who is kept out: counted by hand, over hours, with no clock."""

import pytest

from callwright.domains.shield.model import Offence
from callwright.domains.shield.rules import (
    SlidingCount,
    block_span_s,
    is_loopback,
    is_within,
    network_of,
    read_network,
    source_of,
)
from callwright.domains.shield.suspicions import Suspicion, Suspicions
from callwright.kernel.limits.shield import (
    SHIELD_MALFORMED_SHORT,
    SHIELD_NAME_PAUSE_S,
    SHIELD_UNPROVEN_SHORT,
    SHIELD_WRONG_LONG,
    SHIELD_WRONG_NAME,
    SHIELD_WRONG_NETWORK,
    SHIELD_WRONG_ONE_NAME,
    SHIELD_WRONG_SHORT,
)

EVIL = "203.0.113.7"


def guess(
    suspicions: Suspicions,
    times: int,
    *,
    every_s: float,
    host: str = EVIL,
    names: tuple[str, ...] = ("alice",),
    from_s: float = 0.0,
) -> list[tuple[int, Suspicion]]:
    """What was suspected, and at which guess."""
    found = []
    for at in range(times):
        suspicion = suspicions.wrong(host, names[at % len(names)], from_s + at * every_s)
        if suspicion is not None:
            found.append((at + 1, suspicion))
    return found


@pytest.mark.parametrize(
    ("host", "source", "network"),
    [
        (EVIL, "203.0.113.7/32", "203.0.113.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/64", "fe80::/48"),
        ("::ffff:203.0.113.7", "203.0.113.7/32", "203.0.113.0/24"),
        ("phone.test", "phone.test", "phone.test"),
    ],
)
def test_a_source_is_what_one_owner_has_whole(host: str, source: str, network: str) -> None:
    assert (source_of(host), network_of(host)) == (source, network)
    assert is_within(host, source)
    assert is_within(host, network)


def test_an_address_lies_in_no_network_of_the_other_family() -> None:
    assert not is_within("2001:db8::1", "0.0.0.0/0")
    assert not is_within("10.0.0.1", "::/0")
    assert not is_within("phone.test", "0.0.0.0/0")
    assert not is_within("10.0.0.1", "phone.test")


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("203.0.113.7", "203.0.113.7/32"),
        ("203.0.113.7/24", "203.0.113.0/24"),
        ("2001:db8::1", "2001:db8::/64"),
        ("[2001:db8::1]", "2001:db8::/64"),
        ("2001:db8::/40", "2001:db8::/40"),
    ],
)
def test_a_person_writes_an_address_or_a_network(text: str, network: str) -> None:
    assert read_network(text) == network


@pytest.mark.parametrize("text", ["", "phone.test", "203.0.113.7/33", "1.2.3"])
def test_what_is_neither_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="does not appear to be"):
        read_network(text)


def test_loopback_is_this_machine() -> None:
    assert is_loopback("127.0.0.9")
    assert is_loopback("::1")
    assert not is_loopback(EVIL)
    assert not is_loopback("phone.test")


def test_a_sliding_count_forgets_bit_by_bit() -> None:
    count = SlidingCount(100.0, 0.0)
    for _ in range(10):
        count.add(50.0)
    assert count.value(99.0) == 10
    assert count.value(125.0) == pytest.approx(7.5)
    assert count.value(199.0) == pytest.approx(0.1)
    assert count.value(500.0) == 0


def test_each_further_block_is_longer() -> None:
    assert [block_span_s(n) for n in (0, 1, 2, 3, 9)] == [600, 600, 3_600, 86_400, 86_400]


def test_quick_guesses_at_one_name_are_noticed_at_the_twentieth() -> None:
    found = guess(Suspicions(), 20, every_s=0.05)
    assert found == [
        (SHIELD_WRONG_SHORT[0], Suspicion("203.0.113.7/32", Offence.GUESSING, 20, ("alice",)))
    ]


def test_slow_guesses_at_many_names_are_noticed_within_a_day() -> None:
    """mikopbx/Core#239: who took half a minute between two tries was never noticed."""
    names = tuple(f"user{n}" for n in range(9))
    ((at, suspicion),) = guess(Suspicions(), SHIELD_WRONG_LONG[0], every_s=120, names=names)
    assert at == SHIELD_WRONG_LONG[0]
    assert len(suspicion.names) == 5
    assert suspicion.names[-1] == f"user{(at - 1) % 9}", "those tried last"


def test_a_forgotten_phone_that_tries_every_five_minutes_is_let_be() -> None:
    assert guess(Suspicions(), 2_000, every_s=300) == []


def test_a_phone_that_tries_every_minute_is_noticed_after_hours() -> None:
    ((at, suspicion), *_) = guess(Suspicions(), SHIELD_WRONG_ONE_NAME[0], every_s=60)
    assert at == SHIELD_WRONG_ONE_NAME[0]
    assert suspicion.offence is Offence.GUESSING


def test_a_network_whose_addresses_take_turns_is_noticed() -> None:
    suspicions = Suspicions()
    found = []
    for at in range(SHIELD_WRONG_NETWORK[0]):
        suspicion = suspicions.wrong(f"203.0.113.{at % 50}", f"u{at}", at * 10.0)
        found += [suspicion] if suspicion else []
    assert [(s.network, s.offence) for s in found] == [("203.0.113.0/24", Offence.GUESSING_NETWORK)]


def test_two_addresses_are_no_network() -> None:
    suspicions = Suspicions()
    found = [suspicions.wrong(f"203.0.113.{at % 2}", "u", at * 400.0) for at in range(200)]
    assert all(s is None for s in found)


def test_who_failed_waits_before_he_tries_a_name_again_that_many_guess_at() -> None:
    suspicions = Suspicions()
    for at in range(SHIELD_WRONG_NAME[0]):
        suspicions.wrong(f"198.51.{at}.1", "alice", float(at))
    assert not suspicions.must_wait("198.51.1.1", "alice", 50.0), "not yet too many"
    suspicions.wrong(EVIL, "alice", 60.0)
    assert suspicions.must_wait(EVIL, "alice", 61.0)
    assert not suspicions.must_wait(EVIL, "bob", 61.0), "another name"
    assert not suspicions.must_wait("192.0.2.200", "alice", 61.0), "the owner, from a hotel"
    assert not suspicions.must_wait(EVIL, "alice", 60.0 + SHIELD_NAME_PAUSE_S)


def test_calls_without_a_proof_count_only_where_none_ever_comes() -> None:
    suspicions = Suspicions()
    most = SHIELD_UNPROVEN_SHORT[0]
    for at in range(most * 3):
        assert suspicions.unproven(EVIL, at * 0.01) is None
        if at % 100 == 99:
            suspicions.proven(EVIL)
    found = [suspicions.unproven("192.0.2.9", at * 0.01) for at in range(most)]
    assert [s.offence for s in found if s] == [Offence.UNPROVEN]


def test_malformed_messages_need_to_be_many() -> None:
    suspicions = Suspicions()
    found = [suspicions.malformed(EVIL, at * 0.1) for at in range(SHIELD_MALFORMED_SHORT[0])]
    assert found[:-1] == [None] * (len(found) - 1)
    assert found[-1] == Suspicion("203.0.113.7/32", Offence.MALFORMED, SHIELD_MALFORMED_SHORT[0])


def test_forged_sources_do_not_push_out_who_is_at_it_for_hours() -> None:
    suspicions = Suspicions(sources_max=100)
    assert guess(suspicions, 2, every_s=0) == []
    for at in range(SHIELD_WRONG_LONG[0] - 3):
        assert suspicions.wrong(EVIL, f"u{at}", at * 200.0) is None
        for forged in range(200):
            suspicions.wrong(f"10.{at}.{forged}.1", f"f{forged}", at * 200.0)
        assert len(suspicions) <= 300
    assert suspicions.wrong(EVIL, "one more", 60 * 200.0) is not None


def test_a_pardoned_source_starts_again() -> None:
    suspicions = Suspicions()
    assert guess(suspicions, 19, every_s=1) == []
    suspicions.forget("203.0.113.7/32")
    assert guess(suspicions, 19, every_s=1, from_s=20) == []


def test_names_are_kept_fit_for_a_terminal() -> None:
    suspicions = Suspicions()
    for at in range(20):
        found = suspicions.wrong(EVIL, "a\x1b[2Jb\udcff" + "x" * 500, at * 0.1)
    assert found is not None
    assert all(name.isprintable() and len(name) <= 64 for name in found.names)
