"""Agents' phones that ring for one caller, without a floor."""

from tests.model.queue_phones import PhoneLeg, SteppedClock

from callwright.apps.call_queue.ringing import AgentRinging
from callwright.calls.leg import Failure, Leg, Text, TransferRequest
from callwright.calls.visits import OfferOutcome
from callwright.kernel.ids import UserId
from callwright.kernel.reason import Reason

ALICE = UserId("alice")


class Holder:
    """A call that lets go what it is told to (``LegHolder``)."""

    def add(self, leg: Leg) -> None:
        """Takes it."""

    def drop(self, leg: Leg, reason: Reason) -> None:
        leg.hang_up(reason)

    def dismiss(self, leg: Leg, reason: Reason) -> None:
        leg.hang_up(reason)

    def leg_trying(self, leg: Leg) -> None: ...

    def leg_ringing(self, leg: Leg) -> None: ...

    def leg_early_media(self, leg: Leg) -> None: ...

    def leg_answered(self, leg: Leg) -> None: ...

    def leg_failed(self, leg: Leg, failure: Failure) -> None: ...

    def leg_ended(self, leg: Leg) -> None: ...

    def leg_hold(self, leg: Leg, held: bool) -> None: ...

    def leg_transfer(self, leg: Leg, request: TransferRequest) -> None: ...

    def leg_text(self, leg: Leg, text: Text) -> None: ...


def ringing_of(clock: SteppedClock, missed: list[UserId]) -> AgentRinging:
    return AgentRinging(
        Holder(),
        PhoneLeg(UserId("caller")),
        clock,
        answered=lambda agent: None,
        ended=lambda agent, outcome: missed.append(agent),
    )


def test_an_agent_who_is_rung_anew_rings_once() -> None:
    """An offer that was withdrawn and made again before anybody could see: the first ringing went
    on beside the second, and its end took the second one back."""
    clock = SteppedClock()
    missed: list[UserId] = []
    ringing = ringing_of(clock, missed)
    first, second = PhoneLeg(ALICE), PhoneLeg(ALICE)
    ringing.ring(ALICE, [first], for_s=15)
    for callback in clock.due(10):
        callback()
    ringing.ring(ALICE, [second], for_s=15)
    assert first.has_ended
    for callback in clock.due(20):
        callback()
    assert not second.has_ended
    assert missed == []
    assert [offer.outcome for offer in ringing.offers] == [OfferOutcome.WITHDRAWN]


def test_a_phone_that_refuses_for_hours_fills_no_record_and_the_answer_is_noted() -> None:
    ringing = ringing_of(SteppedClock(), [])
    for _ in range(1_200):
        refusing = PhoneLeg(ALICE)
        ringing.ring(ALICE, [refusing], for_s=15)
        ringing.leg_failed(refusing, Failure(486, "Busy Here"))
    assert len(ringing.offers) == 1_000
    answering = PhoneLeg(ALICE)
    ringing.ring(ALICE, [answering], for_s=15)
    ringing.leg_answered(answering)
    assert ringing.offers[-1].outcome is OfferOutcome.ANSWERED
