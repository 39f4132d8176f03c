"""Policies by name: each that is given is there, and no two groups give with one rank."""

from collections.abc import Iterator, KeysView, Mapping

from callwright.kernel.policy import GLOBAL_POLICY, PolicyKind
from callwright.operations.organisation_file.checks import Finding, Names, twice, unknown
from callwright.operations.organisation_file.document import Path
from callwright.operations.organisation_file.schema import Organisation

SECTION_BY_KIND: Mapping[PolicyKind, Path] = {
    kind: ("policies", kind.value) for kind in PolicyKind
} | {
    PolicyKind.ROUTING: ("pstn", "direct_routing", "policies"),
    PolicyKind.DIAL_PLAN: ("dial_plans",),
}
"""Where the policies of a kind stand in the file."""


def policy_names(organisation: Organisation, kind: PolicyKind) -> KeysView[str]:
    """Returns the policies of a kind that the file has, in its order."""
    here: object = organisation
    for step in SECTION_BY_KIND[kind]:
        here = getattr(here, str(step), {})
    return here.keys() if isinstance(here, dict) else {}.keys()


def given_policies(organisation: Organisation) -> Iterator[tuple[Path, PolicyKind, str]]:
    """Yields every place that gives somebody a policy."""
    for section in ("users", "resource_accounts"):
        for key, holder in getattr(organisation, section).items():
            if not holder.policies.model_fields_set:
                continue
            for kind, name in holder.policies.by_kind().items():
                yield (section, key, "policies", kind.value), kind, name
    for key, group in organisation.groups.items():
        for kind, given in group.policies.by_kind().items():
            yield ("groups", key, "policies", kind.value, "name"), kind, given.name
    for index, entry in enumerate(organisation.numbers):
        if entry.policies.caller_id is not None:
            path: Path = ("numbers", index, "policies", PolicyKind.CALLER_ID.value)
            yield path, PolicyKind.CALLER_ID, entry.policies.caller_id


def check_policies(organisation: Organisation, names: Names) -> Iterator[Finding]:
    known = {kind: policy_names(organisation, kind) for kind in PolicyKind}
    for path, kind, name in given_policies(organisation):
        if name not in known[kind] and name != GLOBAL_POLICY:
            words = kind.value.replace("_", " ")
            section = ".".join(map(str, SECTION_BY_KIND[kind]))
            yield Finding(path, unknown(f"{words} policy", name, known[kind], section))
    yield from _check_ranks(organisation)
    yield from _check_shown_accounts(organisation, names)


def _check_ranks(organisation: Organisation) -> Iterator[Finding]:
    """Equal ranks would leave it to chance what a member of both groups has."""
    for kind in PolicyKind:
        ranks: list[tuple[Path, str]] = []
        for key, group in organisation.groups.items():
            given = group.policies.by_kind().get(kind)
            if given is not None:
                path: Path = ("groups", key, "policies", kind.value, "rank")
                ranks.append((path, f"rank {given.rank}"))
        yield from twice(ranks, "give each group a rank of its own; the lowest counts")


def _check_shown_accounts(organisation: Organisation, names: Names) -> Iterator[Finding]:
    for key, policy in organisation.policies.caller_id.items():
        if not isinstance(policy.show, dict):
            continue
        path: Path = ("policies", PolicyKind.CALLER_ID.value, key, "show", "resource_account")
        account = str(policy.show["resource_account"])
        known = organisation.resource_accounts.get(account)
        if account not in names.resource_accounts:
            text = unknown(
                "resource account", account, names.resource_accounts, "resource_accounts"
            )
            yield Finding(path, text)
        elif known is not None and known.number is None:
            yield Finding(path, f"{account} has no number to show; give it one")
