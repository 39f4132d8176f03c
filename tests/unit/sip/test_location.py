"""Locating SIP servers (RFC 3263): which questions are asked, and what the answers mean."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence

import pytest

from callwright.kernel.addresses import HostPort
from callwright.sip.location import (
    Kind,
    Location,
    Naptr,
    Question,
    Srv,
    Target,
    Wish,
    in_order,
    locate,
)

Zone = Mapping[tuple[str, Kind], Sequence[Naptr | Srv | str]]
NAME = "carrier.test"
HOSTS: Zone = {
    ("a.carrier.test", Kind.ADDRESS): ["192.0.2.1"],
    ("b.carrier.test", Kind.ADDRESS): ["192.0.2.2", "2001:db8::2"],
    (NAME, Kind.ADDRESS): ["192.0.2.9"],
}


def located(
    wish: Wish, zone: Zone, transports: Sequence[str] = ("udp", "tcp", "tls")
) -> tuple[Location, list[Question]]:
    asked: list[Question] = []
    search = locate(wish, transports=transports)
    records: Sequence[Naptr | Srv | str] | None = None
    try:
        question = next(search)
        while True:
            asked.append(question)
            records = zone.get((question.name, question.kind), ())
            question = search.send(records)
    except StopIteration as end:
        return end.value, asked


def shown(location: Location) -> list[str]:
    return [str(target) for target in location]


@pytest.mark.parametrize(
    ("wish", "target"),
    [
        (Wish("192.0.2.7"), "udp:192.0.2.7:5060"),
        (Wish("192.0.2.7", 5_080, "tcp"), "tcp:192.0.2.7:5080"),
        (Wish("192.0.2.7", 0, "tls"), "tls:192.0.2.7:5061"),
        (Wish("2001:db8::7"), "udp:[2001:db8::7]:5060"),
    ],
)
def test_an_address_needs_no_question(wish: Wish, target: str) -> None:
    location, asked = located(wish, {})
    assert (shown(location), asked) == ([target], [])


def test_a_port_leaves_only_the_address_to_ask_for() -> None:
    location, asked = located(Wish("B.Carrier.test.", 5_070), HOSTS)
    assert shown(location) == ["udp:192.0.2.2:5070", "udp:[2001:db8::2]:5070"]
    assert asked == [Question("b.carrier.test", Kind.ADDRESS)]


def test_naptr_says_the_transport_by_order_and_preference() -> None:
    zone: Zone = HOSTS | {
        (NAME, Kind.NAPTR): [
            Naptr(20, 10, "s", "SIP+D2U", "_sip._udp.carrier.test."),
            Naptr(10, 50, "s", "SIP+D2T", "_sip._tcp.carrier.test."),
            Naptr(10, 20, "s", "SIPS+D2T", "_sips._tcp.carrier.test."),
            Naptr(1, 1, "s", "SIPS+D2S", "_sips._sctp.carrier.test."),
            Naptr(1, 1, "u", "E2U+sip", "."),
        ],
        ("_sip._udp.carrier.test", Kind.SRV): [Srv(0, 0, 5_060, "a.carrier.test.")],
        ("_sip._tcp.carrier.test", Kind.SRV): [Srv(0, 0, 5_070, "a.carrier.test.")],
        ("_sips._tcp.carrier.test", Kind.SRV): [Srv(0, 0, 5_061, "a.carrier.test.")],
    }
    location, asked = located(Wish(NAME), zone)
    assert shown(in_order(location, lambda: 0.0)) == [  # type: ignore[arg-type]
        "tls:192.0.2.1:5061",
        "tcp:192.0.2.1:5070",
        "udp:192.0.2.1:5060",
    ]
    assert asked[0] == Question(NAME, Kind.NAPTR)
    assert {target.server_name for target in location} == {NAME}, "what was asked for, RFC 5922"


def test_without_naptr_every_service_is_asked_for() -> None:
    zone: Zone = HOSTS | {
        ("_sip._tcp.carrier.test", Kind.SRV): [Srv(0, 0, 5_070, "a.carrier.test")]
    }
    location, asked = located(Wish(NAME), zone)
    assert shown(location) == ["tcp:192.0.2.1:5070"]
    assert [q.name for q in asked if q.kind is Kind.SRV] == [
        "_sip._udp.carrier.test",
        "_sip._tcp.carrier.test",
        "_sips._tcp.carrier.test",
    ]


def test_without_any_service_the_name_itself_is_the_server() -> None:
    location, _ = located(Wish(NAME), HOSTS)
    assert shown(location) == ["udp:192.0.2.9:5060"]
    location, asked = located(Wish(NAME, 0, "tls"), HOSTS)
    assert shown(location) == ["tls:192.0.2.9:5061"]
    assert asked[0] == Question("_sips._tcp.carrier.test", Kind.SRV)


def test_only_transports_that_we_speak_are_taken() -> None:
    zone: Zone = HOSTS | {
        (NAME, Kind.NAPTR): [Naptr(1, 1, "s", "SIPS+D2T", "_sips._tcp.carrier.test")],
        ("_sips._tcp.carrier.test", Kind.SRV): [Srv(0, 0, 5_061, "a.carrier.test")],
    }
    location, _ = located(Wish(NAME), zone, ["udp"])
    assert shown(location) == ["udp:192.0.2.9:5060"]


def test_a_service_that_says_it_is_absent_is_no_server() -> None:
    zone: Zone = {("_sip._udp.carrier.test", Kind.SRV): [Srv(0, 0, 0, ".")]}
    assert located(Wish(NAME, 0, "udp"), zone)[0] == ()


def test_a_flood_of_records_is_cut() -> None:
    many = [Srv(0, 0, 5_060, f"h{n}.carrier.test") for n in range(500)]
    zone: Zone = {("_sip._udp.carrier.test", Kind.SRV): many} | {
        (f"h{n}.carrier.test", Kind.ADDRESS): [f"192.0.2.{n % 250}"] for n in range(500)
    }
    location, asked = located(Wish(NAME, 0, "udp"), zone)
    assert len(location) == 16
    assert len(asked) == 17


def test_what_is_no_address_is_dropped() -> None:
    zone: Zone = {(NAME, Kind.ADDRESS): ["192.0.2.1", "nonsense", "a.carrier.test"]}
    assert shown(located(Wish(NAME, 5_060), zone)[0]) == ["udp:192.0.2.1:5060"]


def test_lower_priority_first_and_weights_share_the_calls() -> None:
    location = tuple(
        Target("udp", HostPort(f"192.0.2.{n}", 5_060), None, (rank,), weight)
        for n, (rank, weight) in enumerate([(2, 0), (1, 60), (1, 30), (1, 10), (1, 0)])
    )
    luck = random.Random(7)
    orders = [in_order(location, luck.random) for _ in range(10_000)]
    assert all(order[-1] is location[0] for order in orders)
    assert all(sorted(order, key=str) == sorted(location, key=str) for order in orders)
    first = Counter(order[0].address.host for order in orders)
    assert 5_800 < first["192.0.2.1"] < 6_200
    assert 2_800 < first["192.0.2.2"] < 3_200
    assert 850 < first["192.0.2.3"] < 1_150
    assert first["192.0.2.4"] < 20
