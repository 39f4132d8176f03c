"""Who may be in whose call: the rules alone (SPEC 10.3)."""

import pytest

from callwright.domains.queues.supervision import (
    AgentTalk,
    SupervisorRights,
    may_change,
    may_supervise,
)
from callwright.kernel.ids import CallQueueId, UserId
from callwright.kernel.reason import Reason
from callwright.kernel.supervision import SupervisionMode

DAVE, ALICE = UserId("dave"), UserId("alice")
SUPPORT, SALES = CallQueueId("support"), CallQueueId("sales")
MODES = list(SupervisionMode)


def rights(most: SupervisionMode | None = SupervisionMode.TAKEOVER) -> SupervisorRights:
    return SupervisorRights(frozenset({SUPPORT}), most)


@pytest.mark.parametrize("most", [None, *MODES])
@pytest.mark.parametrize("mode", MODES)
def test_who_may_do_one_may_do_those_before_it(
    most: SupervisionMode | None, mode: SupervisionMode
) -> None:
    is_allowed = most is not None and MODES.index(mode) <= MODES.index(most)
    talk = AgentTalk(SUPPORT)
    begun = may_supervise(DAVE, ALICE, mode, rights=rights(most), talk=talk).value
    changed = may_change(DAVE, ALICE, mode, rights(most)).value
    assert begun is changed is (None if is_allowed else Reason.SUPERVISION_FORBIDDEN)


@pytest.mark.parametrize(
    ("talk", "reason", "because"),
    [
        (None, Reason.AGENT_NOT_TALKING, "talks to nobody"),
        (AgentTalk(None), Reason.SUPERVISION_FORBIDDEN, "came from no queue that lists dave"),
        (AgentTalk(SALES), Reason.SUPERVISION_FORBIDDEN, "came from no queue that lists dave"),
        (AgentTalk(SUPPORT, is_emergency=True), Reason.SUPERVISION_FORBIDDEN, "call for help"),
        (AgentTalk(SUPPORT, supervisor=UserId("erin")), Reason.SUPERVISED_ALREADY, "erin"),
    ],
)
def test_what_stands_in_the_way_is_said(
    talk: AgentTalk | None, reason: Reason, because: str
) -> None:
    decision = may_supervise(DAVE, ALICE, SupervisionMode.MONITOR, rights=rights(), talk=talk)
    assert decision.value is reason
    assert because in decision.steps[-1].because


def test_who_has_no_right_does_not_learn_whether_the_agent_talks() -> None:
    for none in (None, rights(None)):
        told = {
            may_supervise(DAVE, ALICE, SupervisionMode.MONITOR, rights=none, talk=talk)
            for talk in (None, AgentTalk(SUPPORT), AgentTalk(SALES))
        }
        assert len(told) == 1


def test_nobody_supervises_himself() -> None:
    decision = may_supervise(
        DAVE, DAVE, SupervisionMode.MONITOR, rights=rights(), talk=AgentTalk(SUPPORT)
    )
    assert decision.value is Reason.SUPERVISION_FORBIDDEN
