"""Provisional responses that are repeated until their PRACK comes (RFC 3262 §3), as we send them.

Also what we remember of those that we receive (§4): `EarlyDialog`.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from callwright.sip.dialog import Dialog, Headers
from callwright.sip.message import CSEQ_MAX, Request, Response
from callwright.sip.syntax import read_number
from callwright.sip.transaction.timers import Backoff

if TYPE_CHECKING:
    from callwright.sip.session.uas import UasSession

TAG = "100rel"
RSEQ_MAX = 2**32 - 1


class Provisional(NamedTuple):
    """One response from 101 to 199; a body is our answer, or our offer."""

    status: int
    reason: str | None
    headers: Headers
    body: bytes


@dataclass(slots=True)
class EarlyDialog:
    """What a reliable provisional response to our INVITE began, one for each fork."""

    dialog: Dialog
    rseq: int
    """Of the newest one that came in order."""
    is_agreed: bool = False
    """Offer and answer were exchanged: an UPDATE may bring a new offer."""


class ReliableProvisionals:
    """One at a time is on its way, so that the caller sees them in order; the next ones wait.

    Of those that wait without a body only the newest is kept: ringing is no news twice.
    """

    __slots__ = (
        "_backoff",
        "_data",
        "_is_stopped",
        "_last_status",
        "_rseq",
        "_session",
        "_unacknowledged",
        "_waiting",
        "is_required",
    )

    def __init__(self, session: "UasSession", *, is_required: bool) -> None:
        self.is_required = is_required
        """The caller takes no other ones; otherwise we use them where a description must arrive."""
        self._session = session
        # RFC 3262 §3: the first number is random and below 2**31, so that it can grow.
        self._rseq = crc32(session.local_tag.encode()) >> 2
        self._unacknowledged: Provisional | None = None
        self._waiting: list[Provisional] = []
        self._last_status = 0
        self._data = b""
        self._backoff: Backoff | None = None
        self._is_stopped = False

    @property
    def is_unacknowledged(self) -> bool:
        return self._unacknowledged is not None

    @property
    def holds_description(self) -> bool:
        """One with a body was sent and not acknowledged: a 2xx must wait."""
        return self._unacknowledged is not None and bool(self._unacknowledged.body)

    def send(self, provisional: Provisional) -> None:
        if self._is_stopped:
            return
        if not provisional.body:
            if provisional.status == self._last_status:
                return
            self._waiting = [waiting for waiting in self._waiting if waiting.body]
        elif any(waiting.body for waiting in self._waiting):
            return
        self._last_status = provisional.status
        self._waiting.append(provisional)
        self.send_next()

    def send_next(self) -> None:
        if self._unacknowledged is not None or not self._waiting:
            return
        self._unacknowledged = provisional = self._waiting.pop(0)
        self._rseq += 1
        session = self._session
        self._data = session.send_provisional(
            provisional, (("Require", TAG), ("RSeq", str(self._rseq)))
        )
        # §3: doubled without a bound, unlike a 2xx: a PRACK is repeated by its own transaction.
        self._backoff = Backoff(
            session.layer.first_shots,
            send=self._resend,
            give_up=self._give_up,
            longest_s=math.inf,
        )

    def acknowledge(self, request: Request) -> Provisional | None:
        """What the PRACK acknowledges; None: nothing that waits for it."""
        number, cseq, method = _read_rack(request.header("RAck") or "")
        invite = self._session.request
        if (
            self._unacknowledged is None
            or number != self._rseq
            or cseq != invite.cseq[0]
            or method != "INVITE"
        ):
            return None
        acknowledged, self._unacknowledged = self._unacknowledged, None
        self._stop_sending()
        return acknowledged

    def forget_waiting(self) -> None:
        """An answer was given: it says all that the waiting ones would have said."""
        self._waiting.clear()
        self._is_stopped = True

    def stop(self) -> None:
        """A final response was sent; a late PRACK is still recognised."""
        self.forget_waiting()
        self._stop_sending()

    def _stop_sending(self) -> None:
        self._data = b""
        if self._backoff is not None:
            self._backoff.stop()
            self._backoff = None

    def _resend(self) -> None:
        self._session.resend_provisional(self._data)

    def _give_up(self) -> None:
        self._backoff = None
        self._unacknowledged = None
        self._session.miss_prack()


def reliability(request: Request) -> bool | None:
    """True: the caller requires 100rel, False: it supports it, None: neither."""
    found: bool | None = None
    for name, value in request.headers:
        if name in ("Require", "Supported") and _has_tag(value):
            if name == "Require":
                return True
            found = False
    return found


def reliable_number(response: Response) -> int | None:
    """The RSeq of a provisional response that wants a PRACK (§4); None: it wants none."""
    text = response.header("RSeq")
    if text is None or response.status == 100:
        return None
    if not any(_has_tag(value) for name, value in response.headers if name == "Require"):
        return None
    return read_number(text, most=RSEQ_MAX) or None


def rack(number: int, invite: Request) -> tuple[str, str]:
    """The header that says what a PRACK is for (§7.2)."""
    return ("RAck", f"{number} {invite.cseq[0]} INVITE")


def _has_tag(value: str) -> bool:
    lower = value.lower()
    return TAG in lower and TAG in map(str.strip, lower.split(","))


def _read_rack(text: str) -> tuple[int | None, int | None, str]:
    words = text.split()
    if len(words) != 3:
        return None, None, ""
    return read_number(words[0], most=RSEQ_MAX), read_number(words[1], most=CSEQ_MAX), words[2]
