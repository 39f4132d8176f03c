"""What a user is told that he has of the telephone is what his calls get."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.operations.contoso_file import FILE
from yaml import safe_load

from callwright.kernel.ids import SbcId, UserId
from callwright.kernel.money import Money
from callwright.kernel.reason import Reason
from callwright.operations.organisation_file import Organisation, build_snapshot
from callwright.routing.answering import decide_call
from callwright.routing.request import (
    CallRequest,
    FromSbc,
    FromUser,
    LiveState,
    PlaceOutbound,
    Refuse,
    RingUser,
)
from callwright.routing.route import route_call
from callwright.routing.service import effective_service
from callwright.routing.snapshot import Snapshot

NOW = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
ALICE = UserId("alice")
OF_MONEY = {Reason.NO_CREDITS_LICENCE, Reason.CREDITS_EXHAUSTED}
SKUS = (
    "phone-system",
    "phone-system-with-calling-plan",
    "calling-plan-domestic",
    "calling-plan-international",
    "calling-plan-pay-as-you-go",
    "communications-credits",
    "shared-devices",
    "premium",
)
TREE: dict[str, Any] = safe_load(FILE.read_text(encoding="utf-8"))
TERM = st.sampled_from(("2026-02-01", "2026-03-01", "2026-03-02", "2027-01-01", None))


@st.composite
def bought(draw: st.DrawFn) -> dict[str, Any]:
    licences: dict[str, Any] = {}
    for sku in SKUS:
        expires = draw(TERM)
        licences[sku] = {"seats": 9} | ({"expires": expires, "grace_days": 1} if expires else {})
    return licences


@st.composite
def connectivity(draw: st.DrawFn) -> dict[str, Any]:
    is_enabled = {name: draw(st.booleans()) for name in ("sbc1", "sbc2")}
    has_routes = draw(st.booleans())
    is_enabled["sbc1"] |= has_routes  # else it depends on the number what its calls get
    direct: dict[str, Any] = {
        "sbcs": {
            name: {"address": f"127.0.0.1:{port}", "enabled": is_enabled[name]}
            for name, port in (("sbc1", 5080), ("sbc2", 5090))
        }
    }
    if has_routes:
        direct["routes"] = [
            {"name": "all", "pattern": r"^\+\d+$", "usage": "all", "sbcs": ["sbc1"]}
        ]
        direct["policies"] = {"default": {"usages": ["all"]}}
    pstn: dict[str, Any] = {"direct_routing": direct}
    for carrier in ("calling_plan", "operator_connect"):
        if draw(st.booleans()):
            pstn[carrier] = {"sbcs": ["sbc2"]}
    return pstn


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Of Alice in all circumstances, with routes that lead anywhere in the world or nowhere."""
    alice: dict[str, Any] = {
        "name": "Alice",
        "licences": draw(st.lists(st.sampled_from(SKUS), unique=True, max_size=4)),
        "enabled": draw(st.sampled_from((True, True, True, False))),
        "voice": draw(st.sampled_from((True, None, None, False))),
        "policies": draw(st.sampled_from(({}, {}, {"calling": "home"}, {"calling": "none"}))),
    }
    if draw(st.booleans()):
        alice["number"] = "+14255550101"
    else:
        alice["policies"] |= draw(st.sampled_from(({}, {"shared_calling": "shop"})))
    tree = {
        "organisation": TREE["organisation"],
        "licences": draw(bought()),
        "users": {"alice": alice},
        "groups": {
            "g": {
                "members": ["alice"],
                "licences": draw(st.lists(st.sampled_from(SKUS), unique=True, max_size=2)),
            }
        },
        "policies": {
            "calling": {"home": {"outbound": "domestic"}, "none": {"calls": False}},
            "shared_calling": {"shop": {"resource_account": "main"}},
        },
        "pstn": draw(connectivity()),
        "numbers": [
            {
                "range": "+14255550101..+14255550119",
                "kind": "user",
                "source": draw(
                    st.sampled_from(("direct-routing", "calling-plan", "operator-connect"))
                ),
            },
            {
                "number": "+14255550150",
                "kind": "service",
                "source": draw(st.sampled_from(("direct-routing", "calling-plan"))),
            },
        ],
        "resource_accounts": {
            "main": {
                "name": "Main",
                "number": "+14255550150",
                "answers": {"auto_attendant": "a"},
                "licences": draw(
                    st.sampled_from(
                        (
                            ["resource-account"],
                            ["resource-account", "communications-credits"],
                            ["resource-account", "calling-plan-domestic"],
                        )
                    )
                ),
            }
        },
        "auto_attendants": {"a": {"open": {"then": "disconnect"}}},
    }
    if draw(st.booleans()):
        rate = {"per_minute": draw(st.sampled_from(("0.10", "0"))), "prefix": "+"}
        tree["credits"] = {"currency": "USD", "opening_balance": "1.00", "rates": [rate]}
    return build_snapshot(Organisation.model_validate(tree), revision=1, base=None)


@settings(max_examples=400)
@given(snapshot=snapshots(), has_money=st.booleans())
def test_calls_get_what_the_user_is_told(snapshot: Snapshot, has_money: bool) -> None:
    available = Money.parse("1.00" if has_money else "0", "USD")
    live = LiveState(available=available)
    service = effective_service(snapshot, ALICE, now=NOW, live=live)
    for code, number in (("outbound", "+12065550199"), ("international", "+442079460000")):
        told = service[code]
        request = CallRequest(FromUser(ALICE), number)
        decision = route_call(snapshot, request, now=NOW, live=live)
        refused = getattr(decision.value, "reason", None)
        if refused in OF_MONEY:
            assert told.is_given or told.reason is Reason.NO_ROUTE
            spends = service["credits"]
            may_spend_elsewhere = spends.is_given and bool(snapshot.routes)  # of pay as you go
            assert may_spend_elsewhere or (spends.is_given, spends.reason) == (False, refused)
        else:
            assert (told.is_given, told.reason) == (
                isinstance(decision.value, PlaceOutbound),
                refused,
            ), (code, told, decision)


@settings(max_examples=200)
@given(snapshot=snapshots())
def test_callers_from_outside_get_what_the_user_is_told(snapshot: Snapshot) -> None:
    number = snapshot.users[ALICE].number
    if number is None:
        return
    told = effective_service(snapshot, ALICE, now=NOW, live=LiveState())["inbound"]
    request = CallRequest(FromSbc(SbcId("sbc1"), "+12065550199"), number)
    value: object = route_call(snapshot, request, now=NOW, live=LiveState()).value
    if isinstance(value, RingUser):
        value = decide_call(snapshot, value).value
    assert (told.is_given, told.reason) == (
        not isinstance(value, Refuse),
        value.reason if isinstance(value, Refuse) else None,
    )
