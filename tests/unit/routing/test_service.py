"""Why can't she call out: the answer of the very functions that calls ask."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from callwright.domains.licences.model import Term
from callwright.domains.policies.model import CallingPolicy, OutboundCalls, VoicemailUse
from callwright.domains.policies.shared_calling import SharedCallingPolicy
from callwright.domains.pstn.model import RoutingPolicy
from callwright.kernel.ids import ResourceAccountId, UserId
from callwright.kernel.policy import PolicyKind
from callwright.kernel.reason import Reason
from callwright.routing.request import CallRequest, FromUser, LiveState, Refuse
from callwright.routing.route import route_call
from callwright.routing.service import Service, effective_service
from callwright.routing.snapshot import Snapshot
from callwright.testing.builders import ALICE, DAVE, contoso_snapshot, usd

NOON = datetime(2026, 10, 14, 19, 0, tzinfo=UTC)
FUNDED = LiveState(available=usd("50.00"))
FRIEND, LONDON = "+12065550199", "+442079460123"


def contoso(user: UserId = ALICE, **changes: Any) -> Snapshot:
    """Contoso with changes to a user; ``snapshot`` are those to fields of the snapshot."""
    others = changes.pop("snapshot", {})
    users = dict(contoso_snapshot().users)
    users[user] = replace(users[user], **changes)
    return contoso_snapshot(users=users, **others)


def service(snapshot: Snapshot, user: UserId = ALICE, live: LiveState = FUNDED) -> Service:
    return effective_service(snapshot, user, now=NOON, live=live)


def given(found: Service) -> dict[str, bool]:
    return {answer.code: answer.is_given for answer in found.answers}


def test_a_user_with_everything_has_everything() -> None:
    assert all(given(service(contoso())).values())


CALLING = {"default": CallingPolicy(outbound=OutboundCalls.DOMESTIC, voicemail=VoicemailUse.NEVER)}
NO_CALLS = {"default": CallingPolicy(calls=False)}
ENDED = {"phone-system": Term(date(2026, 9, 1), grace_days=30)}


@pytest.mark.parametrize(
    ("snapshot", "code", "reason", "because"),
    [
        (contoso(licences=frozenset()), "outbound", Reason.NO_PHONE_LICENCE, "holds no phone-sys"),
        (contoso(has_voice=False), "outbound", Reason.VOICE_DISABLED, "voice: false"),
        (contoso(has_voice=False), "queue_agent", Reason.VOICE_DISABLED, "voice: false"),
        (contoso(is_enabled=False), "registration", Reason.ACCOUNT_DISABLED, "enabled: false"),
        (contoso(is_enabled=False), "outbound", Reason.ACCOUNT_DISABLED, "enabled: false"),
        (contoso(number=None), "inbound", Reason.NUMBER_UNKNOWN, "alice has no number"),
        (contoso(sip_password=None), "registration", None, "no sip: {password"),
        (
            contoso(snapshot={"calling_policies": CALLING}),
            "international", Reason.INTERNATIONAL_FORBIDDEN, "allows outbound: domestic",
        ),
        (
            contoso(snapshot={"calling_policies": CALLING}),
            "voicemail", Reason.VOICEMAIL_FORBIDDEN, "says never",
        ),
        (
            contoso(snapshot={"calling_policies": NO_CALLS}),
            "internal", Reason.CALLS_FORBIDDEN, "calling policy default",
        ),
        (
            contoso(snapshot={"calling_policies": NO_CALLS}),
            "inbound", Reason.CALLS_FORBIDDEN, "calling policy default",
        ),
        (
            contoso(licences=frozenset({"phone-system"})),
            "credits", Reason.NO_CREDITS_LICENCE, "no communications-credits licence",
        ),
        (contoso(snapshot={"routing_policies": {}}), "outbound", Reason.NO_ROUTE, "no route"),
        (
            contoso(
                policies={PolicyKind.ROUTING: "none"},
                snapshot={"routing_policies": {"none": RoutingPolicy("none", ())}},
            ),
            "outbound", Reason.NO_ROUTE, "routing policy none (given directly)",
        ),
        (
            contoso(snapshot={"licence_terms": ENDED}),
            "outbound", Reason.NO_PHONE_LICENCE, "expired on 2026-09-01",
        ),
    ],
)  # fmt: skip
def test_what_is_missing_is_named(
    snapshot: Snapshot, code: str, reason: Reason | None, because: str
) -> None:
    answer = service(snapshot)[code]
    assert not answer.is_given
    assert answer.reason is reason
    assert because in answer.because


def test_who_shares_a_number_spends_through_its_account() -> None:
    sharing = {"default": SharedCallingPolicy(ResourceAccountId("main-line"), ())}
    found = service(
        contoso(
            number=None,
            licences=frozenset({"phone-system"}),
            snapshot={"shared_calling_policies": sharing},
        )
    )["credits"]
    assert found.is_given
    assert found.because == ("alice spends through resource account main-line; 50.00 USD is there")


def test_an_empty_wallet_is_named() -> None:
    answer = service(contoso(), live=LiveState(available=usd("0.00")))["credits"]
    assert (answer.is_given, answer.reason) == (False, Reason.CREDITS_EXHAUSTED)


def test_the_unlicensed_have_voicemail_and_call_for_help() -> None:
    found = given(service(contoso(), DAVE))
    assert {code for code, is_given in found.items() if is_given} == {
        "registration", "internal", "voicemail", "emergency",
    }  # fmt: skip


@pytest.mark.parametrize(
    "snapshot",
    [
        contoso(),
        contoso(licences=frozenset()),
        contoso(has_voice=False),
        contoso(is_enabled=False),
        contoso(snapshot={"calling_policies": CALLING}),
        contoso(snapshot={"calling_policies": NO_CALLS}),
        contoso(snapshot={"routing_policies": {}}),
        contoso(snapshot={"licence_terms": ENDED}),
    ],
)
def test_it_says_what_a_call_would_say(snapshot: Snapshot) -> None:
    found = service(snapshot)
    for code, number in (("outbound", FRIEND), ("international", LONDON)):
        value = route_call(snapshot, CallRequest(FromUser(ALICE), number), now=NOON, live=FUNDED)
        refused = value.value.reason if isinstance(value.value, Refuse) else None
        assert found[code].reason is refused


def test_what_ends_soon_is_warned_of() -> None:
    ending = contoso(snapshot={"licence_terms": {"phone-system": Term(date(2026, 10, 31))}})
    assert service(ending).warnings == (
        "licence phone-system is ending: it ends on 2026-10-31 and 30 days of grace",
    )


def test_as_json_programs_read_code_and_reason() -> None:
    told = service(contoso(has_voice=False)).as_json()
    assert told["service"]["outbound"] == {  # type: ignore[index]
        "given": False, "because": "alice has voice: false", "reason": "voice-disabled",
    }  # fmt: skip
    assert told["policies"]["calling"]["policy"] == "default"  # type: ignore[index]
