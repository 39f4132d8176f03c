"""Keys of the simulated media: they pass a leg, end its recording, and reach phones."""

import asyncio
from collections.abc import Callable

from callwright.media.events import DtmfReceived, MediaEvent, RecordEnd
from callwright.testing.handset import DIGIT_GAP_S
from callwright.testing.paths import Paths
from callwright.testing.simulated_leg import SimulatedLeg
from callwright.testing.tape_deck import TapeDeck


class SimulatedKeys:
    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        paths: Paths,
        deck: TapeDeck,
        tell: Callable[[MediaEvent], None],
    ) -> None:
        self._loop = loop
        self._paths = paths
        self._deck = deck
        self._tell = tell

    def arrived(self, leg: SimulatedLeg, digit: str) -> None:
        """From a phone."""
        if leg.is_closed:
            return
        self._tell(DtmfReceived(leg.id, digit))
        if leg.tape is not None and digit in leg.tape.stop_digits:
            self._deck.end(leg, RecordEnd.DTMF)
        if leg.peer is not None and leg.peer.play is None:
            self._out(leg.peer, digit)

    def send(self, leg: SimulatedLeg, digits: str, duration_ms: int) -> None:
        """To the phone, one after the other."""
        for digit in digits:
            leg.keys_until_s = max(leg.keys_until_s, self._loop.time())
            self._loop.call_at(leg.keys_until_s, self._out, leg, digit)
            leg.keys_until_s += duration_ms / 1_000 + DIGIT_GAP_S

    def _out(self, leg: SimulatedLeg, digit: str) -> None:
        if leg.is_closed or not leg.is_sending or leg.remote is None:
            return
        if leg.remote.dtmf_payload_type is None:
            return
        for handset in self._paths.handsets:
            listens = handset.stream is not None and handset.stream.receive
            if listens and self._paths.reaches(leg, handset):
                handset.digits.append(digit)
