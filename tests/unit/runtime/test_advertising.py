"""What peers are told of us (rustpbx#231: one address cannot serve everybody)."""

import pytest

from callwright.runtime.advertising import AdvertisedAddresses, Advertisement

OWN = "10.0.0.5"


def told(peer: str, *configured: str, bound: str = "0.0.0.0") -> str:
    addresses = AdvertisedAddresses(
        tuple(map(Advertisement.parse, configured)), interface_to=lambda _peer: OWN
    )
    return addresses.for_peer(peer, bound)


def test_a_lan_is_told_the_interface() -> None:
    assert told("10.0.0.77") == OWN
    assert told("10.0.0.77", "203.0.113.10") == OWN


def test_the_bound_address_is_told_where_it_is_one() -> None:
    assert told("10.0.0.77", bound="10.0.0.6") == "10.0.0.6"


def test_the_public_is_told_the_public_address() -> None:
    assert told("8.8.8.8", "203.0.113.10") == "203.0.113.10"


def test_an_overlay_is_told_its_own_address() -> None:
    """rustpbx#231: phones of an overlay network were told the public address."""
    configured = ("203.0.113.10", "100.64.0.0/10=100.64.0.5", "10.8.0.0/16=10.8.0.1")
    assert told("100.64.3.3", *configured) == "100.64.0.5"
    assert told("10.8.1.1", *configured) == "10.8.0.1"
    assert told("10.9.1.1", *configured) == OWN
    assert told("8.8.8.8", *configured) == "203.0.113.10"


def test_the_narrowest_network_counts() -> None:
    configured = ("10.0.0.0/8=10.0.0.1", "10.8.0.0/16=10.8.0.1")
    assert told("10.8.1.1", *configured) == "10.8.0.1"


def test_ipv6_has_addresses_of_its_own() -> None:
    configured = ("203.0.113.10", "2001:db8::10")
    assert told("2a00:1450:4001::1", *configured, bound="::") == "2001:db8::10"


def test_a_private_address_never_goes_to_the_public_unnoticed() -> None:
    """rtpengine#1299: some calls went to the private address, and nobody saw which."""
    addresses = AdvertisedAddresses(interface_to=lambda _peer: OWN)
    assert addresses.for_peer("10.1.1.1", "0.0.0.0") == OWN
    assert addresses.hidden == 0
    assert addresses.for_peer("8.8.8.8", "0.0.0.0") == OWN
    assert addresses.hidden == 1


@pytest.mark.parametrize(
    "text", ["", "here", "10.0.0.0/8=", "10.0.0.0/8=::1", "10.0.0.1/8=10.0.0.1"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"ADDRESS|mixes"):
        Advertisement.parse(text)
