"""Which legs may have which port pairs."""

import pytest

from callwright.calls.ports import MediaPeer, PortsExhausted, RtpPorts

ALICE, BOB = MediaPeer("192.0.2.1"), MediaPeer("192.0.2.2")
SBC, BROWSER = MediaPeer("198.51.100.1", True), MediaPeer("192.0.2.1", True)


def test_everyone_has_a_pair_of_his_own_while_there_are_some() -> None:
    ports = RtpPorts(20_000, 20_007)
    taken = {ports.take(peer) for peer in (ALICE, BOB, SBC)}
    assert taken == {20_000, 20_002, 20_004}
    assert ports.free_count == 1


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
