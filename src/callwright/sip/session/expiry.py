"""Session timers (RFC 4028): a session that nobody refreshes ends, so no dead call lives for ever.

Every re-INVITE and UPDATE refreshes, and its 2xx says until when and who does it next. We offer a
timer in each INVITE, take what a peer asks for, and choose ourselves as refresher where the choice
is ours: a phone that forgets to refresh would cost a live call.
"""

from typing import TYPE_CHECKING, NamedTuple

from callwright.kernel.clock import Timer
from callwright.kernel.limits.signalling import (
    SESSION_EXPIRES_S,
    SESSION_EXPIRES_S_MAX,
    SESSION_EXPIRES_S_MIN,
    SESSION_INTERVAL_ATTEMPTS_MAX,
)
from callwright.sip.dialog import Headers
from callwright.sip.message import Message, Request, Response, parse_seconds
from callwright.sip.session.listener import EndCause
from callwright.sip.session.state import SessionState
from callwright.sip.syntax import find_parameter, parse_parameters

if TYPE_CHECKING:
    from callwright.sip.session.session import InviteSession

TOO_SHORT = ("Min-SE", str(SESSION_EXPIRES_S_MIN))
"""What a 422 of ours says (§6)."""
OFFERED = (("Session-Expires", str(SESSION_EXPIRES_S)), TOO_SHORT)
"""In each INVITE that begins a session; who refreshes is left to the peer (§7.1)."""
EARLY_END_S = 32.0
"""How long before its expiry a session is given up, or a third of the interval (§10)."""
RETRY_S_MIN = 10.0
"""A refresh that was refused is tried again after half of what is left, until this is left."""

_FIELDS = frozenset({"Session-Expires", "Min-SE", "Supported", "Require"})
_TAG = "timer"
_NO_INVITE_NEEDED = (405, 501)
"""The peer's Allow promised an UPDATE that it does not know."""


class TimerFields(NamedTuple):
    """What a message says about session timers."""

    is_supported: bool = False
    """``timer`` stands in Supported or Require."""
    interval_s: int | None = None
    """Session-Expires; None: absent or unreadable."""
    refresher: str = ""
    """``uac`` or ``uas``: who sent the request of this transaction, or who received it."""
    least_s: int = SESSION_EXPIRES_S_MIN
    """Min-SE, or what it is without one (§5)."""


def asks_too_often(request: Request) -> bool:
    """To be refused with 422, which only a peer that knows timers understands (§9)."""
    if request.header("Session-Expires") is None:
        return False
    fields = read_timer_fields(request)
    interval_s = fields.interval_s
    return fields.is_supported and interval_s is not None and interval_s < SESSION_EXPIRES_S_MIN


def read_timer_fields(message: Message) -> TimerFields:
    """Never raises; nonsense counts as absent."""
    is_supported = False
    interval_s: int | None = None
    refresher = ""
    least_s = SESSION_EXPIRES_S_MIN
    for name, value in message.headers:
        if name not in _FIELDS:
            continue
        if name == "Session-Expires":
            interval_s, refresher = _read_expires(value)
        elif name == "Min-SE":
            asked_s = parse_seconds(value.partition(";")[0].strip(" \t"))
            least_s = max(least_s, asked_s or 0)
        elif _TAG in value.lower():
            is_supported = is_supported or _TAG in map(str.strip, value.lower().split(","))
    return TimerFields(is_supported, interval_s, refresher, least_s)


def _read_expires(value: str) -> tuple[int | None, str]:
    number, _, rest = value.partition(";")
    seconds = parse_seconds(number.strip(" \t"))
    if rest[:10] == "refresher=" and rest[10:] in ("uac", "uas"):
        return seconds, rest[10:]
    try:
        parameters = parse_parameters(f";{rest}") if rest else ()
    except ValueError:
        parameters = ()
    refresher = (find_parameter(parameters, "refresher") or "").lower()
    return seconds, refresher if refresher in ("uac", "uas") else ""


def answer_refresh(session: "InviteSession", request: Request) -> Headers:
    """What our 2xx to the INVITE, re-INVITE or UPDATE says of the timer (§9); it runs from now.

    A peer that knows timers and asks for none gets ours. One that does not know them is not
    bothered, unless a proxy between us asks, or a timer runs already: then we refresh alone.
    """
    if session.state is not SessionState.ANSWERED or request.method == "PRACK":
        return ()  # a session that is not set up yet cannot expire
    fields = read_timer_fields(request)
    running = session.expiry
    interval_s = fields.interval_s
    if interval_s is None:
        if running is None and not fields.is_supported:
            return ()
        interval_s = SESSION_EXPIRES_S if running is None else running.interval_s
    elif interval_s < SESSION_EXPIRES_S_MIN:
        _stop(session)
        return ()
    interval_s = max(min(interval_s, SESSION_EXPIRES_S_MAX), fields.least_s)
    refresher = "uas"
    if fields.is_supported:
        kept = "uac" if running is not None and not running.is_ours else "uas"
        refresher = fields.refresher or kept
    _start(session, interval_s, request, is_ours=refresher == "uas")
    expires = ("Session-Expires", f"{interval_s};refresher={refresher}")
    return (("Require", _TAG), expires) if fields.is_supported else (expires,)


