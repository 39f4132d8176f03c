"""Users, resource accounts and the inventory of numbers."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from callwright.domains.licences.model import Sku
from callwright.operations.importers.csv_users import plain_number
from callwright.operations.importers.teams.names import Keys, Ledger, Namer, policy_name
from callwright.operations.importers.teams.reading import Exported, Thing, list_of, text_of

ATTENDANT_APP = "ce933385-9390-45d1-9512-c8d228074e07"
QUEUE_APP = "11cd3e2e-fccb-42ad-ad00-878b93575e07"
"""Application ids of Teams' own voice applications (SPEC 4)."""
_PLANS: Mapping[str, Sku] = {
    "MCOEV": Sku.PHONE_SYSTEM,
    "MCOPSTN1": Sku.CALLING_PLAN_DOMESTIC,
    "MCOPSTN5": Sku.CALLING_PLAN_DOMESTIC,
    "MCOPSTN2": Sku.CALLING_PLAN_INTERNATIONAL,
    "MCOPSTNPP": Sku.COMMUNICATIONS_CREDITS,
    "MCOPSTNC": Sku.COMMUNICATIONS_CREDITS,
    "MCOMEETADV": Sku.AUDIO_CONFERENCING,
    "MCOCAP": Sku.SHARED_DEVICES,
}
"""Service plans that a Teams user holds, and what they are here (SPEC 1)."""
_FEATURES: Mapping[str, Sku] = {
    "PhoneSystem": Sku.PHONE_SYSTEM,
    "CallingPlan": Sku.CALLING_PLAN_DOMESTIC,
    "AudioConferencing": Sku.AUDIO_CONFERENCING,
}
_SOURCES = {
    "directrouting": "direct-routing",
    "callingplan": "calling-plan",
    "operatorconnect": "operator-connect",
}
_PROFILE = {"Title": "title", "Department": "department", "Office": "office", "Company": "company"}


def keys_of(exported: Exported) -> Keys:
    user, account, queue, attendant = (
        Namer(word) for word in ("user", "account", "queue", "attendant")
    )
    return Keys(
        {
            identity: user.key(text_of(each, "UserPrincipalName").partition("@")[0])
            for each in _people(exported)
            for identity in (text_of(each, "Identity"),)
        },
        {
            text_of(each, "ObjectId"): account.key(
                text_of(each, "UserPrincipalName").partition("@")[0]
            )
            for each in exported.of("CsOnlineApplicationInstance")
        },
        {text_of(q, "Identity"): queue.key(text_of(q, "Name")) for q in exported.of("CsCallQueue")},
        {
            text_of(each, "Identity"): attendant.key(text_of(each, "Name"))
            for each in exported.of("CsAutoAttendant")
        },
    )


def _people(exported: Exported) -> Iterator[Thing]:
    """Users who are people: Teams lists resource accounts among them."""
    accounts = {text_of(each, "ObjectId") for each in exported.of("CsOnlineApplicationInstance")}
    for each in exported.of("CsOnlineUser"):
        is_account = text_of(each, "AccountType").lower() in (
            "resourceaccount",
            "applicationinstance",
        )
        if not is_account and text_of(each, "Identity") not in accounts:
            yield each


def users(
    exported: Exported, keys: Keys, ledger: Ledger, new_password: Callable[[], str]
) -> dict[str, Any]:
    return {
        keys.users[text_of(each, "Identity")]: dict(_user(each, ledger, new_password))
        for each in _people(exported)
    }


def _user(
    user: Thing, ledger: Ledger, new_password: Callable[[], str]
) -> Iterator[tuple[str, Any]]:
    label = f"user {text_of(user, 'UserPrincipalName')}"
    yield "name", text_of(user, "DisplayName") or text_of(user, "UserPrincipalName")
    if user.get("AccountEnabled") is False:
        yield "enabled", False
    if text_of(user, "UsageLocation"):
        yield "country", text_of(user, "UsageLocation")
    yield "licences", _licences(user, label, ledger)
    profile = {ours: text_of(user, theirs) for theirs, ours in _PROFILE.items()}
    profile["email"] = text_of(user, "UserPrincipalName")
    yield "profile", {name: value for name, value in profile.items() if value}
    given = {
        "routing": text_of(user, "OnlineVoiceRoutingPolicy"),
        "dial_plan": text_of(user, "TenantDialPlan"),
    }
    policies = {kind: policy_name(name) for kind, name in given.items() if name}
    if policies:
        yield "policies", policies
    if text_of(user, "LineUri"):
        yield "number", plain_number(text_of(user, "LineUri"))
    yield "sip", {"password": new_password()}
    for name in ("TeamsCallingPolicy", "CallingLineIdentity", "OnlineVoicemailPolicy"):
        if text_of(user, name):
            why = f"its {name} {text_of(user, name)!r} is in none of the cmdlets that are read"
            ledger.lose(label, f"{why}; give it a policy here if it matters")


