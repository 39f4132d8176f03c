"""`export --merge`: what differs is changed in place, and everything else stays as it was."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import callwright
from callwright.operations.merge_export import merge_export
from callwright.operations.organisation_file import (
    Entities,
    EntityKey,
    read_organisation_text,
    to_entities,
)
from callwright.operations.organisation_file.splicing import CannotSplice

CONTOSO = (Path(callwright.__file__).parent / "examples" / "contoso.yaml").read_text()
COMMENTS = [line.partition("#")[2] for line in CONTOSO.splitlines() if line.startswith("#")]


def entities_of(text: str) -> dict[EntityKey, Any]:
    return dict(to_entities(read_organisation_text(text, name="made", base=None)))


STORED = entities_of(CONTOSO)


def merged(text: str, entities: Entities) -> str:
    return merge_export(text, entities, name="made", base=None)


def difference(before: str, after: str) -> tuple[list[str], list[str]]:
    """Lines that are gone, and lines that are new."""
    old, new = before.splitlines(), after.splitlines()
    return [line for line in old if line not in new], [line for line in new if line not in old]


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_file_that_says_what_is_stored_stays_byte_for_byte(ends: str) -> None:
    text = CONTOSO.replace("\n", ends)
    assert merged(text, STORED) == text


def test_a_value_changes_in_its_line_and_the_comment_keeps_its_column() -> None:
    support = STORED["call-queue", "support"] | {"routing": "serial"}
    text = merged(CONTOSO, STORED | {("call-queue", "support"): support})
    assert difference(CONTOSO, text) == (
        ["    routing: round-robin          # attendant | serial | round-robin | longest-idle"],
        ["    routing: serial               # attendant | serial | round-robin | longest-idle"],
    )


def test_entries_come_and_go_as_lines() -> None:
    stored = dict(STORED)
    del stored["user", "dave"]
    stored["user", "zed"] = {"name": "Zed", "extension": "199"}
    stored["order", "users"] = ["alice", "bob", "carol", "erin", "zed"]
    stored["contact", "jane"] = {"name": "Jane", "phones": ["+12065550123"]}
    gone, new = difference(CONTOSO, merged(CONTOSO, stored))
    assert [line.strip() for line in gone][:2] == ["dave:", "name: Dave Davis"]
    assert new == [
        '  zed: {name: Zed, extension: "199"}',
        "contacts:",
        '  jane: {name: Jane, phones: ["+12065550123"]}',
    ]


def test_a_rule_between_others_is_one_line_more() -> None:
    rates = STORED["credits", "credits"]["rates"]
    more = {"rates": [*rates[:2], {"prefix": "+49", "per_minute": "0.03"}, *rates[2:]]}
    stored = STORED | {("credits", "credits"): STORED["credits", "credits"] | more}
    gone, new = difference(CONTOSO, merged(CONTOSO, stored))
    assert (gone, new) == ([], ['    - {prefix: "+49", per_minute: "0.03"}'])


def test_what_an_alias_repeats_is_not_changed_in_one_place_only() -> None:
    text = CONTOSO.replace("agents: [{group: support-team}]", "agents: &all [{user: alice}]")
    text = text.replace("agents: [{user: alice}, {user: bob}]", "agents: *all")
    stored = entities_of(text)
    stored["call-queue", "sales"] = stored["call-queue", "sales"] | {"agents": [{"user": "bob"}]}
    with pytest.raises(CannotSplice, match="alias"):
        merged(text, stored)


def test_another_order_is_refused() -> None:
    stored = STORED | {("order", "users"): ["bob", "alice", "carol", "dave", "erin"]}
    with pytest.raises(CannotSplice, match="another order"):
        merged(CONTOSO, stored)


NAMES = st.text("abcxyz :#'\"{}[],&*!|>%@`-?\\", min_size=1, max_size=12).filter(
    lambda text: text.strip() == text
)
USERS = ("alice", "bob", "carol", "dave", "erin")


@st.composite
def edits(draw: st.DrawFn) -> Entities:
    """Contoso with users changed, gone and new, and other parts of other shapes."""
    stored = dict(STORED)
    for user in draw(st.sets(st.sampled_from(USERS))):
        kept = dict(stored["user", user])
        kept["name"] = draw(NAMES)
        if draw(st.booleans()):
            kept["profile"] = {"title": draw(NAMES), "office": draw(NAMES)}
        if draw(st.booleans()):
            kept.pop("answering", None)
        stored["user", user] = kept
    new = draw(st.lists(st.sampled_from(["ulf", "uma", "una"]), unique=True))
    for user in new:
        stored["user", user] = {"name": draw(NAMES), "sip": {"password": "secret-" + user}}
    stored["order", "users"] = [*USERS, *new]
    if draw(st.booleans()):
        support = dict(stored["call-queue", "support"])
        support["greeting"] = {"say": draw(NAMES)}
        support["agents"] = [{"user": user} for user in draw(st.permutations(USERS))[:3]]
        stored["call-queue", "support"] = support
    if draw(st.booleans()):
        policy = stored["policy", "default"]
        stored["policy", "default"] = policy | {"everybody": True, "usages": ["national"]}
    if draw(st.booleans()):
        del stored["shared-voicemail", "support"]
        timeout = {"after_s": 90, "to": "disconnect"}
        stored["call-queue", "support"] = stored["call-queue", "support"] | {"timeout": timeout}
    return stored


@given(edits())
@settings(max_examples=40, deadline=None)
def test_a_merged_file_reads_back_and_keeps_its_comments(stored: Entities) -> None:
    text = merged(CONTOSO, stored)
    assert entities_of(text) == stored
    assert [
        line.partition("#")[2] for line in text.splitlines() if line.startswith("#")
    ] == COMMENTS
    assert merged(text, stored) == text
