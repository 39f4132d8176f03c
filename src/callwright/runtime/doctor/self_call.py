"""What a call from this machine to itself has to prove."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from callwright.kernel.addresses import HostPort
from callwright.runtime.doctor.finding import Finding, Verdict

CHECK = "call to itself"


@dataclass(frozen=True, slots=True)
class CallSeen:
    server: HostPort
    """Where the call went."""
    problem: str = ""
    """What a person would have noticed; empty: each heard the other."""
    is_beside: bool = False
    """Whether the port of SIP was not the configured one, because a server runs there."""
    largest_bytes: int | None = None
    """Of the largest SIP message over UDP."""
    largest: str = ""
    """Which one that was."""


PlaceCall = Callable[[HostPort, tuple[int, int], bool], Awaitable[CallSeen]]
"""Starts a server at the address with the RTP ports, and calls through it; whether that is beside
the configured port."""


def judge(seen: CallSeen | None) -> Finding:
    """None: there was nothing to call."""
    if seen is None:
        return Finding(
            CHECK, "-", Verdict.NOT_TRIED, "there is no address or no port for it", "see above"
        )
    where = f"{seen.server}{' (a second server)' * seen.is_beside}"
    if seen.problem:
        return Finding(
            CHECK,
            where,
            Verdict.FAILED,
            seen.problem,
            "where nothing arrives, let UDP in on the ports of SIP and RTP in this machine's"
            " firewall; else see the log of `callwright serve`",
        )
    return Finding(CHECK, where, Verdict.OK, "each of two phones heard the other's tone")
