"""The leg of somebody with whom a call begins and who is not on the line: without any audio."""

from callwright.calls.leg import Leg, LegState, Party, Text
from callwright.calls.media_leg import MediaLeg
from callwright.kernel.reason import Reason


class AbsentLeg(Leg):
    """Stands in a call for a customer who is called when an agent is there, and for an agent whose
    supervisor is rung (``Leg``)."""

    def __init__(self, party: Party) -> None:
        super().__init__(party, None)
        self._state = LegState.ANSWERED

    @property
    def hears(self) -> bool:
        return False

    @property
    def has_keys_in_audio(self) -> bool:
        return False

    def send_key(self, key: str) -> None:
        """Nobody hears it."""

    def send_text(self, text: Text) -> None:
        text.answer(480)

    def codecs(self) -> tuple[str, ...]:
        return ()

    def ring(self) -> None:
        """Nobody hears it."""

    def answer_early(self, prefer: tuple[str, ...] = ()) -> bool:
        return False

    def answer(self, prefer: tuple[str, ...] = ()) -> bool:
        return True

    def hang_up(self, reason: Reason, *, status: int | None = None) -> None:
        if not self.has_ended:
            self.mark_ended()

    def _open_media(self) -> MediaLeg:
        raise LookupError("who is not there has no audio")
