"""Licence terms, users' accounts and policies: read, refused, and written again as they were."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.unit.operations.contoso_file import FILE, contoso_text, mistakes_in

from callwright.domains.licences.model import Term
from callwright.domains.policies.model import (
    CallerIdPolicy,
    CallingPolicy,
    OutboundCalls,
    Substitute,
)
from callwright.kernel.policy import PolicyKind, RankedPolicy
from callwright.operations.configuration import Configuration, Edit
from callwright.operations.export_organisation import export_organisation
from callwright.operations.organisation_file import (
    Former,
    Organisation,
    build_snapshot,
    follow_snapshot,
    from_entities,
    to_entities,
)
from callwright.operations.plan import plan
from callwright.routing.snapshot import Snapshot

RICH = """
licences:
  phone-system: {seats: 10, expires: "2026-12-31", grace_days: 5}
  calling-plan-domestic: 2
  communications-credits: {seats: 10}
users:
  alice:
    enabled: false
    country: US
    voice: true
    profile: {title: Engineer, office: 36, phones: {mobile: "+12065550123"}, hidden: true}
    policies: {calling: lobby, caller_id: front, routing: default, dial_plan: default}
groups:
  support-team:
    name: Support
    members: [alice, {group: night}]
    licences: [premium]
    policies: {voice_applications: {name: leads, rank: 3}}
  night: {members: [bob]}
policies:
  calling: {lobby: {outbound: none, forward_to_users: false}}
  caller_id:
    front: {show: {resource_account: main-line}, company_name: Contoso, user_may_hide: false}
  voice_applications: {leads: {allow: [queue_membership], historical_metrics: all}}
resource_accounts:
  main-line: {licences: [resource-account], country: US, policies: {calling: lobby}}
pstn:
  calling_plan: {sbcs: [sbc2]}
