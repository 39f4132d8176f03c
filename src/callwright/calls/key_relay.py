"""Keys from one talking party to the other, where the audio engine cannot carry them.

The engine relays keys between two bridged legs that both agreed on telephone-event (RFC 4733). A
phone without it sends INFO requests, and is sent them; some with it send INFO, too. In a room no
keys are relayed.
"""

from callwright.calls.leg import Leg
from callwright.calls.talk_audio import watchers


class KeyRelay:
    """Listens to two legs while they talk."""

    def __init__(self, one: Leg, other: Leg) -> None:
        self._one = one
        self._other = other
        one.media.on_key = self._from_one
        other.media.on_key = self._from_other

    def stop(self) -> None:
        one, other = self._one.media, self._other.media
        if one.on_key == self._from_one:
            one.on_key = None
        if other.on_key == self._from_other:
            other.on_key = None

    def _from_one(self, key: str) -> None:
        _pass_on(self._one, self._other, key)

    def _from_other(self, key: str) -> None:
        _pass_on(self._other, self._one, key)


def _pass_on(sender: Leg, listener: Leg, key: str) -> None:
    is_mixed = bool(watchers(sender, listener))
    came_in_audio = sender.has_keys_in_audio and sender.media.presses_in_audio
    if is_mixed or not (came_in_audio and listener.has_keys_in_audio):
        listener.send_key(key)
