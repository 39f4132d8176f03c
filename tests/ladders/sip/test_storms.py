"""Many calls over bad networks: whatever is lost, everything ends and nothing remains."""

import random
from functools import partial

import pytest
from tests.ladders.sip.rig import ANSWER, OFFER, Pair, Recorder, Weather

from callwright.sip.session.session import InviteSession

CALLS = 6
DRAIN_S = 240.0
"""A retransmitted answer, then its BYE, then the linger of that: three times 64*T1, and some."""


class Storm:
    """Two parties who call each other and behave as chance has it."""

    def __init__(self, seed: int, weather: Weather) -> None:
        self.pair = Pair(seed=seed, weather=weather)
        self.pair.network.is_watched = False
        self.chance = random.Random(seed + 1)
        self.recorders: list[Recorder] = []
        for party in (self.pair.alice, self.pair.bob):
            party.on_ring = self.ring
            party.listener_for = lambda _: self.recorder()

    def recorder(self) -> Recorder:
        recorder = Recorder()
        recorder.reactions["refer"] = lambda session: self.transfer(session, recorder)
        self.recorders.append(recorder)
        return recorder

    def later(self, most_s: float, act: object) -> None:
        assert callable(act)
        self.pair.clock.call_later(self.chance.uniform(0.0, most_s), act)

    def ring(self, session: InviteSession) -> None:
        for _ in range(self.chance.randint(1, 3)):
            early = self.chance.choice((b"", b"", ANSWER))
            self.later(3.0, partial(session.provisional, 183 if early else 180, body=early))
        answer = lambda: session.answer(ANSWER)  # noqa: E731
        refuse = lambda: session.refuse(self.chance.choice((302, 404, 486, 603)))  # noqa: E731
        self.later(4.0, self.chance.choice((answer, answer, answer, refuse)))
        self.talk(session)

    def talk(self, session: InviteSession) -> None:
        if self.chance.random() < 0.4:
            self.later(8.0, lambda: session.reoffer(OFFER))
        if self.chance.random() < 0.2:
            self.later(8.0, lambda: session.send_request("INFO"))
        if self.chance.random() < 0.2:
            self.later(8.0, lambda: session.refer("<sip:carol@example.com>"))
        self.later(12.0, session.hang_up)
        self.pair.clock.call_later(60.0, session.hang_up)

    def transfer(self, session: InviteSession, recorder: Recorder) -> None:
        notifier = session.accept_refer(recorder.transactions[-1])
        self.later(2.0, lambda: notifier.notify(180, "Ringing", final=False))
        self.later(4.0, lambda: notifier.notify(200, "OK", final=True))

    def run(self) -> None:
        parties = [self.pair.alice, self.pair.bob]
        for _ in range(CALLS):
            caller, called = self.chance.sample(parties, 2)
            required = (("Require", "100rel"),) if self.chance.random() < 0.3 else ()
            self.talk(caller.call(called, listener=self.recorder(), headers=required))
            self.pair.run(self.chance.uniform(0.0, 2.0))
        self.pair.run(DRAIN_S)


def assert_sane(recorder: Recorder) -> None:
    """Callbacks come in an order that an owner can rely on."""
    kinds = [heard.partition(" ")[0] for heard in recorder.heard]
    ends = [kind for kind in kinds if kind in ("failed", "cancelled", "ended")]
    assert len(ends) <= 1, recorder.heard
    if ends:
        assert kinds[-1] == ends[0], recorder.heard
    assert kinds.count("answered") <= 1, recorder.heard
    if "answered" in kinds:
        assert "failed" not in kinds, recorder.heard
        assert "provisional" not in kinds[kinds.index("answered") :], recorder.heard


@pytest.mark.parametrize("loss", [0.0, 0.05, 0.2])
def test_two_hundred_seeds_leave_nothing_behind(loss: float) -> None:
    answered = 0
    for seed in range(200):
        storm = Storm(seed, Weather(loss=loss, doubling=0.1, delay_s=0.005, jitter_s=0.4))
        storm.run()
        try:
            storm.pair.assert_nothing_remains()
            for recorder in storm.recorders:
                assert_sane(recorder)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}, loss {loss}: {error}") from error
        answered += sum("answered 200" in recorder.heard for recorder in storm.recorders)
    assert answered > 300, "the storm should not keep everybody from talking"
