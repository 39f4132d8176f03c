"""What mailboxes refer to is there: members of shared ones, and policies (all pure)."""

from collections.abc import Iterator

from callwright.kernel.policy import GLOBAL_POLICY
from callwright.operations.organisation_file.checks import Finding, Names, unknown
from callwright.operations.organisation_file.document import Path
from callwright.operations.organisation_file.schema import Organisation


def check_shared_mailboxes(organisation: Organisation, names: Names) -> Iterator[Finding]:
    policies = organisation.policies.voicemail.keys()
    for key, mailbox in organisation.shared_voicemail.items():
        path: Path = ("shared_voicemail", key)
        seen: set[str] = set()
        for index, member in enumerate(mailbox.members):
            is_group = isinstance(member, dict)
            name = str(member["group"]) if isinstance(member, dict) else str(member)
            what, known = ("group", names.groups) if is_group else ("user", names.users)
            inner = ("group",) if is_group else ()
            if name not in known:
                text = unknown(what, name, known, f"{what}s")
                yield Finding((*path, "members", index, *inner), text)
            elif f"{what} {name}" in seen:
                yield Finding((*path, "members", index), f"{name} is listed twice; leave one out")
            seen.add(f"{what} {name}")
        if mailbox.policy not in (None, GLOBAL_POLICY, *policies):
            text = unknown("voicemail policy", str(mailbox.policy), policies, "policies.voicemail")
            yield Finding((*path, "policy"), text)
