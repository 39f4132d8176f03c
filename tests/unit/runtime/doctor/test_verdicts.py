"""From what was seen to what is said: each verdict of the doctor, and that a remedy is given."""

import errno
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from callwright.kernel.addresses import HostPort
from callwright.runtime.doctor import (
    certificate_dates,
    hairpin,
    listeners,
    path,
    public_address,
    rtp_range,
    self_call,
    wall_clock,
)
from callwright.runtime.doctor.certificate_dates import CertificateSeen, CertificatesSeen
from callwright.runtime.doctor.finding import Finding, Verdict
from callwright.runtime.doctor.hairpin import HairpinSeen
from callwright.runtime.doctor.listeners import ListenerSeen
from callwright.runtime.doctor.path import PathSeen
from callwright.runtime.doctor.public_address import Mapping, PublicSeen
from callwright.runtime.doctor.rtp_range import RangeSeen
from callwright.runtime.doctor.self_call import CallSeen
from callwright.runtime.doctor.wall_clock import ClockSeen

OK, WARNING, FAILED, NOT_TRIED = Verdict
LAN, LOOPBACK = HostPort("10.0.0.5", 5_060), HostPort("127.0.0.1", 5_060)
STUN, SECOND_STUN = HostPort("stun.example", 3_478), HostPort("stun.example", 3_479)
PUBLIC = HostPort("203.0.113.10", 5_060)
PEER = HostPort("198.51.100.1", 5_060)
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def assert_says(finding: Finding, verdict: Verdict, *words: str) -> None:
    assert finding.verdict is verdict, finding
    for word in words:
        assert word in f"{finding.reason} {finding.remedy}", finding
    if verdict in (FAILED, WARNING):
        assert finding.remedy, finding


@pytest.mark.parametrize(
    ("seen", "verdict", "words"),
    [
        (ListenerSeen("udp", LAN), OK, "free"),
        (ListenerSeen("udp", LAN, errno.EADDRINUSE, True), OK, "the running server"),
        (ListenerSeen("udp", LAN, errno.EADDRINUSE), FAILED, "ss -ulpn 'sport = :5060'"),
        (ListenerSeen("wss", LAN, errno.EADDRINUSE), FAILED, "ss -tlpn"),
        (ListenerSeen("tls", LAN, errno.EADDRNOTAVAIL), FAILED, "--tls"),
        (ListenerSeen("udp", LAN, errno.EACCES), FAILED, "1024"),
        (ListenerSeen("tcp", LAN, errno.EAFNOSUPPORT), FAILED, "--sip"),
        (ListenerSeen("udp", LOOPBACK), WARNING, "only this machine"),
        (ListenerSeen("http", LOOPBACK), OK, "free"),
    ],
)
def test_bound_addresses(seen: ListenerSeen, verdict: Verdict, words: str) -> None:
    assert_says(listeners.judge(seen), verdict, words)


def public(
    *mapped: HostPort | None, told: str = PUBLIC.host, asked_from: HostPort = LAN
) -> PublicSeen:
    mappings = tuple(Mapping(STUN, seen) for seen in mapped)
    return PublicSeen(asked_from, True, told, told == asked_from.host, mappings)


@pytest.mark.parametrize(
    ("seen", "verdict", "words"),
    [
        (public(), NOT_TRIED, "--stun"),
        (public(None), FAILED, "no answer"),
        (public(PUBLIC), OK, "1:1 NAT"),
        (public(PUBLIC, PUBLIC), OK, "203.0.113.10:5060"),
        (public(PUBLIC, told=LAN.host), FAILED, "--advertise 203.0.113.10"),
        (public(PUBLIC, told="203.0.113.99"), FAILED, "told 203.0.113.99"),
        (public(PUBLIC, asked_from=PUBLIC), OK, "no NAT"),
        (public(HostPort(PUBLIC.host, 61_000)), WARNING, "61000"),
        (public(PUBLIC, HostPort(PUBLIC.host, 61_000)), WARNING, "symmetric"),
        (public(PUBLIC, HostPort("203.0.113.11", 5_060)), FAILED, "another address"),
        (public(None, PUBLIC), OK, "1:1 NAT"),
        (public(None, asked_from=LOOPBACK), FAILED, "no answer"),
    ],
)
def test_public_address(seen: PublicSeen, verdict: Verdict, words: str) -> None:
    assert_says(public_address.judge(seen), verdict, words)


