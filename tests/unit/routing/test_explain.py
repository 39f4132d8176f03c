"""`explain` tells in sentences what the real functions decide."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from callwright.domains.attendants.model import CallFlow
from callwright.domains.directory.model import Answering
from callwright.kernel.e164 import E164
from callwright.kernel.ids import ResourceAccountId, UserId
from callwright.kernel.target import ToAttendant, ToExternal, ToUser
from callwright.routing.explain import Explanation, explain
from callwright.routing.request import LiveState
from callwright.routing.snapshot import Snapshot
from callwright.testing.builders import (
    ALICE,
    BOB,
    DAVE,
    RECEPTION,
    contoso_snapshot,
    reception,
    usd,
    user,
)

CONTOSO = contoso_snapshot()
CHRISTMAS = datetime(2026, 12, 25, 9, 0)  # noqa: DTZ001 — wall time of the organisation
WEEKDAY = datetime(2026, 10, 14, 9, 0)  # noqa: DTZ001
LONDON = "+442071234567"
MAIN_LINE = ResourceAccountId("main-line")
PAGE = "https://www.contoso.com"


def told(
    caller: str,
    dialled: str,
    *,
    at: datetime = WEEKDAY,
    snapshot: Snapshot = CONTOSO,
    live: LiveState | None = None,
) -> Explanation:
    return explain(snapshot, caller=caller, dialled=dialled, at=at, live=live)


@pytest.mark.parametrize(
    ("caller", "dialled", "outcome"),
    [
        ("alice", "102", "rings bob (20 s), then voicemail of bob"),
        ("101", "bob", "rings bob (20 s), then voicemail of bob"),
        ("+14255550102", "101", "rings alice (5 s), then voicemail of alice"),
        ("4255550102", "101", "rings alice (5 s), then voicemail of alice"),
        ("alice", "103", "rings bob (20 s), then voicemail of bob"),
        ("+12065550199", "+14255550101", "rings alice (5 s), then voicemail of alice"),
        ("+12065550199", "+14255550110", "refused: number-unknown (404)"),
        ("dave", "2065550199", "refused: licence-phone-system-missing (403)"),
        ("carol", LONDON, "refused: licence-communications-credits-missing (403)"),
        ("alice", LONDON, f"calls {LONDON} through sbc1, showing +14255550101"),
        (
            "dave",
            "911",
            "emergency call to 911 through sbc1, then sbc2, showing +14255550119",
        ),
        (
            "alice",
            "support-line",
            "waits in queue support for alice, bob (round-robin), after 60 s voicemail of support",
        ),
        (
            "alice",
            "sales-line",
            "waits in queue sales for alice, bob (attendant), after 1200 s the call ends",
        ),
        ("mallory", "102", "refused: source-unknown (403)"),
        ("199", "102", "refused: source-unknown (403)"),
    ],
)
def test_outcomes(caller: str, dialled: str, outcome: str) -> None:
    assert told(caller, dialled).outcome == outcome


def test_a_stranger_calls_through_the_first_sbc_and_the_steps_say_so() -> None:
    step = told("2065550199", "4255550101").steps[0]
    assert step.what == "2065550199 calls through sbc1"
    assert step.because == "the number is no user's; this is the first SBC"


def test_a_visitor_of_a_web_page_reaches_the_services_that_name_it() -> None:
    accounts = dict(CONTOSO.resource_accounts)
    line = accounts[ResourceAccountId("main-line")]
    accounts[line.id] = replace(line, web_pages=frozenset({PAGE}))
    snapshot = replace(CONTOSO, resource_accounts=accounts)
    welcomed = told(PAGE, "main-line", snapshot=snapshot)
    assert [step.what for step in welcomed.steps][:2] == [
        f"a visitor of {PAGE} calls", f"{PAGE} may call main-line",
    ]  # fmt: skip
    assert welcomed.outcome.startswith("attendant reception")
    for dialled in ("102", "support-line", "+14255550150"):
        assert told(PAGE, dialled, snapshot=snapshot).outcome == "refused: source-unknown (403)"


def test_christmas_is_announced_and_the_call_ends() -> None:
    explanation = told("+12065550199", "+14255550150", at=CHRISTMAS)
    assert explanation.outcome == (
        'attendant reception plays "Happy holidays.", then the call ends'
    )
    whats = [step.what for step in explanation.steps]
    assert "reception keeps the holiday Christmas" in whats


def test_a_naive_time_is_the_organisations_and_an_aware_one_is_itself() -> None:
    still_christmas = datetime(2026, 12, 26, 7, 59, tzinfo=UTC)
    assert "Happy holidays." in told("bob", "main-line", at=still_christmas).outcome
    boxing_day = datetime(2026, 12, 26, 8, 0, tzinfo=UTC)
    assert "Welcome to Contoso." in told("bob", "main-line", at=boxing_day).outcome


def test_delegates_who_ring_first_are_told_and_why_others_do_not() -> None:
    accounts = CONTOSO.resource_accounts
    main = replace(accounts[MAIN_LINE], delegates=(ALICE, DAVE, BOB), delegates_ring_s=20)
    led = contoso_snapshot(resource_accounts={**accounts, MAIN_LINE: main})
    explanation = told("+12065550199", "+14255550150", snapshot=led)
    assert explanation.outcome.startswith("rings alice, bob (20 s), then attendant reception plays")
    because = {step.what: step.because for step in explanation.steps}
    assert because["dave is not rung"] == "dave holds no phone-system licence"
    assert because["alice rings"] == "a delegate of main-line, for 20 s"
    assert "bob is not rung" in [step.what for step in told("bob", "main-line", snapshot=led).steps]


def test_an_open_attendant_lists_its_menu() -> None:
    explanation = told("bob", "main-line")
    assert explanation.outcome == (
        'attendant reception plays "Welcome to Contoso.", then offers a menu'
    )
    keys = [step.what for step in explanation.steps if step.what.startswith("key ")]
    assert keys == [
        "key 1: queue support",
        "key 2: bob",
        'key 3: "Our address is one Contoso way." is heard, then the menu again',
        "key 0: the operator, alice",
        "key 9: +12065550199",
    ]


def test_a_refusal_is_the_last_step_and_names_its_code() -> None:
    step = told("carol", LONDON).steps[-1]
    assert step.what == "the call is refused: licence-communications-credits-missing"
    assert step.because == "carol holds no communications-credits licence"


def test_the_balance_given_is_used_and_the_opening_balance_otherwise() -> None:
    broke = LiveState(available=usd("0"))
    assert told("alice", LONDON, live=broke).outcome == "refused: credits-exhausted (403)"
    assert told("alice", LONDON).outcome.startswith("calls")


def test_a_forward_outside_is_followed_on_the_forwarders_account() -> None:
    away = Answering(forward_to=ToExternal(E164(LONDON)))
    users = {**CONTOSO.users, BOB: replace(CONTOSO.users[BOB], answering=away)}
    explanation = told("+12065550199", "4255550102", snapshot=contoso_snapshot(users=users))
    assert explanation.outcome == f"calls {LONDON} through sbc1, showing +12065550199"


def test_unanswered_chains_are_followed() -> None:
    to_bob = replace(CONTOSO.users[ALICE].answering, unanswered_to=ToUser(BOB))
    users = {**CONTOSO.users, ALICE: replace(CONTOSO.users[ALICE], answering=to_bob)}
    assert told("104", "101", snapshot=contoso_snapshot(users=users)).outcome == (
        "rings alice (5 s), then rings bob (20 s), then voicemail of bob"
    )


def test_circles_end() -> None:
    ping = user("ping", answering=Answering(unanswered_to=ToUser(UserId("pong"))))
    pong = user("pong", answering=Answering(unanswered_to=ToUser(UserId("ping"))))
    people = contoso_snapshot(users={ping.id: ping, pong.id: pong})
    assert told("ping", "pong", snapshot=people).outcome.endswith("forwarding-loop (500)")
    itself = reception(open=CallFlow(None, ToAttendant(RECEPTION)))
    mirror = contoso_snapshot(attendants={RECEPTION: itself})
    assert told("bob", "main-line", snapshot=mirror).outcome.endswith("forwarding-loop (500)")


def test_json_has_what_because_and_outcome() -> None:
    assert told("mallory", "102").as_json() == {
        "steps": [
            {
                "what": "the call is refused: source-unknown",
                "because": "nobody here is known as mallory",
            }
        ],
        "outcome": "refused: source-unknown (403)",
    }
