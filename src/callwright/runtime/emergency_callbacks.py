"""Numbers that lead back to whoever called for help with them (SPEC 3.12)."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from callwright.domains.emergency.model import Callback
from callwright.kernel.clock import Clock
from callwright.kernel.e164 import E164
from callwright.kernel.ids import UserId
from callwright.kernel.limits.emergency import EMERGENCY_CALLBACK_S
from callwright.runtime.surroundings import CallbackStore


class EmergencyCallbacks:
    """Each for an hour, over restarts; a later call with a number takes it over."""

    def __init__(self, clock: Clock, store: CallbackStore) -> None:
        self._clock = clock
        self._store = store
        self._until_s: dict[E164, tuple[UserId, float]] = {}

    def note(self, number: E164, user: UserId) -> None:
        """The centre was shown the number. Returns at once: no call for help waits for a disk."""
        self._until_s[number] = (user, self._clock.monotonic() + EMERGENCY_CALLBACK_S)
        until = self._clock.utc() + timedelta(seconds=EMERGENCY_CALLBACK_S)
        self._store.keep(Callback(number, user, until))

    def live(self) -> Mapping[E164, UserId]:
        if not self._until_s:
            return {}
        now_s = self._clock.monotonic()
        self._until_s = {n: entry for n, entry in self._until_s.items() if entry[1] > now_s}
        return {number: user for number, (user, _) in self._until_s.items()}

    def restore(self, callbacks: Iterable[Callback]) -> None:
        """What was kept by a node that was stopped or killed."""
        now, now_s = self._clock.utc(), self._clock.monotonic()
        for callback in callbacks:
            left_s = min((callback.until - now).total_seconds(), EMERGENCY_CALLBACK_S)
            self._until_s[callback.number] = (callback.user, now_s + left_s)