"""


def merged(base: Any, more: Any) -> Any:
    if not isinstance(base, dict) or not isinstance(more, dict):
        return more
    return {**base, **{key: merged(base.get(key), value) for key, value in more.items()}}


def rich() -> Organisation:
    file = merged(yaml.safe_load(FILE.read_text(encoding="utf-8")), yaml.safe_load(RICH))
    file["licences"]["premium"] = 5
    file["users"]["alice"]["profile"]["office"] = "36"
    return Organisation.model_validate(file)


def snapshot() -> Snapshot:
    return build_snapshot(rich(), revision=1, base=None)


def test_it_is_written_as_it_was_and_read_as_the_same() -> None:
    entities = to_entities(rich())
    assert entities["licences", "licences"] == {
        "phone-system": {"seats": 10, "expires": "2026-12-31", "grace_days": 5},
        "calling-plan-domestic": 2,
        "communications-credits": 10,
        "premium": 5,
    }
    written = yaml.safe_load(export_organisation(entities))
    assert written["policies"] == yaml.safe_load(RICH)["policies"]
    assert written["pstn"]["calling_plan"] == {"sbcs": ["sbc2"]}
    assert plan(entities, to_entities(Organisation.model_validate(written))) == ()
    assert from_entities(entities) == rich()


def test_what_calls_see_of_it() -> None:
    built = snapshot()
    assert built.licences_bought["phone-system"] == 10
    assert {sku: (str(t.expires), t.grace_days) for sku, t in built.licence_terms.items()} == {
        "phone-system": ("2026-12-31", 5)
    }
    assert isinstance(built.licence_terms["phone-system"], Term)
    alice = built.users[next(iter(built.users))]
    assert (alice.is_enabled, alice.country, alice.has_voice) == (False, "US", True)
    assert alice.sip_password is None
    assert alice.profile.phones == {"mobile": "+12065550123"}
    assert alice.policies[PolicyKind.CALLING] == "lobby"
    assert built.calling_policies["lobby"] == CallingPolicy(
        outbound=OutboundCalls.NONE, forward_to_users=False
    )
    assert built.caller_id_policies["front"] == CallerIdPolicy(
        Substitute.RESOURCE_ACCOUNT,
        "main-line",
        "Contoso",
        user_may_hide=False,  # type: ignore[arg-type]
    )
    assert built.calling_plan_sbcs == ("sbc2",)


def test_groups_of_a_user_are_those_that_give_something() -> None:
    built = snapshot()
    by_member = {user: [g.id for g in groups] for user, groups in built.giving_groups.items()}
    assert by_member == {"alice": ["support-team"], "bob": ["support-team"]}
    (group,) = built.giving_groups[next(iter(built.giving_groups))]
    assert group.policies == {PolicyKind.VOICE_APPLICATIONS: RankedPolicy("leads", 3)}


def test_the_demo_file_means_what_it_did() -> None:
    file = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    built = build_snapshot(Organisation.model_validate(file), revision=1, base=None)
    assert all(user.is_enabled and user.has_voice is None for user in built.users.values())
    assert built.licence_terms == {}
    assert built.giving_groups == {}
    assert all(a.licences == {"resource-account"} for a in built.resource_accounts.values())


@pytest.mark.parametrize(
    ("old", "new", "path", "words"),
    [
        ("phone-system: 10", "phone-system: -1", "licences.phone-system", "write 0 to 10000000"),
        ("phone-system: 10", "phone-system: ten", "licences.phone-system", "a whole number"),
        (
            "phone-system: 10", "phone-system: {expires: '2026-12-31'}",
            "licences.phone-system.seats", "is missing; write seats: 10",
        ),
        (
            "phone-system: 10", "phone-system: {seats: 10, expires: '2026-13-31'}",
            "licences.phone-system.expires", "is not a date",
        ),
        (
            "phone-system: 10", "phone-system: {seats: 10, until: '2026-12-31'}",
            "licences.phone-system.until", "there is no such key",
        ),
        (
            "groups:\n", "policies: {calling: {default: {outbound: everywhere}}}\ngroups:\n",
            "policies.calling.default.outbound", "international, domestic, none",
        ),
        (
            "groups:\n", "policies: {voice_applications: {a: {allow: [queue_musik]}}}\ngroups:\n",
            "policies.voice_applications.a.allow[0]", "there is no right 'queue_musik'",
        ),
        (
            "groups:\n", "policies: {caller_id: {a: {show: {user: bob}}}}\ngroups:\n",
            "policies.caller_id.a.show.user", "resource_account",
        ),
        (
            "{members: [alice, bob]}", "{members: [alice, 7]}",
            "groups.support-team.members[1]", "write it in quotes",
        ),
        (
            "extension: \"104\"", "extension: \"104\"\n    country: XX",
            "users.dave.country", "write an ISO 3166 code",
        ),
        (
            "extension: \"104\"", "extension: \"104\"\n    policies: {calling: \"\"}",
            "users.dave.policies.calling", "there is no calling policy ''",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place_and_remedy(
    old: str, new: str, path: str, words: str, tmp_path: Path
) -> None:
    (mistake,) = mistakes_in(tmp_path, contoso_text((old, new)))
    assert mistake.path == path
    assert words in mistake.text


def test_a_section_under_a_wrong_name_is_one_mistake_not_one_for_each_who_refers_to_it(
    tmp_path: Path,
) -> None:
    text = contoso_text(
        ("groups:\n", "policies: {callings: {lobby: {outbound: none}}}\ngroups:\n"),
        ('extension: "104"', 'extension: "104"\n    policies: {calling: lobby}'),
    )
    (mistake,) = mistakes_in(tmp_path, text)
    assert mistake.path == "policies.callings"
    assert "did you mean calling?" in mistake.text


@pytest.mark.row(99)
def test_a_thousand_dial_plans_and_no_more(tmp_path: Path) -> None:
    def plans(count: int) -> str:
        lines = "".join(f"  plan-{n}: []\n" for n in range(count - 1))  # the file has one
        return contoso_text(("dial_plans:\n", f"dial_plans:\n{lines}"))

    assert mistakes_in(tmp_path, plans(1_000)) == ()
    (mistake,) = mistakes_in(tmp_path, plans(1_001))
    assert mistake.path == "dial_plans"
    assert "has 1001 dial plans; write at most 1000" in mistake.text


@pytest.mark.parametrize(
    ("kind", "key", "settings"),
    [
        ("group", "support-team", {"members": ["bob"], "licences": ["premium"]}),
        ("group", "night", {"members": ["erin", "bob"]}),
        ("calling-policy", "lobby", {"calls": False}),
        ("caller-id-policy", "front", {"show": "anonymous"}),
        ("voice-applications-policy", "leads", {"allow": ["queue_membership", "queue_opt_out"]}),
        ("licences", "licences", {"phone-system": 20, "premium": 5, "calling-plan-domestic": 2,
                                  "communications-credits": 9}),
        ("resource-account", "main-line",
         {"name": "Main", "answers": {"auto_attendant": "reception"}, "number": "+14255550150",
          "licences": []}),
        ("calling-plan", "sbcs", ["sbc1", "sbc2"]),
        ("policy", "default", {"usages": ["national"], "everybody": True}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_snapshot_follows_an_edit_to_what_it_would_be_anew(
    kind: str, key: str, settings: Any
) -> None:
    before = Configuration(1, to_entities(rich()), rich())
    after = before.edited(Edit({(kind, key): settings}))
    assert before.organisation is not None
    assert after.organisation is not None
    built = build_snapshot(before.organisation, revision=1, base=None)
    followed = follow_snapshot(Former(before.organisation, built), after.organisation, revision=2)
    anew = build_snapshot(after.organisation, revision=2, base=None)
    assert followed == anew
    assert followed.giving_groups == anew.giving_groups
    assert followed != built
