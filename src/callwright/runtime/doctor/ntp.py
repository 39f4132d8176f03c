"""An SNTP client: how far our clock is off (RFC 5905 §8, §14)."""

import secrets
import socket
from collections.abc import Callable
from datetime import datetime

from callwright.kernel.addresses import HostPort
from callwright.runtime.doctor.exchange import ask

NTP_PORT = 123
PACKET_BYTES = 48
_VERSION_4_CLIENT = 0x23
_MODE_SERVER, _NOT_SYNCHRONISED = 4, 3
_STRATUM_MAX = 15
_UNIX_EPOCH_S = 2_208_988_800
"""Seconds from 1900, where NTP counts from."""
_ERA_S = 1 << 32
"""Era 1 begins in 2036; a server's time is taken to be within half an era of ours."""


async def offset_s(
    sender: socket.socket, server: HostPort, utc: Callable[[], datetime]
) -> float | None:
    """Seconds that the server's clock is ahead of ``utc``; None when it gives no usable time.

    Raises OSError when nothing can be sent.
    """
    cookie = secrets.token_bytes(8)
    answer = await ask(
        sender, question(cookie), server, lambda data: server_time_s(data, cookie, 0.0) is not None
    )
    if answer is None:
        return None
    ours_s = utc().timestamp() - answer.round_trip_s / 2
    theirs_s = server_time_s(answer.data, cookie, ours_s)
    return None if theirs_s is None else theirs_s - ours_s


def question(cookie: bytes) -> bytes:
    """The eight octets of ``cookie`` stand where our time would, which nobody needs to know."""
    return bytes((_VERSION_4_CLIENT,)) + bytes(39) + cookie


def server_time_s(data: bytes, cookie: bytes, near_s: float) -> float | None:
    """Seconds since 1970 when the answer was on its way; None when it is no answer to ``cookie``,
    or of a server that does not know the time itself."""
    if len(data) < PACKET_BYTES or data[0] & 7 != _MODE_SERVER or data[24:32] != cookie:
        return None
    if data[0] >> 6 == _NOT_SYNCHRONISED or not 1 <= data[1] <= _STRATUM_MAX:
        return None
    received_s, sent_s = (_seconds(data[at : at + 8]) for at in (32, 40))
    time_s = (received_s + sent_s) / 2 - _UNIX_EPOCH_S
    return time_s + round((near_s - time_s) / _ERA_S) * _ERA_S


def _seconds(stamp: bytes) -> float:
    return int.from_bytes(stamp) / (1 << 32)
