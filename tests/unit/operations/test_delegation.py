"""Attendants and queues entrusted to users: who is listed, what the policy lets him change."""

from pathlib import Path

import pytest
from tests.unit.operations.contoso_file import contoso_text, mistakes_in

from callwright.domains.access.delegation import Flag
from callwright.kernel.ids import UserId
from callwright.operations.access.delegation import may_edit, voice_application_flags
from callwright.operations.organisation_file.schema import Organisation

QUEUE = ("call-queue", "support")
BEFORE = {"agents": [{"user": "alice"}], "greeting": {"say": "Hello."}, "authorised": ["alice"]}
AFTER = {**BEFORE, "greeting": {"say": "Welcome."}}


def organisation(**sections: object) -> Organisation:
    profile = {
        "name": "Contoso",
        "domain": "contoso.test",
        "country": "US",
        "timezone": "America/Los_Angeles",
        "language": "en-US",
    }
    users = {"alice": {"name": "Alice"}, "bob": {"name": "Bob"}}
    plain = {"organisation": profile, "users": users, "call_queues": {"support": BEFORE}}
    return Organisation.model_validate(plain | sections)


def policies(**allow: list[str]) -> dict[str, object]:
    return {"voice_applications": {name: {"allow": flags} for name, flags in allow.items()}}


GREETING = [Flag.QUEUE_WELCOME_GREETING.value]


@pytest.mark.row(278)
@pytest.mark.parametrize(
    ("user", "flags", "may"),
    [("alice", GREETING, True), ("alice", [], False), ("bob", GREETING, False)],
)
def test_who_is_listed_and_has_the_flag_may_change_the_field(
    user: str, flags: list[str], may: bool
) -> None:
    decision = may_edit(organisation(policies=policies(default=flags)), QUEUE, AFTER, UserId(user))
    assert decision.value is may


def test_other_fields_stay_out_of_reach() -> None:
    contoso = organisation(policies=policies(default=GREETING))
    for change in ({"authorised": ["alice", "bob"]}, {"agents": []}, {"max_waiting": 0}):
        assert not may_edit(contoso, QUEUE, {**AFTER, **change}, UserId("alice")).value


def test_nothing_is_made_or_removed_by_delegation() -> None:
    contoso = organisation(policies=policies(default=[flag.value for flag in Flag]))
    assert not may_edit(contoso, QUEUE, None, UserId("alice")).value
    assert not may_edit(contoso, ("call-queue", "new"), BEFORE, UserId("alice")).value
    assert not may_edit(contoso, ("user", "alice"), {}, UserId("alice")).value


def test_the_policy_is_the_direct_one_then_the_groups_then_everybodys() -> None:
    named = policies(
        default=[], direct=["queue_hold_music"], first=GREETING, second=["queue_opt_out"]
    )
    given = {"voice_applications": "direct"}
    groups = {
        "late": {
            "members": ["alice", "bob"],
            "policies": {"voice_applications": {"name": "second", "rank": 2}},
        },
        "inner": {"members": ["bob"]},
        "early": {
            "members": [{"group": "inner"}],
            "policies": {"voice_applications": {"name": "first", "rank": 1}},
        },
    }
    users = {
        "alice": {"name": "A", "policies": given},
        "bob": {"name": "B"},
        "carol": {"name": "C"},
    }
    contoso = organisation(policies=named, groups=groups, users=users)
    assert voice_application_flags(contoso, UserId("alice")) == {Flag.QUEUE_HOLD_MUSIC}
    assert voice_application_flags(contoso, UserId("bob")) == {Flag.QUEUE_WELCOME_GREETING}
    assert voice_application_flags(contoso, UserId("carol")) == frozenset()


def test_who_left_changes_nothing_any_more() -> None:
    users = {"alice": {"name": "Alice", "enabled": False}, "bob": {"name": "Bob"}}
    contoso = organisation(policies=policies(default=GREETING), users=users)
    assert not may_edit(contoso, QUEUE, AFTER, UserId("alice")).value


@pytest.mark.row(279)
@pytest.mark.parametrize("kind", ["attendant", "queue"])
def test_fifteen_may_be_authorised_and_not_sixteen(kind: str, tmp_path: Path) -> None:
    old = "  reception:\n" if kind == "attendant" else "  support:\n"
    users = "".join(f"  extra{n}:\n    name: Extra {n}\n" for n in range(16))

    def file(count: int) -> str:
        keys = ", ".join(f"extra{n}" for n in range(count))
        section = "auto_attendants:\n" if kind == "attendant" else "call_queues:\n"
        return contoso_text(
            ("users:\n", f"users:\n{users}"),
            (section + old, f"{section}{old}    authorised: [{keys}]\n"),
        )

    folder = tmp_path
    assert mistakes_in(folder, file(15)) == ()
    (mistake,) = mistakes_in(folder, file(16))
    assert "16 authorised users; write at most 15" in str(mistake)


def test_an_authorised_user_must_exist_and_be_listed_once(tmp_path: Path) -> None:
    text = contoso_text(
        (
            "call_queues:\n  support:\n",
            "call_queues:\n  support:\n    authorised: [alice, alise, alice]\n",
        )
    )
    first, second = mistakes_in(tmp_path, text)
    assert "call_queues.support.authorised[1]" in str(first)
    assert "alice" in str(first)
    assert "listed twice" in str(second)
