"""OPTIONS of any size to whoever may answer: is there SIP, and does a large message get through?"""

import re
import secrets
import socket
from typing import NamedTuple

from callwright.kernel.addresses import HostPort
from callwright.runtime.doctor.exchange import ask

PRODUCT = "Callwright"
_PADDING_LINE = 500
_STATUS = re.compile(rb"SIP/2\.0 (\d{3}) ")
_SERVER = re.compile(rb"\r\nServer:[ \t]*([^\r\n]{0,100})", re.IGNORECASE)


class SipAnswer(NamedTuple):
    status: int
    server: str
    """The product that answered; empty when it does not say."""

    @property
    def is_ours(self) -> bool:
        return self.server.startswith(PRODUCT)


async def options(
    sender: socket.socket, remote: HostPort, *, size: int = 0, tries: int = 3
) -> SipAnswer | None:
    """What answers; None when nothing does. Raises OSError when nothing can be sent."""
    call_id = secrets.token_hex(12)
    local = HostPort(*sender.getsockname()[:2])
    answer = await ask(
        sender,
        written(local, remote, call_id, size),
        remote,
        lambda data: read(data, call_id) is not None,
        tries=tries,
    )
    return None if answer is None else read(answer.data, call_id)


def written(local: HostPort, remote: HostPort, call_id: str, size: int = 0) -> bytes:
    """A request of at least ``size`` octets; what is missing is filled into lines that no one
    reads."""
    lines = [
        f"OPTIONS sip:{remote} SIP/2.0",
        f"Via: SIP/2.0/UDP {local};branch=z9hG4bK{call_id};rport",
        "Max-Forwards: 70",
        f"From: <sip:doctor@{local}>;tag={call_id[:8]}",
        f"To: <sip:{remote}>",
        f"Call-ID: {call_id}",
        "CSeq: 1 OPTIONS",
        "Accept: application/sdp",
    ]
    missing = size - sum(len(line) + 2 for line in lines) - len("Content-Length: 0\r\n\r\n")
    while missing > 0:
        filled = min(missing, _PADDING_LINE)
        lines.append("X-Padding: " + "x" * max(1, filled - len("X-Padding: \r\n")))
        missing -= len(lines[-1]) + 2
    return ("\r\n".join([*lines, "Content-Length: 0"]) + "\r\n\r\n").encode()


def read(data: bytes, call_id: str) -> SipAnswer | None:
    """None when it is no response to ``call_id``."""
    status = _STATUS.match(data)
    if status is None or call_id.encode() not in data:
        return None
    server = _SERVER.search(data)
    product = "" if server is None else server[1].decode("ascii", "replace").strip()
    return SipAnswer(int(status[1]), product)
