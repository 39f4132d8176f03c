"""Who hears whom in a talk.

Two who are alone are bridged, and the engine passes their packets on. With a supervisor they are
members of a room of the engine, where each pair has a gain: it takes no command more than a
millisecond to change from one to the other, in which nobody else is heard.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from callwright.kernel.prompt import Tune

if TYPE_CHECKING:
    from callwright.calls.leg import Leg
    from callwright.calls.supervised_talk import Supervision


def open_audio(one: Leg, other: Leg) -> None:
    """Lets two hear each other when their talk begins; what was played to them ends."""
    one.media.stop_play()
    other.media.stop_play()
    connect(one, other)


def connect(one: Leg, other: Leg) -> None:
    """Lets two in a talk hear each other, and their supervisors as these may; a party on hold
    hears music."""
    watching = watchers(one, other)
    if watching:
        _mix(one, other, watching)
    else:
        one.media.bridge(other.media)
    for holding, held in ((one, other), (other, one)):
        if holding.is_holding and not held.media.is_playing:
            held.media.start_play(Tune.DEFAULT_MUSIC, loop=True)


def close_audio(one: Leg, other: Leg) -> None:
    """Nobody of a talk hears the others any more."""
    watching = watchers(one, other)
    if not watching:
        one.media.unbridge()
        return
    for leg in (one, other, *(each.supervisor for each in watching)):
        leg.media.leave()


def watchers(one: Leg, other: Leg) -> tuple[Supervision, ...]:
    """The supervisors of either party; keys are passed on by signalling while there are any.
    Nobody is there when the talk is with who gives help in an emergency."""
    if one.is_emergency or other.is_emergency:
        return ()
    both = (one.supervision, other.supervision)
    return tuple(each for each in both if each is not None and not each.supervisor.has_ended)


def _mix(one: Leg, other: Leg, watching: tuple[Supervision, ...]) -> None:
    room = min(each.room for each in watching)
    supervisors = [each.supervisor for each in watching]
    members = (one, other, *supervisors)
    for each in watching:
        for former in each.heard:
            if former not in members:
                former.media.leave()
        each.heard = (one, other)
    for leg in members:
        leg.media.join(room)
    for each in watching:
        for listener in members:
            if listener is not each.supervisor:
                gain = 1.0 if each.is_heard_by(listener) else 0.0
                each.supervisor.media.set_gain(listener.media, gain)
