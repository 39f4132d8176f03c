"""Wrap-up, opting out, skills, pauses and "no agents" in the file, and in the snapshot."""

from typing import Any

import pytest
from pydantic import ValidationError
from tests.unit.operations.test_cautions import cautions_of
from tests.unit.operations.test_queue_extras_settings import file, queue, support

from callwright.domains.queues.model import NoAgentsFor
from callwright.kernel.ids import CallQueueId, UserId
from callwright.operations.organisation_file import Organisation, build_snapshot
from callwright.operations.organisation_file.snapshot import Former, follow_snapshot

SUPPORT = CallQueueId("support")
FRENCH = {"require": {"french": 5}, "relax_after_s": 60}


def test_what_is_not_written_is_as_teams_has_it() -> None:
    made = queue(file())
    assert (made.allow_opt_out, made.wrap_up_s, made.no_agents) == (True, 0, None)
    assert made.skills == {}
    written = queue(support(no_agents={"to": "disconnect"}))
    assert written.no_agents_for is NoAgentsFor.ALL


def test_agents_settings_reach_the_queue() -> None:
    content = support(
        opt_out=False,
        wrap_up_s=30,
        skills=FRENCH,
        no_agents={"to": "disconnect", "applies_to": "new-calls"},
    )
    content["users"]["alice"]["skills"] = {"french": 7, "billing": 1}
    made = queue(content)
    assert (made.allow_opt_out, made.wrap_up_s) == (False, 30)
    assert made.no_agents_for is NoAgentsFor.NEW
    assert (made.skills, made.skills_relax_s) == ({"french": 5}, 60)
    assert made.agent_skills == {UserId("alice"): {"french": 7, "billing": 1}}


def test_pause_reasons_are_the_organisations() -> None:
    content = file()
    content["organisation"]["pause_reasons"] = ["Lunch", "Training"]
    made = build_snapshot(Organisation.model_validate(content), revision=1, base=None)
    assert made.pause_reasons == ("Lunch", "Training")


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"wrap_up_s": 1_801}, "1801 is out of bounds; write 0 to 1800"),
        ({"skills": {"require": {"french": 11}}}, "11 is out of bounds; write 1 to 10"),
        ({"skills": {"relax_after_s": 5}}, "require"),
        ({"no_agents": {"to": "disconnect", "applies_to": "all"}}, "no choice is called"),
        ({"opt_out": "no"}, "opt_out"),
    ],
)
def test_what_cannot_be_meant_is_refused(fields: dict[str, Any], text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Organisation.model_validate(support(**fields))
    assert text in str(refused.value)


@pytest.mark.parametrize("reason", ["", "x" * 65, "two\nlines"])
def test_a_reason_that_cannot_be_shown_is_refused(reason: str) -> None:
    content = file()
    content["organisation"]["pause_reasons"] = [reason]
    with pytest.raises(ValidationError):
        Organisation.model_validate(content)


def test_a_skill_that_a_user_learns_reaches_the_queue_of_a_running_system() -> None:
    """Of users the snapshot of queues used to read names only."""
    before = Organisation.model_validate(support(skills=FRENCH))
    users = dict(before.users)
    users["alice"] = users["alice"].model_copy(update={"skills": {"french": 9}})
    after = before.model_copy(update={"users": users})
    made = build_snapshot(before, revision=1, base=None)
    followed = follow_snapshot(Former(before, made), after, revision=2)
    assert followed.queues[SUPPORT].agent_skills == {UserId("alice"): {"french": 9}}
    assert followed == build_snapshot(after, revision=2, base=None)


def test_a_skill_that_no_agent_has_is_warned_of() -> None:
    def wanted(content: dict[str, Any]) -> None:
        content["call_queues"]["support"]["skills"] = FRENCH

    text = cautions_of(wanted)["call_queues.support.skills.require.french"]
    assert "no agent of the queue has french 5: everybody waits 60 s for nothing" in text

    def learnt(content: dict[str, Any]) -> None:
        wanted(content)
        content["users"]["alice"]["skills"] = {"french": 5}

    assert "call_queues.support.skills.require.french" not in cautions_of(learnt)


def test_somebody_outside_has_no_skills_and_breaks_no_queue_that_asks_for_them() -> None:
    agents = [{"user": "alice"}, {"external": "+12065550188"}]
    content = support(skills=FRENCH, agents=agents)
    content["users"]["alice"]["skills"] = {"french": 7}
    made = queue(content)
    assert made.agents == ("alice", "+12065550188")
    assert made.agent_skills == {UserId("alice"): {"french": 7}}
    assert not [
        place for place in cautions_of(lambda file: file.update(content)) if "skill" in place
    ]