def test_from_loopback_nobody_outside_can_be_asked() -> None:
    unsent = (Mapping(STUN, problem="Invalid argument"),)
    seen = replace(public(asked_from=LOOPBACK), mappings=unsent)
    assert_says(public_address.judge(seen), NOT_TRIED, "only this machine")


def test_why_a_stun_server_was_silent_is_said() -> None:
    silent = replace(public(), mappings=(Mapping(STUN, problem="Name or service not known"),))
    assert_says(public_address.judge(silent), FAILED, "stun.example:3478: Name or service")


@pytest.mark.parametrize(
    ("told", "asked_from", "verdict", "words"),
    [
        (PUBLIC.host, LAN, OK, "1:1 NAT"),
        (PUBLIC.host, PUBLIC, OK, "own"),
        (LAN.host, LAN, WARNING, "--advertise"),
        (LOOPBACK.host, LOOPBACK, NOT_TRIED, "only this machine"),
    ],
)
def test_advertised_address(told: str, asked_from: HostPort, verdict: Verdict, words: str) -> None:
    seen = public(told=told, asked_from=asked_from)
    assert_says(public_address.judge_told(seen), verdict, words)


RANGE = RangeSeen("10.0.0.5", 20_000, 20_199, ephemeral=(32_768, 60_999))


@pytest.mark.parametrize(
    ("seen", "verdict", "words"),
    [
        (RANGE, OK, "100 of 100 pairs"),
        (replace(RANGE, taken=frozenset({20_001})), WARNING, "20001"),
        (replace(RANGE, taken=frozenset({20_001}), is_running=True), OK, "99 of 100"),
        (replace(RANGE, taken=frozenset(range(20_000, 20_199))), FAILED, "0 of 100"),
        (replace(RANGE, high=20_019), WARNING, "enough for 5 calls"),
        (replace(RANGE, high=20_002), WARNING, "1 of 1"),
        (replace(RANGE, high=20_002, taken=frozenset({20_000})), FAILED, "0 of 1"),
        (replace(RANGE, high=20_002, taken=frozenset({20_000}), is_running=True), WARNING, "share"),
        (replace(RANGE, listening=frozenset({20_060})), FAILED, "20060"),
    ],
)
def test_rtp_range(seen: RangeSeen, verdict: Verdict, words: str) -> None:
    assert_says(rtp_range.judge(seen), verdict, words)


@pytest.mark.parametrize(
    ("seen", "verdict", "words"),
    [
        (RANGE, OK, "none of them"),
        (replace(RANGE, ephemeral=(20_199, 60_999)), WARNING, "20000-20199"),
        (replace(RANGE, ephemeral=(1_024, 60_999), is_reserved=True), OK, "none of them"),
        (replace(RANGE, ephemeral=None), NOT_TRIED, "does not tell"),
    ],
)
def test_ports_that_others_may_be_given(seen: RangeSeen, verdict: Verdict, words: str) -> None:
    assert_says(rtp_range.judge_overlap(seen), verdict, words)


def test_the_ports_for_the_call_are_free_and_in_a_row() -> None:
    assert rtp_range.free_run(RANGE, 16) == (20_000, 20_015)
    holes = replace(RANGE, taken=frozenset({20_003, 20_010}))
    assert rtp_range.free_run(holes, 16) == (20_012, 20_027)
    assert rtp_range.free_run(replace(RANGE, taken=frozenset(range(20_000, 20_190, 4))), 16) is None


HAIRPIN = HairpinSeen("SIP", PUBLIC, is_own=False)


@pytest.mark.parametrize(
    ("seen", "verdict", "words"),
    [
        (replace(HAIRPIN, came_back=True), OK, "comes back"),
        (HAIRPIN, WARNING, "--advertise NETWORK=ADDRESS"),
        (replace(HAIRPIN, is_own=True), FAILED, "firewall"),
        (replace(HAIRPIN, problem="Network is unreachable"), FAILED, "unreachable"),
    ],
)
def test_hairpin(seen: HairpinSeen, verdict: Verdict, words: str) -> None:
    assert_says(hairpin.judge(seen), verdict, words)


PATH = PathSeen(PEER, "", 1_500, answers=True, large_bytes=1_700, large_is_cut=True)


