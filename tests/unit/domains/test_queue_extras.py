"""Callbacks, announcements and the service level of queues, as pure rules (SPEC 5.2, 5.6)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from callwright.domains.queues.announcements import (
    AnnouncementRule,
    Outlook,
    expected_wait_s,
    outlook,
)
from callwright.domains.queues.callback import (
    CallbackRequest,
    CallbackRule,
    Waiting,
    is_eligible,
    number_bar,
    tried_again,
)
from callwright.domains.queues.service_level import Wait, service_level
from callwright.kernel.e164 import E164
from callwright.kernel.ids import CallId, CallQueueId, ResourceAccountId
from callwright.kernel.prompt import Say

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
RULE = CallbackRule(Say("Press 1 to be called back."), "1", "support@contoso.test")
ARRIVED = Waiting(waited_s=0, position=1, waiting_before=0, agents_at_arrival=2)


@pytest.mark.parametrize(
    ("waited_s", "position", "is_offered"), [(59, 1, False), (60, 1, True), (90, 2, False)]
)
def test_who_waits_in_front_is_offered_a_callback_in_time(
    waited_s: float, position: int, is_offered: bool
) -> None:
    waiting = replace(ARRIVED, waited_s=waited_s, position=position)
    assert is_eligible(replace(RULE, after_wait_s=60), waiting) is is_offered


@pytest.mark.row(149)
@pytest.mark.parametrize(("before", "is_offered"), [(48, False), (49, False), (50, True)])
def test_who_finds_many_waiting_is_offered_a_callback(before: int, is_offered: bool) -> None:
    waiting = replace(ARRIVED, waiting_before=before)
    assert is_eligible(replace(RULE, at_waiting=50), waiting) is is_offered


@pytest.mark.parametrize(("before", "is_offered"), [(3, False), (4, True)])
def test_more_callers_than_the_ratio_are_offered_a_callback(before: int, is_offered: bool) -> None:
    waiting = replace(ARRIVED, waiting_before=before)
    assert is_eligible(replace(RULE, over_ratio=2), waiting) is is_offered


def test_without_a_condition_nobody_is_offered_a_callback() -> None:
    assert not is_eligible(RULE, replace(ARRIVED, waited_s=9_999, waiting_before=200))


@pytest.mark.parametrize("number", ["+12065552368", "+442079460123", "+4930901820", "+15145550200"])
def test_public_numbers_are_called_back(number: str) -> None:
    assert number_bar(number) is None


@pytest.mark.parametrize(
    "number",
    [
        "anonymous", "102", "4255550101", "+19005551234", "+12425551234", "+18765551234",
        "+18005551234", "+12065551212", "+12065550100", "+12065550199", "+1206555123",
        "+449098790123", "+49", "sip:alice",
    ],
)  # fmt: skip
def test_hidden_short_and_dear_numbers_are_not_called_back(number: str) -> None:
    bar = number_bar(number)
    assert bar is not None
    assert number in bar


def request(*, attempts: int, left_s: float) -> CallbackRequest:
    return CallbackRequest(
        call=CallId("call_1"),
        queue=CallQueueId("support"),
        account=ResourceAccountId("support-line"),
        number=E164("+12065552368"),
        name=None,
        joined_at=NOON,
        expires_at=NOON + timedelta(seconds=left_s),
        priority=3,
        attempts=attempts,
    )


def test_a_customer_who_was_not_reached_is_tried_three_times_and_not_after_the_limit() -> None:
    again_at = NOON + timedelta(minutes=2)
    assert tried_again(request(attempts=1, left_s=900), NOON) == again_at
    assert tried_again(request(attempts=2, left_s=900), NOON) == again_at
    assert tried_again(request(attempts=3, left_s=900), NOON) is None
    assert tried_again(request(attempts=1, left_s=120), NOON) is None


@pytest.mark.row(154)
def test_an_answer_at_the_threshold_is_in_time() -> None:
    waits = [Wait(45, True), Wait(45.1, True), Wait(10, False), Wait(46, False)]
    assert service_level(waits, 45) == pytest.approx(1 / 3)
    assert service_level([Wait(45, True)], 45) == 1.0
    assert service_level([Wait(0, True)], 0) == 1.0


def test_an_unknown_service_level_is_none() -> None:
    assert service_level([Wait(1, True)], None) is None
    assert service_level([], 45) is None
    assert service_level([Wait(10, False)], 45) is None


def test_the_expected_wait_follows_the_answers_so_far_and_is_unknown_without() -> None:
    assert expected_wait_s(3, [], 100.0) is None
    assert expected_wait_s(3, [90.0], 100.0) is None
    assert expected_wait_s(3, [0.0, 60.0, 120.0], 120.0) == pytest.approx(120.0)


def test_the_outlook_has_few_values() -> None:
    rule = AnnouncementRule(every_s=60, expected_wait=True)
    assert outlook(rule, 3, None) == Outlook(3)
    assert outlook(rule, 3, 61.0) == Outlook(3, wait_minutes=2)
    assert outlook(rule, 150, 90_000.0) == Outlook(20, True, 60)
    assert outlook(replace(rule, position=False), 3, 10.0) == Outlook(None, wait_minutes=1)
