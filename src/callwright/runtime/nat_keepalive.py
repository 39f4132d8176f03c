"""Keeps the way to phones behind NAT open from our side, whatever the phone itself does (ADR 0019).

A box that translates forgets a UDP path when nothing passes, often after 30 seconds, and many look
at packets from inside only (RFC 4787 §4.3). So each phone is asked a short OPTIONS that it answers;
what it answers does not matter. Nothing is remembered about a ping: no transaction, no repetition.
"""

from collections.abc import Callable

from callwright.kernel.clock import Clock
from callwright.kernel.limits.registrations import NAT_KEEP_ALIVE_S, NAT_KEEP_ALIVE_SLOTS
from callwright.sip.flow import Flow
from callwright.sip.keepalive import Pinholes, answer_to_stun


class NatKeepAlive:
    """One timer for all of them, which runs as long as there are any."""

    def __init__(
        self,
        clock: Clock,
        pinholes: Pinholes,
        transmit: Callable[[Flow, bytes], None],
        new_token: Callable[[], str],
    ) -> None:
        self._clock = clock
        self._pinholes = pinholes
        self._transmit = transmit
        self._call_id = f"nat{new_token()[-20:]}".encode()
        """Of all pings of this process: what comes back with it is an answer to one."""
        self._tail = (
            b";branch=z9hG4bK" + self._call_id + b";rport\r\nMax-Forwards: 70\r\n"
            b"To: <sip:ping@nat.invalid>\r\nFrom: <sip:ping@nat.invalid>;tag=nat\r\nCall-ID: "
            + self._call_id
            + b"\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
        )
        self._heads: dict[str, bytes] = {}
        """By our own address: there are few."""
        self._heard: set[Flow] = set()
        """Phones that keep their path open themselves; they are spared the next ping."""
        self._turn = 0
        self._is_running = False
        self.sent = 0
        self.answered = 0

    def start(self) -> None:
        """There may be phones behind NAT now; costs nothing when it runs already."""
        if not self._is_running and len(self._pinholes):
            self._is_running = True
            self._clock.call_later(NAT_KEEP_ALIVE_S / NAT_KEEP_ALIVE_SLOTS, self._run)

    def take(self, flow: Flow, message: bytes) -> bool:
        """Deals with what is about keeping alive; False: it is something else.

        Asked of responses and of what is no SIP: answers to our pings, and STUN that a phone sends
        for the same purpose (RFC 5626 §8).
        """
        if message[:1] == b"S":
            is_pong = self.sent > 0 and self._call_id in message
            self.answered += is_pong
            return is_pong
        if flow.is_reliable:
            return False
        if flow in self._pinholes:
            self._heard.add(flow)
        answer = answer_to_stun(message, flow.remote)
        if answer is None:
            return False
        self._transmit(flow, answer)
        return True

    def _run(self) -> None:
        self._is_running = False
        self._turn += 1
        if self._turn % NAT_KEEP_ALIVE_SLOTS == 0:
            self._heard = {flow for flow in self._heard if flow in self._pinholes}
        for flow in self._pinholes.slot(self._turn):
            if flow in self._heard:
                self._heard.discard(flow)
            else:
                self._ping(flow)
        self.start()

    def _ping(self, flow: Flow) -> None:
        remote = flow.remote
        head = self._heads.get(flow.local.host) or self._head(flow)
        host = f"[{remote.host}]" if ":" in remote.host else remote.host
        start = f"OPTIONS sip:{host}:{remote.port} SIP/2.0\r\n".encode()
        self._transmit(flow, start + head + self._tail)
        self.sent += 1

    def _head(self, flow: Flow) -> bytes:
        head = f"Via: SIP/2.0/UDP {flow.local}".encode()
        if len(self._heads) < NAT_KEEP_ALIVE_SLOTS:
            self._heads[flow.local.host] = head
        return head