def _licences(user: Thing, label: str, ledger: Ledger) -> list[str]:
    plans = [
        text_of(plan, "Capability") or text_of(plan, "ServicePlanId")
        if isinstance(plan, dict)
        else str(plan)
        for plan in list_of(user, "AssignedPlan")
    ]
    held = [_PLANS[plan] for plan in plans if plan in _PLANS]
    held += [_FEATURES[str(f)] for f in list_of(user, "FeatureTypes") if str(f) in _FEATURES]
    if user.get("EnterpriseVoiceEnabled") is True and Sku.PHONE_SYSTEM not in held:
        held.append(Sku.PHONE_SYSTEM)
        ledger.lose(label, "has enterprise voice and shows no licence; phone-system is assumed")
    return list(dict.fromkeys(sku.value for sku in held))


def resource_accounts(
    exported: Exported, keys: Keys, ledger: Ledger, answered: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    """``answered``: by the account's id, what it answers with."""
    numbers = _numbers_of_accounts(exported)
    found: dict[str, Any] = {}
    for each in exported.of("CsOnlineApplicationInstance"):
        identity = text_of(each, "ObjectId")
        name = text_of(each, "DisplayName") or text_of(each, "UserPrincipalName")
        if identity not in answered:
            ledger.lose(f"resource account {name}", "no queue and no attendant has it; left out")
            continue
        account: dict[str, Any] = {"name": name}
        number = text_of(each, "PhoneNumber") or numbers.get(identity, "")
        if number:
            account["number"] = plain_number(number)
        found[keys.accounts[identity]] = {**account, "answers": dict(answered[identity])}
    return found


def _numbers_of_accounts(exported: Exported) -> dict[str, str]:
    return {
        text_of(each, "AssignedPstnTargetId"): text_of(each, "TelephoneNumber")
        for each in exported.of("CsPhoneNumberAssignment")
        if text_of(each, "AssignedPstnTargetId")
    }


def numbers(
    exported: Exported, holders: Mapping[str, Any], accounts: Mapping[str, Any], ledger: Ledger
) -> list[dict[str, Any]]:
    """The inventory; what somebody holds and no cmdlet lists is direct routing's."""
    found: dict[str, dict[str, Any]] = {}
    for each in exported.of("CsPhoneNumberAssignment"):
        number = plain_number(text_of(each, "TelephoneNumber"))
        if not number.startswith("+"):
            number = f"+{number}"
        source = _SOURCES.get(text_of(each, "NumberType").lower())
        kind = _kind(each)
        if source is None or kind is None:
            why = f"{text_of(each, 'NumberType')} numbers for conferences are not kept here"
            ledger.lose(f"number {number}", f"{why}; it is left out")
            continue
        base = number.partition(";")[0]
        entry: dict[str, Any] = {"number": base, "kind": kind, "source": source}
        if text_of(each, "IsoCountryCode"):
            entry["country"] = text_of(each, "IsoCountryCode")
        if text_of(each, "City"):
            entry["city"] = text_of(each, "City")
        found.setdefault(base, entry)
    for kind, holding in (("user", holders), ("service", accounts)):
        for holder in holding.values():
            base = str(holder.get("number", "")).partition(";")[0]
            if base and base not in found:
                found[base] = {"number": base, "kind": kind, "source": "direct-routing"}
    return list(found.values())


def _kind(number: Thing) -> str | None:
    """None: it is for conferences only."""
    uses = {str(use) for use in list_of(number, "Capability")}
    if "TollFree" in text_of(number, "NumberSubType"):
        return "toll-free"
    if "UserAssignment" in uses or not uses:
        return "user"
    return "service" if "VoiceApplicationAssignment" in uses else None


def seats(people: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """As many as are held: Teams' cmdlets do not say how many were bought."""
    return dict(Counter(sku for person in people for sku in person["licences"]))
