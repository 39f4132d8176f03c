"""What a leg says comes to who listens, as samples, until he stops."""

import numpy as np
from tests.contract.media.rtp_stage import Wire

from callwright.media.events import AudioHeard

PIECE_BYTES = 640
"""40 ms of 8,000 Hz."""


def heard(wire: Wire, token: int) -> list[AudioHeard]:
    return [it for it in wire.events if isinstance(it, AudioHeard) and it.token == token]


def test_a_listener_hears_the_party_in_pieces_of_40_ms(wire: Wire) -> None:
    async def scene() -> None:
        alice = await wire.party("alice")
        wire.engine.listen(alice.leg, 7)
        alice.talk()
        await wire.event(AudioHeard, nth=15)
        pieces = heard(wire, 7)
        assert {(len(piece.pcm), piece.rate_hz) for piece in pieces} == {(PIECE_BYTES, 8_000)}
        loudest = max(int(np.abs(np.frombuffer(piece.pcm, "<i2")).max()) for piece in pieces)
        assert loudest > 4_000

    wire.run(scene())


def test_nothing_comes_before_and_after_and_a_new_token_replaces_the_former(wire: Wire) -> None:
    async def scene() -> None:
        alice = await wire.party("alice")
        alice.talk()
        await wire.elapse(0.2)
        assert not any(isinstance(it, AudioHeard) for it in wire.events)
        wire.engine.listen(alice.leg, 7)
        await wire.event(AudioHeard, nth=2)
        wire.engine.listen(alice.leg, 8)
        wire.engine.stop_listening(alice.leg)
        await wire.elapse(0.1)
        count = len(wire.events)
        await wire.elapse(0.2)
        assert len(wire.events) == count
        assert heard(wire, 7)

    wire.run(scene())
