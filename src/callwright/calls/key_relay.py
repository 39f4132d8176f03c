"""Keys from one talking party to the other, where the audio engine cannot carry them.

The engine relays what comes in the audio, as an event (RFC 4733) or a tone, to a bridged leg that
agreed on telephone-event. A phone without it is sent INFO requests, and what a phone sends by INFO
is passed on here. In a room the engine relays no keys.
"""

from callwright.calls.leg import Leg
from callwright.calls.talk_audio import watchers


class KeyRelay:
    """Listens to two legs while they talk."""

    def __init__(self, one: Leg, other: Leg) -> None:
        self._one = one
        self._other = other
        one.media.on_key = self._from_one
        one.media.on_signalled_key = other.send_key
        other.media.on_key = self._from_other
        other.media.on_signalled_key = one.send_key

    def stop(self) -> None:
        one, other = self._one, self._other
        if one.media.on_key == self._from_one:
            one.media.on_key = one.media.on_signalled_key = None
        if other.media.on_key == self._from_other:
            other.media.on_key = other.media.on_signalled_key = None

    def _from_one(self, key: str) -> None:
        _pass_on(self._one, self._other, key)

    def _from_other(self, key: str) -> None:
        _pass_on(self._other, self._one, key)


def _pass_on(sender: Leg, listener: Leg, key: str) -> None:
    is_mixed = bool(watchers(sender, listener))
    if is_mixed or not listener.has_keys_in_audio:
        listener.send_key(key)