def take_refreshed(session: "InviteSession", response: Response) -> None:
    """The 2xx to a refresh of ours; without Session-Expires there is no timer (§7.2)."""
    value = response.header("Session-Expires")
    interval_s, refresher = (None, "") if value is None else _read_expires(value)
    if interval_s is None:
        _stop(session)
    else:
        interval_s = min(max(interval_s, SESSION_EXPIRES_S_MIN), SESSION_EXPIRES_S_MAX)
        _start(session, interval_s, response, is_ours=refresher != "uas")


def _start(session: "InviteSession", interval_s: int, message: Message, *, is_ours: bool) -> None:
    if session.expiry is None:
        session.expiry = SessionExpiry(session)
    session.expiry.start(interval_s, is_ours=is_ours, allow=message.header("Allow"))


def _stop(session: "InviteSession") -> None:
    if session.expiry is not None:
        session.expiry.stop()
        session.expiry = None


class SessionExpiry:
    """The running timer of one session: the next refresh of ours, or the moment to give up."""

    __slots__ = (
        "_allow",
        "_attempts",
        "_deadline_s",
        "_is_update_unknown",
        "_least_s",
        "_session",
        "_timer",
        "interval_s",
        "is_due",
        "is_ours",
    )

    def __init__(self, session: "InviteSession") -> None:
        self._session = session
        self._timer: Timer | None = None
        self._deadline_s = 0.0
        self._allow: str | None = None
        self._is_update_unknown = False
        self._least_s = SESSION_EXPIRES_S_MIN
        self._attempts = 0
        self.interval_s = 0
        self.is_ours = False
        """We refresh; otherwise the peer does."""
        self.is_due = False
        """A refresh of ours waits until no offer is under way, which would do as well."""

    def start(self, interval_s: int, *, is_ours: bool, allow: str | None) -> None:
        """Counts from now; ``allow`` is the peer's Allow header, where it sent one."""
        self.stop()
        self.interval_s = interval_s
        self.is_ours = is_ours
        self._allow = allow or self._allow
        self._attempts = 0
        clock = self._session.layer.clock
        patience_s = interval_s - min(EARLY_END_S, interval_s / 3)
        self._deadline_s = clock.monotonic() + patience_s
        if is_ours:
            self._timer = clock.call_later(interval_s / 2, self._refresh)
        else:
            self._timer = clock.call_later(patience_s, self._expire)

    def stop(self) -> None:
        self.is_due = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def can_update(self) -> bool:
        """The peer takes UPDATE, which says nothing of media (§7.4)."""
        return not self._is_update_unknown and "UPDATE" in (self._allow or "")

    def headers(self) -> Headers:
        """What a re-INVITE or UPDATE of ours says: the roles stay as they are (§7.4)."""
        least_s = max(self._least_s, self._least_before_s())
        refresher = "uac" if self.is_ours else "uas"
        expires = ("Session-Expires", f"{max(self.interval_s, least_s)};refresher={refresher}")
        return (expires,) if least_s == SESSION_EXPIRES_S_MIN else (expires, _min_se(least_s))

    def raise_least(self, response: Response) -> bool:
        """Takes the Min-SE of a 422; False: it does not help, or it happens too often."""
        least_s = read_timer_fields(response).least_s
        if least_s <= self._least_s or self._attempts >= SESSION_INTERVAL_ATTEMPTS_MAX:
            return False
        self._attempts += 1
        self._least_s = least_s
        return True

    def fail(self, response: Response) -> None:
        """A refresh was refused, by whoever is alive all the same: tries again, later or otherwise.

        When nothing helps the session ends at its time, because the peer and the proxies between
        us end it, too (§10).
        """
        self.stop()
        if response.status in _NO_INVITE_NEEDED and self.can_update:
            self._is_update_unknown = True
            self._refresh()
        elif response.status == 422 and self.raise_least(response):
            self._refresh()
        else:
            left_s = self._left_s()
            if left_s < 2 * RETRY_S_MIN:
                self._timer = self._session.layer.clock.call_later(left_s, self._expire)
            else:
                self._timer = self._session.layer.clock.call_later(left_s / 2, self._refresh)

    def _least_before_s(self) -> int:
        """The Min-SE of our INVITE, which a 422 may have raised."""
        session = self._session
        return read_timer_fields(session.request).least_s if session.role == "uac" else 0

    def _left_s(self) -> float:
        return max(0.0, self._deadline_s - self._session.layer.clock.monotonic())

    def _refresh(self) -> None:
        """Whatever becomes of the refresh, the session does not outlive its interval."""
        self._timer = self._session.layer.clock.call_later(self._left_s(), self._expire)
        self.is_due = True
        self._session.offers.resume()

    def _expire(self) -> None:
        self._timer = None
        self._session.lose_dialog(EndCause.SESSION_EXPIRED)


def lengthen(request: Request, response: Response) -> tuple[tuple[str, str], ...] | None:
    """The timer headers for another try of our INVITE after a 422 (§7.3); None: it would not help.

    The peer, or a proxy, must ask for more than we offered.
    """
    offered = read_timer_fields(request)
    least_s = read_timer_fields(response).least_s
    if least_s <= offered.least_s or least_s > SESSION_EXPIRES_S_MAX:
        return None
    interval_s = max(offered.interval_s or SESSION_EXPIRES_S, least_s)
    return (("Session-Expires", str(interval_s)), _min_se(least_s))


def _min_se(seconds: int) -> tuple[str, str]:
    return ("Min-SE", str(seconds))
