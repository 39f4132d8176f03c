"""What must hold when a storm of calls is over (`callwright.testing.storm`), and how it is told."""

import functools
from collections import Counter
from collections.abc import Callable
from types import MethodType

from callwright.calls.record import CallRecord, CallResult
from callwright.calls.sip_leg import SipLeg
from callwright.sip.ladder import render_ladder
from callwright.testing.ladder import ladder_of
from callwright.testing.network import Passage, Recorder
from callwright.testing.phone_call import PhoneCall
from callwright.testing.process import Fuse
from callwright.testing.virtual_loop import VirtualLoop

LADDER_LINES_MAX = 400
CRASH_S_MAX = 100.0
"""Off for up to 50 s, and 64*T1 before that."""
APART_S_MAX = 40.0
"""Both sides know of the end within 64*T1, however much is lost; what is paid or left as a message
is settled after it."""
OURS = ("callwright.sip.", "callwright.calls.", "callwright.apps.", "callwright.media.")
"""What may leave no timer behind."""


def check_record(record: CallRecord, call: PhoneCall | None, rung: list[PhoneCall]) -> None:
    """The record holds together, and says what both sides saw. ``call`` is the caller's; None: he
    crashed, and forgot it. ``rung`` are those that rang for it."""
    times = [record.started_at, record.answered_at or record.started_at, record.ended_at]
    assert times == sorted(times), "the times are out of order"
    is_answered = record.answered_at is not None
    assert (record.sip_status == 200) == is_answered, "answered, but with which status?"
    if record.result in (CallResult.ANSWERED, CallResult.VOICEMAIL, CallResult.ABANDONED):
        assert is_answered, f"{record.result.value} without an answer"
    if record.result is CallResult.ANSWERED and record.via is None:
        assert any(other.status == 200 for other in rung), "nobody took a call that was answered"
    if call is None or call.is_lost:
        return
    if call.is_answered:
        assert is_answered, "the caller was answered"
        if call.over_at is not None and not (call.has_transferred or _forgot_it(call)):
            apart_s = abs((record.ended_at - call.over_at).total_seconds())
            assert apart_s < APART_S_MAX, f"the caller left at {call.over_at}"
    elif call.final is not None and not call.final.is_local:
        assert record.sip_status == call.final.status, f"the caller was told {call.final.status}"


def _forgot_it(call: PhoneCall) -> bool:
    """The phone crashed before its BYE arrived: audio that stays away has to tell."""
    left_at = call.over_at
    restarts = call.agent.restarted_at
    return left_at is not None and any(
        0 <= (at - left_at).total_seconds() < CRASH_S_MAX for at in restarts
    )


def uuid_of_caller(leg: SipLeg) -> str | None:
    """What the calls that ring for this one carry (RFC 7989)."""
    return None if leg.names is None else leg.names.remote


def timers_left(loop: VirtualLoop) -> list[str]:
    """Timers of signalling and call control that are still set, by what they would call."""
    found: Counter[str] = Counter()
    for handle in loop.timers():
        callback: object = handle._callback  # type: ignore[attr-defined]
        if isinstance(callback, Fuse):
            if not callback.process.is_alive:
                continue
            callback = callback.callback
        while isinstance(callback, functools.partial):
            callback = callback.func
        owner = type(callback.__self__) if isinstance(callback, MethodType) else callback
        if str(getattr(owner, "__module__", "")).startswith(OURS):
            found[str(getattr(callback, "__qualname__", callback))] += 1
    return [f"{count} timers of {name}" for name, count in found.items()]


def drawn(recorder: Recorder, is_shown: Callable[[Passage], bool]) -> str:
    """These messages as a picture."""
    shown = Recorder()
    shown.passages = [passage for passage in recorder.passages if is_shown(passage)]
    steps = ladder_of(shown, without=("OPTIONS", "REGISTER"))
    return render_ladder(steps[:LADDER_LINES_MAX])
