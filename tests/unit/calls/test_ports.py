"""Which legs may have which port pairs."""

from collections import Counter

import pytest

from callwright.calls.ports import NOBODY_KNOWN, MediaPeer, PortsExhausted, RtpPorts

ALICE, BOB = MediaPeer("192.0.2.1"), MediaPeer("192.0.2.2")
SBC, BROWSER = MediaPeer("198.51.100.1", True), MediaPeer("192.0.2.1", True)


def test_those_who_might_be_confused_have_pairs_of_their_own_while_there_are_some() -> None:
    ports = RtpPorts(20_000, 20_015)
    peers = (ALICE, ALICE, BROWSER, SBC, SBC, NOBODY_KNOWN)
    assert len({ports.take(peer) for peer in peers}) == len(peers)
    assert ports.free_count == 2


def test_phones_at_addresses_of_their_own_share_a_pair_though_others_are_free() -> None:
    ports = RtpPorts(20_000, 29_999)
    homes = [MediaPeer(f"192.0.2.{number}") for number in range(1, 201)]
    taken = Counter(ports.take(home) for home in homes)
    assert list(taken.values()) == [64, 64, 64, 8]
    assert ports.take(SBC) not in taken
    assert ports.take() not in taken
    assert ports.take(MediaPeer("192.0.2.250")) in taken


def test_phones_of_one_office_have_pairs_that_phones_elsewhere_share() -> None:
    ports = RtpPorts(20_000, 29_999)
    office = {ports.take(ALICE) for _ in range(20)}
    assert len(office) == 20
    assert ports.take(BOB) in office


def test_who_left_a_pair_does_not_meet_late_packets_of_the_old_call_there() -> None:
    ports = RtpPorts(20_000, 29_999)
    before = ports.take(ALICE)
    assert ports.take(BOB) == before
    ports.give_back(before, ALICE)
    assert ports.take(ALICE) != before
    assert ports.take(MediaPeer("192.0.2.3")) == before


def test_a_full_pair_is_joined_again_when_somebody_left() -> None:
    ports = RtpPorts(20_000, 29_999)
    homes = [MediaPeer(f"192.0.2.{number}") for number in range(1, 65)]
    assert {ports.take(home) for home in homes} == {20_000}
    ports.give_back(20_000, homes[0])
    assert ports.take(MediaPeer("192.0.2.99")) == 20_000
    assert ports.take(MediaPeer("192.0.2.100")) != 20_000


def test_an_empty_pair_is_the_last_to_be_used_again() -> None:
    ports = RtpPorts(20_000, 20_003)
    ports.give_back(ports.take(ALICE), ALICE)
    assert ports.take(BOB) == 20_002


def test_peers_at_different_addresses_share_the_last_pair() -> None:
    ports = RtpPorts(20_000, 20_001)
    assert ports.take(ALICE) == ports.take(BOB) == ports.take(SBC) == 20_000


def test_two_phones_at_one_address_do_not_share() -> None:
    ports = RtpPorts(20_000, 20_001)
    ports.take(ALICE)
    with pytest.raises(PortsExhausted):
        ports.take(ALICE)
    with pytest.raises(PortsExhausted):
        ports.take(BROWSER)


def test_calls_of_one_sbc_share_as_many_as_there_are() -> None:
    ports = RtpPorts(20_000, 20_001)
    assert {ports.take(SBC) for _ in range(1_000)} == {20_000}


def test_a_peer_that_nobody_knows_shares_with_nobody() -> None:
    ports = RtpPorts(20_000, 20_001)
    ports.take(ALICE)
    with pytest.raises(PortsExhausted):
        ports.take()
    others = RtpPorts(20_000, 20_001)
    others.take()
    with pytest.raises(PortsExhausted):
        others.take(ALICE)


def test_a_pair_is_free_when_its_last_leg_gives_it_back() -> None:
    ports = RtpPorts(20_000, 20_001)
    for peer in (ALICE, BOB):
        ports.take(peer)
    ports.give_back(20_000, ALICE)
    assert ports.free_count == 0
    assert ports.take(ALICE) == 20_000
    ports.give_back(20_000, ALICE)
    ports.give_back(20_000, BOB)
    assert ports.free_count == 1


def test_a_pair_of_ones_own_is_kept_for_an_emergency() -> None:
    ports = RtpPorts(20_000, 20_015)
    for _ in range(6):
        ports.take(SBC)
    shared = ports.take(SBC)
    assert ports.free_count == 2
    assert ports.take_for_emergency(ALICE) != shared
    assert ports.free_count == 1
