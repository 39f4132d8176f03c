"""Does a packet to our own public address come back, as one of a phone beside the server would?"""

import asyncio
import secrets
from dataclasses import dataclass

from callwright.kernel.addresses import HostPort
from callwright.runtime.doctor.exchange import ANSWER_BYTES_MAX, TRIES, WITHIN_S, udp_socket
from callwright.runtime.doctor.finding import Finding, Verdict
from callwright.runtime.doctor.sip_question import options

CHECK = "hairpin"


@dataclass(frozen=True, slots=True)
class HairpinSeen:
    purpose: str
    """``SIP`` or ``RTP``."""
    target: HostPort
    """What peers are told."""
    is_own: bool
    """Whether that is an address of this machine: then no NAT is between."""
    came_back: bool = False
    problem: str = ""
    """Why nothing could be sent."""


async def observe(
    purpose: str, bind: HostPort, told: str, *, is_own: bool, is_running: bool
) -> HairpinSeen:
    """Sends to ``told`` what has to arrive at ``bind``; a running server has to answer instead."""
    target = HostPort(told, bind.port)
    try:
        if is_running:
            with udp_socket(HostPort(bind.host, 0)) as sender:
                came_back = await options(sender, target) is not None
        else:
            came_back = await _comes_back(bind, target)
    except OSError as error:
        return HairpinSeen(purpose, target, is_own, problem=error.strerror or str(error))
    return HairpinSeen(purpose, target, is_own, came_back)


def judge(seen: HairpinSeen) -> Finding:
    subject = f"{seen.purpose} {seen.target}"
    if seen.came_back:
        return Finding(CHECK, subject, Verdict.OK, "what we send to it comes back to us")
    if seen.problem:
        return Finding(
            CHECK, subject, Verdict.FAILED, f"nothing can be sent: {seen.problem}", "mend the route"
        )
    if seen.is_own:
        return Finding(
            CHECK,
            subject,
            Verdict.FAILED,
            "packets to this machine's own address are dropped",
            f"let UDP port {seen.target.port} in: the firewall of this machine drops it",
        )
    return Finding(
        CHECK,
        subject,
        Verdict.WARNING,
        "what we send to it does not come back: the NAT does not turn packets round, or does not"
        " map the port at all",
        "phones beside the server need its inner address:"
        " --advertise NETWORK=ADDRESS; and check the mapping from outside",
    )


async def _comes_back(bind: HostPort, target: HostPort) -> bool:
    loop = asyncio.get_running_loop()
    token = secrets.token_bytes(16)
    with udp_socket(bind) as listener, udp_socket(HostPort(bind.host, 0)) as sender:
        for _ in range(TRIES):
            await loop.sock_sendto(sender, token, target)
            try:
                async with asyncio.timeout(WITHIN_S):
                    while await loop.sock_recv(listener, ANSWER_BYTES_MAX) != token:
                        pass
            except TimeoutError:
                continue
            return True
    return False
