"""What is said of lines and offers that broke, of kept places, and of what agents may choose."""

from datetime import UTC, datetime, timedelta

import pytest

from callwright.domains.queues.agency import objection_to_opting_out, objection_to_pause
from callwright.domains.queues.model import CallQueue
from callwright.domains.queues.place import KeptPlace, KeptPlaces
from callwright.domains.queues.reconciliation import Fault, Finding, Place, examine
from callwright.domains.queues.rules import lacks_skill
from callwright.kernel.ids import CallId, CallQueueId, UserId
from callwright.kernel.limits.agents import KEEP_PLACE_S, OFFER_GRACE_S

ALICE, BOB = UserId("alice"), UserId("bob")
SUPPORT = CallQueueId("support")
FIRST, SECOND = CallId("call_1"), CallId("call_2")
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def place(call: CallId = FIRST, *, rung_s: float | None = None, idle_s: float = 0.0) -> Place:
    ringing_s = {} if rung_s is None else {ALICE: rung_s}
    return Place(call, SUPPORT, 30.0, ringing_s, idle_s)


@pytest.mark.parametrize(
    ("places", "offers", "faults"),
    [
        ([place(rung_s=3.0), place(SECOND)], {ALICE: FIRST}, []),
        ([place(), place()], {}, [Finding(Fault.TWO_PLACES, FIRST)]),
        ([place(idle_s=29.0)], {}, []),
        ([place(idle_s=31.0)], {}, [Finding(Fault.UNSERVED, FIRST)]),
        ([place(rung_s=30.0 + OFFER_GRACE_S)], {ALICE: FIRST}, []),
        (
            [place(rung_s=31.0 + OFFER_GRACE_S)],
            {ALICE: FIRST},
            [Finding(Fault.FORGOTTEN_OFFER, FIRST, ALICE)],
        ),
        ([place()], {BOB: FIRST}, [Finding(Fault.BROKEN_OFFER, FIRST, BOB)]),
        ([place(rung_s=1.0)], {}, [Finding(Fault.BROKEN_OFFER, FIRST, ALICE)]),
        ([], {BOB: SECOND}, [Finding(Fault.BROKEN_OFFER, SECOND, BOB)]),
    ],
)
def test_what_must_hold_and_does_not_is_found(
    places: list[Place], offers: dict[UserId, CallId], faults: list[Finding]
) -> None:
    assert list(examine(places, offers)) == faults


def test_a_place_is_given_back_once_and_soon() -> None:
    waited = KeptPlace(FIRST, SUPPORT, "+12065550101", AT - timedelta(seconds=70))
    kept = KeptPlaces([waited], AT)
    now = AT + timedelta(seconds=10)
    assert kept.give_back(SUPPORT, "+12065550102", now) is None
    assert kept.give_back(SUPPORT, None, now) is None
    assert kept.give_back(CallQueueId("sales"), waited.number, now) is None
    assert kept.give_back(SUPPORT, waited.number, now) == waited
    assert kept.give_back(SUPPORT, waited.number, now) is None

    late = AT + timedelta(seconds=KEEP_PLACE_S + 1)
    assert KeptPlaces([waited], AT).give_back(SUPPORT, waited.number, late) is None
    next_day = AT + timedelta(days=1)
    kept = KeptPlaces([waited], next_day)
    assert kept.give_back(SUPPORT, waited.number, next_day) is None
    assert kept.give_up() == (waited,)
    assert kept.give_up() == ()


def test_who_call_from_one_number_have_a_place_each_the_oldest_first() -> None:
    places = [
        KeptPlace(CallId(str(age_s)), SUPPORT, "+1", AT - timedelta(seconds=age_s))
        for age_s in (20, 90, 50)
    ]
    kept = KeptPlaces(places, AT)
    given = [kept.give_back(SUPPORT, "+1", AT) for _ in range(2)]
    assert given == [places[1], places[2]]
    assert kept.give_up() == (places[0],)
    assert kept.give_back(SUPPORT, "+1", AT) is None


def test_a_skill_is_needed_at_its_level_until_the_caller_waited_too_long() -> None:
    queue = CallQueue(
        SUPPORT,
        "support",
        (ALICE, BOB),
        skills={"french": 5, "billing": 1},
        skills_relax_s=60,
        agent_skills={ALICE: {"french": 5, "billing": 3}, BOB: {"french": 4, "billing": 10}},
    )
    assert lacks_skill(queue, ALICE, 0.0) is None
    assert lacks_skill(queue, BOB, 59.9) == "french 5"
    assert lacks_skill(queue, BOB, 60.0) is None
    assert lacks_skill(queue, UserId("carol"), 0.0) == "french 5"


def test_objections_name_the_remedy() -> None:
    queue = CallQueue(SUPPORT, "support", (ALICE,), allow_opt_out=False)
    strict = objection_to_opting_out(queue, ALICE)
    assert strict is not None
    assert strict.code == "no-opt-out"
    stranger = objection_to_opting_out(queue, BOB)
    assert stranger is not None
    assert stranger.code == "no-agent"
    assert objection_to_pause((), None) is None
    assert objection_to_pause(("Lunch",), "Lunch") is None
    unknown = objection_to_pause(("Lunch", "Training"), None)
    assert unknown is not None
    assert unknown.remedy == "choose one of Lunch, Training"
