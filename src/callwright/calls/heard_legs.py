"""The legs of a call whose audio its record will tell of."""

from callwright.calls.leg import Leg, Party
from callwright.calls.media_leg import MediaLeg
from callwright.calls.record import LegRecord
from callwright.kernel.limits.storage import LEGS_RECORDED_MAX


class HeardLegs:
    """Bounded: of the legs that left, only those that sent or heard anything are remembered."""

    __slots__ = ("_here", "_left")

    def __init__(self) -> None:
        self._here: dict[Leg, None] = {}
        self._left: list[tuple[Party, MediaLeg]] = []

    def joined(self, leg: Leg) -> None:
        self._here[leg] = None

    def left(self, leg: Leg) -> None:
        self._here.pop(leg, None)
        media = leg.opened_media
        if media is None:
            return
        if len(self._left) >= LEGS_RECORDED_MAX:
            self._left = [left for left in self._left if _record(*left) is not None]
        if len(self._left) < LEGS_RECORDED_MAX:
            self._left.append((leg.party, media))

    def records(self) -> tuple[LegRecord, ...]:
        """Of those that left, and of those that are here, until now."""
        here = [(leg.party, leg.opened_media) for leg in self._here]
        records = [_record(party, media) for party, media in (*self._left, *here)]
        return tuple(sorted(filter(None, records), key=lambda record: record.number))


def _record(party: Party, media: MediaLeg | None) -> LegRecord | None:
    """None: nothing was said or heard."""
    counted = None if media is None else media.reading()
    if media is None or counted is None or not counted.packets_received + counted.packets_sent:
        return None
    codec = None if media.remote is None else media.remote.format.codec.value
    return LegRecord(media.number, party.address, party.user, party.gateway, codec, counted)
