"""Are there ports for audio, and will they stay ours?"""

import asyncio
import errno
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from callwright.kernel.addresses import HostPort
from callwright.runtime.doctor.exchange import udp_socket
from callwright.runtime.doctor.finding import Finding, Verdict

CHECK = "RTP ports"
OVERLAP_CHECK = "RTP ports of others"
FEW_PAIRS = 20
"""A call of two phones takes two pairs; an office of twenty does not want to count them."""
NAMED_PORTS_MAX = 5
_EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")
_RESERVED = Path("/proc/sys/net/ipv4/ip_local_reserved_ports")


@dataclass(frozen=True, slots=True)
class RangeSeen:
    host: str
    low: int
    high: int
    taken: frozenset[int] = frozenset()
    is_running: bool = False
    """A server of ours runs there, so the ports that are taken are most likely its own."""
    ephemeral: tuple[int, int] | None = None
    """What the system gives to programs that do not ask for a port; None: not known."""
    is_reserved: bool = False
    """Whether the system is told to leave the range alone."""
    listening: frozenset[int] = frozenset()
    """The UDP ports of SIP."""

    @property
    def free_pairs(self) -> int:
        first = self.low + self.low % 2
        pairs = range(first, self.high, 2)
        return sum(port not in self.taken and port + 1 not in self.taken for port in pairs)

    @property
    def pairs(self) -> int:
        return len(range(self.low + self.low % 2, self.high, 2))


async def observe(
    host: str, low: int, high: int, *, is_running: bool, listening: frozenset[int]
) -> RangeSeen:
    """Tries every port of the range, one after the other."""
    taken = await asyncio.to_thread(_taken, host, low, high)
    ephemeral = _ephemeral()
    return RangeSeen(
        host, low, high, taken, is_running, ephemeral, _is_reserved(low, high), listening
    )


def judge(seen: RangeSeen) -> Finding:
    free, pairs = seen.free_pairs, seen.pairs

    def found(verdict: Verdict, reason: str, remedy: str = "") -> Finding:
        subject = f"udp {seen.host} {seen.low}-{seen.high}"
        return Finding(CHECK, subject, verdict, reason, remedy)

    if within := sorted(port for port in seen.listening if seen.low <= port <= seen.high):
        return found(
            Verdict.FAILED,
            f"port {within[0]} of SIP lies within the range",
            "choose another range with --rtp",
        )
    if free == 0 and not seen.is_running:
        return found(
            Verdict.FAILED,
            f"0 of {pairs} pairs are free",
            "choose a larger range with --rtp, and open it in the firewall",
        )
    if seen.taken and not seen.is_running:
        named = ", ".join(map(str, sorted(seen.taken)[:NAMED_PORTS_MAX]))
        more = " ..." if len(seen.taken) > NAMED_PORTS_MAX else ""
        return found(
            Verdict.WARNING,
            f"other programs have {len(seen.taken)} ports of it: {named}{more}",
            "end them, or choose another range with --rtp",
        )
    if free < FEW_PAIRS:
        return found(
            Verdict.WARNING,
            f"{free} of {pairs} pairs are free, enough for {free // 2} calls of two phones; more"
            " have to share them, which phones at one address cannot",
            "choose a larger range with --rtp, and open it in the firewall",
        )
    mark = ", the running server has the rest" if seen.taken else ""
    return found(Verdict.OK, f"{free} of {pairs} pairs are free{mark}")


def judge_overlap(seen: RangeSeen) -> Finding:
    """Whether programs that ask for any port may be given one of the range."""
    subject = f"udp {seen.low}-{seen.high}"
    if seen.ephemeral is None:
        return Finding(
            OVERLAP_CHECK,
            subject,
            Verdict.NOT_TRIED,
            "this system does not tell them",
        )
    low, high = seen.ephemeral
    if seen.is_reserved or seen.high < low or seen.low > high:
        return Finding(OVERLAP_CHECK, subject, Verdict.OK, "the system gives none of them away")
    return Finding(
        OVERLAP_CHECK,
        subject,
        Verdict.WARNING,
        f"any program may be given a port of {low}-{high}",
        f"choose a range below {low} with --rtp, or"
        f" `sysctl net.ipv4.ip_local_reserved_ports={seen.low}-{seen.high}`",
    )


def free_run(seen: RangeSeen, ports: int) -> tuple[int, int] | None:
    """The first ``ports`` ports in a row that are free, the lowest of them even."""
    start = seen.low + seen.low % 2
    for port in range(start, seen.high + 1):
        if port in seen.taken:
            start = port + 1 + (port + 1) % 2
        elif port - start + 1 >= ports:
            return start, port
    return None


def _taken(host: str, low: int, high: int) -> frozenset[int]:
    return frozenset(port for port in range(low, high + 1) if _is_taken(HostPort(host, port)))


def _is_taken(bind: HostPort) -> bool:
    try:
        udp_socket(bind).close()
    except OSError as error:
        return error.errno == errno.EADDRINUSE
    return False


def _ephemeral() -> tuple[int, int] | None:
    with suppress(OSError, ValueError):
        low, high = map(int, _EPHEMERAL.read_text().split())
        return low, high
    return None


def _is_reserved(low: int, high: int) -> bool:
    """Whether one entry of ``8080,20000-29999`` holds the whole range."""
    with suppress(OSError, ValueError):
        for entry in _RESERVED.read_text().strip().split(","):
            first, _, last = entry.partition("-")
            if first and int(first) <= low and high <= int(last or first):
                return True
    return False
