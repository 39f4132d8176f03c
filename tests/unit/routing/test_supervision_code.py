"""A code and an extension: who may be supervised by phone, from the file to the decision."""

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.world.contoso_scene import contoso

from callwright.kernel.ids import UserId
from callwright.kernel.supervision import SupervisionMode
from callwright.routing.explain import explain
from callwright.routing.request import FromSbc, FromUser, OnBehalf, Origin, Supervise
from callwright.routing.snapshot import Snapshot
from callwright.routing.supervision import find_supervised, supervisor_rights
from callwright.routing.trail import Trail
from callwright.testing.builders import SBC1, SUPPORT

DAVE = UserId("dave")
AT = datetime(2026, 3, 10, 17, 30, tzinfo=UTC)


def led(**policy: Any) -> Snapshot:
    """dave is listed at support; his group gives him the policy."""

    def change(file: dict[str, Any]) -> None:
        file["call_queues"]["support"]["authorised"] = ["dave"]
        file.setdefault("policies", {})["voice_applications"] = {"leads": policy}
        given = {"voice_applications": {"name": "leads", "rank": 1}}
        file["groups"]["leads"] = {"members": ["dave"], "policies": given}

    return contoso(change)


def test_the_policy_that_counts_says_what_he_may() -> None:
    rights = supervisor_rights(led(supervision="whisper", supervision_notice="agent"), DAVE)
    assert rights is not None
    assert rights.queues == {SUPPORT}
    assert (rights.most, rights.tells_agent) == (SupervisionMode.WHISPER, True)


def test_nothing_is_allowed_unless_it_is_written() -> None:
    rights = supervisor_rights(led(), DAVE)
    assert rights is not None
    assert (rights.most, rights.tells_agent) == (None, False)
    assert supervisor_rights(led(supervision="takeover"), UserId("bob")) is None


@pytest.mark.parametrize(
    ("origin", "dialled", "is_code"),
    [
        (FromUser(DAVE), "*44101", True),
        (FromUser(DAVE), "*44999", False),
        (FromUser(DAVE), "44101", False),
        (FromUser(DAVE), "*44", False),
        (FromSbc(SBC1, "+12065550101"), "*44101", False),
        (OnBehalf(DAVE, None, "+12065550101"), "*44101", False),
    ],
)
def test_only_a_users_own_phone_dials_the_code(origin: Origin, dialled: str, is_code: bool) -> None:
    found = find_supervised(led(), origin, dialled, Trail())
    assert found == (Supervise(DAVE, UserId("alice")) if is_code else None)


def test_explain_tells_what_the_code_does() -> None:
    explained = explain(led(supervision="barge"), caller="dave", dialled="*44101", at=AT)
    assert "joins a call of alice" in explained.outcome
