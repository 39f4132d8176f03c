"""Is the clock right, and are there time zones?"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from callwright.kernel.addresses import HostPort
from callwright.runtime.doctor.exchange import located, udp_socket
from callwright.runtime.doctor.finding import Finding, Verdict
from callwright.runtime.doctor.ntp import offset_s

CHECK = "clock"
ZONES_CHECK = "time zones"
WRITTEN_IN = 2026
"""No clock that is right shows an earlier year to this program."""
YEARS_OF_USE = 50
ANY_HOST = "0.0.0.0"
A_ZONE = "America/Los_Angeles"
OFFSET_WARNING_S = 1.0
"""Schedules and records are off by as much."""
OFFSET_FAILED_S = 60.0
"""Signed caller identities are refused from here on (RFC 8224 §12.1 lets them live a minute)."""


@dataclass(frozen=True, slots=True)
class ClockSeen:
    now: datetime
    server: HostPort | None = None
    offset_s: float | None = None
    """How far the server's clock is ahead of ours."""
    problem: str = ""
    """Why the server was not asked."""
    has_zones: bool = True


async def observe(server: HostPort | None, utc: Callable[[], datetime]) -> ClockSeen:
    has_zones = _has_zones()
    if server is None:
        return ClockSeen(utc(), has_zones=has_zones)
    try:
        address = await located(server, ANY_HOST)
        with udp_socket(HostPort(ANY_HOST, 0)) as sender:
            offset = await offset_s(sender, address, utc)
    except OSError as error:
        problem = error.strerror or str(error)
        return ClockSeen(utc(), server, problem=problem, has_zones=has_zones)
    return ClockSeen(utc(), server, offset, has_zones=has_zones)


def judge(seen: ClockSeen) -> Finding:
    subject = f"{seen.now:%Y-%m-%d %H:%M:%S} UTC"

    def found(verdict: Verdict, reason: str, remedy: str = "") -> Finding:
        return Finding(CHECK, subject, verdict, reason, remedy)

    mend = "let an NTP client (chrony, systemd-timesyncd) set it"
    if not WRITTEN_IN <= seen.now.year < WRITTEN_IN + YEARS_OF_USE:
        return found(Verdict.FAILED, "the year cannot be right", mend)
    if seen.server is None:
        return found(Verdict.OK, "plausible; nobody was asked", "ask an NTP server with --ntp HOST")
    if seen.offset_s is None:
        why = seen.problem or "no usable answer"
        return found(Verdict.FAILED, f"{seen.server}: {why}", "name another server with --ntp")
    off_s = abs(seen.offset_s)
    direction = "slow" if seen.offset_s > 0 else "fast"
    reason = f"{off_s:.3f} s {direction}, says {seen.server}"
    if off_s > OFFSET_FAILED_S:
        return found(Verdict.FAILED, reason, mend)
    if off_s > OFFSET_WARNING_S:
        return found(Verdict.WARNING, reason, mend)
    return found(Verdict.OK, reason)


def judge_zones(seen: ClockSeen) -> Finding:
    if seen.has_zones:
        return Finding(ZONES_CHECK, A_ZONE, Verdict.OK, "known")
    return Finding(
        ZONES_CHECK,
        A_ZONE,
        Verdict.FAILED,
        "there is no time zone database, so schedules cannot be kept",
        "install tzdata",
    )


def _has_zones() -> bool:
    try:
        ZoneInfo(A_ZONE)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        return False
    return True
