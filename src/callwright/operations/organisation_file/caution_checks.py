"""What an organisation may have and likely does not mean: refuses nothing, is told to who edits."""

from collections.abc import Iterator, Mapping, Sequence

from pydantic import JsonValue

from callwright.domains.licences.model import SKUS_WITH, Right
from callwright.domains.numbers.model import NumberSource
from callwright.kernel.policy import GLOBAL_POLICY, PolicyKind
from callwright.operations.organisation_file.attendant_checks import flows_of
from callwright.operations.organisation_file.checks import Finding, Names
from callwright.operations.organisation_file.document import Path
from callwright.operations.organisation_file.licence_checks import users_by_sku
from callwright.operations.organisation_file.membership import users_by_group
from callwright.operations.organisation_file.policy_checks import (
    SECTION_BY_KIND,
    given_policies,
    policy_names,
)
from callwright.operations.organisation_file.schema import (
    Organisation,
)

NAMES_SHOWN_MAX = 5
_PLANS = (Right.DOMESTIC_PLAN, Right.INTERNATIONAL_PLAN, Right.PAY_AS_YOU_GO)
_PLAN_SKUS = frozenset().union(*(SKUS_WITH[plan] for plan in _PLANS))


def caution_global_routing(organisation: Organisation, names: Names) -> Iterator[Finding]:
    """The routing policy of everybody captures whoever was not thought of (row 282)."""
    policy = organisation.pstn.direct_routing.policies.get(GLOBAL_POLICY)
    if policy is None or policy.everybody or not policy.usages:
        return
    captured = _without_policy(organisation, PolicyKind.ROUTING)
    if not captured:
        return
    users = organisation.users
    plans = [key for key in captured if not _PLAN_SKUS.isdisjoint(users[key].licences)]
    whose = f"{len(captured)} users have no other one"
    if plans:
        whose += f", and the calling plans of {_listed(plans)} would not be used"
    text = (
        f"lets everybody call through your SBCs: {whose}; write everybody: true if that is meant, "
        "or give the policy another name and assign it"
    )
    yield Finding(("pstn", "direct_routing", "policies", GLOBAL_POLICY), text)


def _without_policy(organisation: Organisation, kind: PolicyKind) -> list[str]:
    """Users who are given no policy of the kind, directly or by group."""
    users = users_by_group(organisation.groups)
    by_group = {
        user
        for key, group in organisation.groups.items()
        if kind in group.policies.by_kind()
        for user in users[key]
    }
    return [
        key
        for key, user in organisation.users.items()
        if key not in by_group and getattr(user.policies, kind.value) is None
    ]


def caution_unused_policies(organisation: Organisation, names: Names) -> Iterator[Finding]:
    used = {(kind, name) for _, kind, name in given_policies(organisation)}
    for kind in PolicyKind:
        for name in policy_names(organisation, kind):
            if name != GLOBAL_POLICY and (kind, name) not in used:
                text = f"nobody is given {name}; assign it, or name it default for everybody"
                yield Finding((*SECTION_BY_KIND[kind], name), text)


def caution_silent_people(organisation: Organisation, names: Names) -> Iterator[Finding]:
    """Agents who will never ring, people whom attendants do not reach, and service numbers that
    will never answer."""
    held = users_by_sku(organisation)
    phone = {user for sku in SKUS_WITH[Right.PHONE_SYSTEM] & held.keys() for user in held[sku]}
    members = users_by_group(organisation.groups)
    yield from _unreached(organisation, members, phone)
    for key, queue in organisation.call_queues.items():
        for index, agent in enumerate(queue.agents):
            path: Path = ("call_queues", key, "agents", index)
            form = agent if isinstance(agent, dict) else {}
            named = members.get(str(form.get("group"))) or (str(form.get("user")),)
            silent = [user for user in named if not _may_ring(organisation, user, phone)]
            if silent:
                text = f"{_listed(silent)} will not ring: disabled, without voice or licence"
                yield Finding(path, f"{text}; take them out, or license and enable them")
    for key, account in organisation.resource_accounts.items():
        if SKUS_WITH[Right.ANSWER_AS_SERVICE].isdisjoint(account.licences):
            text = "calls to it are refused without a licence; write licences: [resource-account]"
            yield Finding(("resource_accounts", key, "licences"), text)


def _unreached(
    organisation: Organisation, members: Mapping[str, Sequence[str]], licensed: set[str]
) -> Iterator[Finding]:
    """People to whom attendants would send callers, and groups of which nobody would ring."""
    for path, users in _whom_attendants_ring(organisation, members):
        if users and not any(_may_ring(organisation, user, licensed) for user in users):
            who, verb = _listed(list(users)), "is" if len(users) == 1 else "are"
            text = f"{who} {verb} not reached by callers: disabled, without voice or licence"
            yield Finding(path, f"{text}; license and enable {who}")


def _whom_attendants_ring(
    organisation: Organisation, members: Mapping[str, Sequence[str]]
) -> Iterator[tuple[Path, Sequence[str]]]:
    forms: list[tuple[Path, JsonValue]] = []
    for key, attendant in organisation.auto_attendants.items():
        base: Path = ("auto_attendants", key)
        forms.append(((*base, "operator"), attendant.operator))
        for path, flow in flows_of(base, attendant):
            forms.append(((*path, "then"), flow.then))
            keys = flow.menu.keys if flow.menu else {}
            forms += [((*path, "menu", "keys", each), option) for each, option in keys.items()]
    for path, form in forms:
        if isinstance(form, dict) and "user" in form:
            yield path, (str(form["user"]),)
        elif isinstance(form, dict) and "group" in form:
            yield path, members.get(str(form["group"]), ())
    for key, account in organisation.resource_accounts.items():
        for index, user in enumerate(account.delegates):
            yield ("resource_accounts", key, "delegates", index), (user,)


def _may_ring(organisation: Organisation, key: str, licensed: set[str]) -> bool:
    user = organisation.users.get(key)
    if user is None:
        return True
    return user.enabled and user.voice is not False and key in licensed


def caution_carriers(organisation: Organisation, names: Names) -> Iterator[Finding]:
    """Numbers of a carrier that nobody says how to reach."""
    carriers = {
        NumberSource.CALLING_PLAN.value: ("calling_plan", organisation.pstn.calling_plan),
        NumberSource.OPERATOR_CONNECT.value: (
            "operator_connect",
            organisation.pstn.operator_connect,
        ),
    }
    told: set[str] = set()
    for index, entry in enumerate(organisation.numbers):
        name, carrier = carriers.get(entry.source, ("", None))
        if name and carrier is None and name not in told:
            told.add(name)
            text = f"nothing says how such numbers call out; write pstn.{name}: {{sbcs: [...]}}"
            yield Finding(("numbers", index, "source"), text)


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:NAMES_SHOWN_MAX])
    return shown + (
        f" and {len(names) - NAMES_SHOWN_MAX} more" if len(names) > NAMES_SHOWN_MAX else ""
    )
