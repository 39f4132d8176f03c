"""What `explain` tells of queues and groups before anybody waits in them.

That calls do the same is shown in `tests.world.test_explained_attendants`.
"""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from callwright.domains.queues.announcements import AnnouncementRule
from callwright.domains.queues.callback import CallbackRule
from callwright.domains.queues.model import CallQueue, ExceptionAction, RecordingRule
from callwright.kernel.ids import CallQueueId, GroupId
from callwright.kernel.limits.attendants import ATTENDANT_CHAIN_MAX
from callwright.kernel.prompt import Say
from callwright.kernel.target import Disconnect, Target, ToGroup, ToQueue, ToUser
from callwright.routing.explain import Explanation, explain
from callwright.testing.builders import ALICE, SUPPORT, contoso_queues, contoso_snapshot

NOW = datetime(2026, 10, 14, 16, 0, tzinfo=UTC)
CALLBACK = CallbackRule(Say("To be called back, press 1."), "1", "x@contoso.test", after_wait_s=60)


def told(caller: str = "+12065552368", **fields: object) -> Explanation:
    """Of a call to the support line, whose queue has these fields."""
    support = replace(contoso_queues()[SUPPORT], **fields)  # type: ignore[arg-type]
    snapshot = contoso_snapshot(queues={SUPPORT: support})
    return explain(snapshot, caller=caller, dialled="+14255550151", at=NOW)


def whats(explanation: Explanation) -> list[str]:
    return [step.what for step in explanation.steps]


def test_who_waits_is_told_all_that_may_happen() -> None:
    explanation = told(
        no_agents=ExceptionAction(ToUser(ALICE)),
        announcements=AnnouncementRule(60, position=True, expected_wait=True),
        recording=RecordingRule(Say("This call is recorded.")),
        callback=CALLBACK,
    )
    queue = whats(explanation)
    assert queue[queue.index("at most 2 callers wait in queue support") :] == [
        "at most 2 callers wait in queue support",
        "if no agent is signed in, the call goes to alice",
        'the caller hears "Thank you for calling support."',
        'the caller hears "This call is recorded."',
        "the caller hears default-music",
        "every 60 s the caller hears the position and the expected wait",
        "a callback is offered for key 1",
        "agents alice, bob ring for 15 s at a time",
        "after 60 s the call goes to voicemail of support",
        "the call goes to voicemail of support",
    ]
    because = {step.what: step.because for step in explanation.steps}
    assert because["a callback is offered for key 1"] == "to who is next and has waited 60 s"


def test_who_cannot_be_called_back_is_told_why() -> None:
    steps = told("+12065550123", callback=CALLBACK).steps
    (why,) = [step.because for step in steps if step.what == "no callback is offered"]
    assert why == "+12065550123 is a service or fictional line"


OTHERWISE = ExceptionAction(ToUser(ALICE), Say("All lines are taken."))


@pytest.mark.parametrize(
    "fields",
    [
        {"max_waiting": 0, "overflow": OTHERWISE},
        {"agents": (), "no_agents": OTHERWISE},
        {"timeout_s": 0, "timeout": OTHERWISE},
        {"agents": (), "timeout": OTHERWISE},
    ],
    ids=["full", "deserted", "nobody waits", "in vain"],
)
def test_what_is_certain_is_followed(fields: dict[str, object]) -> None:
    explanation = told(**fields)
    assert explanation.outcome.endswith("rings alice (5 s), then voicemail of alice")
    assert 'the caller hears "All lines are taken."' in whats(explanation)
    assert not any(what.startswith("agents ") for what in whats(explanation))


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"max_waiting": 0}, "refused: queue-overflow (486)"),
        ({"agents": (), "no_agents": ExceptionAction(Disconnect())}, "refused: queue-no-agents"),
    ],
)
def test_who_is_not_let_in_is_refused(fields: dict[str, object], outcome: str) -> None:
    assert told(**fields).outcome.startswith(outcome)


def full(number: int, onward: Target) -> CallQueue:
    key = CallQueueId(f"q{number}")
    return CallQueue(key, key, (ALICE,), max_waiting=0, overflow=ExceptionAction(onward))


@pytest.mark.parametrize(("queues", "is_rung"), [(9, True), (10, False)])
def test_a_group_is_one_more_in_the_chain(queues: int, is_rung: bool) -> None:
    """As in calls: after so many attendants, queues and groups there is no further one."""
    assert ATTENDANT_CHAIN_MAX == 10
    group = ToGroup(GroupId("support-team"))
    chain = [full(number, ToQueue(CallQueueId(f"q{number + 1}"))) for number in range(queues - 1)]
    chain.append(full(queues - 1, group))
    support = full(0, chain[0].overflow.to)
    snapshot = contoso_snapshot(
        queues={queue.id: queue for queue in chain} | {SUPPORT: replace(support, id=SUPPORT)}
    )
    outcome = explain(snapshot, caller="alice", dialled="+14255550151", at=NOW).outcome
    assert outcome.startswith("rings group support-team" if is_rung else "refused: forwarding-loop")


def test_of_a_group_of_which_nobody_may_be_rung_it_is_known_what_follows() -> None:
    users = contoso_snapshot().users
    barred = {**users, ALICE: replace(users[ALICE], licences=frozenset())}
    groups = contoso_snapshot().groups
    only_alice = replace(groups[GroupId("support-team")], members=(ALICE,))
    support = full(0, ToGroup(only_alice.id))
    snapshot = contoso_snapshot(
        users=barred, groups={only_alice.id: only_alice}, queues={SUPPORT: support}
    )

    def outcome(caller: str) -> str:
        return explain(snapshot, caller=caller, dialled="+14255550151", at=NOW).outcome

    assert outcome("+12065552368") == "refused: not-answered (480)"
    assert outcome("erin").startswith("rings group"), "a colleague may be called without a licence"
