"""Who comes to which mailbox by dialling, and that nobody else does."""

import pytest

from callwright.kernel.ids import SbcId, UserId
from callwright.routing.explain import explain
from callwright.routing.request import (
    CallRequest,
    FromSbc,
    FromUser,
    ListenToVoicemail,
    LiveState,
    OnBehalf,
)
from callwright.routing.route import route_call
from callwright.testing.builders import contoso_snapshot
from callwright.testing.virtual_loop import STARTED_AT

CONTOSO = contoso_snapshot()
ALICE = UserId("alice")


@pytest.mark.parametrize("dialled", ["*98", "101", "+14255550101"])
def test_the_code_and_ones_own_number_lead_to_ones_mailbox(dialled: str) -> None:
    request = CallRequest(FromUser(ALICE), dialled)
    decision = route_call(CONTOSO, request, now=STARTED_AT, live=LiveState())
    assert decision.value == ListenToVoicemail(ALICE)
    shown = explain(CONTOSO, caller="alice", dialled=dialled, at=STARTED_AT)
    assert shown.outcome == "alice listens to the messages of alice"


@pytest.mark.parametrize(
    "request_",
    [
        CallRequest(FromSbc(SbcId("sbc1"), "+14255550101"), "*98"),
        CallRequest(FromSbc(SbcId("sbc1"), "+14255550101"), "+14255550101"),
        CallRequest(OnBehalf(ALICE, None, "+12065550199"), "*98"),
        CallRequest(FromUser(UserId("bob")), "101"),
    ],
)
def test_nobody_else_is_led_there(request_: CallRequest) -> None:
    """A call that somebody transfers or forwards is not the owner's phone."""
    decision = route_call(CONTOSO, request_, now=STARTED_AT, live=LiveState())
    assert not isinstance(decision.value, ListenToVoicemail)


def test_the_code_is_the_organisations_choice() -> None:
    other = contoso_snapshot(voicemail_code="*1")
    request = CallRequest(FromUser(ALICE), "*1")
    decision = route_call(other, request, now=STARTED_AT, live=LiveState())
    assert decision.value == ListenToVoicemail(ALICE)