@pytest.mark.parametrize(
    ("seen", "mtu", "fragments", "words"),
    [
        (replace(PATH, answers_large=True), OK, OK, "1700 octets is answered"),
        (PATH, OK, FAILED, "TCP or TLS"),
        (replace(PATH, answers=False), OK, NOT_TRIED, "no OPTIONS"),
        (replace(PATH, mtu=None, answers_large=True), NOT_TRIED, OK, "answered"),
        (replace(PATH, mtu=1_280), WARNING, FAILED, "lost"),
        (PathSeen(PEER, "No route to host"), FAILED, NOT_TRIED, "no OPTIONS"),
    ],
)
def test_the_way_to_a_peer(seen: PathSeen, mtu: Verdict, fragments: Verdict, words: str) -> None:
    assert_says(path.judge(seen), mtu)
    assert_says(path.judge_fragments(seen), fragments, words)


def test_a_small_path_says_how_large_sip_may_be() -> None:
    assert_says(path.judge(replace(PATH, mtu=1_400)), WARNING, "above 1200")


def test_the_size_of_sip_over_udp() -> None:
    assert_says(path.judge_size(1_300, "INVITE"), OK, "1,300 octets")
    assert_says(path.judge_size(1_301, "INVITE"), WARNING, "TCP")
    assert_says(path.judge_size(None), NOT_TRIED)


PLACE = Path("/etc/callwright")
CERTIFICATE = CertificateSeen("pbx", ("pbx.contoso.test",), NOW - DAY, NOW + 90 * DAY)


@pytest.mark.parametrize(
    ("seen", "verdict", "words"),
    [
        (CERTIFICATE, OK, "90 days"),
        (replace(CERTIFICATE, expires_at=NOW + 29 * DAY), WARNING, "2026-07-30"),
        (replace(CERTIFICATE, expires_at=NOW), FAILED, "expired on 2026-07-01"),
        (replace(CERTIFICATE, begins_at=NOW + DAY), FAILED, "2026-07-02"),
        (CertificateSeen("pbx", problem="key values mismatch"), FAILED, "mismatch"),
    ],
)
def test_certificates(seen: CertificateSeen, verdict: Verdict, words: str) -> None:
    (finding,) = certificate_dates.judge(CertificatesSeen(PLACE, True, (seen,)), NOW)
    assert_says(finding, verdict, words)


def test_no_certificate_is_needed_without_tls() -> None:
    (none,) = certificate_dates.judge(CertificatesSeen(None, is_needed=False), NOW)
    assert_says(none, NOT_TRIED, "TLS")
    (missing,) = certificate_dates.judge(CertificatesSeen(None, is_needed=True), NOW)
    assert_says(missing, FAILED, "--certificates")
    (empty,) = certificate_dates.judge(CertificatesSeen(PLACE, True, problem="holds none"), NOW)
    assert_says(empty, FAILED, "holds none")


CLOCK = ClockSeen(NOW, HostPort("ntp.example", 123), 0.02)


@pytest.mark.parametrize(
    ("seen", "verdict", "words"),
    [
        (CLOCK, OK, "0.020 s slow"),
        (replace(CLOCK, offset_s=-2.0), WARNING, "2.000 s fast"),
        (replace(CLOCK, offset_s=61.0), FAILED, "chrony"),
        (replace(CLOCK, offset_s=None), FAILED, "no usable answer"),
        (replace(CLOCK, offset_s=None, problem="Network is unreachable"), FAILED, "unreachable"),
        (ClockSeen(NOW), OK, "--ntp"),
        (ClockSeen(NOW.replace(year=1970)), FAILED, "year"),
        (ClockSeen(NOW.replace(year=2100)), FAILED, "year"),
    ],
)
def test_clock(seen: ClockSeen, verdict: Verdict, words: str) -> None:
    assert_says(wall_clock.judge(seen), verdict, words)


def test_time_zones() -> None:
    assert_says(wall_clock.judge_zones(CLOCK), OK)
    assert_says(wall_clock.judge_zones(replace(CLOCK, has_zones=False)), FAILED, "tzdata")


def test_the_call() -> None:
    assert_says(self_call.judge(CallSeen(LAN)), OK, "each of two phones")
    assert_says(self_call.judge(CallSeen(LAN, "wanted (600,), heard nothing")), FAILED, "firewall")
    assert_says(self_call.judge(None), NOT_TRIED)
